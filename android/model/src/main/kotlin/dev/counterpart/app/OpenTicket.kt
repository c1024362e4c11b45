package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.TicketSafety
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.ids.TicketId
import dev.counterpart.ids.TicketLineId
import dev.counterpart.model.Approval
import dev.counterpart.model.ItemRow
import dev.counterpart.model.NoteKind
import dev.counterpart.model.Present
import dev.counterpart.model.Ticket
import dev.counterpart.model.TicketLine
import dev.counterpart.model.TicketStatus
import dev.counterpart.model.TicketView
import dev.counterpart.states
import dev.counterpart.team
import dev.counterpart.tickets
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map

/** Whether a ticket may leave the shop, as far as anybody has asked. */
sealed interface Safety {
    data object NotAsked : Safety

    data object Asking : Safety

    /** The server's word, and this device's own. */
    data class Known(
        val safety: TicketSafety,
    ) : Safety
}

/** What a ticket's screen shows. */
data class TicketState(
    val loading: Boolean = true,
    /** Nothing once the ticket is gone from this device. */
    val view: TicketView? = null,
    val currency: String = "EUR",
    val rights: Set<Right> = emptySet(),
    val mark: Mark = Mark(),
    val steps: List<TicketStatus> = emptyList(),
    /** Whether somebody else changed it since this person last looked, and which fields, as far as that is known. */
    val changed: Boolean = false,
    val changes: List<String> = emptyList(),
    /** Who else looks at it, by name, and how many do not say whose they are. */
    val looking: List<String> = emptyList(),
    val othersLooking: Int = 0,
    val problemText: String? = null,
    val diagnosisText: String? = null,
    val note: String = "",
    val partWords: String = "",
    val parts: List<ItemRow> = emptyList(),
    val partCount: String = "1",
    /** A line that was taken off a moment ago. */
    val takenOff: TicketLine? = null,
    val passcode: String? = null,
    val safety: Safety = Safety.NotAsked,
    val undo: TicketStatus? = null,
    val problem: Problem? = null,
)

/** What a person can do with a ticket. */
interface TicketActions {
    fun move(to: TicketStatus)

    fun undoMove()

    fun writeProblem(text: String)

    fun writeDiagnosis(text: String)

    fun saveText()

    fun writeNote(text: String)

    fun addNote(kind: NoteKind)

    fun findPart(words: String)

    /** How many of a part are used at once. */
    fun countParts(count: String)

    fun usePart(item: InventoryItemId)

    fun approve(
        line: TicketLineId,
        approval: Approval,
    )

    fun takeOff(line: TicketLine)

    /** What was taken off is back on the bill, and off the shelf. */
    fun putBack()

    fun revealPasscode()

    fun hidePasscode()

    fun askSafe()

    fun dismiss()
}

/** One ticket. What was typed and not saved is kept in the engine's file until it is. */
class OpenTicket(
    private val desk: Desk,
    private val id: TicketId,
) : ScreenModel<TicketState>(TicketState(currency = desk.currency, rights = Rights.of(desk.who))),
    TicketActions {
    private val shop = desk.shop
    private val late = LateFailure(scope, desk.clock)
    private val lastSeen = LastSeen(desk, id)
    private val kept = Kept(desk, "ticket/${id.value}", ::follow)

    /** What the person saw when they began to type: an edit is what they changed of it. */
    private var began: Ticket? = null

    init {
        late.marks.collectIn(scope) { marks -> show { copy(mark = marks[id.value] ?: mark) } }
        follow {
            readDraft()
            shop.tickets(id).collect { view ->
                look(view)
                tellMark()
            }
        }
        follow { shop.states().map { Triple(it.pending, it.failed, it.syncing) }.distinctUntilChanged().collect { tellMark() } }
        follow {
            shop.show(id)
            val own = shop.device()
            shop.team().collect { present -> tellWhoLooks(present.filter { it.device != own && it.showing.ticket == id.value }) }
        }
    }

    private suspend fun look(view: TicketView?) {
        val unread = shop.marks(RecordKind.TICKET, listOf(id.value))[id.value]?.unread == true
        val differs = view?.let { lastSeen.changes(it) }.orEmpty()
        val steps = view?.let { Steps.of(it.ticket, desk.who, desk.clock.now()) }.orEmpty()
        // Whoever has it before their eyes has looked.
        if (now.loading || unread) shop.view(RecordKind.TICKET, id.value)
        show {
            // What the server said was of the ticket as it stood then.
            copy(loading = false, view = view, steps = steps, safety = Safety.NotAsked).let { if (unread) it.changed(differs) else it }
        }
    }

    private fun TicketState.changed(fields: List<String>) = copy(changed = true, changes = (changes + fields).distinct())

    private suspend fun tellWhoLooks(there: List<Present>) {
        val names = shop.employees().associate { it.id.value to it.name }
        val known = there.mapNotNull { names[it.showing.employee] }
        show { copy(looking = known.distinct(), othersLooking = there.size - known.size) }
    }

    override fun TicketState.with(problem: Problem?) = copy(problem = problem)

    override suspend fun keepTyped() = kept.now()

    private suspend fun tellMark() = late.tell(shop.marks(RecordKind.TICKET, listOf(id.value)))

    override fun move(to: TicketStatus) {
        val from = now.view?.ticket?.status ?: return
        work {
            shop.transition(id, to, null)
            val back = shop.ticket(id)?.let { Steps.of(it, desk.who, desk.clock.now()) }.orEmpty()
            show { copy(undo = from.takeIf { it in back }) }
        }
    }

    override fun undoMove() {
        val to = now.undo ?: return
        work {
            shop.transition(id, to, null)
            show { copy(undo = null) }
        }
    }

    override fun writeProblem(text: String) {
        begin()
        show { copy(problemText = text) }
        keep()
    }

    override fun writeDiagnosis(text: String) {
        begin()
        show { copy(diagnosisText = text) }
        keep()
    }

    override fun saveText() {
        val before = began ?: now.view?.ticket ?: return
        val shown = now
        work {
            val after =
                before.copy(
                    problem = shown.problemText?.ifBlank { null } ?: before.problem.takeIf { shown.problemText == null },
                    diagnosis = shown.diagnosisText?.ifBlank { null } ?: before.diagnosis.takeIf { shown.diagnosisText == null },
                )
            shop.editTicket(before, after)
            began = null
            // What was typed while it was saved is still to be saved.
            show {
                copy(
                    problemText = problemText.takeIf { it != shown.problemText },
                    diagnosisText = diagnosisText.takeIf { it != shown.diagnosisText },
                )
            }
            if (now.problemText != null || now.diagnosisText != null) began = after
            keepNow()
        }
    }

    override fun writeNote(text: String) {
        show { copy(note = text) }
        keep()
    }

    override fun addNote(kind: NoteKind) {
        val typed = now.note
        workOnce("note") {
            shop.addNote(id, kind, typed.trim())
            show { if (note == typed) copy(note = "") else this }
            keepNow()
        }
    }

    override fun findPart(words: String) {
        show { copy(partWords = words) }
        work { found(words, if (words.isBlank()) emptyList() else shop.findItems(words, 8u)) }
    }

    /** An answer to an older question is of no use. */
    private fun found(
        asked: String,
        rows: List<ItemRow>,
    ) = show { if (partWords == asked) copy(parts = rows) else this }

    override fun countParts(count: String) = show { copy(partCount = count) }

    override fun usePart(item: InventoryItemId) {
        // Once it was used, the list is empty.
        if (now.parts.none { it.id == item }) return
        val count = Amounts.whole(now.partCount)
        if (count == null) {
            show { copy(problem = Problem("number", "quantity")) }
            return
        }
        workOnce("part") {
            shop.usePart(id, item, count)
            show { copy(partWords = "", parts = emptyList(), partCount = "1") }
        }
    }

    override fun approve(
        line: TicketLineId,
        approval: Approval,
    ) {
        work { shop.approveLine(line, approval) }
    }

    override fun takeOff(line: TicketLine) {
        work {
            shop.cancelLine(line.id)
            show { copy(takenOff = line) }
        }
    }

    override fun putBack() {
        val line = now.takenOff ?: return
        work {
            if (line.inventoryItemId == null) shop.addLine(id, line) else shop.useLine(line.id)
            show { copy(takenOff = null) }
        }
    }

    override fun revealPasscode() {
        work {
            val passcode = shop.revealPasscode(id)
            show { copy(passcode = passcode) }
        }
    }

    override fun hidePasscode() = show { copy(passcode = null) }

    override fun askSafe() {
        work {
            show { copy(safety = Safety.Asking) }
            val safety = runCatching { shop.safe(id) }
            show { copy(safety = safety.getOrNull()?.let(Safety::Known) ?: Safety.NotAsked) }
            safety.getOrThrow()
        }
    }

    private fun begin() {
        if (began == null) began = now.view?.ticket
    }

    /** Keeps what is typed, soon: not with every key. */
    private fun keep() {
        val seen = began?.let { Seen(mapOf("problem" to it.problem, "diagnosis" to it.diagnosis), it.meta.stamp) }
        kept.soon(TypedDraft(now.problemText, now.diagnosisText, now.note.ifEmpty { null }).texts(), seen)
    }

    private suspend fun keepNow() {
        keep()
        kept.now()
    }

    private suspend fun readDraft() {
        val typed = kept.read().ifEmpty { return }
        val draft = TypedDraft.of(typed)
        val ticket = shop.ticket(id)
        // Who was quicker to type than the disk to read keeps what they typed.
        if (now.problemText != null || now.diagnosisText != null || now.note.isNotEmpty()) return
        began = ticket?.takeIf { draft.problem != null || draft.diagnosis != null }?.let { draft.seenIn(it, Seen.of(typed)) }
        show { copy(problemText = draft.problem, diagnosisText = draft.diagnosis, note = draft.note.orEmpty()) }
    }
}
