package dev.counterpart.app

import dev.counterpart.BoardPage
import dev.counterpart.RecordKind
import dev.counterpart.badgeCounts
import dev.counterpart.boards
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
    private var next: Key? = null
    private var first: List<TicketRow> = emptyList()
    private var further: List<TicketRow> = emptyList()
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
        val after = next ?: return
        work {
            val page = shop.board(filter(), after, WINDOW)
            further = further + page.rows
            next = page.next
            lay()
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
                further = emptyList()
                // Closed tickets are found by searching alone.
                val since = if (words.isEmpty()) null else heldSince()
                show { copy(olderSince = since) }
                if (words.isEmpty()) shop.boards(filter(), WINDOW).collect(::begin) else found(words)
            }
    }

    private suspend fun found(words: String) {
        val numbered = shop.ticketByNumber(words)
        val rows = (listOfNotNull(numbered) + shop.findTickets(words, WINDOW)).distinctBy { it.id }
        begin(BoardPage(rows, null))
    }

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

    private suspend fun begin(page: BoardPage) {
        first = page.rows
        if (further.isEmpty()) next = page.next
        lay()
    }

    private suspend fun lay() {
        val at = desk.clock.now()
        // A ticket that came up into the first window is not shown a second time further down.
        val tickets = (first + further).distinctBy { it.id }
        val marks = shop.marks(RecordKind.TICKET, tickets.map { it.id.value })
        late.tell(marks)
        val shown = late.marks.value
        show { copy(loading = false, more = next != null, rows = tickets.map { row(it, shown[it.id.value] ?: Mark(), at) }) }
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
        const val STALE_DAYS = 3L

        /** A device keeps closed tickets for as long, and as much again is fetched at a time. */
        const val STRETCH_DAYS = 90L

        /** Ten years. */
        const val MOST_STRETCHES = 40L
    }
}
