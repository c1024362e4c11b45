#if canImport(SwiftUI)
import Counterpart
import ShopModel

extension SignInForm {
    static var states: [Shown<SignInForm>] {
        var typed = SignInForm()
        typed.server = "https://hub.okafor.example"
        typed.key = "a1b2c3"
        typed.email = "ada@okafor.example"
        typed.password = "secret"
        return [
            Shown("empty", SignInForm()),
            Shown("busy", typed) { $0.busy = true },
            Shown("offline", typed) { $0.problem = Problem("needs_server") },
            Shown("forgot", SignInForm()) { $0.forgot = "/data/terminal.json.damaged-1773307800" },
            Shown("paired", typed) { $0.root = "9f31c2d07ab4e85510c2" },
            Shown("shop", typed) { $0.shops = Samples.shops },
            Shown("invited", typed) {
                $0.invited = true
                $0.own = NewPassword("correct horse", again: "correct horse")
            },
            Shown("wrong-invitation", typed) {
                $0.invited = true
                $0.problem = Problem("wrong_credentials", field: "invitation")
            },
        ]
    }
}

extension PasswordState {
    static var states: [Shown<PasswordState>] {
        let changing = with(PasswordState()) { $0.form = PasswordForm() }
        return [
            Shown("quiet", PasswordState()),
            Shown("given", changing) {
                $0.given = true
                $0.problem = Problem("too_weak", field: "password")
            },
            Shown("changing", changing) { $0.problem = Problem("wrong_credentials", field: "current_password") },
            Shown("different", changing) {
                $0.form?.new = NewPassword("correct horse", again: "correct")
                $0.problem = Problem("passwords_differ", field: "again")
            },
            Shown("changed", PasswordState()) { $0.changed = true },
        ]
    }
}

/// What stands around a screen.
struct Around {
    var line: SyncState? = Samples.online
    /// On a shared tablet: whose work this is.
    var worker: Worker?
    /// What went wrong with what belongs to no screen.
    var problem: Problem?
    /// How much happened to the device's files.
    var found = 0
    var waiting: Int { found + (line?.waiting ?? 0) }

    static var states: [Shown<Around>] {
        [
            Shown("online", Around()),
            Shown("offline", Around()) { $0.line = Samples.line { $0.online = false } },
            Shown("unreachable", Around()) { $0.line = Samples.line { $0.reachable = false } },
            Shown("waits-for-somebody", Around()) { around in
                around.line = Samples.line { line in
                    line.failed = 2
                    line.conflicts = 1
                }
            },
            Shown("found", Around()) { $0.found = 1 },
            Shown("shared-tablet", Around()) { $0.worker = Worker("Łukasz Wiśniewski") },
            Shown("nobody-at-work", Around()) { $0.worker = Worker(nil) },
            Shown("problem", Around()) { $0.problem = Problem("needs_server") },
        ]
    }
}

extension ConnectState {
    static var states: [Shown<ConnectState>] {
        var device = ConnectState()
        device.canLook = true
        device.canScan = true
        let hub = FoundHub("Okafor Repairs", root: "9f31c2")
        return [
            Shown("nothing-asked", device),
            Shown("looking", device) { $0.look = .found([]) },
            Shown("found", device) { $0.look = .found([hub, FoundHub(Samples.long, root: nil)]) },
            Shown("no-answer", device) {
                $0.look = .found([hub])
                $0.silent = hub
            },
            Shown("network-refused", device) { $0.look = .refused },
            Shown("network-failed", device) { $0.look = .failed },
            Shown("camera-refused", device) { $0.scan = .trouble(.refused) },
            Shown("camera-missing", device) { $0.scan = .trouble(.missing) },
            Shown("foreign-code", device) { $0.scan = .foreign },
            Shown("neither", ConnectState()),
        ]
    }
}

extension BoardState {
    static var states: [Shown<BoardState>] {
        var board = BoardState()
        board.loading = false
        board.rows = Samples.rows
        board.more = true
        board.canFilterMine = true
        board.badges = Badges(open: 23, overdue: 2, ready: 4, mine: 6, lowStock: 1, today: 5)
        return [
            Shown("full", board),
            Shown("loading", BoardState()),
            Shown("empty", board) {
                $0.rows = []
                $0.more = false
                $0.badges = Badges(open: 0, overdue: 0, ready: 0, mine: 0, lowStock: 0, today: 0)
            },
            Shown("nothing-found", board) {
                $0.rows = []
                $0.more = false
                $0.words = "zx81"
            },
            Shown("long", board) { $0.rows.insert(Samples.longRow, at: 0) },
            Shown("older", board) {
                $0.rows = Array(Samples.rows.prefix(2))
                $0.more = false
                $0.words = "screen"
                $0.olderSince = Samples.today.addingTimeInterval(-90 * 86_400)
            },
            Shown("older-fetching", board) {
                $0.rows = []
                $0.more = false
                $0.words = "zx81"
                $0.olderSince = Samples.today.addingTimeInterval(-90 * 86_400)
                $0.fetchingOlder = true
            },
            Shown("swiped", board) { $0.swiped = Swiped(Samples.rows[1].ticket, to: .diagnosing, canUndo: false) },
            Shown("taken", board) { $0.swiped = Swiped(Samples.rows[1].ticket) },
            Shown("problem", board) { $0.problem = Problem("denied") },
        ]
    }
}

extension TicketState {
    static var open: TicketState {
        var ticket = TicketState()
        ticket.loading = false
        ticket.view = Samples.view
        ticket.rights = Samples.bench
        ticket.mark = Mark(.pending)
        ticket.steps = [.qc, .ready, .awaitingParts, .onHold, .cancelled]
        return ticket
    }

    static var states: [Shown<TicketState>] {
        let ticket = open
        let safe = Safety.known(TicketSafety(unsent: 0, devices: []))
        return [
            Shown("open", ticket) {
                $0.looking = ["Łukasz", "שירה"]
                $0.othersLooking = 1
                $0.changed = true
                $0.changes = ["priority", "assignee_id", "ticket_notes"]
            },
            Shown("changed", ticket) {
                $0.othersLooking = 2
                $0.changed = true
            },
            Shown("taken-off", ticket) { $0.takenOff = $0.view?.lines.popLast() },
            Shown("front-desk", ticket) { $0.rights = [] },
            Shown("loading", TicketState()),
            Shown("gone", TicketState()) { $0.loading = false },
            Shown("safe", ticket) {
                $0.mark = Mark()
                $0.safety = safe
            },
            Shown("not-safe", ticket) { $0.safety = .known(TicketSafety(unsent: 2, devices: nil)) },
            Shown("typing", ticket, typing),
            Shown("passcode", ticket) { $0.passcode = "2580" },
            Shown("ended", ticket) {
                $0.view?.ticket.status = .pickedUp
                $0.steps = []
            },
            Shown("long", ticket) {
                $0.view = Samples.longView
                $0.mark = Mark(.failed, unread: true)
            },
        ]
    }

    private static func typing(_ state: inout TicketState) {
        state.diagnosisText = "Digitizer dead"
        state.note = "Call before five"
        state.partWords = "port"
        state.undo = .diagnosing
        state.parts = [
            ItemRow(
                id: "i1",
                sku: "PRT-S23",
                name: "Charging port S23",
                brand: nil,
                bin: nil,
                priceCents: 3_400,
                quantity: 9,
                reserved: 0,
                reorderLevel: 2
            )
        ]
    }
}

extension EditTicketState {
    static var states: [Shown<EditTicketState>] {
        var leads = EditTicketState()
        leads.people = Samples.people
        leads.leads = true
        var writing = leads
        writing.form = written
        var line = leads
        line.line = LineForm()
        line.line?.description = "Fitting"
        line.line?.price = "45.00"
        line.line?.tax = "19"
        return [
            Shown("leads", leads),
            Shown("writing", writing),
            Shown("nothing-promised", writing) { $0.form?.due = nil },
            Shown("wrong", writing) { state in
                state.form?.estimate = "much"
                state.problem = Problem("number", field: "estimate_cents")
            },
            Shown("line", line),
            Shown("line-wrong", line) { state in
                state.line?.kind = .part
                state.line?.quantity = "two"
                state.problem = Problem("number", field: "quantity")
            },
            Shown("new-passcode", leads) { $0.passcode = "2580" },
            Shown("deleting", leads) { $0.deleting = true },
        ]
    }

    private static var written: TicketForm {
        var form = TicketForm()
        form.subject = "Screen cracked"
        form.kind = "phone"
        form.brand = "Apple"
        form.model = "iPhone 14"
        form.serial = "F2LX"
        form.priority = .high
        form.due = Samples.now.addingTimeInterval(86_400)
        form.assignee = "e2"
        form.estimate = "189.00"
        return form
    }
}

extension IntakeState {
    static var states: [Shown<IntakeState>] {
        var state = IntakeState()
        state.form.phone = "+49 151 123"
        state.form.firstName = "Mira"
        state.form.lastName = "Núñez"
        state.form.brand = "Apple"
        state.form.model = "iPhone 14"
        state.form.subject = "Screen cracked"
        state.form.problem = "Fell on the stairs."
        state.form.checklist = ["screen": .fail, "sound": .pass]
        let mira = CustomerRow(id: "c1", name: "Mira Núñez", company: nil, phone: "+4915112345601", email: nil)
        return [
            Shown("empty", IntakeState()),
            Shown("typing", state) {
                $0.kept = true
                $0.found = [mira]
            },
            Shown("known", state) { $0.known = mira },
            Shown("wrong", state) {
                $0.form.subject = ""
                $0.problem = Problem("length", field: "subject")
            },
            Shown("taken", IntakeState()) { $0.taken = Taken("t1", number: "1047") },
            Shown("taken-offline", IntakeState()) { $0.taken = Taken("t1", number: "C-12") },
        ]
    }
}

extension SyncCentreState {
    static var states: [Shown<SyncCentreState>] {
        var calm = SyncCentreState()
        calm.line = Samples.online
        calm.names = ["e1": "Ada Okafor"]
        calm.notices = news
        var failed = calm
        failed.line = Samples.line { $0.failed = 2 }
        failed.failed = [
            FailedOperation(
                parked("o1", "tickets", "denied", nil),
                ShownRecord("tickets", ["1041", "Screen cracked"], place: .board(ticket: "t1")),
                wanted: [
                    "priority": .urgency(.urgent), "assignee_id": .text("Łukasz Wiśniewski"),
                    "due_at": .moment(Samples.today),
                ]
            ),
            FailedOperation(
                parked("o2", "customers", "phone", "phones"),
                ShownRecord("customers"),
                wanted: ["last_name": .text("Weber")],
                field: "last_name"
            ),
        ]
        return [
            Shown("calm", calm),
            Shown("damaged", calm) { state in
                let aside = "/data/north.db.damaged-1773307800"
                state.findings = [.damaged(aside: aside, operations: 3, drafts: 1, complete: false)]
            },
            Shown("copied", calm) { state in
                state.findings = [.copied]
                state.forgot = "/data/terminal.json.damaged-1773307800"
            },
            Shown("offline", calm) { $0.line = Samples.line { $0.online = false } },
            Shown("unreachable", calm) { $0.line = Samples.line { $0.reachable = false } },
            Shown("syncing", calm) { state in
                state.busy = true
                state.line = Samples.line { line in
                    line.syncing = true
                    line.progress = 0.4
                    line.pending = 12
                }
            },
            Shown("failed", failed),
            Shown("editing", failed) {
                $0.editing = "o2"
                $0.text = "Weber"
            },
            Shown("discarding", failed) { $0.discarding = "o2" },
            Shown("conflict", calm) { $0.conflicts = [conflict] },
            Shown("quiet", calm) { $0.notices = nil },
        ]
    }

    private static func parked(_ id: String, _ table: String, _ code: String, _ field: String?) -> Parked {
        Parked(
            operation: id,
            table: table,
            id: "r1",
            kind: "patch",
            code: code,
            field: field,
            message: "",
            wanted: [:]
        )
    }

    private static let conflict = ShownConflict(
        OpenConflict(
            conflict: "k1",
            table: "tickets",
            id: "t1",
            field: "problem",
            base: .text(text: "Dead"),
            mine: .text(text: "Dead since Monday"),
            theirs: .text(text: "Dead, and it was wet"),
            by: "e1"
        ),
        ShownRecord("tickets", ["1041", Samples.long], place: .board(ticket: "t1")),
        mine: .text("Dead since Monday"),
        theirs: .text("Dead, and it was wet"),
        both: "Dead, and it was wet\nDead since Monday"
    )

    static let news = Notices(
        newest: [
            notice(
                2,
                "Łukasz Wiśniewski",
                you: false,
                [
                    Part(deed: .moved, table: "tickets", count: 3, rows: [], code: nil),
                    Part(deed: .commented, table: "ticket_notes", count: 1, rows: [], code: nil),
                ]
            ),
            notice(
                1,
                "Ada Okafor",
                you: true,
                [
                    Part(deed: .added, table: "customers", count: 1, rows: [], code: nil)
                ]
            ),
        ],
        unseen: 1,
        calmAt: nil
    )

    private static func notice(_ id: Int64, _ author: String, you: Bool, _ parts: [Part]) -> Notice {
        Notice(
            id: id,
            kind: .work,
            author: "e\(id)",
            authorName: author,
            you: you,
            parts: parts,
            firstAt: Samples.now,
            lastAt: Samples.now,
            seen: id == 1
        )
    }
}
#endif
