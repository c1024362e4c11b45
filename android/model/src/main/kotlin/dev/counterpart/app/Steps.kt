package dev.counterpart.app

import dev.counterpart.model.Ticket
import dev.counterpart.model.TicketStatus
import dev.counterpart.model.TicketStatus.Abandoned
import dev.counterpart.model.TicketStatus.Approved
import dev.counterpart.model.TicketStatus.AwaitingApproval
import dev.counterpart.model.TicketStatus.AwaitingParts
import dev.counterpart.model.TicketStatus.Cancelled
import dev.counterpart.model.TicketStatus.Diagnosing
import dev.counterpart.model.TicketStatus.InRepair
import dev.counterpart.model.TicketStatus.OnHold
import dev.counterpart.model.TicketStatus.PickedUp
import dev.counterpart.model.TicketStatus.Qc
import dev.counterpart.model.TicketStatus.Ready
import dev.counterpart.model.TicketStatus.Received
import dev.counterpart.model.Who
import java.time.Duration
import java.time.Instant

/** Which steps the screen offers, the likeliest first. The engine decides; a test holds this to what it lets pass. */
object Steps {
    private val bench = setOf("technician")
    private val desk = setOf("front_desk")
    private val both = bench + desk
    private val lead = setOf("manager", "admin", "owner")

    private val moves: List<Triple<TicketStatus, Set<String>, List<TicketStatus>>> =
        listOf(
            Triple(Received, both, listOf(Diagnosing, InRepair, AwaitingParts)),
            Triple(Diagnosing, bench, listOf(InRepair, AwaitingApproval, AwaitingParts, Ready)),
            Triple(AwaitingApproval, both, listOf(Approved, Ready)),
            Triple(Approved, bench, listOf(InRepair, AwaitingParts)),
            Triple(AwaitingParts, bench, listOf(InRepair, AwaitingApproval, Ready)),
            Triple(InRepair, bench, listOf(Qc, Ready, AwaitingParts, AwaitingApproval)),
            Triple(Qc, bench, listOf(Ready, InRepair)),
            Triple(Ready, desk, listOf(PickedUp)),
            Triple(Ready, bench, listOf(InRepair)),
            Triple(Ready, lead, listOf(Abandoned)),
        )

    /** For so long a pick-up may be undone. */
    private val UNDO = Duration.ofHours(24)

    private fun open(status: TicketStatus) = status !in setOf(PickedUp, Cancelled, Abandoned)

    private fun onTheWay(
        status: TicketStatus,
        role: String,
    ) = moves.filter { (from, roles, _) -> from == status && (role in roles || role in lead) }.flatMap { it.third }

    /** The likeliest step of this person from a status; none where more of the ticket has to be known. */
    fun likeliest(
        status: TicketStatus,
        who: Who,
    ): TicketStatus? = onTheWay(status, who.actorRole ?: who.role).firstOrNull()

    /** The steps that this person may take with a ticket. */
    fun of(
        ticket: Ticket,
        who: Who,
        at: Instant,
    ): List<TicketStatus> {
        val role = who.actorRole ?: who.role
        if (ticket.status == PickedUp && role in lead) {
            return listOf(Ready).filter { ticket.closedAt?.isAfter(at.minus(UNDO)) == true }
        }
        if (!open(ticket.status) || role !in both + lead) return emptyList()
        val onTheWay =
            if (ticket.status == OnHold) listOfNotNull(ticket.onHoldFrom) else onTheWay(ticket.status, role)
        val hold = if (ticket.status == OnHold) emptyList() else listOf(OnHold)
        val mayCancel = role in lead || role in desk && ticket.workStartedAt == null
        return (onTheWay + hold + if (mayCancel) listOf(Cancelled) else emptyList()).distinct()
    }
}
