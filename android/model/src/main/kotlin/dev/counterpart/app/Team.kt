package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.ShopException
import dev.counterpart.blankEmployee
import dev.counterpart.ids.EmployeeId
import dev.counterpart.ids.TicketId
import dev.counterpart.model.Employee
import dev.counterpart.model.EmployeeRow
import dev.counterpart.model.Notice
import dev.counterpart.model.NoticeKind
import dev.counterpart.model.Present
import dev.counterpart.model.Role
import dev.counterpart.news
import dev.counterpart.states
import dev.counterpart.team
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map

/** Somebody who works here. */
data class Colleague(
    val row: EmployeeRow,
    val mark: Mark = Mark(),
    val here: Boolean = false,
    /** The ticket that they look at: its number, or what it is about. */
    val looksAt: String? = null,
    /** Whether this person may change what stands there, and who may set the PIN. */
    val editable: Boolean = false,
    val pinIsMine: Boolean = false,
)

/** What is typed of an employee. */
data class EmployeeForm(
    val id: String? = null,
    val firstName: String = "",
    val lastName: String = "",
    val email: String = "",
    val phone: String = "",
    val role: Role = Role.Technician,
    val active: Boolean = true,
) {
    fun texts(): Map<String, String?> =
        mapOf(
            "id" to id, "first" to firstName, "last" to lastName, "email" to email, "phone" to phone, "role" to Ranks.word(role),
            "active" to "$active",
        )

    fun on(employee: Employee): Employee =
        employee.copy(
            firstName = text(firstName),
            lastName = text(lastName),
            email = text(email),
            phone = text(phone.filterNot { it in " -/()" }),
            role = role,
            active = active,
        )

    private fun text(typed: String) = typed.trim().ifEmpty { null }

    companion object {
        fun of(employee: Employee) =
            EmployeeForm(
                employee.id.value,
                employee.firstName.orEmpty(),
                employee.lastName.orEmpty(),
                employee.email.orEmpty(),
                employee.phone.orEmpty(),
                employee.role,
                employee.active,
            )

        fun of(texts: Map<String, String>): EmployeeForm {
            val text = { name: String -> texts[name].orEmpty() }
            return EmployeeForm(
                texts["id"], text("first"), text("last"), text("email"), text("phone"), Ranks.role(text("role")), text("active") == "true",
            )
        }
    }
}

/** A PIN that is being set. It is kept nowhere. */
data class NewPin(
    val employee: EmployeeId,
    val name: String,
    val pin: String = "",
)

/** What the team's screen shows. */
data class TeamState(
    val loading: Boolean = true,
    val people: List<Colleague> = emptyList(),
    /** Devices that are there and do not say whose they are. */
    val otherDevices: Int = 0,
    val leads: Boolean = false,
    /** The roles that this person may give. */
    val roles: List<Role> = emptyList(),
    /** What the others did, for who leads. */
    val activity: List<Notice> = emptyList(),
    /** How the shop's devices stand, for who leads. */
    val devices: Devices? = null,
    val form: EmployeeForm? = null,
    val newPin: NewPin? = null,
    val problem: Problem? = null,
)

/** What a person can do with the team. */
interface TeamActions {
    fun begin()

    fun edit(employee: EmployeeId)

    fun fill(form: EmployeeForm)

    fun save()

    fun cancel()

    fun setPin(colleague: Colleague)

    fun writePin(pin: String)

    fun savePin()

    fun dismiss()
}

/** The team: who works here, who is there and what they look at and, for who leads, what they did. */
class Team(
    private val desk: Desk,
) : ScreenModel<TeamState>(TeamState(leads = desk.who.leads, roles = Ranks.below(desk.who))),
    TeamActions {
    private val shop = desk.shop
    private val kept = Kept(desk, "employee", ::follow)
    private val late = LateFailure(scope, desk.clock)
    private var present: List<Present> = emptyList()
    private var began: Employee? = null

    init {
        late.marks.collectIn(scope) { marks -> show { copy(people = people.map { it.copy(mark = marks[it.row.id.value] ?: it.mark) }) } }
        follow { shop.changes().collect { look() } }
        follow {
            shop.team().collect { there ->
                present = there
                look()
            }
        }
        if (desk.who.leads) {
            follow { readDraft() }
            show { copy(devices = Devices.Asking) }
            // A sync that has ended is when the server may say something else.
            follow { shop.states().map { it.lastSyncedAt to it.reachable }.distinctUntilChanged().collectLatest { askDevices() } }
            follow {
                shop.news().collect { notices ->
                    show { copy(activity = notices.newest.filter { it.kind == NoticeKind.WORK && !it.you }) }
                }
            }
        }
    }

    override suspend fun keepTyped() = kept.now()

    private suspend fun readDraft() {
        val typed = kept.read().ifEmpty { return }
        val record = typed["id"]?.let { shop.employee(EmployeeId(it)) }
        val resumed = record?.let { Resumed.of(typed, seen(it)) }
        // Who was quicker to type than the disk to read keeps what they typed.
        if (now.form != null || now.newPin != null) return
        val form = EmployeeForm.of(resumed?.typed ?: typed)
        began = if (form.id == null) blankEmployee() else record?.let { resumed?.seenIn(it) }
        show { copy(form = form) }
    }

    private fun seen(employee: Employee) = Seen(EmployeeForm.of(employee).texts(), employee.meta.stamp)

    /** The record as it was seen when somebody began to type over it. */
    private fun Resumed.seenIn(now: Employee) = EmployeeForm.of(seen).on(now).copy(meta = now.meta.copy(stamp = stamp))

    override fun TeamState.with(problem: Problem?) = copy(problem = problem)

    private suspend fun look() {
        val rows = shop.employees()
        val own = shop.device()
        val shown = present.filter { it.device != own }
        late.tell(shop.marks(RecordKind.EMPLOYEE, rows.map { it.id.value }))
        val marks = late.marks.value
        val people = rows.map { colleague(it, marks[it.id.value] ?: Mark(), shown) }
        show { copy(loading = false, people = people, otherDevices = shown.count { it.showing.employee == null }) }
    }

    private suspend fun askDevices() {
        try {
            val lines = shop.deviceLines(desk.clock.now())
            show { copy(devices = Devices.Here(lines)) }
        } catch (wrong: ShopException) {
            val problem = if (wrong.needsServer) now.problem else Problem.of(wrong)
            show { copy(devices = Devices.Unreachable, problem = problem) }
        }
    }

    private suspend fun colleague(
        row: EmployeeRow,
        mark: Mark,
        shown: List<Present>,
    ): Colleague {
        val theirs = shown.filter { it.showing.employee == row.id.value }
        val ticket = theirs.firstNotNullOfOrNull { it.showing.ticket }?.let { shop.ticket(TicketId(it)) }
        val own = row.id.value == desk.who.actor
        return Colleague(
            row,
            mark,
            here = own || theirs.isNotEmpty(),
            looksAt = ticket?.let { it.number ?: it.subject },
            editable = row.role in now.roles,
            pinIsMine = own || Ranks.setsPins(desk.who),
        )
    }

    override fun begin() {
        began = blankEmployee()
        show { copy(form = EmployeeForm(role = roles.first()), newPin = null) }
    }

    override fun edit(employee: EmployeeId) {
        work {
            val before = shop.employee(employee) ?: return@work
            began = before
            show { copy(form = EmployeeForm.of(before), newPin = null) }
        }
    }

    override fun fill(form: EmployeeForm) {
        show { copy(form = form) }
        kept.soon(form.texts(), began?.takeIf { form.id != null }?.let(::seen))
    }

    override fun save() {
        val (before, form) = (began ?: return) to (now.form ?: return)
        workOnce {
            if (form.id == null) shop.createEmployee(form.on(before)) else shop.editEmployee(before, form.on(before))
            kept.drop()
            show { copy(form = null) }
            follow { look() }
        }
    }

    override fun cancel() {
        show { copy(form = null, newPin = null) }
        work { kept.drop() }
    }

    override fun setPin(colleague: Colleague) {
        show { copy(newPin = NewPin(colleague.row.id, colleague.row.name), form = null) }
        work { kept.drop() }
    }

    override fun writePin(pin: String) = show { copy(newPin = newPin?.copy(pin = pin)) }

    override fun savePin() {
        val new = now.newPin ?: return
        workOnce {
            shop.setPin(new.employee, new.pin)
            show { copy(newPin = null) }
        }
    }
}
