package dev.counterpart.app

import dev.counterpart.Inspection
import dev.counterpart.model.FieldValue
import dev.counterpart.model.RawRecord

/** The text that a value is, if it is one. */
internal val FieldValue.asText: String? get() = (this as? FieldValue.Text)?.text

/** The facts inside a value, one after another: what they are called inside is nobody's word. */
internal val FieldValue.plain: String
    get() =
        when (this) {
            is FieldValue.Empty -> ""
            is FieldValue.Truth -> "$truth"
            is FieldValue.Whole -> "$number"
            is FieldValue.Number -> "$number"
            is FieldValue.Text -> text
            is FieldValue.Several -> values.map { it.plain }.filter { it.isNotEmpty() }.joinToString(", ")
            is FieldValue.Named -> inOrder.map { (_, value) -> value.plain }.filter { it.isNotEmpty() }.joinToString(" ")
        }

private val FieldValue.Named.inOrder get() = values.toSortedMap().toList()

/** A value as a list of facts: the names on the way to each, and what stands there. */
internal fun FieldValue.facts(name: String): List<Pair<String, String>> =
    when (this) {
        is FieldValue.Several -> values.flatMapIndexed { index, value -> value.facts("$name.$index") }
        is FieldValue.Named -> inOrder.flatMap { (inner, value) -> value.facts("$name.$inner") }
        is FieldValue.Empty, is FieldValue.Truth, is FieldValue.Whole, is FieldValue.Number, is FieldValue.Text -> listOf(name to plain)
    }

/** How a device stands, but for its rows. */
internal fun facts(device: Inspection): List<Pair<String, String>> =
    listOf(
        "online" to "${device.state.online}",
        "reachable" to "${device.state.reachable}",
        "awake" to "${device.awake}",
        "session" to device.session,
        "opened" to "${device.opened}",
        "phase" to device.phase,
        "failures" to "${device.failures}",
        "channel" to device.channel,
        "last_error" to device.state.lastError.orEmpty(),
        "epoch" to device.epoch,
        "cursor" to "${device.cursor}",
        "settled" to "${device.settled}",
        "staged_pages" to "${device.stagedPages}",
        "missing_ranges" to "${device.missingRanges}",
    ) + facts("queue", device.queue) + facts("unread", device.unread) + facts("file", device.file)

private fun facts(
    name: String,
    of: Map<String, Any>,
) = of.toSortedMap().map { (what, value) -> "$name.$what" to "$value" }

/** A record as the file holds it. */
internal fun facts(record: RawRecord): List<Pair<String, String>> =
    record.shown?.facts("shown").orEmpty() +
        listOf("stamp" to "${record.stamp}", "deleted" to "${record.deleted}") +
        record.base?.facts("base").orEmpty() +
        record.operations.flatMapIndexed { index, queued ->
            val name = "operations.$index"
            listOf("$name.operation" to queued.operation, "$name.kind" to queued.kind, "$name.state" to queued.state) +
                listOf("$name.tries" to "${queued.tries}", "$name.commit" to queued.commit?.toString().orEmpty()) +
                queued.body.facts("$name.body")
        }
