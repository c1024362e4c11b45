package dev.counterpart.tests

import dev.counterpart.BoardPage
import dev.counterpart.FolderStorage
import dev.counterpart.Shop
import dev.counterpart.Terminal
import dev.counterpart.TerminalOptions
import dev.counterpart.boards
import dev.counterpart.model.Account
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.BoardOrder
import dev.counterpart.model.Key
import dev.counterpart.model.Ticket
import dev.counterpart.model.TicketRow
import dev.counterpart.model.TicketStatus
import dev.counterpart.open
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.runBlocking
import java.nio.file.Path

private val OPEN = BoardFilter(emptyList(), null, null, BoardOrder.DUE)
private val CLOSED =
    BoardFilter(
        listOf(TicketStatus.PickedUp, TicketStatus.Cancelled, TicketStatus.Abandoned),
        null,
        null,
        BoardOrder.UPDATED,
    )

/**
 * The Kotlin side of the benchmarks: `cargo xtask bench kotlin` runs it beside Rust. It opens the shop in a folder, does
 * what each line of its input names, and answers with the nanoseconds that it took.
 */
fun main(arguments: Array<String>) =
    runBlocking {
        val folder = Path.of(arguments[0])
        val options = TerminalOptions(survivesPowerCuts = arguments[1] == "power-cuts")
        val terminal = Terminal.open(folder.resolve("data"), FolderStorage(folder.resolve("keys")), options = options)
        val shop = terminal.enter(Account("ada", "owner", false, null), "shop-1")
        coroutineScope {
            val bench = Bench.of(shop, this)
            println("ready")
            for (word in generateSequence(::readLine).takeWhile { it != "end" }) println(bench.does(word))
            bench.close()
        }
        terminal.shutDown()
        shop.close()
        terminal.close()
    }

/** What the lines of the input ask for. */
private class Bench(
    private val shop: Shop,
    private val tickets: List<Ticket>,
    private val boards: ReceiveChannel<BoardPage>,
) {
    private var at = 0

    suspend fun does(word: String): Long =
        when (word) {
            "save" -> save()
            "get" -> get()
            "list" -> list()
            "observe" -> observe()
            "rows" -> rows()
            else -> error("nobody asked for $word")
        }.also { at += 1 }

    fun close() = boards.cancel()

    private suspend fun save(): Long {
        val before = tickets[at % tickets.size]
        val diagnosis = "Connector J$at reseated, display tested with a spare, no other damage was found."
        val after = before.copy(diagnosis = diagnosis, estimateCents = 12_900L + at)
        return timed { shop.editTicket(before, after) }
    }

    private suspend fun get(): Long {
        val ids = List(10) { tickets[(at * 10 + it) % tickets.size].id }
        return timed { ids.forEach { shop.ticket(it) } } / 10
    }

    private suspend fun list(): Long {
        var rows = 0
        val took = timed { rows = shop.board(OPEN, null, 50u).rows.size }
        check(rows == 50) { "the board does not show 50 tickets" }
        return took
    }

    private suspend fun observe(): Long {
        val first = shop.board(OPEN, null, 1u).rows.single()
        val before = checkNotNull(shop.ticket(first.id))
        val after = before.copy(subject = "No. $at")
        return timed {
            shop.editTicket(before, after)
            while (boards.receive().rows.first().subject != after.subject) continue
        }
    }

    private suspend fun rows(): Long {
        var rows = 0
        val took = timed { rows = windows(shop, 10_000).size }
        check(rows >= 10_000) { "there are too few rows" }
        return took
    }

    companion object {
        suspend fun of(
            shop: Shop,
            scope: CoroutineScope,
        ): Bench {
            val tickets = windows(shop, 3_000).take(3_000).mapNotNull { shop.ticket(it.id) }
            val boards = shop.boards(OPEN).produceIn(scope)
            boards.receive()
            return Bench(shop, tickets, boards)
        }
    }
}

private suspend fun timed(work: suspend () -> Unit): Long {
    val begin = System.nanoTime()
    work()
    return System.nanoTime() - begin
}

/** Rows of closed tickets, window after window, from the beginning again where they end. */
private suspend fun windows(
    shop: Shop,
    rows: Int,
): List<TicketRow> {
    val read = mutableListOf<TicketRow>()
    var after: Key? = null
    while (read.size < rows) {
        val page = shop.board(CLOSED, after, 500u)
        check(page.rows.isNotEmpty() || read.isNotEmpty()) { "there are no closed tickets" }
        read += page.rows
        after = page.next
    }
    return read
}
