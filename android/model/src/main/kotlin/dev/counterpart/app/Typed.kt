package dev.counterpart.app

import kotlinx.coroutines.Job
import java.net.URLDecoder
import java.net.URLEncoder

/** Named texts as one line, for the engine's drafts; a text that is not there stays so. */
object Typed {
    fun write(texts: Map<String, String?>): String =
        texts.entries
            .mapNotNull { (name, text) -> text?.let { "$name=${URLEncoder.encode(it, "UTF-8")}" } }
            .joinToString("&")

    fun read(body: String): Map<String, String> =
        body
            .split('&')
            .filter { '=' in it }
            .associate { it.substringBefore('=') to URLDecoder.decode(it.substringAfter('='), "UTF-8") }
}

/** What was typed on a ticket and not saved yet. */
data class TypedDraft(
    val problem: String? = null,
    val diagnosis: String? = null,
    val note: String? = null,
) {
    fun texts() = mapOf("problem" to problem, "diagnosis" to diagnosis, "note" to note)

    companion object {
        fun of(typed: Map<String, String>) = TypedDraft(typed["problem"], typed["diagnosis"], typed["note"])
    }
}

/** What is typed on a screen and not saved yet, kept in the engine's file: soon, not with every key. */
class Kept(
    private val desk: Desk,
    private val name: String,
    private val follow: (suspend () -> Unit) -> Job,
    /** Hears that everything is kept. */
    private val kept: () -> Unit = {},
) {
    private var typing: Job? = null
    private var unsaved: Map<String, String?>? = null

    /** The texts that were kept, by name; none where nothing was. */
    suspend fun read(): Map<String, String> =
        desk.shop.draft(name)?.let { Typed.read(it.body) }.orEmpty()

    fun soon(texts: Map<String, String?>) {
        typing?.cancel()
        unsaved = texts
        typing =
            follow {
                desk.clock.wait(KEPT_AFTER_MS)
                now()
            }
    }

    /** What is not kept yet is kept. */
    suspend fun now() {
        val texts = unsaved ?: return
        if (texts.values.all { it == null }) desk.shop.dropDraft(name) else desk.shop.saveDraft(name, Typed.write(texts))
        // Something else may have been typed meanwhile.
        if (unsaved !== texts) return
        unsaved = null
        kept()
    }

    /** It was saved, or thrown away. */
    suspend fun drop() {
        typing?.cancel()
        unsaved = null
        desk.shop.dropDraft(name)
    }

    private companion object {
        const val KEPT_AFTER_MS = 300L
    }
}
