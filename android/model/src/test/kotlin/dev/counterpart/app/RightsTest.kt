package dev.counterpart.app

import dev.counterpart.Shop
import dev.counterpart.ShopException
import dev.counterpart.blankAppointment
import dev.counterpart.blankCustomer
import dev.counterpart.blankEmployee
import dev.counterpart.blankItem
import dev.counterpart.blankTicket
import dev.counterpart.ids.AppointmentId
import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.EmployeeId
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.ids.TicketId
import dev.counterpart.ids.TicketLineId
import dev.counterpart.model.Account
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.Role
import dev.counterpart.model.Who
import dev.counterpart.trial.Device
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Instant

/** What screens leave out for some is what the engine would refuse them, tried in every role. */
class RightsTest {
    private val roles = listOf("owner", "admin", "manager", "technician", "front_desk")

    /** What there is to be changed, a thing of its own for each try. */
    private class Things(
        val customer: CustomerId,
        val ticket: TicketId,
        val item: InventoryItemId,
        val line: TicketLineId,
        /** Nobody's, somebody else's, and those of whoever tries. */
        val visits: Map<String?, AppointmentId>,
    )

    @Test
    fun `what is left out for a role is what the engine refuses it, and nothing else`() =
        story {
            var compared = 0
            for (role in roles) {
                val device = Device.open()
                val (things, me) = prepare(device.terminal.enter(Account("lee", "owner", false, null), "north"), role)
                val shop = device.terminal.enter(Account("lee", role, false, me), "north")
                val who = shop.who()
                for ((name, offered, deed) in tries(shop, who, things)) {
                    assertEquals(passes(deed), offered, "$role: $name")
                    compared += 1
                }
                device.close()
            }
            assertEquals(roles.size * 12, compared)
        }

    private fun tries(
        shop: Shop,
        who: Who,
        things: Things,
    ): List<Triple<String, Boolean, suspend () -> Unit>> {
        val rights = Rights.of(who)
        val parts = Right.USE_PARTS in rights
        val visits =
            things.visits.map { (assignee, id) ->
                Triple<String, Boolean, suspend () -> Unit>("an appointment of $assignee", Rights.appointment(who, assignee)) {
                    val before = checkNotNull(shop.appointment(id))
                    shop.editAppointment(before, before.copy(state = AppointmentState.Arrived))
                }
            }
        return visits +
            listOf<Triple<String, Boolean, suspend () -> Unit>>(
                Triple("a new item", parts) { shop.createItem(blankItem().copy(name = "Tape")) },
                Triple("an item's card", parts) {
                    val before = checkNotNull(shop.item(things.item))
                    shop.editItem(before, before.copy(bin = "B2"))
                },
                Triple("a part on a ticket", parts) { shop.usePart(things.ticket, things.item, 1) },
                Triple("a part off it", parts) { shop.cancelLine(things.line) },
                Triple("a count", Right.COUNT_STOCK in rights) { shop.count(things.item, 7) },
                Triple("what came in", who.leads) { shop.receive(things.item, 1, null) },
                Triple("a correction", who.leads) { shop.adjust(things.item, -1, null) },
                Triple("what is broken", who.leads) { shop.writeOff(things.item, 1, null) },
                Triple("a customer's deletion", who.leads) { shop.deleteCustomer(things.customer) },
            )
    }

    private suspend fun prepare(
        shop: Shop,
        role: String,
    ): Pair<Things, String> {
        val people = listOf("Lee", "Tess").map { shop.createEmployee(blankEmployee().copy(firstName = it, role = Role.Technician, active = true)) }
        val (brings, goes) = listOf("Way", "Gone").map { shop.createCustomer(blankCustomer().copy(lastName = "$it $role")) }
        val ticket = shop.createTicket(blankTicket().copy(customerId = brings, subject = "Way"))
        val item = shop.createItem(blankItem().copy(name = "Screen"))
        val line = shop.usePart(ticket, item, 1)
        val visits = (people + null).associate { it?.value to visit(shop, brings, it) }
        return Things(goes, ticket, item, line, visits) to people.first().value
    }

    private suspend fun visit(
        shop: Shop,
        customer: CustomerId,
        assignee: EmployeeId?,
    ): AppointmentId {
        val at = Instant.parse("2026-03-12T09:30:00Z")
        return shop.createAppointment(
            blankAppointment().copy(customerId = customer, startsAt = at, endsAt = at.plusSeconds(1_800), timeZone = "Europe/Berlin", assigneeId = assignee),
        )
    }

    private suspend fun passes(deed: suspend () -> Unit): Boolean =
        try {
            deed()
            true
        } catch (_: ShopException.Denied) {
            false
        }

    @Test
    fun `a shared tablet may what technicians and the front desk may, and nothing while nobody is at work there`() {
        val tablet = Who("t", "front_desk", true, null, null)
        assertEquals(emptySet<Right>(), Rights.of(tablet))
        assertEquals(setOf(Right.APPOINTMENTS), Rights.of(tablet.copy(actor = "a", actorRole = "front_desk")))
        assertEquals(setOf(Right.USE_PARTS, Right.COUNT_STOCK), Rights.of(tablet.copy(actor = "a", actorRole = "technician")))
        assertEquals(Right.entries.toSet(), Rights.of(tablet.copy(actor = "a", actorRole = "owner")))
        assertEquals(emptySet<Right>(), Rights.of(tablet.copy(actor = "a", actorRole = "of a newer server")))
    }
}
