package dev.counterpart.ui.states

import dev.counterpart.app.BoardRow
import dev.counterpart.app.Mark
import dev.counterpart.app.Right
import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.blankTicketLine
import dev.counterpart.ids.EmployeeId
import dev.counterpart.ids.TicketEventId
import dev.counterpart.ids.TicketId
import dev.counterpart.ids.TicketLineId
import dev.counterpart.ids.TicketNoteId
import dev.counterpart.model.Approval
import dev.counterpart.model.EventOutcome
import dev.counterpart.model.LineKind
import dev.counterpart.model.Meta
import dev.counterpart.model.NoteKind
import dev.counterpart.model.Phone
import dev.counterpart.model.Priority
import dev.counterpart.model.ShopName
import dev.counterpart.model.Status
import dev.counterpart.model.SyncState
import dev.counterpart.model.TicketEvent
import dev.counterpart.model.TicketLine
import dev.counterpart.model.TicketNote
import dev.counterpart.model.TicketRow
import dev.counterpart.model.TicketStatus
import dev.counterpart.model.TicketView
import dev.counterpart.model.Total
import java.lang.reflect.Proxy
import java.time.Instant

/** What was asked of [nobody], the newest last: a test presses something and looks here. */
val asked: MutableList<String> = mutableListOf()

/** A person who does nothing: a screen's actions for a picture. */
inline fun <reified T : Any> nobody(): T =
    T::class.java.cast(
        Proxy.newProxyInstance(T::class.java.classLoader, arrayOf(T::class.java)) { _, method, _ ->
            asked += method.name
            Unit
        },
    )

/** An ordinary day's records, always the same. */
internal object Samples {
    val now: Instant = Instant.parse("2026-03-12T09:30:00Z")
    private val meta = Meta(now.minusSeconds(90_000), "ada", now.minusSeconds(3_600), "ada", 7, null)

    const val LONG =
        "Fell into the pool at the hotel on Saturday, was dried in rice for two days, then charged with a borrowed " +
            "charger; now it restarts by itself every few minutes and the picture flickers whenever it is held upright"

    const val LONG_NAME = "Maximiliane-Alexandra von und zu Hohenlohe-Waldenburg-Schillingsfürst"

    /** What a technician may. */
    val bench = setOf(Right.USE_PARTS, Right.COUNT_STOCK)

    val shops = listOf(ShopName("north", "Okafor Repairs"), ShopName("south", "Okafor Repairs, Hamburg-Altona, am Bahnhof"))

    val online = SyncState(true, true, false, 0.0, 0u, 0u, 0u, now.minusSeconds(40), null)
    val offline = online.copy(online = false, reachable = false, pending = 3u)
    val unreachable = online.copy(reachable = false, pending = 3u, failed = 1u)
    val syncing = online.copy(syncing = true, progress = 0.4, pending = 12u)
    val waiting = online.copy(failed = 2u, conflicts = 1u)

    private fun row(
        index: Int,
        subject: String,
        customer: String,
        device: String,
        status: TicketStatus,
        priority: Priority = Priority.Normal,
    ) = TicketRow(
        TicketId("t$index"),
        "${1040 + index}",
        subject,
        status,
        priority,
        now.plusSeconds(3_600L * index * 5),
        EmployeeId("e1"),
        customer,
        device,
        now.minusSeconds(600),
    )

    val rows =
        listOf(
            BoardRow(row(1, "Screen cracked", "Mira Núñez", "Apple iPhone 14", TicketStatus.InRepair, Priority.High), Mark(Status.SYNCING), assignee = "Łukasz"),
            BoardRow(row(2, "Does not charge", "Jonas Weber", "Samsung Galaxy S23", TicketStatus.Received), Mark(Status.PENDING), next = TicketStatus.Diagnosing, canTake = true),
            BoardRow(row(3, "Keyboard wet", "שירה לוי", "Lenovo ThinkPad X1", TicketStatus.Diagnosing, Priority.Urgent), Mark(Status.CONFLICT, unread = true), overdue = true, assignee = "Ada"),
            BoardRow(row(4, "Battery swells", "Ayşe Yılmaz", "Apple iPad Air", TicketStatus.AwaitingParts), Mark(), staleDays = 9),
            BoardRow(row(5, "Camera blurred", "أمينة حداد", "Google Pixel 8", TicketStatus.Ready, Priority.Low), Mark(unread = true)),
            BoardRow(row(6, "Fan is loud", "Lena Fischer", "Dell XPS 13", TicketStatus.AwaitingApproval), Mark(Status.FAILED)),
        )

    val long =
        BoardRow(
            row(7, LONG, LONG_NAME, "Samsung Galaxy Z Fold 6 Special Edition 1 TB", TicketStatus.InRepair, Priority.Urgent),
            Mark(Status.FAILED, unread = true),
            overdue = true,
            staleDays = 41,
            assignee = "Bartholomäus",
        )

    private val ticket =
        blankTicket().copy(
            id = TicketId("t1"), number = "1041", subject = "Screen cracked", problem = "Fell on the stairs. Touch works on the left half only.",
            diagnosis = null, deviceKind = "phone", deviceBrand = "Apple", deviceModel = "iPhone 14", imei = "490154203237518",
            priority = Priority.High, status = TicketStatus.InRepair, meta = meta,
        )

    private fun line(
        id: String,
        kind: LineKind,
        what: String,
        cents: Long,
        approval: Approval,
    ): TicketLine = blankTicketLine().copy(id = TicketLineId(id), kind = kind, description = what, quantity = 1, unitPriceCents = cents, approval = approval, meta = meta)

    private fun moved(
        id: String,
        from: TicketStatus,
        to: TicketStatus,
        outcome: EventOutcome = EventOutcome.Applied,
    ) = TicketEvent(TicketEventId(id), ticket.id, from, to, null, outcome, meta)

    val view =
        TicketView(
            ticket,
            blankCustomer().copy(firstName = "Mira", lastName = "Núñez", phones = listOf(Phone("+4915112345601", "mobile")), meta = meta),
            listOf(
                line("l1", LineKind.Part, "Screen iPhone 14", 18_900, Approval.Approved),
                line("l2", LineKind.Labour, "Fitting", 4_500, Approval.Pending),
            ),
            listOf(TicketNote(TicketNoteId("n1"), ticket.id, NoteKind.Internal, "Frame is bent at the lower left.", meta)),
            listOf(
                moved("v1", TicketStatus.Received, TicketStatus.Diagnosing),
                moved("v2", TicketStatus.Diagnosing, TicketStatus.InRepair),
                moved("v3", TicketStatus.Received, TicketStatus.AwaitingParts, EventOutcome.History),
            ),
            Total(23_400, 0, 23_400),
            hasPasscode = true,
        )

    val longView =
        view.copy(
            ticket = ticket.copy(subject = LONG, problem = "$LONG. $LONG", diagnosis = LONG),
            lines = view.lines.map { it.copy(description = LONG) },
            notes = view.notes.map { it.copy(body = LONG) },
        )
}
