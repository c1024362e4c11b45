package dev.counterpart.app

import dev.counterpart.Shop
import dev.counterpart.model.Ticket
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.net.URLDecoder
import java.net.URLEncoder
import java.util.concurrent.ConcurrentHashMap

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

    /** A ticket as it was seen when somebody began to type over it; what they did not touch is as it is now. */
    fun seenIn(
        now: Ticket,
        seen: Seen?,
    ): Ticket {
        if (seen == null) return now
        return now.copy(
            problem = if (problem == null) now.problem else seen.texts["problem"],
            diagnosis = if (diagnosis == null) now.diagnosis else seen.texts["diagnosis"],
            meta = now.meta.copy(stamp = seen.stamp),
        )
    }

    companion object {
        fun of(typed: Map<String, String>) = TypedDraft(typed["problem"], typed["diagnosis"], typed["note"])
    }
}

/** What stood in a record when somebody began to type over it, and in which version: an edit is what they changed of that. */
data class Seen(
    val texts: Map<String, String?>,
    val stamp: Long,
) {
    /** As a draft, beside what is typed. */
    fun texts(): Map<String, String?> = texts.mapKeys { (name, _) -> "$OF$name" } + (STAMP to "$stamp")

    companion object {
        private const val STAMP = "seen"
        private const val OF = "seen."

        /** From a draft; nothing where it is of a new record, or older than this. */
        fun of(kept: Map<String, String>): Seen? {
            val stamp = kept[STAMP]?.toLongOrNull() ?: return null
            return Seen(kept.filterKeys { it.startsWith(OF) }.mapKeys { (name, _) -> name.removePrefix(OF) }, stamp)
        }
    }
}

/** What was typed, laid over a record as it stands now: fields that nobody touched are as others made them meanwhile. */
data class Resumed(
    val typed: Map<String, String>,
    val seen: Map<String, String>,
    val stamp: Long,
) {
    companion object {
        /** Nothing where nothing was kept. Fields that are one value go [together]. */
        fun of(
            kept: Map<String, String>,
            now: Seen,
            vararg together: Set<String>,
        ): Resumed? {
            if (kept.isEmpty()) return null
            // A draft that does not say what was seen: what differs from now was typed.
            val seen = Seen.of(kept) ?: now
            val touched = now.texts.keys.filter { kept[it] != seen.texts[it] }.toSet()
            val whole = touched + together.filter { fields -> fields.any { it in touched } }.flatten()

            fun laid(over: Map<String, String?>) =
                now.texts.keys
                    .mapNotNull { name -> (if (name in whole) over else now.texts)[name]?.let { name to it } }
                    .toMap()
            return Resumed(laid(kept), laid(seen.texts), seen.stamp)
        }
    }
}

/**
 * The drafts of an open shop: what is typed is there at once for whoever opens the same screen again, and soon in the
 * engine's file. One is written after the other, so that the last stays.
 */
class Drafts(
    private val shop: Shop,
) {
    /** What is not in the file yet, by name; an empty text where a draft is to go. */
    private val unsaved = ConcurrentHashMap<String, String>()
    private val turn = Mutex()

    /** What was typed last under a name; nothing where nothing was. */
    suspend fun read(name: String): String = unsaved[name] ?: turn.withLock { unsaved[name] ?: shop.draft(name)?.body.orEmpty() }

    /** Takes note of what is typed. */
    fun put(
        name: String,
        body: String,
    ) {
        unsaved[name] = body
    }

    /** Writes what is not in the file yet. Whether that was all. */
    suspend fun write(name: String): Boolean =
        // Whoever gives up waiting does not let the next one past.
        withContext(NonCancellable) {
            turn.withLock {
                val body = unsaved[name] ?: return@withLock false
                if (body.isEmpty()) shop.dropDraft(name) else shop.saveDraft(name, body)
                // Something else may have been typed meanwhile.
                unsaved.remove(name, body)
            }
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

    /** The texts that were kept, by name; none where nothing was. */
    suspend fun read(): Map<String, String> = Typed.read(desk.drafts.read(name))

    /** [seen] is what stood there when somebody began to type over it. */
    fun soon(
        texts: Map<String, String?>,
        seen: Seen? = null,
    ) {
        typing?.cancel()
        val nothing = texts.values.all { it == null }
        desk.drafts.put(name, if (nothing) "" else Typed.write(texts + seen?.texts().orEmpty()))
        typing =
            follow {
                desk.clock.wait(KEPT_AFTER_MS)
                now()
            }
    }

    /** What is not kept yet is kept. */
    suspend fun now() {
        if (desk.drafts.write(name)) kept()
    }

    /** It was saved, or thrown away. */
    suspend fun drop() {
        typing?.cancel()
        desk.drafts.put(name, "")
        desk.drafts.write(name)
    }

    private companion object {
        const val KEPT_AFTER_MS = 300L
    }
}
