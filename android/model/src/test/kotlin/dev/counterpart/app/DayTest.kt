package dev.counterpart.app

import dev.counterpart.Shop
import dev.counterpart.boards
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.BoardOrder
import dev.counterpart.model.CheckMark
import dev.counterpart.model.NoteKind
import dev.counterpart.model.Priority
import dev.counterpart.model.Status
import dev.counterpart.model.TicketStatus
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import dev.counterpart.trial.Opening
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.yield
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

/** A day's work of one device and of two, through the models alone, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DayTest {
    private val hub = Hub()
    private val bo = hub.invite("Bo Lindqvist", "manager")

    @AfterAll
    fun close() = hub.close()

    @Test
    fun `one device takes in, repairs and hands over, offline half of the way`() =
        story {
            val ada = Person(Device.open())
            val desk = ada.signIn(hub, hub.owner)
            ada.goOffline()
            val form = IntakeForm(phone = "+49 151 5550001", lastName = "Núñez", brand = "Apple", model = "iPhone 14", subject = "Screen cracked", checklist = mapOf("screen" to CheckMark.Fail))
            val taken = takeIn(desk, form)
            assertNotNull(taken.number, "the number is there while nobody is online")
            Board(desk).use { board ->
                val row = board.until { it.rows.any { row -> row.ticket.id.value == taken.ticket } }.rows.first { it.ticket.id.value == taken.ticket }
                assertEquals(Status.PENDING, row.mark.status)
                OpenTicket(desk, row.ticket.id).use { ticket ->
                    val first = ticket.until { it.view != null }
                    assertTrue(TicketStatus.Diagnosing in first.steps)
                    assertTrue(TicketStatus.PickedUp !in first.steps)
                    ticket.move(TicketStatus.Diagnosing)
                    ticket.until { it.view?.ticket?.status == TicketStatus.Diagnosing }
                    ticket.writeDiagnosis("Digitizer dead")
                    ticket.saveText()
                    ticket.until { it.view?.ticket?.diagnosis == "Digitizer dead" }
                    ticket.writeNote("Call before five")
                    ticket.addNote(NoteKind.Internal)
                    ticket.until { it.view?.notes?.size == 1 && it.note.isEmpty() }
                    ticket.askSafe()
                    val unsafe = ticket.until { it.safety is Safety.Known }.safety as Safety.Known
                    assertTrue(unsafe.safety.unsent > 0u, "nobody hands over what the server does not have")
                    ada.goOnline()
                    board.until { it.rows.first { row -> row.ticket.id.value == taken.ticket }.mark.status == Status.SYNCED }
                    for (step in listOf(TicketStatus.InRepair, TicketStatus.Ready)) {
                        ticket.until { step in it.steps }
                        ticket.move(step)
                        ticket.until { it.view?.ticket?.status == step }
                    }
                    desk.shop.sync()
                    ticket.askSafe()
                    ticket.until { (it.safety as? Safety.Known)?.safety?.unsent == 0uL }
                    ticket.move(TicketStatus.PickedUp)
                    assertTrue(ticket.until { it.view?.ticket?.status == TicketStatus.PickedUp }.view?.events?.size == 4)
                }
                board.until { it.rows.none { row -> row.ticket.id.value == taken.ticket } }
            }
            ada.leave()
        }

    @Test
    fun `two devices write into one field, and the second decides which words stay`() =
        story {
            val (ada, second) = listOf(Person(Device.open()), Person(Device.open()))
            val (front, bench) = listOf(ada.signIn(hub, hub.owner), second.signIn(hub, bo))
            val taken = takeIn(front, IntakeForm(lastName = "Weber", subject = "Does not charge", problem = "Dead"))
            front.shop.sync()
            val there = onBoard(bench.shop, taken.ticket)
            second.goOffline()
            write(front, there, "Dead since Monday")
            front.shop.sync()
            write(bench, there, "Dead, and it was wet")
            second.goOnline()
            SyncCentre(bench, second.session).use { centre ->
                val conflict = centre.until { it.conflicts.isNotEmpty() }.conflicts.single()
                assertEquals(setOf("Dead since Monday", "Dead, and it was wet").map(TrailValue::Text).toSet(), setOf(conflict.mine, conflict.theirs))
                assertEquals(setOf("Dead since Monday", "Dead, and it was wet"), conflict.both?.lines()?.toSet())
                assertEquals(ShownRecord("tickets", listOfNotNull(taken.number, "Does not charge"), Place.Board(there.value)), conflict.record)
                centre.open(checkNotNull(conflict.record.place))
                assertEquals(Place.Board(there.value), second.session.state.value.place)
                centre.edit(conflict.conflict.conflict.value, "Wet on Monday, dead since")
                centre.keepOwn(conflict.conflict)
                centre.until { it.conflicts.isEmpty() }
            }
            bench.shop.sync()
            OpenTicket(front, there).use { it.until { state -> state.view?.ticket?.problem == "Wet on Monday, dead since" } }
            ada.leave()
            second.leave()
        }

    @Test
    fun `who else looks at a ticket is named, and what they changed meanwhile too`() =
        story {
            val (ada, second) = listOf(Person(Device.open()), Person(Device.open()))
            val (front, bench) = listOf(ada.signIn(hub, hub.owner), second.signIn(hub, bo))
            val taken = takeIn(front, IntakeForm(lastName = "Seen", subject = "Camera blurred"))
            front.shop.sync()
            val id = onBoard(bench.shop, taken.ticket)
            OpenTicket(bench, id).use { it.until { state -> state.view != null } }
            EditTicket(front, id) {}.use { edit ->
                edit.edit()
                edit.fill(checkNotNull(edit.until { it.form != null }.form).copy(priority = Priority.High, colour = "red"))
                edit.save()
                edit.until { it.form == null }
                edit.writePasscode("2580")
                edit.savePasscode()
                edit.until { it.passcode == null }
            }
            OpenTicket(front, id).use { ticket ->
                ticket.until { it.view?.hasPasscode == true }
                ticket.revealPasscode()
                ticket.until { it.passcode == "2580" }
                front.shop.sync()
                bench.shop.sync()
                OpenTicket(bench, id).use { theirs ->
                    val changed = theirs.until { it.view != null }
                    assertTrue(changed.changed)
                    assertEquals(listOf("device_colour", "priority", "passcode"), changed.changes)
                    assertEquals(listOf("Bo Lindqvist"), ticket.until { it.looking.isNotEmpty() }.looking)
                    ticket.writeNote("Call before five")
                    ticket.addNote(NoteKind.Internal)
                    ticket.until { it.note.isEmpty() }
                    front.shop.sync()
                    bench.shop.sync()
                    assertTrue("ticket_notes" in theirs.until { it.view?.notes?.size == 1 }.changes)
                }
                OpenTicket(bench, id).use { again -> assertFalse(again.until { it.view != null }.changed) }
            }
            ada.leave()
            second.leave()
        }

    private suspend fun onBoard(
        shop: Shop,
        ticket: String,
    ) = shop
        .boards(BoardFilter(emptyList(), null, null, BoardOrder.UPDATED))
        .first { page -> page.rows.any { it.id.value == ticket } }
        .rows
        .first { it.id.value == ticket }
        .id

    @Test
    fun `a part that two devices use offline is missing twice`() =
        story {
            val (ada, second) = listOf(Person(Device.open()), Person(Device.open()))
            val (front, bench) = listOf(ada.signIn(hub, hub.owner), second.signIn(hub, bo))
            Opening.fill(front.shop)
            bench.shop.sync()
            val item = bench.shop.itemsBySku("SCR-IP14").single()
            val tickets = front.shop.findTickets("screen", 5u) + front.shop.findTickets("charge", 5u)
            ada.goOffline()
            second.goOffline()
            for ((desk, ticket) in listOf(front to tickets.first().id, bench to tickets.last().id)) {
                OpenTicket(desk, ticket).use { screen ->
                    screen.findPart("iphone")
                    screen.until { it.parts.isNotEmpty() }
                    screen.usePart(item.id)
                    screen.until { state -> state.view?.lines?.any { it.inventoryItemId == item.id } == true && state.parts.isEmpty() }
                }
            }
            for (person in listOf(ada, second)) person.goOnline()
            for (desk in listOf(front, bench, front)) desk.shop.sync()
            for (desk in listOf(front, bench)) assertEquals(item.quantity - 2, desk.shop.item(item.id)?.quantity)
            ada.leave()
            second.leave()
        }

    @Test
    fun `what was typed and the place one was at outlive the app`() =
        story {
            val ada = Person(Device.open())
            val desk = ada.signIn(hub, hub.owner)
            ada.session.go(Place.Intake)
            TakingIn(desk).use { counter ->
                counter.fill(IntakeForm(lastName = "Half", subject = "Written", checklist = mapOf("touch" to CheckMark.Pass)))
                counter.until { it.kept }
            }
            ada.session.close()
            val again = Session(ada.device.terminal)
            assertEquals(Place.Intake, again.until { it.desk != null }.place)
            TakingIn(desk).use { counter ->
                val form = counter.until { it.kept }.form
                assertEquals("Half" to "Written", form.lastName to form.subject)
                assertEquals(CheckMark.Pass, form.checklist["touch"])
            }
            again.close()
            ada.leave()
        }

    @Test
    fun `an intake that breaks a rule says which, and nothing is taken in`() =
        story {
            val ada = Person(Device.open())
            val desk = ada.signIn(hub, hub.owner)
            TakingIn(desk).use { counter ->
                counter.fill(IntakeForm(lastName = "Rule", subject = ""))
                counter.takeIn()
                val shown = counter.until { it.problem != null }
                assertEquals("subject", shown.problem?.field)
                assertNull(shown.taken)
                assertTrue(desk.shop.findCustomers("rule", 5u).isEmpty())
            }
            ada.leave()
        }

    @Test
    fun `pressed twice it is taken in once, and what was typed just before leaving is kept`() =
        story {
            val ada = Person(Device.open())
            val desk = ada.signIn(hub, hub.owner)
            TakingIn(desk).use { counter ->
                counter.fill(IntakeForm(lastName = "Okafor", subject = "Pressed twice"))
                counter.takeIn()
                counter.takeIn()
                counter.until { it.taken != null }
                counter.nextCustomer()
                counter.fill(IntakeForm(lastName = "Weber", subject = "Left at once"))
            }
            Board(desk).use { board ->
                val rows = board.until { it.rows.isNotEmpty() }.rows
                assertEquals(1, rows.count { it.ticket.subject == "Pressed twice" })
            }
            while (desk.shop.draft("intake") == null) yield()
            TakingIn(desk).use { counter -> counter.until { it.form.subject == "Left at once" } }
            ada.leave()
        }

    @Test
    fun `leaving with unsent work asks first`() =
        story {
            val ada = Person(Device.open())
            val desk = ada.signIn(hub, hub.owner)
            ada.goOffline()
            takeIn(desk, IntakeForm(lastName = "Unsent", subject = "Not sent"))
            ada.session.signOut()
            assertTrue(ada.session.until { it.unsentAtSignOut != null }.unsentAtSignOut!! > 0)
            ada.session.signOut(dev.counterpart.model.Unsent.Discard)
            assertNull(ada.session.until { it.desk == null }.desk)
            ada.leave()
        }

    @Test
    fun `a wrong password is said in words`() =
        story {
            val ada = Person(Device.open())
            ada.session.until { !it.opening }
            ada.session.fill(SignInForm(hub.server.url, hub.server.anonKey, hub.owner.email, "wrong"))
            ada.session.signIn()
            val problem = checkNotNull(ada.session.until { it.problem != null }.problem)
            assertTrue(problem.code in English.problems, problem.code)
            ada.leave()
        }
}
