package dev.counterpart.app

import dev.counterpart.ImportLayout
import dev.counterpart.blankAppointment
import dev.counterpart.blankCustomer
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import kotlin.io.path.writeText

/** What lies further back than a device keeps, through the models, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OlderTest {
    private val hub = Hub()

    @TempDir
    lateinit var folder: Path

    @AfterAll
    fun close() = hub.close()

    private fun ago(days: Long): Instant = Instant.now().minus(Duration.ofDays(days))

    /** A device that has never held what the other one did long ago. */
    private suspend fun another(): Pair<Person, Desk> = Person(Device.open()).let { it to it.signIn(hub, hub.owner) }

    private fun AppointmentsState.customers() = days.flatMap { day -> day.lines.map { it.row.customer } }

    private suspend fun Appointments.weeksBack(weeks: Int) = repeat(weeks) { earlier() }

    @Test
    fun `a calendar's earlier days come once somebody looks at them, and are here from then on`() =
        story {
            val (ada, front) = another()
            for ((name, days) in listOf("Weber" to 84L, "Okoro" to 182L)) {
                val customer = front.shop.createCustomer(blankCustomer().copy(lastName = name))
                val at = ago(days)
                front.shop.createAppointment(blankAppointment().copy(customerId = customer, startsAt = at, endsAt = at.plusSeconds(1_800), timeZone = "Europe/Berlin"))
            }
            front.shop.sync()
            val (second, bench) = another()
            Appointments(bench).use { calendar ->
                calendar.week(true)
                assertNull(calendar.until { !it.loading && it.week && it.days.size == 7 }.older, "these days are within the window")
                calendar.weeksBack(12)
                calendar.until { it.older == null && it.customers() == listOf("Weber") }
                hub.stop()
                calendar.weeksBack(14)
                assertEquals(emptyList<String>(), calendar.until { it.older == Older.NOT_HERE && it.days.size == 7 }.customers())
                calendar.fetchOlder()
                calendar.until { it.older == Older.FETCHING }
                calendar.until { it.older == Older.NOT_HERE }
                repeat(14) { calendar.later() }
                calendar.until { it.older == null && it.customers() == listOf("Weber") }
                calendar.weeksBack(14)
                calendar.until { it.older == Older.NOT_HERE }
                hub.serve()
                second.reconnect()
                calendar.until { it.older == null && it.customers() == listOf("Okoro") }
            }
            ada.leave()
            second.leave()
        }

    @Test
    fun `tickets that were closed long ago are fetched by whoever searches`() =
        story {
            val (ada, front) = another()
            val (customers, tickets) = folder.resolve("customers.csv") to folder.resolve("tickets.csv")
            customers.writeText("id,last_name\n1,Ancient\n")
            tickets.writeText("id,customer_id,subject,status,created,closed\n7,1,Gramophone stuck,collected,${ago(130)},${ago(120)}\n")
            for ((file, layout) in listOf(customers to ImportLayout.CUSTOMERS, tickets to ImportLayout.TICKETS)) {
                Moving(front, folder).use { moving ->
                    moving.fill(MovingIn("$file", layout, "Old system", "49"))
                    moving.bringIn(tries = false)
                    val done = moving.until { it.imported != null || it.problem != null }
                    assertEquals(1uL, done.imported?.created, "${done.problem} ${done.imported}")
                }
            }
            front.shop.sync()
            val (second, bench) = another()
            Board(bench).use { board ->
                assertNull(board.until { !it.loading }.olderSince, "nobody searches")
                board.search("gramophone")
                assertEquals(bench.today.minusDays(90), board.until { it.olderSince != null }.olderSince)
                assertTrue(board.state.value.rows.isEmpty())
                hub.stop()
                board.fetchOlder()
                assertEquals("needs_server" to false, board.until { it.problem != null }.let { it.problem?.code to it.fetchingOlder })
                hub.serve()
                second.reconnect()
                // The row shows as soon as it is here; how far back everything is, once all of it is.
                val found = board.until { it.rows.isNotEmpty() && it.olderSince == bench.today.minusDays(180) }
                assertEquals("Gramophone stuck", found.rows.single().ticket.subject)
                board.fetchOlder()
                assertEquals("Gramophone stuck", board.until { it.olderSince == bench.today.minusDays(270) }.rows.single().ticket.subject)
                board.search("")
                assertNull(board.until { it.words.isEmpty() && it.olderSince == null }.olderSince)
            }
            ada.leave()
            second.leave()
        }
}
