package dev.counterpart.app

import dev.counterpart.ImportLayout
import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.model.Bringer
import dev.counterpart.model.Intake
import dev.counterpart.model.SyncKind
import dev.counterpart.model.Unsent
import dev.counterpart.states
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import dev.counterpart.trial.Opening
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.flow.first
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readLines
import kotlin.io.path.writeText

/** The settings, moving in and out, and the inspector, through the models, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SettingsTest {
    private val hub = Hub()

    @TempDir
    lateinit var folder: Path

    @AfterAll
    fun close() = hub.close()

    private suspend fun owner(): Pair<Person, Desk> = Person(Device.open()).let { it to it.signIn(hub, hub.owner) }

    @Test
    fun `the shop's name changes above every screen, and something new is tried out on some devices`() =
        story {
            val (ada, desk) = owner()
            Settings(desk, ada.session).use { settings ->
                assertEquals(listOf("Okafor Repairs"), settings.until { it.settings != null }.shops.map { it.name })
                settings.edit()
                settings.fill(checkNotNull(settings.state.value.form).copy(name = "Okafor & Daughters", ticketDays = "ninety"))
                settings.save()
                assertEquals(Problem("number", "ticket_window_days"), settings.until { it.problem != null }.problem)
                settings.fill(checkNotNull(settings.state.value.form).copy(ticketDays = "90"))
                settings.save()
                assertEquals("Okafor & Daughters", ada.session.until { it.shopName != "Okafor Repairs" && it.shopName.isNotEmpty() }.shopName)
                settings.writeFlag("signatures")
                settings.addFlag()
                settings.until { state -> state.flags.any { it.name == "signatures" && !it.onHere } }
                settings.setFlag("signatures", 100)
                settings.until { state -> state.flags.any { it.name == "signatures" && it.onHere } }
            }
            ada.leave()
        }

    @Test
    fun `everything goes into a file, and moved in again it is all there already`() =
        story {
            val (ada, desk) = owner()
            Opening.fill(desk.shop)
            Moving(desk, folder).use { moving ->
                moving.export()
                val report = checkNotNull(moving.until { it.exported != null || it.problem != null }.exported)
                Moving(desk, folder).use { again ->
                    again.export()
                    assertNotNull(again.until { it.exported != null || it.problem != null }.exported, "on the same day, written anew")
                }
                val file = Path.of(moving.state.value.exportFile)
                assertTrue(report.complete && "ticket_secrets" in report.leftOut)
                assertTrue(file.readLines().size >= report.written.rows.toInt())
                moving.fill(MovingIn("$file"))
                moving.bringIn(tries = false)
                val again = checkNotNull(moving.until { it.imported != null || it.problem != null }.imported)
                assertEquals(0uL to 0uL, again.created to again.refused)
                assertTrue(again.alreadyThere > 0u)
            }
            ada.leave()
        }

    /** A dialog in which somebody picks what a test says. */
    private class Picks(
        val taken: () -> Path?,
        val given: (Path) -> Boolean,
    ) : PickedFiles {
        override suspend fun take() = taken()

        override suspend fun give(file: Path) = given(file)
    }

    @Test
    fun `where the system asks for files they are picked, and what is put nowhere was not exported`() =
        story {
            alone { desk ->
                val elsewhere = folder.resolve("elsewhere.jsonl")
                val asked = CompletableDeferred<Unit>()
                var puts = false
                val files =
                    Picks({ elsewhere }) { file ->
                        if (puts) Files.copy(file, elsewhere)
                        asked.complete(Unit)
                        puts
                    }
                Moving(desk, folder, files).use { moving ->
                    assertTrue(moving.state.value.picks)
                    moving.export()
                    asked.await()
                    moving.until { it.progress == null }
                    assertEquals(null, moving.state.value.exported)
                    puts = true
                    moving.export()
                    assertNotNull(moving.until { it.exported != null || it.problem != null }.exported)
                    moving.pick()
                    assertEquals("elsewhere.jsonl", moving.until { it.form.file.isNotEmpty() }.form.fileName)
                    moving.bringIn(tries = true)
                    assertNotNull(moving.until { it.imported != null || it.problem != null }.imported)
                }
                Moving(desk, folder, Picks({ throw IOException() }) { throw IOException() }).use { moving ->
                    moving.pick()
                    moving.until { it.problem == Problem("not_found") }
                    moving.export()
                    moving.until { it.problem == Problem("read_only") && it.progress == null }
                }
            }
        }

    @Test
    fun `a file that somebody names themselves is never thrown away`() =
        story {
            alone { desk ->
                val own = folder.resolve("own.jsonl").also { it.writeText("mine") }
                Moving(desk, folder).use { moving ->
                    moving.writeExportFile("$own")
                    moving.export()
                    moving.until { it.problem != null }
                    assertEquals("mine", Files.readString(own))
                }
            }
        }

    @Test
    fun `another system's customers are tried first, then moved in, and a bad line says why`() =
        story {
            val (ada, desk) = owner()
            val csv = folder.resolve("old.csv")
            csv.writeText("id,first_name,last_name,phone\n1,Nia,Moved,030 123456\n2,,,\n")
            Moving(desk, folder).use { moving ->
                moving.fill(MovingIn("$csv", ImportLayout.CUSTOMERS, "Old system", "49"))
                moving.bringIn(tries = true)
                assertEquals(1uL, moving.until { it.imported != null || it.problem != null }.imported?.created)
                assertTrue(desk.shop.findCustomers("moved", 5u).isEmpty(), "only tried")
                moving.bringIn(tries = false)
                val done = checkNotNull(moving.until { it.imported != null && !it.tried }.imported)
                assertEquals(1uL to 1uL, done.created to done.refused)
                assertEquals(listOf("needs_a_name" to "last_name"), done.refusals.map { it.code to it.field })
                assertEquals("+4930123456", desk.shop.findCustomers("moved", 5u).single().phone)
            }
            ada.leave()
        }

    @Test
    fun `who signs out with unsent work is told that it cannot be sent now, and may take it along in a file`() =
        story {
            val (ada, desk) = owner()
            ada.device.network.isUp = false
            ada.session.until { it.line?.online == false }
            TakingIn(desk).use { counter ->
                counter.fill(IntakeForm(lastName = "Unsent", subject = "Not sent"))
                counter.takeIn()
                counter.until { it.taken != null }
            }
            ada.session.signOut()
            ada.session.until { it.unsentAtSignOut != null }
            ada.session.signOut(Unsent.SendFirst)
            assertEquals(Problem("needs_server"), ada.session.until { it.problem != null }.problem)
            assertNotNull(ada.session.state.value.desk, "nobody is signed out before that")
            val file = folder.resolve("leaving.jsonl")
            ada.session.signOut(Unsent.Export("$file"))
            ada.session.until { it.desk == null }
            assertTrue(Files.readString(file).contains("Not sent"))
            ada.leave()
        }

    @Test
    fun `what is taken along is put where the system asks, and stays where it was said to be where nobody says`() =
        story {
            val elsewhere = folder.resolve("taken-along.jsonl")
            var puts = true
            val files = Picks({ null }) { file -> puts.also { if (it) Files.copy(file, elsewhere) } }
            for (file in listOf("put.jsonl", "left.jsonl").map(folder::resolve)) {
                val (ada, desk) = owner()
                Session(ada.device.terminal, files = files).use { session ->
                    session.until { it.desk != null }
                    session.signOut(Unsent.Export("$file")).join()
                }
                assertEquals(!puts, Files.exists(file))
                puts = false
                ada.leave()
            }
            assertTrue(Files.exists(elsewhere))
        }

    @Test
    fun `the inspector shows what the sync did, and pretends that the network is gone`() =
        story {
            val (ada, desk) = owner()
            Developer(desk, ada.session).use { inspector ->
                inspector.syncNow()
                val shown = inspector.until { state -> state.events.isNotEmpty() && state.calls.isNotEmpty() && state.days.isNotEmpty() }
                assertTrue(shown.facts.any { (name, _) -> name == "cursor" })
                inspector.only(SyncKind.NETWORK_UP)
                assertTrue(inspector.until { state -> state.events.isNotEmpty() && state.events.all { it.kind == SyncKind.NETWORK_UP } }.kind != null)
                inspector.checksum()
                assertNotNull(inspector.until { it.checksum != null || it.problem != null }.checksum)
                assertTrue(inspector.state.value.rows.all { it.there == null })
                inspector.countThere()
                val counted = inspector.until { it.counted != null || it.problem != null }
                assertEquals(counted.counted?.first, counted.counted?.second, "both at one commit")
                assertTrue(counted.rows.all { it.there == null || it.there == it.here - it.beyond } && counted.rows.any { it.there == 1L }, "${counted.rows}")
                inspector.pretendOffline(true)
                ada.session.until { it.line?.online == false }
                inspector.pretendOffline(false)
                ada.session.until { it.line?.online == true }
                hub.stop()
                inspector.countThere()
                assertEquals("needs_server", inspector.until { it.problem != null }.problem?.code)
                hub.serve()
            }
            ada.leave()
        }

    @Test
    fun `the inspector makes the network bad, edits as another device would, and starts over once everything is sent`() =
        story {
            val (ada, desk) = owner()
            val taken = desk.shop.intake(Intake(Bringer.New(blankCustomer().copy(lastName = "Weber")), blankTicket().copy(subject = "Does not charge")), null)
            desk.shop.sync()
            Developer(desk, ada.session).use { inspector ->
                assertTrue(inspector.state.value.canInterfere)
                inspector.simulate(Network.SLOW)
                inspector.until { it.network == Network.SLOW }
                inspector.simulate(Network.WELL)
                inspector.until { it.network == Network.WELL }
                inspector.write(checkNotNull(taken.number))
                inspector.lookUp()
                inspector.until { it.record.isNotEmpty() }
                inspector.writeElsewhere("problem", "not JSON")
                inspector.editElsewhere()
                assertEquals("value", inspector.until { it.problem != null }.problem?.field)
                // So that this device does not hear of it first.
                inspector.pretendOffline(true)
                ada.session.until { it.line?.online == false }
                inspector.writeElsewhere("problem", "\"Wet\"")
                inspector.editElsewhere()
                inspector.until { it.editedElsewhere }
                val before = checkNotNull(desk.shop.ticket(taken.ticket))
                desk.shop.editTicket(before, before.copy(problem = "Dead"))
                inspector.askPurge()
                assertTrue(inspector.until { it.purging }.purging)
                val again = checkNotNull(desk.shop.ticket(taken.ticket))
                desk.shop.editTicket(again, again.copy(subject = "Will not charge"))
                inspector.purge()
                assertEquals("unsent", inspector.until { it.problem != null && !it.purging }.problem?.code)
                inspector.pretendOffline(false)
                ada.session.until { it.line?.online == true }
                desk.shop.sync()
                assertEquals(1uL, desk.shop.states().first { it.conflicts > 0u }.conflicts, "what both wrote waits for a person")
                inspector.purge()
                desk.shop.sync()
                inspector.fetchAnew()
                desk.shop.sync()
                assertEquals("Will not charge", desk.shop.ticket(taken.ticket)?.subject)
            }
            ada.leave()
        }
}
