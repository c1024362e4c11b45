package dev.counterpart.app

import dev.counterpart.blankTicketLine
import dev.counterpart.ids.TicketId
import dev.counterpart.ids.TicketLineId
import dev.counterpart.model.EmployeeRow
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

    /** The form as it stood when somebody began: what they changed of it is saved, and nothing else. */
    private var began = TicketForm()

    init {
        follow {
            val typed = kept.read()
            // Who was quicker to begin than the disk to read keeps what they typed.
            if (typed.isEmpty() || now.form != null) return@follow
            began = TicketForm.of(typed.filterKeys { it.startsWith(WAS) }.mapKeys { it.key.removePrefix(WAS) })
            show { copy(form = TicketForm.of(typed)) }
        }
        follow {
            val typed = keptLine.read()
            if (typed.isNotEmpty()) show { copy(line = line ?: LineForm.of(typed)) }
        }
        follow { shop.staff().collect { people -> show { copy(people = people) } } }
    }

    override fun EditTicketState.with(problem: Problem?) = copy(problem = problem)

    override suspend fun keepTyped() {
        kept.now()
        keptLine.now()
    }

    override fun edit() {
        work {
            val ticket = shop.ticket(id) ?: return@work
            began = TicketForm.of(ticket, desk.currency, desk.zone)
            show { copy(form = began) }
        }
    }

    override fun fill(form: TicketForm) {
        show { copy(form = form) }
        kept.soon(form.texts() + began.texts().mapKeys { WAS + it.key })
    }

    override fun save() {
        val form = now.form ?: return
        once(form.wrong(desk.currency)) {
            shop.ticket(id)?.let { before -> shop.editTicket(before, form.on(before, began, desk.currency, desk.zone)) }
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

    override fun editLine(line: TicketLine) = fillLine(LineForm.of(line, desk.currency))

    override fun fillLine(form: LineForm?) {
        show { copy(line = form) }
        if (form == null) work { keptLine.drop() } else keptLine.soon(form.texts())
    }

    override fun saveLine() {
        val form = now.line ?: return
        once(form.wrong(desk.currency)) {
            val count = checkNotNull(Amounts.whole(form.quantity))
            val before = form.id?.let { shop.ticketLine(TicketLineId(it)) }
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

    private companion object {
        /** Before the name of what a field of the form said when somebody began. */
        const val WAS = "was."
    }
}
