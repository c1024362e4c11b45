package dev.counterpart.app

import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.ids.CustomerId
import dev.counterpart.model.Bringer
import dev.counterpart.model.CheckMark
import dev.counterpart.model.CustomerRow
import dev.counterpart.model.Intake
import dev.counterpart.model.Phone
import kotlinx.coroutines.Job

/** What is typed at the counter. */
data class IntakeForm(
    val phone: String = "",
    val firstName: String = "",
    val lastName: String = "",
    val kind: String = "phone",
    val brand: String = "",
    val model: String = "",
    val imei: String = "",
    val subject: String = "",
    val problem: String = "",
    val checklist: Map<String, CheckMark> = emptyMap(),
) {
    /** As a draft. The passcode is not in it: a draft is not encrypted. */
    fun texts(): Map<String, String> {
        val marks = checklist.map { (item, mark) -> "$CHECK$item" to word(mark) }
        return mapOf(
            "phone" to phone, "firstName" to firstName, "lastName" to lastName, "kind" to kind, "brand" to brand,
            "model" to model, "imei" to imei, "subject" to subject, "problem" to problem,
        ) + marks
    }

    companion object {
        private const val CHECK = "check."

        fun of(typed: Map<String, String>): IntakeForm {
            val text = { name: String -> typed[name].orEmpty() }
            val marks = typed.filterKeys { it.startsWith(CHECK) }.map { (item, mark) -> item.removePrefix(CHECK) to checkMarkOf(mark) }
            return IntakeForm(
                text("phone"), text("firstName"), text("lastName"), text("kind").ifEmpty { "phone" }, text("brand"),
                text("model"), text("imei"), text("subject"), text("problem"), marks.toMap(),
            )
        }

        private fun word(mark: CheckMark): String =
            when (mark) {
                CheckMark.Pass -> "pass"
                CheckMark.Fail -> "fail"
                CheckMark.NotApplicable -> "na"
                CheckMark.Untested -> "untested"
                is CheckMark.Other -> mark.word
            }
    }
}

/** What the checklist says of one thing, from its word. */
internal fun checkMarkOf(word: String): CheckMark =
    when (word) {
        "pass" -> CheckMark.Pass
        "fail" -> CheckMark.Fail
        "na" -> CheckMark.NotApplicable
        "untested" -> CheckMark.Untested
        else -> CheckMark.Other(word)
    }

/** What the intake shows. */
data class IntakeState(
    val form: IntakeForm = IntakeForm(),
    val passcode: String = "",
    val found: List<CustomerRow> = emptyList(),
    val known: CustomerRow? = null,
    val busy: Boolean = false,
    val kept: Boolean = false,
    /** What was taken in last: its number is shown large. */
    val taken: Taken? = null,
    val problem: Problem? = null,
)

/** A ticket that was taken in. */
data class Taken(
    val ticket: String,
    val number: String?,
)

/** What a person can do at the counter. */
interface IntakeActions {
    fun fill(form: IntakeForm)

    fun passcode(passcode: String)

    fun choose(customer: CustomerRow?)

    fun takeIn()

    fun nextCustomer()

    fun dismiss()
}

/** Taking a device in: the customer by phone digits, the device, what works on it, and a number, online or not. */
class TakingIn(
    private val desk: Desk,
) : ScreenModel<IntakeState>(IntakeState()),
    IntakeActions {
    private val shop = desk.shop
    private val kept = Kept(desk, "intake", ::follow) { show { copy(kept = true) } }
    private var taking: Job? = null

    init {
        follow {
            val typed = kept.read().ifEmpty { return@follow }
            val form = IntakeForm.of(typed)
            val known = typed[KNOWN]?.let { shop.customer(CustomerId(it)) }?.row()
            // Who was quicker to type than the disk to read keeps what they typed.
            if (now.form != IntakeForm() || now.known != null) return@follow
            show { copy(form = form, known = known, kept = true) }
            look(form.phone)
        }
    }

    override fun IntakeState.with(problem: Problem?) = copy(problem = problem, busy = busy && problem == null)

    override suspend fun keepTyped() = kept.now()

    override fun fill(form: IntakeForm) {
        val before = now.form
        show { copy(form = form, kept = false) }
        if (before.phone != form.phone) follow { look(form.phone) }
        keep()
    }

    private fun keep() = kept.soon(now.form.texts() + (KNOWN to now.known?.id?.value))

    override fun passcode(passcode: String) = show { copy(passcode = passcode) }

    override fun choose(customer: CustomerRow?) {
        show { copy(known = customer, kept = false) }
        keep()
    }

    override fun takeIn() {
        if (taking?.isActive == true) return
        val shown = now
        show { copy(busy = true) }
        taking =
            work {
                val taken = shop.intake(Intake(bringer(shown), ticket(shown.form)), shown.passcode.ifEmpty { null })
                kept.drop()
                show { IntakeState(taken = Taken(taken.ticket.value, taken.number)) }
            }
    }

    override fun nextCustomer() = show { IntakeState() }

    private suspend fun look(phone: String) {
        val digits = phone.count { it.isDigit() }
        val found = if (digits < FEWEST_DIGITS) emptyList() else shop.customersByPhone(phone, 5u)
        show { if (form.phone == phone) copy(found = found) else this }
    }

    private fun bringer(shown: IntakeState): Bringer {
        shown.known?.let { return Bringer.Known(it.id) }
        val form = shown.form
        val text = { typed: String -> typed.trim().ifEmpty { null } }
        val phones = text(form.phone)?.let { listOf(Phone(it.filterNot { c -> c in " -/()" }, "mobile")) }.orEmpty()
        return Bringer.New(blankCustomer().copy(firstName = text(form.firstName), lastName = text(form.lastName), phones = phones))
    }

    private fun ticket(form: IntakeForm) =
        blankTicket().copy(
            subject = form.subject.trim(),
            problem = form.problem.trim().ifEmpty { null },
            deviceKind = form.kind,
            deviceBrand = form.brand.trim().ifEmpty { null },
            deviceModel = form.model.trim().ifEmpty { null },
            imei = form.imei.filter { it.isDigit() }.ifEmpty { null },
            intakeChecklist = form.checklist,
        )

    companion object {
        /** What is looked at when a device comes in. */
        val CHECKLIST = listOf("screen", "touch", "charging", "sound", "camera", "buttons")
        private const val KNOWN = "known"
        private const val FEWEST_DIGITS = 3
    }
}
