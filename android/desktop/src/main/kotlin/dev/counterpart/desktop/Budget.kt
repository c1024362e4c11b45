package dev.counterpart.desktop

import dev.counterpart.ImportLayout
import dev.counterpart.Shop
import dev.counterpart.app.Board
import dev.counterpart.app.BoardState
import dev.counterpart.app.Desk
import dev.counterpart.app.OpenTicket
import dev.counterpart.boards
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.BoardOrder
import dev.counterpart.model.Format
import dev.counterpart.model.ImportOptions
import dev.counterpart.model.TicketRow
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.nio.file.Files
import java.util.Locale
import kotlin.system.exitProcess

private const val TICKETS = 10_000
private const val CUSTOMERS = 1_000
private const val PAIRS = 44
private const val WARM_UP = 4
private const val WINDOW = 50u
private const val PATIENCE_MS = 120_000L

/**
 * What the screens promise of themselves, measured from their models on a board of 10,000 tickets, in turn with the same
 * asked of the package without a model: a line for each of the rows that are named. With `--kept` a promise that is not
 * kept is a failure.
 */
fun main(arguments: Array<String>) {
    val (settings, names) = arguments.partition { it.startsWith("--") }
    val kept =
        runBlocking {
            val hub = Hub()
            val (front, bench) = Device.open() to Device.open()
            try {
                val budget = Budget(front.signIn(hub, hub.owner).also { fill(it) }, bench.signIn(hub, hub.owner))
                budget.rows().filter { names.isEmpty() || it.name in names }.map { it.measured("--json" in settings) }.all { it }
            } finally {
                front.close()
                bench.close()
                hub.close()
            }
        }
    exitProcess(if (kept || "--kept" !in settings) 0 else 1)
}

/** A promise in milliseconds, and both sides of its measurement, which are told how often they were asked before. */
private class Row(
    val name: String,
    private val promised: Double,
    private val ours: suspend (Int) -> Long,
    private val floor: suspend (Int) -> Long,
) {
    /** Says what was measured, and whether it is what was promised. */
    suspend fun measured(json: Boolean): Boolean {
        val pairs = List(PAIRS) { ours(2 * it) to floor(2 * it + 1) }.drop(WARM_UP)
        val (ours, floor) = median(pairs.map { it.first }) to median(pairs.map { it.second })
        val (form, ratio) = (if (json) JSON else TABLE) to ours / floor
        println(form.format(Locale.ROOT, name, "ms", ours, floor, ratio, pairs.size))
        return ours < promised
    }

    private fun median(took: List<Long>) = took.sorted()[took.size / 2] / 1e6

    private companion object {
        const val JSON = """{"name":"%s","unit":"%s","ours":%.3f,"floor":%.3f,"ratio":%.3f,"n":%d}"""
        const val TABLE = "%-26s %4s %12.3f %12.3f %7.2f %6d"
    }
}

/** One shop on two devices. */
private class Budget(
    private val front: Shop,
    private val bench: Shop,
) {
    private val open = BoardFilter(emptyList(), null, null, BoardOrder.UPDATED)

    suspend fun rows(): List<Row> {
        searchable()
        val (desk, other) = listOf(front, bench).map { Desk(it, it.who(), "EUR") }
        return listOf(
            Row("board_first_window", 50.0, { board(other) }, { boardRead(other) }),
            Row("board_search_key", 16.0, { key(other, it) }, { keyRead(it) }),
            Row("board_search_common", 16.0, { common(other, it) }, { commonRead(it) }),
            Row("board_other_device", 100.0, { across(desk, other, it) }, { acrossRead(it) }),
        )
    }

    /** The search comes behind the writes: it is asked until it has caught up. */
    private suspend fun searchable() {
        for (shop in listOf(front, bench)) {
            withTimeout(PATIENCE_MS) { while (shop.findTickets(word(TICKETS - 1), 1u).isEmpty()) yield() }
        }
    }

    /** From the moment that the board is opened until its first window and its counts are there. */
    private suspend fun board(desk: Desk): Long {
        val began = System.nanoTime()
        Board(desk).use { board -> board.until { it.rows.size >= WINDOW.toInt() && it.badges?.open == TICKETS.toUInt() } }
        return System.nanoTime() - began
    }

    private suspend fun boardRead(desk: Desk): Long =
        timed {
            check(bench.board(open, null, WINDOW).rows.size == WINDOW.toInt()) { "the board is not full" }
            bench.badges(desk.startOf(desk.today), desk.startOf(desk.today.plusDays(1)))
        }

    /** From a key pressed in the search until what it finds is there. */
    private suspend fun key(
        desk: Desk,
        index: Int,
    ): Long =
        Board(desk).use { board ->
            board.until { it.rows.size >= WINDOW.toInt() && it.badges != null }
            val wanted = word(4_000 + index)
            timed {
                board.search(wanted)
                board.until { it.rows.singleOrNull()?.ticket?.subject == subject(4_000 + index) }
            }
        }

    private suspend fun keyRead(index: Int): Long =
        timed {
            bench.ticketByNumber(word(4_000 + index))
            bench.findTickets(word(4_000 + index), WINDOW)
        }

    /** The same where every ticket has what was typed: the first fifty that come of it. */
    private suspend fun common(
        desk: Desk,
        index: Int,
    ): Long =
        Board(desk).use { board ->
            board.until { it.rows.size >= WINDOW.toInt() && it.more && it.badges != null }
            timed {
                board.search(COMMON[index / 2 % COMMON.size])
                // What is found has an end, the board of all of them goes on.
                board.until { it.rows.size == WINDOW.toInt() && !it.more }
            }
        }

    private suspend fun commonRead(index: Int): Long =
        timed {
            val words = COMMON[index / 2 % COMMON.size]
            bench.ticketByNumber(words)
            check(bench.findTickets(words, WINDOW).size == WINDOW.toInt()) { "not found: $words" }
        }

    /** From the end of what was typed on one device until another's board has the ticket first. */
    private suspend fun across(
        from: Desk,
        to: Desk,
        index: Int,
    ): Long {
        val ticket = found(6_000 + index)
        return Board(to).use { board ->
            board.until { it.rows.size >= WINDOW.toInt() }
            OpenTicket(from, ticket.id).use { open ->
                open.state.first { it.view != null }
                open.writeDiagnosis("Digitizer dead")
                timed {
                    open.saveText()
                    board.until { it.rows.first().ticket.id == ticket.id }
                }
            }
        }
    }

    private suspend fun acrossRead(index: Int): Long {
        val ticket = found(6_000 + index)
        val before = checkNotNull(front.ticket(ticket.id))
        return coroutineScope {
            val boards = bench.boards(open, WINDOW).produceIn(this)
            boards.receive()
            timed {
                front.editTicket(before, before.copy(diagnosis = "Digitizer dead"))
                while (boards.receive().rows.first().id != ticket.id) continue
            }.also { boards.cancel() }
        }
    }

    private suspend fun found(index: Int): TicketRow = front.findTickets(word(index), 1u).single()
}

private fun subject(index: Int) = "Screen cracked in ${word(index)}"

/** What is typed on the way to words that every ticket has. */
private val COMMON = listOf("s", "scr", "screen", "screen cra", "screen cracked in")

/** Not its number, which others have for a subject: only this ticket is found by it. */
private fun word(index: Int) = "case$index"

private suspend fun fill(shop: Shop) {
    val folder = Files.createTempDirectory("budget")
    val customers = folder.resolve("customers.csv")
    Files.write(customers, listOf("id,last_name") + List(CUSTOMERS) { "$it,Customer $it" })
    val tickets = folder.resolve("tickets.csv")
    Files.write(tickets, listOf("id,customer,subject,brand,model") + List(TICKETS) { "$it,${it % CUSTOMERS},${subject(it)},Apple,iPhone 14" })
    for ((file, layout) in listOf(customers to ImportLayout.CUSTOMERS, tickets to ImportLayout.TICKETS)) {
        val options = ImportOptions("budget", Format.CSV, null, null, null, null, 0, false)
        val report = shop.importFrom("$file", layout, options, null)
        check(report.refused == 0uL) { "${report.refusals}" }
    }
    folder.toFile().deleteRecursively()
    shop.sync()
}

private suspend fun timed(work: suspend () -> Unit): Long {
    val began = System.nanoTime()
    work()
    return System.nanoTime() - began
}

private suspend fun Board.until(wanted: (BoardState) -> Boolean) = state.first(wanted)
