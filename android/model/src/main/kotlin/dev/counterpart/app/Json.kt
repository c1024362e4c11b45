package dev.counterpart.app

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.Json as Format

/** The engine's JSON as people read and write it. */
object Json {
    /** The text that a value is, if it is one. */
    fun textOf(json: String): String? = (Format.parseToJsonElement(json) as? JsonPrimitive)?.takeIf { it.isString }?.content

    /** A text as a value. */
    fun text(text: String): String = JsonPrimitive(text).toString()

    /** A record's change of one field. */
    fun of(
        field: String,
        value: String,
    ): String = JsonObject(mapOf(field to JsonPrimitive(value))).toString()

    /** What the fields of a waiting operation should become; of those that are sets, what should go in. */
    fun wanted(fields: String): Map<String, String> {
        val named = Format.parseToJsonElement(fields) as? JsonObject ?: return emptyMap()
        return named.mapValues { (_, edit) -> wanted(edit).toString() }
    }

    /** An object as a list of facts: the names on the way to a value, and the value. */
    fun facts(json: String): List<Pair<String, String>> = facts("", Format.parseToJsonElement(json))

    private fun facts(
        name: String,
        value: JsonElement,
    ): List<Pair<String, String>> =
        when (value) {
            is JsonObject -> value.entries.flatMap { (inner, at) -> facts(if (name.isEmpty()) inner else "$name.$inner", at) }
            is JsonArray -> value.flatMapIndexed { index, at -> facts("$name.$index", at) }
            is JsonPrimitive -> listOf(name to plain(value))
        }

    private fun wanted(edit: JsonElement): JsonElement {
        val edit = edit as? JsonObject ?: return edit
        return edit["to"] ?: (edit["elements"] as? JsonObject)?.get("add") ?: JsonNull
    }

    private fun plain(value: JsonElement): String =
        when (value) {
            is JsonNull -> ""
            is JsonPrimitive -> value.contentOrNull.orEmpty()
            is JsonArray -> value.joinToString(", ", transform = ::plain)
            is JsonObject -> value.entries.joinToString(", ") { (name, inner) -> "$name: ${plain(inner)}" }
        }
}
