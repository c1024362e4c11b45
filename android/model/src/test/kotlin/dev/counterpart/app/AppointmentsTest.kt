package dev.counterpart.app

import dev.counterpart.blankCustomer
import dev.counterpart.blankEmployee
import dev.counterpart.model.Account
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.Role
import dev.counterpart.model.Unsent
import dev.counterpart.trial.Device
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.produceIn
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The calendar, through its model alone. */
class AppointmentsTest {
    private suspend fun book(
        calendar: Appointments,
        words: String,
        time: String,
        assignee: String,
    ) {
        calendar.begin()
        val form = checkNotNull(calendar.until { it.form != null }.form)
        calendar.fill(form.copy(words = words, date = "${calendar.state.value.today.plusDays(1)}", time = time, assignee = assignee))
        calendar.choose(calendar.until { it.found.isNotEmpty() }.found.first())
        repeat(2) { calendar.save() }
        val shown = calendar.until { it.form == null || it.problem != null }
        assertEquals(null, shown.problem)
    }

    @Test
    fun `two appointments of one person at once are flagged, and one is moved`() =
        story {
            alone { desk ->
                for (name in listOf("Weber", "Okoro")) desk.shop.createCustomer(blankCustomer().copy(lastName = name))
                val tess = desk.shop.createEmployee(blankEmployee().copy(firstName = "Tess", role = Role.Technician, active = true)).value
                Appointments(desk).use { calendar ->
                    calendar.until { !it.loading && it.people.isNotEmpty() }
                    calendar.later()
                    book(calendar, "web", "14:30", tess)
                    book(calendar, "oko", "14:45", tess)
                    val lines = calendar.until { state -> state.days.single().lines.size == 2 }.days.single().lines
                    assertTrue(lines.all { it.row.overlaps })
                    assertEquals(listOf("Weber", "Okoro"), lines.map { it.row.customer })
                    calendar.edit(lines.last().row)
                    val form = checkNotNull(calendar.until { it.form != null }.form)
                    assertEquals("14:45" to 30L, form.time to form.minutes)
                    calendar.fill(form.copy(time = "16:00"))
                    calendar.save()
                    calendar.until { state -> state.days.single().lines.none { it.row.overlaps } }
                    calendar.week(true)
                    assertEquals(7, calendar.until { it.days.size == 7 }.days.size)
                }
            }
        }

    @Test
    fun `what the shell reminds of follows a cancellation, and a cancellation is undone`() =
        story {
            alone { desk ->
                desk.shop.createCustomer(blankCustomer().copy(lastName = "Weber"))
                val tess = desk.shop.createEmployee(blankEmployee().copy(firstName = "Tess", role = Role.Technician, active = true)).value
                Appointments(desk).use { calendar ->
                    calendar.until { !it.loading && it.people.isNotEmpty() }
                    calendar.later()
                    book(calendar, "web", "9:00", tess)
                    val row = calendar.until { state -> state.days.single().lines.isNotEmpty() }.days.single().lines.single().row
                    val reminder = desk.reminders().first { it.isNotEmpty() }.single()
                    assertEquals(row.id, reminder.appointment.id)
                    assertEquals(15 * 60L, row.slot.startsAt.epochSecond - reminder.at.epochSecond)
                    calendar.advance(row, AppointmentState.Cancelled)
                    calendar.until { it.undo != null }
                    desk.reminders().first { it.isEmpty() }
                    calendar.undo()
                    calendar.until { it.undo == null && it.days.single().lines.single().row.state == AppointmentState.Booked }
                }
            }
        }

    @Test
    fun `the shell is told what to remind of once the shop is open, and of nothing once somebody has signed out`() =
        story {
            val device = Device.open()
            device.terminal.enter(Account("lee", "owner", false, null), "north")
            Session(device.terminal).use { session ->
                val desk = checkNotNull(session.until { it.desk != null }.desk)
                desk.shop.createCustomer(blankCustomer().copy(lastName = "Weber"))
                val tess = desk.shop.createEmployee(blankEmployee().copy(firstName = "Tess", role = Role.Technician, active = true)).value
                Appointments(desk).use { calendar ->
                    calendar.until { !it.loading && it.people.isNotEmpty() }
                    book(calendar, "web", "9:00", tess)
                }
                assertEquals(1, session.reminding().first().reminders.size)
            }
            Session(device.terminal).use { session ->
                val told = session.reminding().produceIn(this)
                assertEquals(listOf("Weber"), told.receive().reminders.map { it.appointment.customer }, "nothing before it is known")
                session.signOut(Unsent.Discard)
                while (told.receive().reminders.isNotEmpty()) Unit
                told.cancel()
            }
            device.close()
        }

    @Test
    fun `what cannot be a time is said beside the field, and nothing is written`() =
        story {
            alone { desk ->
                val form = AppointmentForm(customer = "c", date = "2026-03-12", time = "soon")
                assertEquals(Problem("time", "time"), form.wrong())
                assertEquals(Problem("date", "date"), form.copy(date = "12.3.").wrong())
                assertEquals(Problem("required", "customer_id"), form.copy(customer = null).wrong())
                assertEquals(null, form.copy(time = "9:05").wrong())
                Appointments(desk).use { calendar ->
                    calendar.begin()
                    calendar.until { it.form != null }
                    calendar.fill(form)
                    calendar.save()
                    calendar.until { it.problem != null }
                }
            }
        }
}
