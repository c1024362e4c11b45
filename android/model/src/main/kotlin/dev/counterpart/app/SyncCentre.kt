package dev.counterpart.app

import dev.counterpart.Finding
import dev.counterpart.model.Choice
import dev.counterpart.model.FieldValue
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
    val currency: String = "EUR",
    /** What happened to the file at its opening. */
    val findings: List<Finding> = emptyList(),
    /** Where the note of who was signed in lies, if it could not be read. */
    val forgot: String? = null,
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

/** An operation that waits for a person, its record, and what it wanted to set. */
data class FailedOperation(
    val parked: Parked,
    val record: ShownRecord,
    val wanted: Map<String, TrailValue>,
    /** The field that a person can write anew, where one is plain text: the one that was refused, else the first. */
    val field: String? = null,
) {
    /** What it wanted to say there. */
    val text: String get() = (wanted[this.field] as? TrailValue.Text)?.text.orEmpty()
}

/** Two versions of a field of a record. */
data class ShownConflict(
    val conflict: OpenConflict,
    val record: ShownRecord,
    val mine: TrailValue,
    val theirs: TrailValue,
    /** Both, for who writes a third; nothing where that is no plain text. */
    val both: String? = null,
)

/** What a person can do in the sync centre. */
interface SyncCentreActions {
    fun syncNow()

    /** Opens the record that something is about. */
    fun open(place: Place)

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

/** The sync centre: what happened to the file, the line to the server, what failed, two versions, and what others did. */
class SyncCentre(
    desk: Desk,
    private val session: Session,
) : ScreenModel<SyncCentreState>(SyncCentreState(desk.currency)),
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
        follow {
            val (findings, forgot) = shop.findings() to session.forgot()
            show { copy(findings = findings, forgot = forgot) }
        }
        follow {
            shop.parkedOperations().collect { parked ->
                val called = Called(shop)
                val failed = parked.map { failed(it, called) }
                show { copy(failed = failed) }
            }
        }
        follow {
            shop.openConflicts().collect { open ->
                val called = Called(shop)
                val names = shop.employees().associate { it.id.value to it.name }
                val conflicts = open.map { shown(it, called) }
                show { copy(conflicts = conflicts, names = names) }
            }
        }
        follow { shop.news().collect { notices -> show { copy(notices = notices) } } }
    }

    override suspend fun keepTyped() = kept.now()

    private suspend fun failed(
        parked: Parked,
        called: Called,
    ): FailedOperation {
        val wanted = parked.wanted
        val texts = wanted.mapValues { (_, value) -> value.asText }.filterValues { it != null }
        val values = wanted.mapValues { (field, value) -> TrailValue.of(field, value) { called.behind(field, it) } }
        // An id says nothing to anybody, and the step before is where the ticket was.
        val shown = values.filter { (field, value) -> value != TrailValue.Nothing && field != "from" && !(isId(field) && value == texts[field]?.let(TrailValue::Text)) }
        val written = shown.filter { (field, value) -> value is TrailValue.Text && field in texts && !isId(field) }.keys
        val record = called.record(parked.table, parked.id, texts)
        return FailedOperation(parked, record, shown, written.firstOrNull { it == parked.field } ?: written.minOrNull())
    }

    private fun isId(field: String) = field.endsWith("_id")

    private suspend fun shown(
        conflict: OpenConflict,
        called: Called,
    ): ShownConflict {
        val (mine, theirs) = listOf(conflict.mine, conflict.theirs).map { value -> TrailValue.of(conflict.field, value) { called.behind(conflict.field, it) } }
        val texts = listOf(conflict.theirs, conflict.mine).filter { it !is FieldValue.Empty }.map { it.asText }
        val both = texts.filterNotNull().joinToString("\n").takeIf { texts.isNotEmpty() && null !in texts }
        return ShownConflict(conflict, called.record(conflict.table, conflict.id), mine, theirs, both)
    }

    override fun SyncCentreState.with(problem: Problem?) = copy(problem = problem, busy = false)

    override fun syncNow() {
        work {
            show { copy(busy = true) }
            shop.sync()
            show { copy(busy = false) }
        }
    }

    override fun open(place: Place) = session.go(place)

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
            shop.editParked(operation, mapOf(field to FieldValue.Text(text)))
            edit(null)
            kept.now()
        }
    }

    override fun keepMine(conflict: OpenConflict) = resolve(conflict, Choice.Mine)

    override fun keepTheirs(conflict: OpenConflict) = resolve(conflict, Choice.Theirs)

    override fun keepOwn(conflict: OpenConflict) = resolve(conflict, Choice.Value(FieldValue.Text(now.text)))

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
