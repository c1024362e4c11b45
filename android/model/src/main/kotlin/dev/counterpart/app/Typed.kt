package dev.counterpart.app

import java.net.URLDecoder
import java.net.URLEncoder

/** Named texts as one line, for the engine's drafts; a text that is not there stays so. */
object Typed {
    fun write(texts: Map<String, String?>): String =
        texts.entries
            .mapNotNull { (name, text) -> text?.let { "$name=${URLEncoder.encode(it, Charsets.UTF_8)}" } }
            .joinToString("&")

    fun read(body: String): Map<String, String> =
        body
            .split('&')
            .filter { '=' in it }
            .associate { it.substringBefore('=') to URLDecoder.decode(it.substringAfter('='), Charsets.UTF_8) }
}

/** What was typed on a ticket and not saved yet. */
data class TypedDraft(
    val problem: String? = null,
    val diagnosis: String? = null,
    val note: String? = null,
) {
    fun body() = Typed.write(mapOf("problem" to problem, "diagnosis" to diagnosis, "note" to note))

    companion object {
        fun of(body: String) = Typed.read(body).let { TypedDraft(it["problem"], it["diagnosis"], it["note"]) }
    }
}
