package dev.counterpart.app

import dev.counterpart.model.Choice
import dev.counterpart.model.Notices
import dev.counterpart.model.OpenConflict
import dev.counterpart.model.Parked
import dev.counterpart.model.SyncState
import dev.counterpart.news
import dev.counterpart.openConflicts
import dev.counterpart.parkedOperations
import dev.counterpart.states

/** What the sync centre shows. */
data class SyncCentreState(
    val line: SyncState? = null,
    val busy: Boolean = false,
    val failed: List<FailedOperation> = emptyList(),
    val conflicts: List<ShownConflict> = emptyList(),
    val names: Map<String, String> = emptyMap(),
    val notices: Notices? = null,
    /** The failed operation or the conflict whose value a person writes anew, and what they have written. */
    val editing: String? = null,
    val text: String = "",
    /** The failed operation that is about to be thrown away. */
    val discarding: String? = null,
    val problem: Problem? = null,
)

/** An operation that waits for a person, with the fields that it wanted to set, where they are plain texts. */
data class FailedOperation(
    val parked: Parked,
    val texts: Map<String, String>,
)

/** Two versions of a field; [text] says whether a person can write a third. */
data class ShownConflict(
    val conflict: OpenConflict,
    val mine: String,
    val theirs: String,
    val text: Boolean,
)

/** What a person can do in the sync centre. */
interface SyncCentreActions {
    fun syncNow()

    fun retry(operation: String)

    fun retryAll()

    fun askDiscard(operation: String?)

    fun discard(operation: String)

    fun edit(
        id: String?,
        text: String = "",
    )

    fun resend(
        operation: String,
        field: String,
    )

    fun keepMine(conflict: OpenConflict)

    fun keepTheirs(conflict: OpenConflict)

    fun keepOwn(conflict: OpenConflict)

    fun newsSeen()

    fun dismiss()
}

/** The sync centre: the line to the server, what failed, two versions, and what others did. */
class SyncCentre(
    private val desk: Desk,
) : ScreenModel<SyncCentreState>(SyncCentreState()),
    SyncCentreActions {
    private val shop = desk.shop
    private val kept = Kept(desk, "sync", ::follow)

    init {
        follow {
            val typed = kept.read().ifEmpty { return@follow }
            // Who was quicker to type than the disk to read keeps what they typed.
            show { if (editing == null) copy(editing = typed["of"], text = typed["text"].orEmpty()) else this }
        }
        follow { shop.states().collect { line -> show { copy(line = line) } } }
        follow { shop.parkedOperations().collect { parked -> show { copy(failed = parked.map { FailedOperation(it, Json.texts(it.fields)) }) } } }
        follow {
            shop.openConflicts().collect { open ->
                val names = shop.employees().associate { it.id.value to it.name }
                show { copy(conflicts = open.map(::shown), names = names) }
            }
        }
        follow { shop.news().collect { notices -> show { copy(notices = notices) } } }
    }

    override suspend fun keepTyped() = kept.now()

    private fun shown(conflict: OpenConflict) =
        ShownConflict(
            conflict,
            Json.plain(conflict.mine),
            Json.plain(conflict.theirs),
            Json.textOf(conflict.mine) != null || Json.textOf(conflict.theirs) != null,
        )

    override fun SyncCentreState.with(problem: Problem?) = copy(problem = problem, busy = false)

    override fun syncNow() {
        work {
            show { copy(busy = true) }
            shop.sync()
            show { copy(busy = false) }
        }
    }

    override fun retry(operation: String) {
        work { shop.retry(operation) }
    }

    override fun retryAll() {
        work { shop.retryAll() }
    }

    override fun askDiscard(operation: String?) = show { copy(discarding = operation) }

    override fun discard(operation: String) {
        work {
            shop.discard(operation)
            show { copy(discarding = null) }
        }
    }

    override fun edit(
        id: String?,
        text: String,
    ) {
        show { copy(editing = id, text = text) }
        // What is sealed on its way is in no draft either.
        val sealed = now.failed.any { it.parked.operation == id && it.parked.table in SEALED }
        kept.soon(mapOf("of" to id.takeIf { !sealed }, "text" to text.takeIf { id != null && !sealed }))
    }

    override fun resend(
        operation: String,
        field: String,
    ) {
        val text = now.text
        work {
            shop.editParked(operation, Json.of(field, text))
            edit(null)
            kept.now()
        }
    }

    override fun keepMine(conflict: OpenConflict) = resolve(conflict, Choice.Mine)

    override fun keepTheirs(conflict: OpenConflict) = resolve(conflict, Choice.Theirs)

    override fun keepOwn(conflict: OpenConflict) = resolve(conflict, Choice.Value(Json.text(now.text)))

    private fun resolve(
        conflict: OpenConflict,
        choice: Choice,
    ) {
        work {
            shop.resolve(conflict.conflict, choice)
            edit(null)
            kept.now()
        }
    }

    override fun newsSeen() {
        val newest = now.notices?.newest?.firstOrNull() ?: return
        work { shop.markNoticesSeen(newest.id) }
    }

    private companion object {
        val SEALED = setOf("ticket_secrets", "employee_pins")
    }
}
