package dev.counterpart.app

import dev.counterpart.ServerAddress
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.ids.TicketId
import dev.counterpart.model.NoteKind
import dev.counterpart.model.Priority
import dev.counterpart.model.Status
import dev.counterpart.model.TicketStatus
import dev.counterpart.trial.Account
import dev.counterpart.trial.Device
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.runBlocking
import kotlin.concurrent.thread
import kotlin.properties.Delegates
import kotlin.system.exitProcess

/**
 * The phone of the day that it shares with an iPad. `cargo xtask test day` starts both and asks for the story's steps, one
 * after the other: a line names the step and the word that was said last, the answer says that it is done.
 */
fun main() {
    val worked = runCatching { runBlocking { work() } }.onFailure { System.err.println("The phone: ${it.stackTraceToString()}") }
    exitProcess(if (worked.isSuccess) 0 else 1)
}

private suspend fun work() {
    val lines = asked()
    val bench = Workbench.open()
    for ((name, does) in bench.steps) {
        val line = lines.receive()
        val (step, word) = line.split('\t', limit = 2)
        check(step == name) { "“$line” is asked for, and “$name” is next" }
        bench.word = word
        does()
        println("done ${bench.word}")
    }
}

/** What is asked for, a line at a time. Where nobody can ask any more, the program ends. */
private fun asked(): Channel<String> {
    val lines = Channel<String>(Channel.UNLIMITED)
    thread(isDaemon = true) {
        while (true) lines.trySend(readlnOrNull() ?: exitProcess(1))
    }
    return lines
}

private fun given(name: String) = System.getenv("COUNTERPART_$name") ?: error("COUNTERPART_$name is not set")

private fun waitsFor(what: String) = println("waits for $what")

/** Waits until the screen shows what is wanted, and says so meanwhile. */
private suspend fun <S : Any> ScreenModel<S>.shows(
    what: String,
    wanted: (S) -> Boolean,
): S {
    waitsFor(what)
    return until(wanted)
}

/** Bo's day at the bench. */
private class Workbench(
    private val bo: Person,
    private val desk: Desk,
) {
    /** What was said last, by him or on the iPad: a ticket's number. */
    var word = ""

    private val board = Board(desk)
    private var item: InventoryItemId by Delegates.notNull()
    private var first: TicketId by Delegates.notNull()
    private var second: TicketId by Delegates.notNull()

    val steps: List<Pair<String, suspend () -> Unit>> =
        listOf(
            "finds them there" to ::findShelf,
            "sees it come onto the board" to ::seeFirst,
            "takes that one on, looks into it and says what is wrong" to ::diagnose,
            "sees that it is urgent, and loses the network" to ::seeUrgent,
            "uses a screen on the other" to ::usePart,
            "is back online, and counts four" to ::countFour,
            "loses the network again" to ::goOffline,
            "writes something else in the same place" to ::writeProblem,
            "is back online, finds both in its sync centre, and writes its own words" to ::decide,
            "makes the other one ready" to ::makeReady,
            "sees it leave the board" to ::seeItGone,
            "goes home with nothing unsent" to ::goHome,
        )

    private suspend fun findShelf() {
        Inventory(desk) {}.use { shelf ->
            shelf.search("iphone")
            val found = shelf.shows("six screens on the shelf") { it.rows.singleOrNull()?.row?.quantity == 6L }
            item = found.rows.single().row.id
        }
    }

    private suspend fun seeFirst() {
        first = arrived("Does not charge")
    }

    private suspend fun diagnose() {
        second = arrived("Screen cracked")
        board.take(checkNotNull(board.state.value.row(second)))
        board.shows("his name beside it") { it.row(second)?.assignee == "Bo Lindqvist" }
        OpenTicket(desk, second).use { ticket ->
            ticket.moveTo(TicketStatus.Diagnosing)
            ticket.writeDiagnosis("Digitizer dead")
            ticket.saveText()
            ticket.shows("the diagnosis") { it.view?.ticket?.diagnosis == "Digitizer dead" && it.diagnosisText == null }
            ticket.writeNote("Call before five")
            ticket.addNote(NoteKind.Internal)
            ticket.shows("the note") { it.view?.notes?.size == 1 && it.note.isEmpty() }
        }
    }

    private suspend fun seeUrgent() {
        board.shows("“urgent” on the board") { it.row(second)?.ticket?.priority == Priority.Urgent }
        goOffline()
    }

    private suspend fun usePart() {
        OpenTicket(desk, second).use { ticket ->
            ticket.findPart("iphone")
            ticket.shows("the part") { it.parts.map { part -> part.id } == listOf(item) }
            ticket.usePart(item)
            ticket.shows("the part on the bill") { it.view?.lines?.map { line -> line.inventoryItemId } == listOf(item) && it.parts.isEmpty() }
        }
        counts(5)
    }

    private suspend fun countFour() {
        goOnline()
        counts(4)
        sendAll()
    }

    private suspend fun writeProblem() {
        waitsFor("the ticket's text to be written")
        write(desk, first, "Dead, and it was wet")
        board.shows("that it is not sent") { it.row(first)?.mark?.status == Status.PENDING }
    }

    private suspend fun decide() {
        goOnline()
        SyncCentre(desk, bo.session).use { centre ->
            val found = centre.shows("two versions in the sync centre") { it.conflicts.isNotEmpty() }.conflicts.single()
            val versions = listOf("Dead, and it was wet", "Dead since Monday").map(TrailValue::Text)
            check(setOf(found.mine, found.theirs) == versions.toSet()) { "both are shown: $found" }
            check(found.record.place == Place.Board(first.value)) { "the ticket opens from there: ${found.record}" }
            centre.edit(found.conflict.conflict.value, "Wet on Monday, dead since")
            centre.keepOwn(found.conflict)
            centre.shows("a sync centre without two versions") { it.conflicts.isEmpty() && it.editing == null }
        }
        sendAll()
    }

    private suspend fun makeReady() {
        OpenTicket(desk, second).use { ticket ->
            for (status in listOf(TicketStatus.InRepair, TicketStatus.Ready)) ticket.moveTo(status)
        }
        sendAll()
    }

    private suspend fun seeItGone() {
        board.shows("the board without it") { it.rows.map { row -> row.ticket.id } == listOf(first) }
    }

    private suspend fun goHome() {
        sendAll()
        bo.session.shows("nothing unsent") { it.line?.run { pending == 0uL && failed == 0uL && conflicts == 0uL } == true }
        waitsFor("the shop to close")
        board.close()
        bo.leave()
    }

    /** The ticket of the number that was said, once it is on the board. */
    private suspend fun arrived(subject: String): TicketId {
        val shown = board.shows("$word on the board") { it.rows.any { row -> row.ticket.number == word } }
        val row = shown.rows.single { it.ticket.number == word }
        check(row.ticket.subject == subject) { "$word is $subject, not ${row.ticket.subject}" }
        return row.ticket.id
    }

    private fun BoardState.row(id: TicketId) = rows.firstOrNull { it.ticket.id == id }

    private suspend fun OpenTicket.moveTo(status: TicketStatus) {
        shows("a way to $status") { status in it.steps }
        move(status)
        shows("$status on the ticket") { it.view?.ticket?.status == status }
    }

    private suspend fun counts(quantity: Long) =
        OpenItem(desk, item) {}.use { card ->
            card.shows("$quantity on the shelf") { it.item?.quantity == quantity }
        }

    private suspend fun sendAll() {
        waitsFor("everything to be sent")
        desk.shop.sync()
    }

    private suspend fun goOffline() {
        waitsFor("the network to be gone")
        bo.goOffline()
    }

    private suspend fun goOnline() {
        waitsFor("the network to be back")
        bo.goOnline()
    }

    companion object {
        suspend fun open(): Workbench {
            waitsFor("the shop to open")
            val bo = Person(Device.open())
            return Workbench(bo, bo.signIn(ServerAddress(given("URL"), given("KEY")), Account(given("EMAIL"), given("PASSWORD"))))
        }
    }
}
