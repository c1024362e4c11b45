package dev.counterpart.app

import dev.counterpart.DeviceStanding
import dev.counterpart.model.Role
import dev.counterpart.trial.Account
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.time.Instant

/** The team and a shared tablet, through the models, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeamTest {
    private val hub = Hub()
    private val bo = hub.invite("Bo Lindqvist", "technician")
    private val tablet = hub.invite("Counter tablet", "front_desk", "--station")

    @AfterAll
    fun close() = hub.close()

    private suspend fun at(account: Account): Pair<Person, Desk> = Person(Device.open()).let { it to it.signIn(hub, account) }

    @Test
    fun `who leads sees who is there, what they look at and what they did`() =
        story {
            val (ada, front) = at(hub.owner)
            val (second, bench) = at(bo)
            TakingIn(bench).use { counter ->
                counter.fill(IntakeForm(lastName = "Weber", subject = "Does not charge"))
                counter.takeIn()
                val taken = checkNotNull(counter.until { it.taken != null }.taken)
                bench.shop.sync()
                Team(front).use { team ->
                    second.session.go(Place.Board(taken.ticket))
                    OpenTicket(bench, dev.counterpart.ids.TicketId(taken.ticket)).use {
                        val seen = team.until { state -> state.people.any { it.looksAt == taken.number } }.people.first { it.looksAt != null }
                        assertEquals("Bo Lindqvist", seen.row.name)
                        assertTrue(team.until { it.activity.isNotEmpty() }.activity.all { it.authorName == "Bo Lindqvist" })
                    }
                    second.session.go(Place.Board())
                    team.until { state -> state.people.none { it.looksAt != null } }
                }
                Team(bench).use { team -> assertTrue(team.until { !it.loading }.activity.isEmpty(), "a technician sees no activity") }
            }
            ada.leave()
            second.leave()
        }

    @Test
    fun `who leads sees how the shop's devices stand, as long as the server can be asked`() =
        story {
            val (ada, front) = at(hub.owner)
            val (second, bench) = at(bo)
            val (third, _) = at(tablet)
            Team(front).use { team ->
                val rows = team.rows()
                assertEquals("Ada Okafor" to false, rows.single { it.own }.let { it.of to it.shared })
                assertTrue(rows.any { it.of == "Bo Lindqvist" && it.unsent == 0L && it.silentMinutes == 0L })
                assertTrue(rows.any { it.shared && it.of == null })
                assertEquals(rows.size, rows.map { it.code }.distinct().size)
                hub.stop()
                runCatching { front.shop.sync() }
                team.until { it.devices == Devices.Unreachable }
                hub.serve()
                ada.reconnect()
                assertEquals(rows.map { it.code }.toSet(), team.rows().map { it.code }.toSet())
            }
            Team(bench).use { team -> assertNull(team.until { !it.loading }.devices, "a technician is not told") }
            for (person in listOf(ada, second, third)) person.leave()
        }

    private suspend fun Team.rows() = (until { it.devices is Devices.Here }.devices as Devices.Here).rows

    @Test
    fun `devices with unsent work come first, and of these the longest silent`() {
        val now = Instant.parse("2026-03-12T12:00:00Z")

        fun heard(
            code: String,
            employee: String?,
            unsent: ULong,
            minutesAgo: Long,
        ) = DeviceStanding("device-$code", code, employee, unsent, now.minusSeconds(60 * minutesAgo))
        val devices = listOf(heard("B", "e1", 0u, 90), heard("C", "e2", 2u, 5), heard("D", null, 1u, 70), heard("E", "gone", 0u, -3))
        val lines = deviceLines(devices, "device-E", mapOf("e1" to "Ada", "e2" to "Bo"), now)
        assertEquals(
            listOf(
                DeviceLine("D", null, shared = true, unsent = 1, silentMinutes = 70),
                DeviceLine("C", "Bo", shared = false, unsent = 2, silentMinutes = 5),
                DeviceLine("B", "Ada", shared = false, unsent = 0, silentMinutes = 90),
                DeviceLine("E", null, shared = false, unsent = 0, silentMinutes = 0, own = true),
            ),
            lines,
        )
    }

    @Test
    fun `a colleague is written down, gets another role, and leaves`() =
        story {
            val (ada, front) = at(hub.owner)
            Team(front).use { team ->
                team.until { !it.loading }
                team.begin()
                team.fill(EmployeeForm(firstName = "Nia", role = Role.FrontDesk))
                repeat(2) { team.save() }
                val nia = team.until { state -> state.form == null && state.people.any { it.row.name == "Nia" } }.people.first { it.row.name == "Nia" }
                assertTrue(nia.editable)
                team.edit(nia.row.id)
                val form = checkNotNull(team.until { it.form != null }.form)
                team.fill(form.copy(role = Role.Technician, active = false))
                team.save()
                val left = team.until { state -> state.form == null && state.people.any { it.row.name == "Nia" && !it.row.active } }.people.first { it.row.name == "Nia" }
                assertEquals(Role.Technician, left.row.role)
                assertEquals(1, front.shop.employees().count { it.name == "Nia" }, "what was tapped twice was written once")
            }
            ada.leave()
        }

    @Test
    fun `people switch at a shared tablet by PIN, and it always says whose work it is`() =
        story {
            val (ada, front) = at(hub.owner)
            val tess = front.shop.employees().first { it.name == "Bo Lindqvist" }
            Team(front).use { team ->
                val colleague = team.until { state -> state.people.any { it.row.id == tess.id } }.people.first { it.row.id == tess.id }
                team.setPin(colleague)
                team.writePin("25")
                team.savePin()
                assertEquals("four_to_eight_digits", team.until { it.problem != null }.problem?.code)
                team.writePin("2580")
                team.savePin()
                team.until { it.newPin == null }
            }
            front.shop.sync()
            val (shared, desk) = at(tablet)
            assertEquals(Worker(null), shared.session.state.value.worker)
            AtWork(desk) { shared.session.workerChanged() }.use { pad ->
                val bo = pad.until { state -> state.people.any { it.id == tess.id } }.people.first { it.id == tess.id }
                pad.choose(bo)
                for (digit in "1111") pad.press(digit)
                pad.enter()
                assertEquals(Problem("wrong_pin"), pad.until { it.problem != null }.problem)
                for (digit in "25801") pad.press(digit)
                pad.rubOut()
                pad.enter()
                assertEquals("Bo Lindqvist", shared.session.until { it.worker?.name != null }.worker?.name)
                assertEquals(tess.id.value, shared.session.state.value.desk?.who?.actor)
                pad.leave()
                assertNull(shared.session.until { it.worker?.name == null }.worker?.name)
            }
            shared.leave()
            ada.leave()
        }
}
