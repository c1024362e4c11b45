package dev.counterpart.app

import dev.counterpart.blankAppointment
import dev.counterpart.blankCustomer
import dev.counterpart.blankItem
import dev.counterpart.blankTicket
import dev.counterpart.blankTicketLine
import dev.counterpart.ids.TicketId
import dev.counterpart.ids.TicketLineId
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.Bringer
import dev.counterpart.model.Intake
import dev.counterpart.model.Phone
import dev.counterpart.model.Role
import dev.counterpart.openConflicts
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.yield
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.Duration
import java.time.Instant

/** What is typed and left: it comes back as it was, and over what others did meanwhile. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TypedTest {
    private val hub = Hub()
    private val bo = hub.invite("Bo Lindqvist", "manager")

    @TempDir
    lateinit var folder: Path

    @AfterAll
    fun close() = hub.close()

    /** Two devices of two people in one shop. */
    private suspend fun two(body: suspend (Desk, Desk, Session) -> Unit) {
        val (ada, second) = listOf(Person(Device.open()), Person(Device.open()))
        body(ada.signIn(hub, hub.owner), second.signIn(hub, bo), second.session)
        ada.leave()
        second.leave()
    }

    /** Brings what one did to the other. */
    private suspend fun Desk.sendTo(other: Desk) {
        shop.sync()
        other.shop.sync()
    }

    /** Time that never passes. */
    private object Standstill : Clock {
        override fun now(): Instant = Instant.parse("2026-03-12T12:00:00Z")

        override suspend fun wait(ms: Long): Unit = awaitCancellation()
    }

    private fun Desk.standing() = Desk(shop, who, currency, Standstill, zone, drafts)

    private suspend fun Desk.ticket(problem: String): TicketId {
        val customer = Bringer.New(blankCustomer().copy(lastName = "Weber"))
        return shop.intake(Intake(customer, blankTicket().copy(subject = "Does not charge", problem = problem)), null).ticket
    }

    @Test
    fun `what two wrote into a ticket is a conflict though one left the screen, and what they did not touch stays`() =
        story {
            two { front, bench, _ ->
                val id = front.ticket("Dead")
                front.sendTo(bench)
                OpenTicket(bench, id).use { ticket ->
                    ticket.until { it.view != null }
                    ticket.writeProblem("Dead, and it was wet")
                }
                val before = checkNotNull(front.shop.ticket(id))
                front.shop.editTicket(before, before.copy(problem = "Dead since Monday", diagnosis = "Board corroded", subject = "Dead"))
                front.sendTo(bench)
                OpenTicket(bench, id).use { ticket ->
                    val again = ticket.until { it.view?.ticket?.subject == "Dead" && it.problemText != null }
                    assertEquals("Dead, and it was wet" to null, again.problemText to again.diagnosisText)
                    ticket.saveText()
                    ticket.until { it.problemText == null }
                }
                bench.sendTo(front)
                val conflict = bench.shop.openConflicts().first { it.isNotEmpty() }.single { it.id == id.value }
                assertEquals("problem" to "Dead", conflict.field to conflict.base.asText)
                assertEquals(setOf("Dead since Monday", "Dead, and it was wet"), setOf(conflict.mine.asText, conflict.theirs.asText))
                for (desk in listOf(front, bench)) assertEquals("Board corroded" to "Dead", desk.shop.ticket(id)?.let { it.diagnosis to it.subject })
            }
        }

    @Test
    fun `a card that was left goes on over what others wrote there, and changes what was typed alone`() =
        story {
            two { front, bench, _ ->
                val id = front.shop.createCustomer(blankCustomer().copy(lastName = "Weber", phones = listOf(Phone("+49151123456", "mobile"))))
                front.sendTo(bench)
                OpenCustomer(bench, id) {}.use { card ->
                    card.until { it.customer != null }
                    card.edit()
                    card.fill(checkNotNull(card.state.value.form).copy(city = "Berlin", tags = "regular"))
                }
                val before = checkNotNull(front.shop.customer(id))
                val phones = before.phones + Phone("+49307654321", "work")
                front.shop.editCustomer(before, before.copy(firstName = "Jonas", phones = phones, notes = "rings twice", tags = listOf("late")))
                front.sendTo(bench)
                OpenCustomer(bench, id) {}.use { card ->
                    val form = checkNotNull(card.until { it.form != null && it.customer != null }.form)
                    assertEquals(listOf("Jonas", "rings twice", "Berlin", "regular"), listOf(form.firstName, form.notes, form.city, form.tags))
                    card.save()
                    card.until { it.form == null }
                }
                bench.sendTo(front)
                for (desk in listOf(front, bench)) {
                    val both = checkNotNull(desk.shop.customer(id))
                    assertEquals(listOf("Jonas", "rings twice", "Berlin"), listOf(both.firstName, both.notes, both.address?.city))
                    assertEquals(phones.map { it.number }.toSet() to setOf("late", "regular"), both.phones.map { it.number }.toSet() to both.tags.toSet())
                }
            }
        }

    @Test
    fun `an item and an appointment that were left change what was typed alone`() =
        story {
            two { front, bench, _ ->
                val item = front.shop.createItem(ItemForm("Screen", bin = "A1", price = "10").on(blankItem(), "EUR"))
                val customer = front.shop.createCustomer(blankCustomer().copy(lastName = "Okoro"))
                val start = front.startOf(front.today.plusDays(1)).plus(Duration.ofHours(10))
                val booked =
                    blankAppointment().copy(
                        customerId = customer,
                        startsAt = start,
                        endsAt = start.plusSeconds(1_800),
                        timeZone = front.zone.id,
                        state = AppointmentState.Booked,
                    )
                val visit = front.shop.createAppointment(booked)
                front.sendTo(bench)
                OpenItem(bench, item) {}.use { card ->
                    card.until { it.item != null }
                    card.edit()
                    card.fill(checkNotNull(card.state.value.form).copy(bin = "B2"))
                }
                Appointments(bench).use { calendar ->
                    calendar.until { !it.loading }
                    calendar.later()
                    calendar.edit(calendar.until { it.days.single().lines.isNotEmpty() }.days.single().lines.first { it.row.id == visit }.row)
                    calendar.fill(checkNotNull(calendar.until { it.form != null }.form).copy(notes = "Brings the charger"))
                }
                val (shelved, agreed) = checkNotNull(front.shop.item(item)) to checkNotNull(front.shop.appointment(visit))
                front.shop.editItem(shelved, shelved.copy(priceCents = 1_200, supplier = "Parts & Co"))
                front.shop.editAppointment(agreed, agreed.copy(startsAt = start.plusSeconds(7_200), endsAt = start.plusSeconds(9_000)))
                front.sendTo(bench)
                OpenItem(bench, item) {}.use { card ->
                    card.until { it.form?.supplier == "Parts & Co" && it.item != null }
                    card.save()
                    card.until { it.form == null }
                }
                Appointments(bench).use { calendar ->
                    assertEquals("12:00", calendar.until { it.form != null }.form?.time, "it was moved meanwhile")
                    calendar.save()
                    calendar.until { it.form == null }
                }
                bench.sendTo(front)
                for (desk in listOf(front, bench)) {
                    assertEquals(Triple("B2", 1_200L, "Parts & Co"), desk.shop.item(item)?.let { Triple(it.bin, it.priceCents, it.supplier) })
                    assertEquals("Brings the charger" to start.plusSeconds(7_200), desk.shop.appointment(visit)?.let { it.notes to it.startsAt })
                }
            }
        }

    @Test
    fun `a ticket's form and a line that were left change what was typed alone`() =
        story {
            two { front, bench, _ ->
                val id = front.ticket("Dead")
                val line = front.shop.addLine(id, LineForm(description = "Fitting", price = "45").on(blankTicketLine(), "EUR").copy(quantity = 1))
                front.sendTo(bench)
                EditTicket(bench, id) {}.use { edit ->
                    edit.edit()
                    edit.fill(checkNotNull(edit.until { it.form != null }.form).copy(brand = "Apple"))
                    edit.editLine(checkNotNull(bench.shop.ticketLine(line)))
                    edit.fillLine(checkNotNull(edit.until { it.line != null }.line).copy(description = "Fitting and cleaning"))
                }
                val before = checkNotNull(front.shop.ticket(id))
                front.shop.editTicket(before, before.copy(subject = "Dead", deviceModel = "iPhone 14"))
                front.price(line, 6_000)
                front.shop.setLineQuantity(line, 2)
                front.sendTo(bench)
                EditTicket(bench, id) {}.use { edit ->
                    val again = edit.until { it.form != null && it.line != null }
                    assertEquals(listOf("Dead", "iPhone 14", "Apple"), again.form?.let { listOf(it.subject, it.model, it.brand) })
                    assertEquals(listOf("Fitting and cleaning", "60.00", "2"), again.line?.let { listOf(it.description, it.price, it.quantity) })
                    // Nothing of this has come to the bench, whose words are the later ones.
                    front.price(line, 7_000)
                    front.shop.ticket(id)?.let { front.shop.editTicket(it, it.copy(deviceModel = "iPhone 15")) }
                    edit.save()
                    edit.until { it.form == null }
                    edit.saveLine()
                    edit.until { it.line == null }
                }
                bench.sendTo(front)
                front.sendTo(bench)
                for (desk in listOf(front, bench)) {
                    assertEquals(listOf("Dead", "iPhone 15", "Apple"), desk.shop.ticket(id)?.let { listOf(it.subject, it.deviceModel, it.deviceBrand) })
                    val both = desk.shop.ticketLine(line)
                    assertEquals(Triple("Fitting and cleaning", 7_000L, 2L), both?.let { Triple(it.description, it.unitPriceCents, it.quantity) })
                }
            }
        }

    private suspend fun Desk.price(
        line: TicketLineId,
        cents: Long,
    ) {
        val before = checkNotNull(shop.ticketLine(line))
        shop.editLine(before, before.copy(unitPriceCents = cents))
    }

    @Test
    fun `an older draft, which does not say what was seen, changes what differs from now`() {
        val now = Seen(mapOf("first" to "Mira", "last" to "Weber", "street" to "Kai 1", "city" to "Kiel"), 7)
        val old = Resumed.of(mapOf("first" to "Mira", "last" to "Half-typed", "street" to "Kai 1", "city" to "Kiel"), now)
        assertEquals(now.texts + ("last" to "Half-typed"), old?.typed)
        assertEquals(now.texts to 7L, old?.seen to old?.stamp)
        assertNull(Resumed.of(emptyMap(), now))
        // What is one value is never half of one and half of another.
        val seen = Seen(mapOf("first" to null, "last" to "Weber", "street" to "Hof 2", "city" to "Bonn"), 3)
        val typed = seen.texts().mapNotNull { (name, text) -> text?.let { name to it } }.toMap() + mapOf("last" to "Weber", "street" to "Hof 3", "city" to "Bonn")
        val resumed = checkNotNull(Resumed.of(Typed.read(Typed.write(typed)), now, setOf("street", "city")))
        assertEquals(mapOf("first" to "Mira", "last" to "Weber", "street" to "Hof 3", "city" to "Bonn"), resumed.typed)
        assertEquals(mapOf("first" to "Mira", "last" to "Weber", "street" to "Hof 2", "city" to "Bonn") to 3L, resumed.seen to resumed.stamp)
    }

    @Test
    fun `whoever opens a screen again at once finds what was typed there last, and it is in the file soon`() =
        story {
            alone { desk ->
                val standing = desk.standing()
                val id = desk.ticket("Dead")
                OpenTicket(standing, id).use { ticket ->
                    ticket.until { it.view != null }
                    ticket.writeDiagnosis("Board")
                    ticket.writeDiagnosis("Board corroded")
                }
                OpenTicket(standing, id).use { again -> again.until { it.diagnosisText == "Board corroded" } }
                while (desk.shop.draft("ticket/${id.value}") == null) yield()
                // Another process knows only what is in the file.
                OpenTicket(Desk(desk.shop, desk.who, desk.currency), id).use { again ->
                    again.until { it.diagnosisText == "Board corroded" && it.view != null }
                    again.saveText()
                    again.until { it.view?.ticket?.diagnosis == "Board corroded" && it.diagnosisText == null }
                }
                while (desk.shop.draft("ticket/${id.value}") != null) yield()
            }
        }

    @Test
    fun `a draft that was dropped is not read again, whatever is still being written`() =
        story {
            alone { desk ->
                val drafts = desk.drafts
                drafts.put("note", "text=half")
                assertEquals("text=half", drafts.read("note"))
                assertTrue(drafts.write("note"))
                assertFalse(drafts.write("note"), "it is written")
                assertEquals("text=half", desk.shop.draft("note")?.body)
                drafts.put("note", "")
                assertEquals("", drafts.read("note"))
                drafts.write("note")
                assertNull(desk.shop.draft("note"))
            }
        }

    @Test
    fun `an intake knows whom somebody chose, also after the screen was left`() =
        story {
            alone { desk ->
                val id = desk.shop.createCustomer(blankCustomer().copy(lastName = "Okafor", phones = listOf(Phone("+491512345602", "mobile"))))
                TakingIn(desk.standing()).use { counter ->
                    counter.fill(IntakeForm(phone = "5602", subject = "Again"))
                    counter.choose(counter.until { it.found.isNotEmpty() }.found.single())
                }
                TakingIn(desk).use { counter ->
                    val again = counter.until { it.known != null && it.found.isNotEmpty() }
                    assertEquals("Again" to again.found.single(), again.form.subject to again.known)
                    counter.takeIn()
                    counter.until { it.taken != null }
                }
                assertEquals(1, desk.shop.ticketsOfCustomer(id, null, 5u).size)
                assertEquals(listOf(id), desk.shop.customersByName("", 5u).map { it.id }, "nobody was written down a second time")
            }
        }

    @Test
    fun `an amount and its reason, and what is typed to move in, come back`() =
        story {
            alone { desk ->
                val item = desk.shop.createItem(blankItem().copy(name = "Charging port"))
                OpenItem(desk.standing(), item) {}.use { card ->
                    card.until { it.item != null }
                    card.writeAmount("5")
                    card.writeReason("Delivery")
                }
                OpenItem(desk, item) {}.use { card ->
                    card.until { it.item != null && it.amount == "5" && it.reason == "Delivery" }
                    card.receive()
                    card.until { it.item?.quantity == 5L && it.amount.isEmpty() }
                }
                OpenItem(desk, item) {}.use { card -> assertEquals("", card.until { it.item != null }.amount) }
                val form = MovingIn("/old.csv", dev.counterpart.ImportLayout.TICKETS, "Old system", "49")
                Moving(desk.standing(), folder).use { moving ->
                    moving.fill(form)
                    moving.writeExportFile("/elsewhere.jsonl")
                }
                Moving(desk.standing(), folder).use { moving -> moving.until { it.form == form && it.exportFile == "/elsewhere.jsonl" } }
            }
        }

    @Test
    fun `a colleague and the shop's settings are typed on after the screen was left, and nothing of others is taken back`() =
        story {
            two { front, bench, session ->
                val tess = front.shop.createEmployee(EmployeeForm(firstName = "Tess", role = Role.Technician).on(dev.counterpart.blankEmployee()))
                front.sendTo(bench)
                Team(bench).use { team ->
                    team.until { !it.loading }
                    team.edit(tess)
                    team.fill(checkNotNull(team.until { it.form != null }.form).copy(phone = "+49151123456", role = Role.FrontDesk))
                }
                Settings(bench, session).use { settings ->
                    settings.until { it.settings != null }
                    settings.edit()
                    settings.fill(checkNotNull(settings.state.value.form).copy(ticketDays = "77"))
                    settings.writeFlag("signatures")
                }
                val (hired, own) = checkNotNull(front.shop.employee(tess)) to checkNotNull(front.shop.settings())
                front.shop.editEmployee(hired, hired.copy(lastName = "Moreau"))
                front.shop.editSettings(own, own.copy(appointmentWindowDays = 33))
                front.sendTo(bench)
                Team(bench).use { team ->
                    val form = checkNotNull(team.until { it.form != null }.form)
                    assertEquals(listOf("Moreau", "+49151123456"), listOf(form.lastName, form.phone))
                    team.save()
                    team.until { it.form == null }
                }
                Settings(bench, session).use { settings ->
                    val again = settings.until { it.form != null && it.newFlag == "signatures" }
                    assertEquals("77" to "33", again.form?.let { it.ticketDays to it.appointmentDays })
                    settings.save()
                    settings.until { it.form == null }
                    settings.writeFlag("")
                }
                bench.sendTo(front)
                for (desk in listOf(front, bench)) {
                    assertEquals(Triple("Moreau", "+49151123456", Role.FrontDesk), desk.shop.employee(tess)?.let { Triple(it.lastName, it.phone, it.role) })
                    assertEquals(77L to 33L, desk.shop.settings()?.let { it.ticketWindowDays to it.appointmentWindowDays })
                }
                for (name in listOf("employee", "settings", "flag")) while (bench.shop.draft(name) != null) yield()
            }
        }

    @Test
    fun `a third version that somebody writes of a conflict comes back, and is gone once it is saved`() =
        story {
            two { front, bench, session ->
                val id = front.ticket("Dead")
                front.sendTo(bench)
                val seen = checkNotNull(bench.shop.ticket(id))
                for ((desk, words) in listOf(front to "Dead since Monday", bench to "Dead and wet")) {
                    desk.shop.editTicket(seen, seen.copy(problem = words))
                    desk.shop.sync()
                }
                SyncCentre(bench.standing(), session).use { centre ->
                    centre.edit(centre.until { it.conflicts.isNotEmpty() }.conflicts.single().conflict.conflict.value, "Wet on Monday")
                }
                SyncCentre(bench, session).use { centre ->
                    val again = centre.until { it.editing != null && it.conflicts.isNotEmpty() }
                    assertEquals("Wet on Monday", again.text)
                    centre.keepOwn(again.conflicts.single { it.conflict.conflict.value == again.editing }.conflict)
                    centre.until { it.conflicts.isEmpty() && it.editing == null }
                }
                while (bench.shop.draft("sync") != null) yield()
                assertEquals("Wet on Monday", bench.shop.ticket(id)?.problem)
            }
        }

    @Test
    fun `whoever taps twice writes one note and uses one part`() =
        story {
            alone { desk ->
                val id = desk.ticket("Dead")
                val item = desk.shop.createItem(blankItem().copy(name = "Charging port"))
                OpenTicket(desk, id).use { ticket ->
                    ticket.until { it.view != null }
                    ticket.writeNote("Call before five")
                    repeat(2) { ticket.addNote(dev.counterpart.model.NoteKind.Internal) }
                    ticket.until { it.view?.notes?.isNotEmpty() == true && it.note.isEmpty() }
                    ticket.findPart("port")
                    ticket.until { it.parts.isNotEmpty() }
                    repeat(2) { ticket.usePart(item) }
                    ticket.until { it.view?.lines?.isNotEmpty() == true && it.parts.isEmpty() }
                    ticket.writeDiagnosis("Port is bent")
                    ticket.saveText()
                    val view = checkNotNull(ticket.until { it.view?.ticket?.diagnosis != null }.view)
                    assertEquals(1 to 1, view.notes.size to view.lines.size)
                }
                assertEquals(-1L, desk.shop.item(item)?.quantity)
            }
        }
}
