package dev.counterpart.ui.states

import dev.counterpart.Finding
import dev.counterpart.TicketSafety
import dev.counterpart.app.BoardState
import dev.counterpart.app.Code
import dev.counterpart.app.ConnectState
import dev.counterpart.app.EditTicketState
import dev.counterpart.app.FailedOperation
import dev.counterpart.app.FoundHub
import dev.counterpart.app.IntakeForm
import dev.counterpart.app.IntakeState
import dev.counterpart.app.LineForm
import dev.counterpart.app.Look
import dev.counterpart.app.Mark
import dev.counterpart.app.NewPassword
import dev.counterpart.app.PasswordForm
import dev.counterpart.app.PasswordState
import dev.counterpart.app.Place
import dev.counterpart.app.Problem
import dev.counterpart.app.Safety
import dev.counterpart.app.ShownConflict
import dev.counterpart.app.ShownRecord
import dev.counterpart.app.SignInForm
import dev.counterpart.app.Swiped
import dev.counterpart.app.SyncCentreState
import dev.counterpart.app.Taken
import dev.counterpart.app.TicketForm
import dev.counterpart.app.TicketState
import dev.counterpart.app.TrailValue
import dev.counterpart.ids.ConflictId
import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.EmployeeId
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.model.Badges
import dev.counterpart.model.CheckMark
import dev.counterpart.model.CustomerRow
import dev.counterpart.model.Deed
import dev.counterpart.model.EmployeeRow
import dev.counterpart.model.FieldValue
import dev.counterpart.model.ItemRow
import dev.counterpart.model.LineKind
import dev.counterpart.model.Notice
import dev.counterpart.model.NoticeKind
import dev.counterpart.model.Notices
import dev.counterpart.model.OpenConflict
import dev.counterpart.model.Parked
import dev.counterpart.model.Part
import dev.counterpart.model.Priority
import dev.counterpart.model.Role
import dev.counterpart.model.Status
import dev.counterpart.model.SyncState
import dev.counterpart.model.TicketStatus
import dev.counterpart.ui.states.Samples.now
import java.time.LocalDate

internal val cannotOpenStates: Map<String, Problem> =
    mapOf("locked" to Problem("device_locked"), "damaged" to Problem("damaged"), "newer-file" to Problem("newer_file"))

private val form = SignInForm("https://hub.okafor.example", "a1b2c3", "ada@okafor.example", "secret")

private val hub = FoundHub("Okafor Repairs", "https://192.168.1.20:8443", "5d0c77a2".repeat(8))

internal val signInStates: Map<String, SignInForm> =
    mapOf(
        "empty" to SignInForm(),
        "busy" to form.copy(busy = true),
        "offline" to form.copy(problem = Problem("needs_server")),
        "shop" to form.copy(shops = Samples.shops),
        "invited" to form.copy(invited = true, own = NewPassword("correct horse", "correct horse")),
        "wrong-invitation" to form.copy(invited = true, problem = Problem("wrong_credentials", "invitation")),
        "forgot" to SignInForm(forgot = "/data/terminal.json.damaged-1773307800"),
        "found" to form.copy(server = hub.url, root = hub.root),
    )

internal val passwordStates: Map<String, PasswordState> =
    mapOf(
        "quiet" to PasswordState(),
        "given" to PasswordState(given = true, form = PasswordForm(), problem = Problem("too_weak", "password")),
        "changing" to PasswordState(form = PasswordForm(), problem = Problem("wrong_credentials", "current_password")),
        "different" to PasswordState(form = PasswordForm("secret", NewPassword("correct horse", "correct")), problem = Problem("passwords_differ", "again")),
        "changed" to PasswordState(changed = true),
    )

private val connect = ConnectState(canLook = true, canScan = true)

internal val connectStates: Map<String, ConnectState> =
    mapOf(
        "found" to connect.copy(look = Look.Found(listOf(hub, hub.copy(name = "Werkstatt hinten", url = "http://192.168.1.31:8080")))),
        "ways" to connect,
        "looking" to connect.copy(look = Look.Found(emptyList())),
        "network-refused" to connect.copy(look = Look.Refused),
        "network-failed" to connect.copy(look = Look.Failed),
        "camera-refused" to connect.copy(code = Code.Refused),
        "camera-missing" to connect.copy(code = Code.Missing),
        "other-code" to connect.copy(code = Code.Read("4006381333931")),
    )

private val badges = Badges(23u, 2u, 4u, 6u, 1u, 5u)
private val board = BoardState(loading = false, rows = Samples.rows, more = true, canFilterMine = true, badges = badges)

internal val boardStates: Map<String, Pair<BoardState, SyncState>> =
    mapOf(
        "full" to (board to Samples.online),
        "loading" to (BoardState() to Samples.syncing),
        "empty" to (board.copy(rows = emptyList(), more = false, badges = Badges(0u, 0u, 0u, 0u, 0u, 0u)) to Samples.online),
        "offline" to (board to Samples.offline),
        "unreachable" to (board to Samples.unreachable),
        "nothing-found" to (board.copy(rows = emptyList(), more = false, words = "zx81") to Samples.online),
        "older" to (board.copy(rows = Samples.rows.take(2), more = false, words = "screen", olderSince = LocalDate.parse("2025-12-12")) to Samples.online),
        "older-fetching" to
            (board.copy(rows = emptyList(), more = false, words = "zx81", olderSince = LocalDate.parse("2025-12-12"), fetchingOlder = true) to Samples.online),
        "long" to (board.copy(rows = listOf(Samples.long) + Samples.rows) to Samples.online),
        "swiped" to (board.copy(swiped = Swiped(Samples.rows[1].ticket, TicketStatus.Diagnosing)) to Samples.online),
        "taken" to (board.copy(swiped = Swiped(Samples.rows[1].ticket)) to Samples.online),
        "problem" to (board.copy(problem = Problem("denied")) to Samples.waiting),
    )

private val ticket =
    TicketState(
        loading = false,
        view = Samples.view,
        rights = Samples.bench,
        mark = Mark(Status.PENDING),
        steps = listOf(TicketStatus.Qc, TicketStatus.Ready, TicketStatus.AwaitingParts, TicketStatus.OnHold, TicketStatus.Cancelled),
    )
private val port = ItemRow(InventoryItemId("i1"), "PRT-S23", "Charging port S23", null, null, 3_400, 9, 0, 2)

internal val ticketStates: Map<String, TicketState> =
    mapOf(
        "open" to ticket.copy(looking = listOf("Łukasz", "שירה"), othersLooking = 1, changed = true, changes = listOf("priority", "assignee_id", "ticket_notes")),
        "changed" to ticket.copy(othersLooking = 2, changed = true),
        "taken-off" to ticket.copy(view = Samples.view.copy(lines = Samples.view.lines.take(1)), takenOff = Samples.view.lines.last()),
        "front-desk" to ticket.copy(rights = emptySet()),
        "loading" to TicketState(),
        "gone" to TicketState(loading = false),
        "safe" to ticket.copy(mark = Mark(), safety = Safety.Known(TicketSafety(0u, emptyList()))),
        "not-safe" to ticket.copy(safety = Safety.Known(TicketSafety(2u, null))),
        "typing" to ticket.copy(diagnosisText = "Digitizer dead", note = "Call before five", partWords = "port", parts = listOf(port), undo = TicketStatus.Diagnosing),
        "passcode" to ticket.copy(passcode = "2580"),
        "ended" to ticket.copy(view = Samples.view.copy(ticket = Samples.view.ticket.copy(status = TicketStatus.PickedUp)), steps = listOf(TicketStatus.Ready), mark = Mark()),
        "long" to ticket.copy(view = Samples.longView, mark = Mark(Status.FAILED, unread = true)),
    )

private val okafor = listOf(EmployeeRow(EmployeeId("e1"), "Ada Okafor", Role.Owner, null, true), EmployeeRow(EmployeeId("e2"), "Łukasz Wiśniewski", Role.Technician, null, true))
private val editing = EditTicketState(people = okafor, leads = true)
private val writing =
    TicketForm("Screen cracked", "phone", "Apple", "iPhone 14", "F2LX", "490154203237518", "blue", Priority.High, "2026-03-13", "17:00", "e2", "189.00")

internal val editTicketStates: Map<String, EditTicketState> =
    mapOf(
        "leads" to editing,
        "writing" to editing.copy(form = writing),
        "wrong" to editing.copy(form = writing.copy(date = "", imei = "12"), problem = Problem("date", "date")),
        "line" to editing.copy(line = LineForm(description = "Fitting", price = "45.00", tax = "19")),
        "line-wrong" to editing.copy(line = LineForm("l1", LineKind.Part, "Screen iPhone 14", "two", "189.00"), problem = Problem("number", "quantity")),
        "new-passcode" to editing.copy(passcode = "2580"),
        "deleting" to editing.copy(deleting = true),
    )

private val typed =
    IntakeForm("+49 151 123", "Mira", "Núñez", "phone", "Apple", "iPhone 14", "", "Screen cracked", "Fell on the stairs.", mapOf("screen" to CheckMark.Fail, "sound" to CheckMark.Pass))
private val mira = CustomerRow(CustomerId("c1"), "Mira Núñez", null, "+4915112345601", null)

internal val intakeStates: Map<String, IntakeState> =
    mapOf(
        "empty" to IntakeState(),
        "typing" to IntakeState(typed, kept = true, found = listOf(mira)),
        "known" to IntakeState(typed, known = mira),
        "wrong" to IntakeState(typed.copy(subject = ""), problem = Problem("length", "subject")),
        "taken" to IntakeState(taken = Taken("t1", "1047")),
        "taken-offline" to IntakeState(taken = Taken("t1", "C-12")),
    )

private val parked =
    listOf(
        FailedOperation(
            Parked("o1", "tickets", "t1", "patch", "denied", null, "", emptyMap()),
            ShownRecord("tickets", listOf("1041", Samples.LONG), Place.Board("t1")),
            mapOf("priority" to TrailValue.Urgency(Priority.Urgent), "assignee_id" to TrailValue.Text("Łukasz Wiśniewski"), "due_at" to TrailValue.Moment(now)),
        ),
        FailedOperation(
            Parked("o2", "customers", "c1", "insert", "phone", "phones", "", emptyMap()),
            ShownRecord("customers"),
            mapOf("last_name" to TrailValue.Text("Weber")),
            field = "last_name",
        ),
    )
private val conflict =
    ShownConflict(
        OpenConflict(ConflictId("k1"), "tickets", "t1", "problem", FieldValue.Text("Dead"), FieldValue.Text("Dead since Monday"), FieldValue.Text("Dead, and it was wet"), "e1"),
        ShownRecord("tickets", listOf("1041", "Screen cracked"), Place.Board("t1")),
        TrailValue.Text("Dead since Monday"),
        TrailValue.Text("Dead, and it was wet"),
        both = "Dead, and it was wet\nDead since Monday",
    )
internal val news =
    Notices(
        listOf(
            Notice(2, NoticeKind.WORK, "e2", "Łukasz Wiśniewski", false, listOf(Part(Deed.MOVED, "tickets", 3u, emptyList(), null), Part(Deed.COMMENTED, "ticket_notes", 1u, emptyList(), null)), now, now, false),
            Notice(1, NoticeKind.WORK, "e1", "Ada Okafor", true, listOf(Part(Deed.ADDED, "customers", 1u, emptyList(), null)), now, now, true),
        ),
        1u,
        null,
    )
private val sync = SyncCentreState(line = Samples.online, names = mapOf("e1" to "Ada Okafor"), notices = news)

internal val syncStates: Map<String, SyncCentreState> =
    mapOf(
        "calm" to sync,
        "damaged" to sync.copy(findings = listOf(Finding.Damaged("/data/north.db.damaged-1773307800", 3u, 1u, complete = false))),
        "copied" to sync.copy(findings = listOf(Finding.Copied), forgot = "/data/terminal.json.damaged-1773307800"),
        "offline" to sync.copy(line = Samples.offline),
        "unreachable" to sync.copy(line = Samples.unreachable, notices = null),
        "syncing" to sync.copy(line = Samples.syncing, busy = true),
        "failed" to sync.copy(line = Samples.waiting, failed = parked),
        "editing" to sync.copy(line = Samples.waiting, failed = parked.drop(1), editing = "o2", text = "Weber"),
        "discarding" to sync.copy(line = Samples.waiting, failed = parked.drop(1), discarding = "o2"),
        "conflict" to sync.copy(line = Samples.waiting, conflicts = listOf(conflict)),
    )
