package dev.counterpart.app

import dev.counterpart.model.CheckMark
import dev.counterpart.model.FieldValue
import dev.counterpart.model.Priority
import dev.counterpart.model.TicketStatus
import java.time.Instant

/** What a field of a record was or became, as far as it has to be said in a language. */
sealed interface TrailValue {
    data object Nothing : TrailValue

    data class Text(
        val text: String,
    ) : TrailValue

    data class Answer(
        val yes: Boolean,
    ) : TrailValue

    data class Moment(
        val at: Instant,
    ) : TrailValue

    data class Money(
        val cents: Long,
    ) : TrailValue

    data class Step(
        val status: TicketStatus,
    ) : TrailValue

    data class Urgency(
        val priority: Priority,
    ) : TrailValue

    /** What kind, how far, which role: one of the engine's words. */
    data class Word(
        val word: String,
    ) : TrailValue

    data class Checked(
        val marks: Map<String, CheckMark>,
    ) : TrailValue

    companion object {
        /** From a field's value; [called] says what the record behind an id is called. */
        suspend fun of(
            field: String,
            value: FieldValue,
            called: suspend (String) -> String?,
        ): TrailValue {
            val name = value.asText?.let { called(it) }
            return if (name == null) of(field, value) else Text(name)
        }

        private fun of(
            field: String,
            value: FieldValue,
        ): TrailValue =
            when (value) {
                is FieldValue.Empty -> Nothing
                is FieldValue.Truth -> Answer(value.truth)
                is FieldValue.Whole -> ofWhole(field, value.number)
                is FieldValue.Text -> ofText(field, value.text)
                is FieldValue.Named -> if (field == "intake_checklist") checked(value) else text(value)
                is FieldValue.Number, is FieldValue.Several -> text(value)
            }

        private fun ofWhole(
            field: String,
            number: Long,
        ): TrailValue =
            when {
                field.endsWith("_cents") -> Money(number)
                field == "tax_bp" -> Text(Amounts.percent(number))
                else -> Text("$number")
            }

        private fun ofText(
            field: String,
            text: String,
        ): TrailValue =
            when {
                text.isEmpty() -> Nothing
                field in setOf("status", "on_hold_from", "to") -> Step(statuses[text] ?: TicketStatus.Other(text))
                field == "priority" -> Urgency(priorities[text] ?: Priority.Other(text))
                field in WORDS -> Word(text)
                else -> moment(field, text) ?: Text(text)
            }

        private fun moment(
            field: String,
            text: String,
        ): Moment? =
            if (field.endsWith("_at") || field.endsWith("_until")) runCatching { Moment(Instant.parse(text)) }.getOrNull() else null

        private fun checked(value: FieldValue.Named): TrailValue {
            val marks = value.values.mapNotNull { (item, mark) -> mark.asText?.let { item to checkMarkOf(it) } }
            return if (marks.isEmpty()) Nothing else Checked(marks.toMap())
        }

        private fun text(value: FieldValue): TrailValue = value.plain.let { if (it.isEmpty()) Nothing else Text(it) }

        /** Fields that hold a word of the engine's, which means the same in every one of them. */
        private val WORDS = setOf("kind", "approval", "state", "role")

        internal val priorities =
            mapOf("low" to Priority.Low, "normal" to Priority.Normal, "high" to Priority.High, "urgent" to Priority.Urgent)
        private val statuses =
            mapOf(
                "received" to TicketStatus.Received,
                "diagnosing" to TicketStatus.Diagnosing,
                "awaiting_approval" to TicketStatus.AwaitingApproval,
                "approved" to TicketStatus.Approved,
                "awaiting_parts" to TicketStatus.AwaitingParts,
                "in_repair" to TicketStatus.InRepair,
                "qc" to TicketStatus.Qc,
                "ready" to TicketStatus.Ready,
                "picked_up" to TicketStatus.PickedUp,
                "on_hold" to TicketStatus.OnHold,
                "cancelled" to TicketStatus.Cancelled,
                "abandoned" to TicketStatus.Abandoned,
            )
    }
}
