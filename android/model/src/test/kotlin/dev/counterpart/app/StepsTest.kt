package dev.counterpart.app

import dev.counterpart.Shop
import dev.counterpart.ShopException
import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.ids.TicketId
import dev.counterpart.model.Account
import dev.counterpart.model.TicketStatus
import dev.counterpart.trial.Device
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Instant

class StepsTest {
    private val all =
        listOf(
            TicketStatus.Received, TicketStatus.Diagnosing, TicketStatus.AwaitingApproval, TicketStatus.Approved,
            TicketStatus.AwaitingParts, TicketStatus.InRepair, TicketStatus.Qc, TicketStatus.Ready,
            TicketStatus.PickedUp, TicketStatus.OnHold, TicketStatus.Cancelled, TicketStatus.Abandoned,
        )

    /** The ways that a manager takes to every status. */
    private val ways: List<List<TicketStatus>> =
        listOf(
            emptyList(),
            listOf(TicketStatus.Diagnosing),
            listOf(TicketStatus.Diagnosing, TicketStatus.AwaitingApproval),
            listOf(TicketStatus.Diagnosing, TicketStatus.AwaitingApproval, TicketStatus.Approved),
            listOf(TicketStatus.AwaitingParts),
            listOf(TicketStatus.InRepair),
            listOf(TicketStatus.InRepair, TicketStatus.Qc),
            listOf(TicketStatus.InRepair, TicketStatus.Ready),
            listOf(TicketStatus.Diagnosing, TicketStatus.Ready),
            listOf(TicketStatus.Diagnosing, TicketStatus.OnHold),
            listOf(TicketStatus.InRepair, TicketStatus.Ready, TicketStatus.PickedUp),
            listOf(TicketStatus.Cancelled),
            listOf(TicketStatus.Diagnosing, TicketStatus.Ready, TicketStatus.Abandoned),
        )

    @Test
    fun `what is offered is what the engine lets pass, for every role and status`() =
        story {
            var compared = 0
            for (role in listOf("owner", "manager", "technician", "front_desk")) {
                val device = Device.open()
                // A ticket of its own for each try: one that passes is moved.
                val tickets = prepare(device.terminal.enter(account("owner"), "north"))
                val shop = device.terminal.enter(account(role), "north")
                for ((id, to) in tickets) {
                    val ticket = checkNotNull(shop.ticket(id))
                    val offered = to in Steps.of(ticket, shop.who(), Instant.now())
                    assertEquals(passes(shop, id, to), offered, "$role from ${ticket.status} to $to")
                    compared += 1
                }
                device.close()
            }
            assertEquals(4 * ways.size * all.size, compared)
        }

    private fun account(role: String) = Account("lee", role, false, null)

    private suspend fun prepare(shop: Shop): List<Pair<TicketId, TicketStatus>> {
        val customer = shop.createCustomer(blankCustomer().copy(lastName = "Way"))
        return ways.flatMap { way ->
            all.map { to ->
                val id = shop.createTicket(blankTicket().copy(customerId = customer, subject = "Way"))
                for (step in way) shop.transition(id, step, null)
                id to to
            }
        }
    }

    private suspend fun passes(
        shop: Shop,
        ticket: TicketId,
        to: TicketStatus,
    ): Boolean =
        try {
            shop.transition(ticket, to, null)
            true
        } catch (_: ShopException.Denied) {
            false
        }
}
