package dev.counterpart.app

import dev.counterpart.model.CheckMark
import dev.counterpart.model.Priority
import dev.counterpart.model.TicketStatus
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.longOrNull
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

    data class Checked(
        val marks: Map<String, CheckMark>,
    ) : TrailValue

    companion object {
        /** From a field's JSON; [called] says what the record behind an id is called. */
        suspend fun of(
            field: String,
            json: String,
            called: suspend (String) -> String?,
        ): TrailValue {
            val value = Json.parseToJsonElement(json)
            val id = (value as? JsonPrimitive)?.takeIf { it.isString }?.content
            val name = id?.let { called(it) }
            return if (name == null) of(field, value) else Text(name)
        }

        private fun of(
            field: String,
            value: JsonElement,
        ): TrailValue =
            when (value) {
                is JsonNull -> Nothing
                is JsonPrimitive -> if (value.isString) ofText(field, value.content) else ofOther(field, value)
                is JsonArray -> text(value)
                is JsonObject -> if (field == "intake_checklist") checked(value) else text(value)
            }

        private fun ofText(
            field: String,
            text: String,
        ): TrailValue =
            when {
                text.isEmpty() -> Nothing
                field in setOf("status", "on_hold_from", "to") -> Step(statuses[text] ?: TicketStatus.Other(text))
                field == "priority" -> Urgency(priorities[text] ?: Priority.Other(text))
                else -> moment(field, text) ?: Text(text)
            }

        private fun moment(
            field: String,
            text: String,
        ): Moment? =
            if (field.endsWith("_at") || field.endsWith("_until")) runCatching { Moment(Instant.parse(text)) }.getOrNull() else null

        private fun ofOther(
            field: String,
            value: JsonPrimitive,
        ): TrailValue {
            val (yes, number) = value.booleanOrNull to value.longOrNull
            return when {
                yes != null -> Answer(yes)
                number != null && field.endsWith("_cents") -> Money(number)
                number != null && field == "tax_bp" -> Text(Amounts.percent(number))
                else -> Text(value.content)
            }
        }

        private fun checked(value: JsonObject): TrailValue {
            val marks = value.entries.mapNotNull { (item, mark) -> (mark as? JsonPrimitive)?.let { item to checkMarkOf(it.content) } }
            return if (marks.isEmpty()) Nothing else Checked(marks.toMap())
        }

        private fun text(value: JsonElement): TrailValue = facts(value).let { if (it.isEmpty()) Nothing else Text(it) }

        /** The facts themselves: what they are called inside is nobody's word. */
        private fun facts(value: JsonElement): String =
            when (value) {
                is JsonNull -> ""
                is JsonPrimitive -> value.content
                is JsonArray -> value.map(::facts).filter { it.isNotEmpty() }.joinToString(", ")
                is JsonObject -> value.values.map(::facts).filter { it.isNotEmpty() }.joinToString(" ")
            }

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
