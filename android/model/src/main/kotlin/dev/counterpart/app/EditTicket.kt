package dev.counterpart.app

import dev.counterpart.blankTicketLine
import dev.counterpart.ids.TicketId
import dev.counterpart.ids.TicketLineId
import dev.counterpart.model.EmployeeRow
import dev.counterpart.model.Ticket
import dev.counterpart.model.TicketLine
import dev.counterpart.staff

/** What is written anew on a ticket, while somebody writes. */
data class EditTicketState(
    val currency: String = "EUR",
    val form: TicketForm? = null,
    val line: LineForm? = null,
    /** A passcode that is being set. It is kept nowhere. */
    val passcode: String? = null,
    /** Who may be given the ticket, and whoever has it. */
    val people: List<EmployeeRow> = emptyList(),
    /** Whether this person may delete it, and is about to. */
    val leads: Boolean = false,
    val deleting: Boolean = false,
    val problem: Problem? = null,
)

/** What a person can write anew on a ticket. */
interface EditTicketActions {
    fun edit()

    fun fill(form: TicketForm)

    fun save()

    fun cancel()

    fun editLine(line: TicketLine)

    /** A line of the bill, a new one first; nothing leaves it. */
    fun fillLine(form: LineForm?)

    fun saveLine()

    /** The device's passcode; nothing leaves it as it is. */
    fun writePasscode(passcode: String?)

    fun savePasscode()

    fun askDelete(asks: Boolean)

    fun delete()

    fun dismiss()
}

/** What is written anew on one ticket: the device and what was agreed, a line, the passcode. [gone] hears that it was deleted. */
class EditTicket(
    private val desk: Desk,
    private val id: TicketId,
    private val gone: () -> Unit,
) : ScreenModel<EditTicketState>(EditTicketState(currency = desk.currency, leads = desk.who.leads)),
    EditTicketActions {
    private val shop = desk.shop
    private val kept = Kept(desk, "ticket-form/${id.value}", ::follow)
    private val keptLine = Kept(desk, "ticket-line/${id.value}", ::follow)

    /** The ticket as it was seen when somebody began to type over it: what they changed of it is saved, and nothing else. */
    private var began: Ticket? = null

    /** The line likewise; nothing of a new one. */
    private var beganLine: TicketLine? = null

    init {
        follow { readDraft() }
        follow { readLineDraft() }
        follow { shop.staff().collect { people -> show { copy(people = people) } } }
    }

    private suspend fun readDraft() {
        val typed = kept.read().ifEmpty { return }
        val record = shop.ticket(id)
        val resumed = record?.let { Resumed.of(typed, seen(it), TicketForm.PROMISE) }
        // Who was quicker to begin than the disk to read keeps what they typed.
        if (now.form != null) return
        began = record?.let { resumed?.seenIn(it) }
        show { copy(form = TicketForm.of(resumed?.typed ?: typed)) }
    }

    private suspend fun readLineDraft() {
        val typed = keptLine.read().ifEmpty { return }
        val record = typed["id"]?.let { shop.ticketLine(TicketLineId(it)) }
        val resumed = record?.let { Resumed.of(typed, seen(it)) }
        if (now.line != null) return
        beganLine = record?.let { resumed?.seenIn(it) }
        show { copy(line = LineForm.of(resumed?.typed ?: typed)) }
    }

    private fun seen(ticket: Ticket) = Seen(TicketForm.of(ticket, desk.currency, desk.zone).texts(), ticket.meta.stamp)

    private fun seen(line: TicketLine) = Seen(LineForm.of(line, desk.currency).texts(), line.meta.stamp)

    /** The ticket as it was seen when somebody began to type over it. */
    private fun Resumed.seenIn(now: Ticket) = TicketForm.of(seen).on(now, desk.currency, desk.zone).copy(meta = now.meta.copy(stamp = stamp))

    /** The line likewise. */
    private fun Resumed.seenIn(now: TicketLine) = LineForm.of(seen).on(now, desk.currency).copy(meta = now.meta.copy(stamp = stamp))

    override fun EditTicketState.with(problem: Problem?) = copy(problem = problem)

    override suspend fun keepTyped() {
        kept.now()
        keptLine.now()
    }

    override fun edit() {
        work {
            val ticket = shop.ticket(id) ?: return@work
            began = ticket
            show { copy(form = TicketForm.of(ticket, desk.currency, desk.zone)) }
        }
    }

    override fun fill(form: TicketForm) {
        show { copy(form = form) }
        kept.soon(form.texts(), began?.let(::seen))
    }

    override fun save() {
        val form = now.form ?: return
        once(form.wrong(desk.currency)) {
            began?.let { before -> shop.editTicket(before, form.on(before, desk.currency, desk.zone)) }
            kept.drop()
            done { copy(form = null) }
        }
    }

    override fun cancel() {
        work {
            kept.drop()
            show { copy(form = null) }
        }
    }

    override fun editLine(line: TicketLine) {
        beganLine = line
        fillLine(LineForm.of(line, desk.currency))
    }

    override fun fillLine(form: LineForm?) {
        show { copy(line = form) }
        if (form == null) work { keptLine.drop() } else keptLine.soon(form.texts(), before(form)?.let(::seen))
    }

    /** The line over which somebody types; nothing where it is a new one. */
    private fun before(form: LineForm): TicketLine? = beganLine?.takeIf { it.id.value == form.id }

    override fun saveLine() {
        val form = now.line ?: return
        once(form.wrong(desk.currency)) {
            val count = checkNotNull(Amounts.whole(form.quantity))
            val before = form.id?.let { shop.ticketLine(TicketLineId(it)) }?.let { before(form) }
            val lost = form.id != null && before == null
            if (before != null) change(before, form, count)
            if (form.id == null) shop.addLine(id, form.on(blankTicketLine(), desk.currency).copy(quantity = count))
            keptLine.drop()
            done { copy(line = null, problem = if (lost) Problem("deleted") else problem) }
        }
    }

    private suspend fun change(
        before: TicketLine,
        form: LineForm,
        count: Long,
    ) {
        shop.editLine(before, form.on(before, desk.currency))
        // A part that was taken moves with it.
        if (count != before.quantity) shop.setLineQuantity(before.id, count)
    }

    override fun writePasscode(passcode: String?) = show { copy(passcode = passcode) }

    override fun savePasscode() {
        val passcode = now.passcode ?: return
        once(null) {
            shop.setPasscode(id, passcode)
            done { copy(passcode = null) }
        }
    }

    override fun askDelete(asks: Boolean) = show { copy(deleting = asks) }

    override fun delete() {
        once(null) {
            shop.deleteTicket(id)
            gone()
            done { copy(deleting = false) }
        }
    }

    /** Does it where nothing is [wrong]. */
    private fun once(
        wrong: Problem?,
        deed: suspend () -> EditTicketState.() -> EditTicketState,
    ) = if (wrong != null) show { copy(problem = wrong) } else changeOnce(deed = deed)

    private fun done(change: EditTicketState.() -> EditTicketState) = change
}
