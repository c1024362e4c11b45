package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.badgeCounts
import dev.counterpart.changes
import dev.counterpart.ids.EmployeeId
import dev.counterpart.model.Badges
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.BoardOrder
import dev.counterpart.model.Key
import dev.counterpart.model.TicketRow
import dev.counterpart.model.TicketStatus
import dev.counterpart.states
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import java.time.Duration
import java.time.Instant
import java.time.LocalDate

/** One ticket on the board. */
data class BoardRow(
    val ticket: TicketRow,
    val mark: Mark = Mark(),
    val overdue: Boolean = false,
    /** For how many days nobody touched it, if that is worth saying. */
    val staleDays: Long? = null,
    val assignee: String? = null,
    /** Where one swipe brings it, if anywhere. */
    val next: TicketStatus? = null,
    /** Whether the other swipe makes it this person's. */
    val canTake: Boolean = false,
)

/** What was done to a ticket without opening it: moved, or taken on where it has not moved. */
data class Swiped(
    val before: TicketRow,
    val to: TicketStatus? = null,
    val canUndo: Boolean = true,
)

/** What the board shows. */
data class BoardState(
    val loading: Boolean = true,
    val rows: List<BoardRow> = emptyList(),
    val more: Boolean = false,
    val status: TicketStatus? = null,
    val onlyMine: Boolean = false,
    val canFilterMine: Boolean = false,
    val words: String = "",
    /** While somebody searches: tickets that were closed before this day are on the server alone. */
    val olderSince: LocalDate? = null,
    val fetchingOlder: Boolean = false,
    val badges: Badges? = null,
    val swiped: Swiped? = null,
    val problem: Problem? = null,
)

/** What a person can do on the board. */
interface BoardActions {
    fun search(words: String)

    fun filter(status: TicketStatus?)

    fun onlyMine(mine: Boolean)

    fun showMore()

    /** Fetches tickets that were closed further back, and searches them too. */
    fun fetchOlder()

    /** Moves a ticket one step on. */
    fun advance(row: BoardRow)

    /** Makes a ticket this person's. */
    fun take(row: BoardRow)

    fun undo()

    /** What was done was read. */
    fun leave()

    fun dismiss()
}

/** The ticket board: windows of fifty after a key, kept current. */
class Board(
    private val desk: Desk,
) : ScreenModel<BoardState>(BoardState(canFilterMine = desk.who.actor != null)),
    BoardActions {
    private val shop = desk.shop
    private var watching: Job? = null
    private var names: Map<String, String> = emptyMap()

    /** What is on the board, in how many windows, and where the next one begins. */
    private var tickets: List<TicketRow> = emptyList()
    private var windows = 1
    private var next: Key? = null

    /** How many windows somebody asked for, and how often the board was read. */
    private var wanted = 1
    private var looks = 0
    private val late = LateFailure(scope, desk.clock)

    init {
        late.marks.collectIn(scope) { marks ->
            show { copy(rows = rows.map { row -> row.copy(mark = marks[row.ticket.id.value] ?: row.mark) }) }
        }
        follow {
            names = shop.employees().associate { it.id.value to it.name }
            watch()
        }
        val today = desk.today
        follow { shop.badgeCounts(desk.startOf(today), desk.startOf(today.plusDays(1))).collect { badges -> show { copy(badges = badges) } } }
        // A mark changes without its ticket when the queue moves on.
        follow {
            shop.states().map { Triple(it.pending, it.failed, it.syncing) }.distinctUntilChanged().collect {
                tellMarks()
                // What could not be fetched may have come since.
                if (now.olderSince != null && heldSince() != now.olderSince) watch()
            }
        }
    }

    override fun BoardState.with(problem: Problem?) = copy(problem = problem, fetchingOlder = fetchingOlder && problem == null)

    override fun search(words: String) {
        show { copy(words = words) }
        watch()
    }

    override fun filter(status: TicketStatus?) {
        show { copy(status = status) }
        watch()
    }

    override fun onlyMine(mine: Boolean) {
        show { copy(onlyMine = mine) }
        watch()
    }

    override fun showMore() {
        work {
            if (next == null) return@work
            // Asked for twice before it came, it is one window more all the same.
            wanted = windows + 1
            look()
        }
    }

    override fun fetchOlder() {
        if (now.fetchingOlder) return
        show { copy(fetchingOlder = true) }
        work {
            heldStretches()?.let { shop.fetchDays(RecordKind.TICKET, ((it + 1) * STRETCH_DAYS).toUInt()) }
            show { copy(fetchingOlder = false) }
            watch()
        }
    }

    override fun advance(row: BoardRow) {
        val (ticket, to) = row.ticket to (row.next ?: return)
        work {
            shop.transition(ticket.id, to, null)
            val back = shop.ticket(ticket.id)?.let { Steps.of(it, desk.who, desk.clock.now()) }.orEmpty()
            show { copy(swiped = Swiped(ticket, to, ticket.status in back)) }
        }
    }

    override fun take(row: BoardRow) {
        val me = desk.who.actor?.let(::EmployeeId) ?: return
        work {
            shop.assign(row.ticket.id, me)
            show { copy(swiped = Swiped(row.ticket)) }
        }
    }

    override fun undo() {
        val swiped = now.swiped ?: return
        val before = swiped.before
        work {
            if (swiped.to == null) shop.assign(before.id, before.assigneeId) else shop.transition(before.id, before.status, null)
            leave()
        }
    }

    override fun leave() = show { copy(swiped = null) }

    private fun filter() =
        BoardFilter(listOfNotNull(now.status), desk.who.actor?.takeIf { now.onlyMine }?.let(::EmployeeId), null, BoardOrder.UPDATED)

    /** Looks with other eyes: what was watched before is let go. */
    private fun watch() {
        watching?.cancel()
        val words = now.words.trim()
        watching =
            follow {
                wanted = 1
                next = null
                // Closed tickets are found by searching alone.
                val since = if (words.isEmpty()) null else heldSince()
                show { copy(olderSince = since) }
                shop.changes(RecordKind.TICKET, RecordKind.CUSTOMER).collect { look() }
            }
    }

    /** Reads again what is on the board, further windows too: what was swiped away there is gone there. */
    private suspend fun look() {
        looks += 1
        val (look, count) = looks to wanted
        val (words, filter) = now.words.trim() to filter()
        val (rows, after) = if (words.isEmpty()) read(filter, count) else found(words, filter) to null
        // Somebody looks with other eyes by now, or a newer look is under way.
        if (look != looks || words != now.words.trim() || filter != filter()) return
        tickets = rows
        windows = count
        next = after
        lay()
    }

    /** So many windows, and where the one after them begins. */
    private suspend fun read(
        filter: BoardFilter,
        count: Int,
    ): Pair<List<TicketRow>, Key?> {
        var page = shop.board(filter, null, WINDOW)
        var rows = page.rows
        repeat(count - 1) {
            val after = page.next ?: return@repeat
            page = shop.board(filter, after, WINDOW)
            rows = rows + page.rows
        }
        return rows.distinctBy { it.id } to page.next
    }

    /** What the words find, as far as the board's filters let it through. */
    private suspend fun found(
        words: String,
        filter: BoardFilter,
    ): List<TicketRow> {
        val sifted = filter.statuses.isNotEmpty() || filter.assignee != null
        val found = listOfNotNull(shop.ticketByNumber(words)) + shop.findTickets(words, if (sifted) SIFTED else WINDOW)
        return found.distinctBy { it.id }.filter { it.passes(filter) }.take(WINDOW.toInt())
    }

    private fun TicketRow.passes(filter: BoardFilter) =
        (filter.statuses.isEmpty() || status in filter.statuses) && (filter.assignee == null || filter.assignee == assigneeId)

    /** Before which day closed tickets are not on this device; nothing where all are. */
    private suspend fun heldSince(): LocalDate? = heldStretches()?.let { desk.today.minusDays(it * STRETCH_DAYS) }

    /** How many stretches of days back from now are on this device without a gap; nothing where there is no end of them. */
    private suspend fun heldStretches(): Long? {
        val at = desk.clock.now()
        return (1L..MOST_STRETCHES).firstOrNull { stretch ->
            // A day less: the server cut at its own clock.
            val from = at.minus(Duration.ofDays((stretch + 1) * STRETCH_DAYS - 1))
            !shop.hasBetween(RecordKind.TICKET, from, at)
        }
    }

    private suspend fun lay() {
        val (at, laid) = desk.clock.now() to tickets
        val marks = shop.marks(RecordKind.TICKET, laid.map { it.id.value })
        // What was read later is laid by itself.
        if (laid !== tickets) return
        late.tell(marks)
        val shown = late.marks.value
        show { copy(loading = false, more = next != null, rows = laid.map { row(it, shown[it.id.value] ?: Mark(), at) }) }
    }

    private suspend fun tellMarks() = late.tell(shop.marks(RecordKind.TICKET, now.rows.map { it.ticket.id.value }))

    private fun row(
        ticket: TicketRow,
        mark: Mark,
        at: Instant,
    ): BoardRow {
        val untouched = Duration.between(ticket.updatedAt, at).toDays()
        return BoardRow(
            ticket,
            mark,
            overdue = ticket.dueAt?.isBefore(at) == true,
            staleDays = untouched.takeIf { it >= STALE_DAYS },
            assignee = ticket.assigneeId?.let { names[it.value] },
            next = Steps.likeliest(ticket.status, desk.who),
            canTake = desk.who.actor != null && ticket.assigneeId?.value != desk.who.actor,
        )
    }

    private companion object {
        const val WINDOW = 50u

        /** So many that the words find are looked through where filters let only some of them pass. */
        const val SIFTED = 500u
        const val STALE_DAYS = 3L

        /** A device keeps closed tickets for as long, and as much again is fetched at a time. */
        const val STRETCH_DAYS = 90L

        /** Ten years. */
        const val MOST_STRETCHES = 40L
    }
}
