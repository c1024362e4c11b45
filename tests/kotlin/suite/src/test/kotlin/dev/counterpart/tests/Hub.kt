package dev.counterpart.tests

import dev.counterpart.FolderStorage
import dev.counterpart.ServerAddress
import dev.counterpart.Shop
import dev.counterpart.ShopException
import dev.counterpart.SwitchedReachability
import dev.counterpart.Terminal
import dev.counterpart.TerminalOptions
import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.BoardOrder
import dev.counterpart.model.Bringer
import dev.counterpart.model.Intake
import dev.counterpart.model.SyncState
import dev.counterpart.open
import dev.counterpart.states
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.io.File
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** What is broken fails a test instead of hanging it. */
const val PATIENCE_MS = 60_000L

/** A test that waits. */
fun story(
    patienceMs: Long = PATIENCE_MS,
    body: suspend CoroutineScope.() -> Unit,
) = runBlocking { withTimeout(patienceMs, body) }

/** Options under which nobody waits for the disk, or for a server that is gone. */
val quick = TerminalOptions(survivesPowerCuts = false, retryDelayMs = 50u)

/** Somebody's account. */
data class Account(
    val email: String,
    val password: String,
)

/** The `counterpart-hub` program in a process of its own. */
class Hub : AutoCloseable {
    private val program = System.getProperty("counterpart.hub") ?: error("-Dcounterpart.hub says where the hub is")
    private val folder: Path = Files.createTempDirectory("hub")
    private var serving: Process? = null
    private var listen = "127.0.0.1:0"

    val owner: Account
    val server: ServerAddress

    init {
        val made = once("init", "--shop-name", "Okafor Repairs", "--name", "Ada Okafor")
        owner = Account(made.word("email"), made.word("password"))
        server = ServerAddress(serve(), made.word("anon_key"))
    }

    val port: Int get() = URI(server.url).port

    fun invite(
        name: String,
        role: String,
        vararg more: String,
    ): Account {
        val made = once("invite", "--email", "$name@shop.example", "--name", name, "--role", role, *more)
        return Account(made.word("email"), made.word("password"))
    }

    /** Serves, the second time where it served before. */
    fun serve(): String {
        val process = start("serve", "--listen", listen)
        val url = process.inputReader().readLine()?.word("url") ?: error("the hub does not serve: ${log()}")
        serving = process
        listen = url.removePrefix("http://")
        return url
    }

    fun stop() {
        serving?.destroy()
        serving?.waitFor(10, TimeUnit.SECONDS)
        serving = null
    }

    override fun close() {
        stop()
        folder.toFile().deleteRecursively()
    }

    private fun once(
        command: String,
        vararg arguments: String,
    ): String {
        val process = start(command, *arguments)
        val line = process.inputReader().readLine()
        check(process.waitFor() == 0) { log() }
        return line
    }

    private fun start(
        command: String,
        vararg arguments: String,
    ): Process =
        ProcessBuilder(program, command, "--data", folder.resolve("data").toString(), "--json", *arguments)
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start()

    private fun log() = folder.resolve("log").toFile().let { if (it.exists()) it.readText() else "" }
}

/** The word of a name in a line of JSON whose names are all different. */
private fun String.word(name: String): String =
    Regex("\"$name\":\"([^\"]*)\"").find(this)?.groupValues?.get(1) ?: error("no $name in $this")

/** One installation of the app. */
class Device private constructor(
    val folder: Path,
    val network: SwitchedReachability,
    val terminal: Terminal,
) : AutoCloseable {
    private var opened: Shop? = null
    val shop: Shop get() = checkNotNull(opened)

    /** Signs in, goes online, and has everything once this returns. */
    suspend fun signIn(
        hub: Hub,
        account: Account,
    ): Device {
        opened = terminal.signIn(hub.server, account.email, account.password).shop
        network.isUp = true
        until { it.online }
        shop.sync()
        return this
    }

    suspend fun until(wanted: (SyncState) -> Boolean): SyncState = shop.states().first(wanted)

    suspend fun offline() {
        network.isUp = false
        until { !it.online }
    }

    suspend fun online() {
        network.isUp = true
        until { it.online }
    }

    /** The hub stops, and a gate takes its place once no connection is left from before. */
    suspend fun meetsAGate(
        hub: Hub,
        holding: String,
    ): Gate {
        hub.stop()
        do {
            val gone = failure { shop.devices() }
        } while ((gone as ShopException.NeedsServer).reason != "the server cannot be reached")
        return Gate.inPlaceOf(hub, holding)
    }

    override fun close() {
        runBlocking { terminal.shutDown() }
        opened?.close()
        terminal.close()
        folder.toFile().deleteRecursively()
    }

    companion object {
        suspend fun open(options: TerminalOptions = quick): Device {
            val folder = Files.createTempDirectory("device")
            val network = SwitchedReachability(up = false)
            val storage = FolderStorage(folder.resolve("keys"))
            return Device(folder, network, Terminal.open(folder.resolve("data"), storage, network, options))
        }

        /** A device whose account no server has heard of. */
        suspend fun alone(): Device {
            val device = open()
            val owner = dev.counterpart.model.Account("ada", "owner", false, null)
            device.opened = device.terminal.enter(owner, "north")
            return device
        }
    }
}

/** The board with all that is on it, what changed last first. */
val everything = BoardFilter(emptyList(), null, null, BoardOrder.UPDATED)

fun intake(subject: String) =
    Intake(
        Bringer.New(blankCustomer().copy(lastName = "Okafor")),
        blankTicket().copy(subject = subject, problem = "dark"),
    )

/** Files of a folder that this process has open. */
fun openFiles(folder: Path): List<File> {
    val handles = File("/proc/self/fd").listFiles().orEmpty()
    return handles.mapNotNull { runCatching { it.canonicalFile }.getOrNull() }.filter { it.startsWith(folder.toFile()) }
}
