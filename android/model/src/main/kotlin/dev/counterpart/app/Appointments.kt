package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.ShopException
import dev.counterpart.blankAppointment
import dev.counterpart.calendars
import dev.counterpart.ids.AppointmentId
import dev.counterpart.ids.EmployeeId
import dev.counterpart.model.Appointment
import dev.counterpart.model.AppointmentKind
import dev.counterpart.model.AppointmentRow
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.CustomerRow
import dev.counterpart.model.EmployeeRow
import kotlinx.coroutines.Job
import java.time.DayOfWeek
import java.time.LocalDate
import java.time.YearMonth
import java.time.temporal.TemporalAdjusters

/** An appointment in the calendar. */
data class AppointmentLine(
    val row: AppointmentRow,
    val mark: Mark = Mark(),
    val assignee: String? = null,
    /** Whether this person may move it, or say how far it got. */
    val editable: Boolean = true,
)

/** One day of the calendar. */
data class CalendarDay(
    val date: LocalDate,
    val lines: List<AppointmentLine>,
)

/** An appointment as it was before somebody changed how far it got. */
data class AppointmentUndo(
    val id: AppointmentId,
    val state: AppointmentState,
)

/** Days that lie further back than this device keeps: they are being fetched, or cannot be now. */
enum class Older { FETCHING, NOT_HERE }

/** What the calendar shows. */
data class AppointmentsState(
    val loading: Boolean = true,
    val today: LocalDate,
    val day: LocalDate = today,
    val week: Boolean = false,
    val days: List<CalendarDay> = emptyList(),
    /** Nothing while everything of the days that are shown is on this device. */
    val older: Older? = null,
    val onlyMine: Boolean = false,
    val canFilterMine: Boolean = false,
    val people: List<EmployeeRow> = emptyList(),
    val rights: Set<Right> = emptySet(),
    val form: AppointmentForm? = null,
    val found: List<CustomerRow> = emptyList(),
    val undo: AppointmentUndo? = null,
    val problem: Problem? = null,
)

/** What a person can do with the calendar. */
interface AppointmentsActions {
    fun earlier()

    fun later()

    fun today()

    fun week(week: Boolean)

    fun onlyMine(mine: Boolean)

    /** Asks the server once more for the days that are not here. */
    fun fetchOlder()

    fun begin()

    fun edit(row: AppointmentRow)

    fun fill(form: AppointmentForm)

    fun choose(customer: CustomerRow)

    fun save()

    fun cancel()

    fun advance(
        row: AppointmentRow,
        to: AppointmentState,
    )

    fun undo()

    fun dismiss()
}

/** The calendar: a day or a week of the shop, kept current. */
class Appointments(
    private val desk: Desk,
) : ScreenModel<AppointmentsState>(AppointmentsState(today = desk.today, canFilterMine = desk.who.actor != null, rights = Rights.of(desk.who))),
    AppointmentsActions {
    private val shop = desk.shop
    private val kept = Kept(desk, "appointment", ::follow)
    private val late = LateFailure(scope, desk.clock)
    private var watching: Job? = null
    private var fetching: Job? = null
    private var began: Appointment? = null
    private var seen: Seen? = null

    init {
        late.marks.collectIn(scope) { marks -> show { copy(days = days.map { it.marked(marks) }) } }
        follow {
            val people = shop.employees()
            show { copy(people = people.filter { it.active }) }
            watch()
            readDraft()
        }
        follow {
            shop.changes().collect {
                tellMarks()
                if (now.older == Older.NOT_HERE && missing().isEmpty()) show { copy(older = null) }
            }
        }
    }

    override suspend fun keepTyped() = kept.now()

    private suspend fun readDraft() {
        val typed = kept.read().ifEmpty { return }
        val record = typed["id"]?.let { shop.appointment(AppointmentId(it)) }
        val resumed = record?.let { Resumed.of(typed, seenNow(it), AppointmentForm.CUSTOMER, AppointmentForm.SLOT) }
        // Who was quicker to type than the disk to read keeps what they typed.
        if (now.form != null) return
        seen = resumed?.let { Seen(it.seen, it.stamp) }
        began = record?.let { resumed?.seenIn(it) }
        show { copy(form = AppointmentForm.of(resumed?.typed ?: typed)) }
    }

    private suspend fun seenNow(appointment: Appointment): Seen {
        val customer = shop.customer(appointment.customerId)?.called.orEmpty()
        return Seen(AppointmentForm.of(appointment, customer, desk.zone).texts(), appointment.meta.stamp)
    }

    /** The record as it was seen when somebody began to type over it. */
    private fun Resumed.seenIn(now: Appointment) = AppointmentForm.of(seen).on(now, desk.zone).copy(meta = now.meta.copy(stamp = stamp))

    override fun AppointmentsState.with(problem: Problem?) = copy(problem = problem)

    override fun earlier() = move(now.day.minusDays(if (now.week) 7 else 1))

    override fun later() = move(now.day.plusDays(if (now.week) 7 else 1))

    override fun today() = move(desk.today)

    private fun move(day: LocalDate) {
        show { copy(today = desk.today, day = day) }
        watch()
    }

    override fun week(week: Boolean) {
        show { copy(week = week) }
        watch()
    }

    override fun onlyMine(mine: Boolean) {
        show { copy(onlyMine = mine) }
        watch()
    }

    /** Looks at other days: what was watched before is let go. */
    private fun watch() {
        watching?.cancel()
        val days = shown()
        val first = days.first()
        val assignee = desk.who.actor?.takeIf { now.onlyMine }?.let(::EmployeeId)
        watching =
            follow {
                shop.calendars(desk.startOf(first), desk.startOf(days.last().plusDays(1)), assignee).collect { lay(days, it) }
            }
        fetchOlder()
    }

    private fun shown(): List<LocalDate> {
        val first = if (now.week) now.day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)) else now.day
        return List(if (now.week) 7 else 1) { first.plusDays(it.toLong()) }
    }

    override fun fetchOlder() {
        fetching?.cancel()
        fetching =
            follow {
                val months = missing()
                show { copy(older = if (months.isEmpty()) null else Older.FETCHING) }
                try {
                    for (month in months) shop.fetchBetween(RecordKind.APPOINTMENT, desk.startOf(month.atDay(1)), desk.startOf(month.plusMonths(1).atDay(1)))
                    show { copy(older = null) }
                } catch (wrong: ShopException) {
                    show { copy(older = Older.NOT_HERE) }
                    if (!wrong.needsServer) throw wrong
                }
            }
    }

    /** The months of which days are shown that are not all on this device. A month is asked for as a whole, so that it is once. */
    private suspend fun missing(): List<YearMonth> =
        shown().groupBy(YearMonth::from).filterNot { (_, days) -> isHere(days) }.keys.toList()

    private suspend fun isHere(days: List<LocalDate>) =
        shop.hasBetween(RecordKind.APPOINTMENT, desk.startOf(days.first()), desk.startOf(days.last().plusDays(1)))

    private suspend fun lay(
        days: List<LocalDate>,
        rows: List<AppointmentRow>,
    ) {
        val names = now.people.associate { it.id.value to it.name }
        late.tell(shop.marks(RecordKind.APPOINTMENT, rows.map { it.id.value }))
        val marks = late.marks.value
        val lines =
            rows.map {
                val assignee = it.assigneeId?.value
                AppointmentLine(it, marks[it.id.value] ?: Mark(), assignee?.let(names::get), Rights.appointment(desk.who, assignee))
            }
        // What began before midnight stands on both days.
        val laid =
            days.map { day ->
                val (from, until) = desk.startOf(day) to desk.startOf(day.plusDays(1))
                CalendarDay(day, lines.filter { it.row.slot.startsAt < until && it.row.slot.endsAt > from })
            }
        show { copy(loading = false, days = laid) }
    }

    private suspend fun tellMarks() =
        late.tell(shop.marks(RecordKind.APPOINTMENT, now.days.flatMap { day -> day.lines.map { it.row.id.value } }.distinct()))

    private fun CalendarDay.marked(marks: Map<String, Mark>) =
        copy(lines = lines.map { line -> line.copy(mark = marks[line.row.id.value] ?: line.mark) })

    override fun begin() {
        began = null
        seen = null
        val assignee = desk.who.actor
        show { copy(form = AppointmentForm(date = "$day", assignee = assignee), found = emptyList()) }
    }

    override fun edit(row: AppointmentRow) {
        work {
            val before = shop.appointment(row.id) ?: return@work
            shop.view(RecordKind.APPOINTMENT, row.id.value)
            val form = AppointmentForm.of(before, row.customer, desk.zone)
            began = before
            seen = Seen(form.texts(), before.meta.stamp)
            show { copy(form = form, found = emptyList()) }
        }
    }

    override fun fill(form: AppointmentForm) {
        val before = now.form
        show { copy(form = form) }
        kept.soon(form.texts(), seen)
        if (before?.words != form.words) follow { look(form.words) }
    }

    private suspend fun look(words: String) {
        val typed = words.trim()
        val found =
            when {
                typed.isEmpty() -> emptyList()
                typed.all { it.isDigit() || it in "+ -/()" } -> shop.customersByPhone(typed, FOUND)
                else -> shop.customersByName(typed, FOUND)
            }
        // An answer to an older question is of no use.
        show { if (form?.words == words) copy(found = found) else this }
    }

    override fun choose(customer: CustomerRow) {
        val form = now.form?.copy(customer = customer.id.value, words = customer.name) ?: return
        show { copy(form = form, found = emptyList()) }
        kept.soon(form.texts(), seen)
    }

    override fun save() {
        val form = now.form ?: return
        val wrong = form.wrong()
        if (wrong != null) {
            show { copy(problem = wrong) }
            return
        }
        workOnce {
            val before = began
            if (before == null) shop.createAppointment(form.on(blankAppointment(), desk.zone)) else shop.editAppointment(before, form.on(before, desk.zone))
            kept.drop()
            show { copy(form = null, found = emptyList()) }
        }
    }

    override fun cancel() {
        work {
            kept.drop()
            show { copy(form = null, found = emptyList()) }
        }
    }

    override fun advance(
        row: AppointmentRow,
        to: AppointmentState,
    ) {
        work {
            set(row.id, to)
            show { copy(undo = AppointmentUndo(row.id, row.state)) }
        }
    }

    override fun undo() {
        val undo = now.undo ?: return
        work {
            set(undo.id, undo.state)
            show { copy(undo = null) }
        }
    }

    private suspend fun set(
        id: AppointmentId,
        state: AppointmentState,
    ) {
        val before = shop.appointment(id) ?: return
        shop.editAppointment(before, before.copy(state = state))
    }

    companion object {
        private const val FOUND = 5u

        /** For how long somebody comes, in minutes. */
        val LENGTHS = listOf(15L, 30L, 60L, 120L)

        /** What somebody may come for. */
        val KINDS = listOf(AppointmentKind.DropOff, AppointmentKind.PickUp, AppointmentKind.Consultation, AppointmentKind.OnSite)
    }
}
