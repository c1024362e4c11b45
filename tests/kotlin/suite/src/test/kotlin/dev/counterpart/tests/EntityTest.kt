package dev.counterpart.tests

import dev.counterpart.RecordKind
import dev.counterpart.Shop
import dev.counterpart.blankAppointment
import dev.counterpart.blankCustomer
import dev.counterpart.blankEmployee
import dev.counterpart.blankItem
import dev.counterpart.blankTicket
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.NoteKind
import dev.counterpart.model.Priority
import dev.counterpart.model.Role
import dev.counterpart.model.Slot
import dev.counterpart.model.Status
import dev.counterpart.model.TicketStatus
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.time.Instant
import java.time.temporal.ChronoUnit

/** Each entity on two devices: made, edited and found on one, seen as it is now on the other, and deleted on both. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EntityTest {
    private val hub = Hub()
    private val bo = hub.invite("bo", "manager")

    @AfterAll
    fun close() = hub.close()

    private fun together(work: suspend Pair.() -> Unit) =
        story {
            Device.open().use { first ->
                Device.open().use { second ->
                    Pair(first.signIn(hub, hub.owner).shop, second.signIn(hub, bo).shop).work()
                }
            }
        }

    /** The shop as two devices have it. */
    private class Pair(
        val office: Shop,
        val bench: Shop,
    ) {
        val both = listOf(office, bench)

        /** What was done here is there. */
        suspend fun meet() {
            office.sync()
            bench.sync()
            assertEquals(emptyList<Any>(), office.parked())
        }

        suspend fun status(
            kind: RecordKind,
            id: String,
        ): Status = office.standings(kind, listOf(id)).single().status
    }

    @Test
    fun `a customer is made, edited, found and deleted`() =
        together {
            val id = office.createCustomer(blankCustomer().copy(lastName = "Nakamura"))
            val before = checkNotNull(office.customer(id))
            office.editCustomer(before, before.copy(lastName = "Nishimura", company = "Kobo Ltd"))
            assertEquals(listOf(id), office.findCustomers("kobo nishimura", 10u).map { it.id })
            assertEquals(emptyList<Any>(), office.findCustomers("nakamura", 10u))
            meet()
            assertEquals(Status.SYNCED, status(RecordKind.CUSTOMER, id.value))
            assertEquals("Kobo Ltd", bench.customer(id)?.company)
            assertEquals(listOf(id), bench.findCustomers("nishimura", 10u).map { it.id })

            office.deleteCustomer(id)
            meet()
            for (shop in both) {
                assertNull(shop.customer(id))
                assertEquals(emptyList<Any>(), shop.findCustomers("nishimura", 10u))
            }
        }

    @Test
    fun `a ticket is made, edited, found and deleted`() =
        together {
            val customer = office.createCustomer(blankCustomer().copy(lastName = "Nakamura"))
            val id = office.createTicket(blankTicket().copy(customerId = customer, subject = "Battery swells"))
            office.addNote(id, NoteKind.Internal, "Careful")
            office.transition(id, TicketStatus.Diagnosing, null)
            val before = checkNotNull(office.ticket(id))
            val after = before.copy(subject = "Charger hums", diagnosis = "Coil loose", priority = Priority.Urgent)
            office.editTicket(before, after)
            assertEquals(listOf(id), office.findTickets("charger hums", 10u).map { it.id })
            assertEquals(emptyList<Any>(), office.findTickets("battery swells", 10u))
            meet()
            assertEquals(Status.SYNCED, status(RecordKind.TICKET, id.value))
            val view = checkNotNull(bench.ticketView(id))
            assertEquals(listOf("Careful"), view.notes.map { it.body })
            assertEquals(TicketStatus.Diagnosing, view.ticket.status)
            assertEquals("Coil loose" to Priority.Urgent, view.ticket.diagnosis to view.ticket.priority)
            assertEquals(listOf(id), bench.findTickets("charger", 10u).map { it.id })

            office.deleteTicket(id)
            meet()
            for (shop in both) {
                assertNull(shop.ticket(id))
                assertEquals(emptyList<Any>(), shop.findTickets("charger", 10u))
                assertFalse(shop.board(everything, null, 50u).rows.any { it.id == id })
            }
        }

    @Test
    fun `an item is made, edited, found and deleted, and its quantity is the sum of its movements`() =
        together {
            val id = office.createItem(blankItem().copy(name = "Battery B7", sku = "B-7", priceCents = 4_900))
            val before = checkNotNull(office.item(id))
            office.editItem(before, before.copy(name = "Accumulator A7", barcode = "4006381333931", bin = "Drawer 3"))
            assertEquals(listOf(id), office.findItems("accumulator", 10u).map { it.id })
            assertEquals(emptyList<Any>(), office.findItems("battery", 10u))
            office.receive(id, 5, null)
            office.usePart(office.intake(intake("Empty by noon"), null).ticket, id, 2)
            meet()
            assertEquals(Status.SYNCED, status(RecordKind.INVENTORY_ITEM, id.value))
            assertEquals(listOf(id), bench.findItems("accumulator", 10u).map { it.id })
            assertEquals(listOf(3L), bench.itemsBySku("B-7").map { it.quantity })
            assertEquals(listOf("Drawer 3"), bench.itemsByBarcode("4006381333931").map { it.bin })
            assertEquals(2, bench.movements(id, null, 50u).rows.size)

            office.deleteItem(id)
            meet()
            for (shop in both) {
                assertNull(shop.item(id))
                assertEquals(emptyList<Any>(), shop.findItems("accumulator", 10u))
                assertEquals(emptyList<Any>(), shop.itemsBySku("B-7"))
            }
        }

    @Test
    fun `an employee is made, edited, listed and deleted`() =
        together {
            val kim = blankEmployee().copy(firstName = "Kim", role = Role.Technician, active = true)
            val id = office.createEmployee(kim)
            val before = checkNotNull(office.employee(id))
            office.editEmployee(before, before.copy(lastName = "Osei", role = Role.FrontDesk))
            meet()
            assertEquals(Status.SYNCED, status(RecordKind.EMPLOYEE, id.value))
            for (shop in both) {
                val listed = shop.employees().single { it.id == id }
                assertEquals("Kim Osei" to Role.FrontDesk, listed.name to listed.role)
            }

            office.deleteEmployee(id)
            meet()
            for (shop in both) {
                assertNull(shop.employee(id))
                assertFalse(shop.employees().any { it.id == id })
            }
        }

    @Test
    fun `an appointment is made, edited, moved, shown in the calendar and deleted`() =
        together {
            val hour = Instant.now().plusSeconds(3_600).truncatedTo(ChronoUnit.MILLIS)
            val visit =
                blankAppointment().copy(
                    customerId = office.createCustomer(blankCustomer().copy(lastName = "Nakamura")),
                    startsAt = hour,
                    endsAt = hour.plusSeconds(1_800),
                    timeZone = "Europe/Berlin",
                )
            val id = office.createAppointment(visit)
            val before = checkNotNull(office.appointment(id))
            office.editAppointment(before, before.copy(notes = "Rings at the back door", state = AppointmentState.Confirmed))
            val day = hour.plus(1, ChronoUnit.DAYS)
            val slot = Slot(day, day.plusSeconds(1_800), "Europe/Berlin")
            office.reschedule(id, slot)
            meet()
            assertEquals(Status.SYNCED, status(RecordKind.APPOINTMENT, id.value))
            assertEquals("Rings at the back door", bench.appointment(id)?.notes)
            for (shop in both) {
                assertEquals(emptyList<Any>(), shop.calendar(Instant.now(), visit.endsAt, null))
                val booked = shop.calendar(day, slot.endsAt, null).single()
                assertEquals(id to AppointmentState.Confirmed, booked.id to booked.state)
                assertTrue("Nakamura" in booked.customer)
            }

            office.deleteAppointment(id)
            meet()
            for (shop in both) {
                assertNull(shop.appointment(id))
                assertEquals(emptyList<Any>(), shop.calendar(day, slot.endsAt, null))
            }
        }
}
