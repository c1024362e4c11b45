package dev.counterpart.tests

import dev.counterpart.AdapterException
import dev.counterpart.CancelToken
import dev.counterpart.FolderStorage
import dev.counterpart.LogLevel
import dev.counterpart.LogLine
import dev.counterpart.LogSink
import dev.counterpart.NetworkListener
import dev.counterpart.Reachability
import dev.counterpart.RecordKind
import dev.counterpart.SecureStorage
import dev.counterpart.ShopException
import dev.counterpart.Terminal
import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.boards
import dev.counterpart.code
import dev.counterpart.exportTo
import dev.counterpart.ids.TicketId
import dev.counterpart.logTo
import dev.counterpart.model.Account
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.BoardOrder
import dev.counterpart.model.Progress
import dev.counterpart.model.Status
import dev.counterpart.open
import dev.counterpart.stateIn
import dev.counterpart.states
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.launchIn
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.lang.ref.WeakReference
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicReference
import kotlin.io.path.writeText

/** What crosses between Kotlin and the engine, and what does not get across. */
class BoundaryTest {
    private val owner = Account("ada", "owner", false, null)
    private val anything = BoardFilter(emptyList(), null, null, BoardOrder.DUE)

    @Test
    fun `every kind of error arrives as its own with its code and without a customer's data`() =
        story {
            Device.alone().use { device ->
                val shop = device.shop
                val invalid = failure { shop.createCustomer(blankCustomer().copy(notes = "x".repeat(9_000))) }
                val missing = failure { shop.deleteTicket(TicketId("none")) }
                val denied = failure { shop.switchOff() }
                val signedOut = failure { shop.sync() }
                val busy = failure { Terminal.open(device.folder.resolve("data"), Forgetful()) }
                assertTrue(invalid is ShopException.Invalid && invalid.code == "length", "$invalid")
                assertEquals("customers" to "notes", (invalid as ShopException.Invalid).let { it.table to it.field })
                assertTrue(missing is ShopException.Missing && missing.code == "not_found", "$missing")
                assertTrue(denied is ShopException.Denied && denied.code == "denied", "$denied")
                assertTrue(signedOut is ShopException.SignedOut && signedOut.code == "signed_out", "$signedOut")
                assertTrue(busy is ShopException.NotNow && busy.code == "in_use", "$busy")
                assertFalse(listOf(invalid, missing, denied, signedOut, busy).any { "xxx" in it.toString() })
            }
            scratch { folder ->
                folder.resolve("terminal.json").writeText("{\"form\":99}")
                val newer = failure { Terminal.open(folder, Forgetful()) }
                assertEquals("newer_file", (newer as ShopException.Storage).code)
            }
            scratch { folder ->
                Terminal.open(folder, Garbled()).use { terminal ->
                    val defect = failure { terminal.enter(owner, "north") }
                    assertEquals("defect", (defect as ShopException.Defect).code)
                    assertFalse("Okafor" in defect.toString())
                    terminal.shutDown()
                }
            }
            Hub().use { hub ->
                Device.open().use { device ->
                    val shop = device.signIn(hub, hub.owner).shop
                    device.offline()
                    assertEquals("needs_server", (failure { shop.sync() } as ShopException.NeedsServer).code)
                }
            }
        }

    @Test
    fun `what an adapter throws is an error of the call that needed it also when it is no exception`() =
        story {
            val exceptions = listOf(AdapterException.Locked(), AdapterException.Failed(), IllegalStateException("a secret"))
            for (thrown in exceptions + listOf(NotImplementedError("a secret"), StackOverflowError())) {
                scratch { folder ->
                    val terminal = Terminal.open(folder, Throwing(thrown))
                    val withheld = failure { terminal.enter(owner, "north") }
                    assertEquals("device_locked", withheld.code)
                    assertFalse("a secret" in withheld.toString())
                    terminal.shutDown()
                    terminal.close()
                }
            }
        }

    @Test
    fun `reachability that throws is logged and harms nothing`() =
        story {
            val lines = mutableListOf<LogLine>()
            val heard = CompletableDeferred<LogLine>()
            val sink =
                object : LogSink {
                    override fun log(line: LogLine) {
                        synchronized(lines) { lines.add(line) }
                        if ("reachability" in line.message) heard.complete(line)
                        throw NotImplementedError("a sink that fails")
                    }
                }
            logTo(sink, LogLevel.DEBUG)
            try {
                scratch { folder ->
                    val broken =
                        object : Reachability {
                            override fun start(listener: NetworkListener) = throw NotImplementedError("a secret")

                            override fun stop() = throw IllegalStateException("a secret")
                        }
                    val terminal = Terminal.open(folder, Forgetful(), broken)
                    terminal.enter(owner, "north").use { it.createCustomer(blankCustomer().copy(lastName = "Okafor")) }
                    assertEquals(LogLevel.ERROR, heard.await().level)
                    terminal.shutDown()
                    terminal.close()
                }
            } finally {
                logTo(null)
            }
            assertFalse(synchronized(lines) { lines.any { "secret" in it.message || "Okafor" in it.message } })
        }

    @Test
    fun `a coroutine that is cancelled ends its wait and leaves what was saved`() =
        story {
            Hub().use { hub ->
                Device.open().use { device ->
                    val shop = device.signIn(hub, hub.owner).shop
                    val gate = device.meetsAGate(hub, "sync_standing")
                    val id = shop.createCustomer(blankCustomer().copy(lastName = "Okafor"))
                    // What the gate holds is under way, and has no answer.
                    val waiting = async { shop.devices() }
                    gate.next()
                    waiting.cancelAndJoin()
                    assertTrue(waiting.isCancelled)
                    val token = CancelToken()
                    val asking = async { failure { shop.devices(token) } }
                    gate.next()
                    token.cancel()
                    assertEquals("cancelled", asking.await().code)
                    assertNotNull(shop.customer(id))
                    gate.close()
                    hub.serve()
                    shop.retryAll()
                    shop.idle(Duration.ofMinutes(1))
                    assertEquals(Status.SYNCED, shop.standings(RecordKind.CUSTOMER, listOf(id.value)).single().status)
                }
            }
        }

    @Test
    fun `a flow ends with its collection and completes with its shop`() =
        story {
            val device = Device.alone()
            val pages = mutableListOf<Int>()
            val first = CompletableDeferred<Unit>()
            val collecting =
                device.shop
                    .boards(anything)
                    .onEach {
                        pages.add(it.rows.size)
                        first.complete(Unit)
                    }.launchIn(this)
            first.await()
            collecting.cancelAndJoin()
            val customer = device.shop.createCustomer(blankCustomer().copy(lastName = "Okafor"))
            device.shop.createTicket(blankTicket().copy(customerId = customer, subject = "Screen"))
            assertEquals(listOf(0), pages)

            val begun = CompletableDeferred<Unit>()
            val completed = launch { device.shop.states().onEach { begun.complete(Unit) }.collect() }
            begun.await()
            device.close()
            completed.join()
        }

    @Test
    fun `a state flow always has a value`() =
        story {
            Device.alone().use { device ->
                coroutineScope {
                    val sharing =
                        launch {
                            val states = device.shop.stateIn(this)
                            assertEquals(0uL, states.value.pending)
                            device.shop.createCustomer(blankCustomer().copy(lastName = "Okafor"))
                            states.first { it.pending == 1uL }
                            coroutineContext[kotlinx.coroutines.Job]?.cancel()
                        }
                    sharing.join()
                }
            }
        }

    @Test
    fun `what comes after the end is heard by nobody and breaks nothing`() =
        story {
            scratch { folder ->
                val kept = AtomicReference<NetworkListener>()
                val stops = AtomicInteger()
                val shell =
                    object : Reachability {
                        override fun start(listener: NetworkListener) = kept.set(listener)

                        override fun stop() {
                            stops.incrementAndGet()
                        }
                    }
                val terminal = Terminal.open(folder, Forgetful(), shell)
                val shop = terminal.enter(owner, "north")
                val watch = shop.watchState()
                assertNotNull(watch.next())
                terminal.shutDown()
                kept.get().networkChanged(true)
                assertNull(watch.next())
                watch.end()
                assertEquals("closed", failure { shop.state() }.code)
                listOf(watch, shop, terminal).forEach { it.close() }
                kept.get().networkChanged(false)
                assertEquals(1, stops.get())
                assertThrows(IllegalStateException::class.java) { kotlinx.coroutines.runBlocking { shop.state() } }
            }
        }

    @Test
    fun `a thousand terminals that came and went leave neither files nor threads nor anything of the shell's held`() =
        story(PATIENCE_MS * 4) {
            scratch { folder ->
                val storage = FolderStorage(folder.resolve("keys"))
                val lent = mutableListOf<WeakReference<SecureStorage>>()

                suspend fun cycle() {
                    val own = object : SecureStorage by storage {}
                    lent += WeakReference(own)
                    Terminal.open(folder.resolve("data"), own, options = quick).use { terminal ->
                        terminal.enter(owner, "north").use { shop ->
                            shop.boards(anything).first()
                            terminal.shutDown()
                        }
                    }
                }
                repeat(10) { cycle() }
                val before = threads()
                repeat(1_000) { cycle() }
                assertEquals(emptyList<Any>(), openFiles(folder))
                // Threads end on their own time: what counts is that they do not add up.
                assertTrue(threads() < before + 100, "threads: $before, then ${threads()}")
                // What the engine still holds is never collected, and the test runs out of time.
                while (lent.any { it.get() != null }) {
                    System.gc()
                    yield()
                }
            }
        }

    @Test
    fun `hundreds of calls from many threads are all answered`() =
        story {
            Device.alone().use { device ->
                val found =
                    withContext(Dispatchers.IO) {
                        (1..400)
                            .map { at ->
                                async {
                                    val id = device.shop.createCustomer(blankCustomer().copy(lastName = "No. $at"))
                                    device.shop.customer(id)?.lastName
                                }
                            }.awaitAll()
                    }
                assertEquals((1..400).map { "No. $it" }, found)
                assertEquals(400uL, device.shop.state().pending)
            }
        }

    @Test
    fun `an export tells how far it is and stops when what hears it says so or throws`() =
        story {
            Device.alone().use { device ->
                val shop = device.shop
                // Enough of them that it looks whether to go on.
                repeat(600) { shop.createCustomer(blankCustomer().copy(lastName = "No. $it")) }
                val file = device.folder.resolve("export.jsonl")
                val heard = mutableListOf<ULong>()
                val report =
                    shop.exportTo(file) {
                        synchronized(heard) { heard.add(it.rows) }
                        true
                    }
                assertTrue(report.complete && report.written.rows >= 600uL)
                assertFalse(heard.isEmpty())
                assertEquals(heard.sorted(), heard)
                assertTrue(heard.all { it in 1uL..report.written.rows })
                assertTrue("No. 599" in Files.readString(file))
                val second = device.folder.resolve("second.jsonl")
                for (told in listOf<(Progress) -> Boolean>({ false }, { throw NotImplementedError() })) {
                    assertFalse(shop.exportTo(second, told).complete)
                    assertFalse(Files.exists(second))
                }
            }
        }

    private suspend fun scratch(work: suspend (Path) -> Unit) {
        val folder = Files.createTempDirectory("scratch")
        try {
            work(folder)
        } finally {
            folder.toFile().deleteRecursively()
        }
    }

    private fun threads() = java.io.File("/proc/self/task").list().orEmpty().size
}

/** Forgets everything with the test. */
class Forgetful : SecureStorage {
    private val entries = java.util.concurrent.ConcurrentHashMap<String, String>()

    override fun get(name: String): String? = entries[name]

    override fun set(
        name: String,
        value: String,
    ) {
        entries[name] = value
    }

    override fun remove(name: String) {
        entries.remove(name)
    }
}

/** Storage that somebody else has written over. */
class Garbled : SecureStorage {
    override fun get(name: String): String? = "Okafor"

    override fun set(
        name: String,
        value: String,
    ) = Unit

    override fun remove(name: String) = Unit
}

/** Storage that is never there. */
class Throwing(
    private val thrown: Throwable,
) : SecureStorage {
    override fun get(name: String): String? = throw thrown

    override fun set(
        name: String,
        value: String,
    ): Unit = throw thrown

    override fun remove(name: String): Unit = throw thrown
}

/** The error that a call ends with. */
suspend fun failure(call: suspend () -> Any?): ShopException =
    try {
        throw AssertionError("it succeeded: ${call()}")
    } catch (error: ShopException) {
        error
    }
