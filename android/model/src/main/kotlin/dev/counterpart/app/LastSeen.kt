package dev.counterpart.app

import dev.counterpart.ids.TicketId
import dev.counterpart.model.Approval
import dev.counterpart.model.TicketLine
import dev.counterpart.model.TicketView

/**
 * What somebody saw of a ticket when they last looked: what differs is what changed since. Of each field no more than a sum is
 * kept, in the engine's file, for the tickets that were looked at last.
 */
internal class LastSeen(
    private val desk: Desk,
    id: TicketId,
) {
    private val name = "$PREFIX${id.value}"
    private var last: Map<String, String>? = null

    /** The fields, and the tables of what belongs to it, in which it differs from what was seen before. It is seen now. */
    suspend fun changes(view: TicketView): List<String> {
        val sums = sums(view)
        val before = last ?: desk.shop.draft(name)?.let { Typed.read(it.body) }
        last = sums
        if (before != sums) keep(sums)
        return before?.let { sums.keys.filter { field -> it[field] != sums[field] } }.orEmpty()
    }

    private suspend fun keep(sums: Map<String, String>) {
        desk.shop.saveDraft(name, Typed.write(sums))
        val older = desk.shop.drafts().filter { it.name.startsWith(PREFIX) }.drop(MOST)
        for (draft in older) desk.shop.dropDraft(draft.name)
    }

    private fun sums(view: TicketView): Map<String, String> =
        with(view.ticket) {
            mapOf(
                "ticket_events" to view.events.map { it.id.value },
                "problem" to problem,
                "diagnosis" to diagnosis,
                "ticket_lines" to view.lines.map(::facts),
                "ticket_notes" to view.notes.map { it.id.value },
                "subject" to subject,
                "customer_id" to customerId.value,
                "device_kind" to deviceKind,
                "device_brand" to deviceBrand,
                "device_model" to deviceModel,
                "device_serial" to deviceSerial,
                "device_colour" to deviceColour,
                "imei" to imei,
                "priority" to TicketForm.word(priority),
                "due_at" to dueAt,
                "assignee_id" to assigneeId?.value,
                "estimate_cents" to estimateCents,
                "approved_cents" to approvedCents,
                "accessories" to accessories,
                "tags" to tags,
                "passcode" to view.hasPasscode,
            )
        }.mapValues { (_, fact) -> "${fact.hashCode()}" }

    private fun facts(line: TicketLine) =
        with(line) { listOf(id.value, description, quantity, unitPriceCents, approval == Approval.Approved, approval == Approval.Declined) }

    private companion object {
        const val PREFIX = "seen/"
        const val MOST = 100
    }
}
