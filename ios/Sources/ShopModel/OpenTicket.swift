import Counterpart
import Foundation

/// Whether a ticket may leave the shop, as far as anybody has asked.
public enum Safety: Equatable, Sendable {
    case notAsked
    case asking
    /// The server's word, and this device's own.
    case known(TicketSafety)
}

/// What a ticket's screen shows.
public struct TicketState: ScreenState {
    public var loading = true
    /// Nothing once the ticket is gone from this device.
    public var view: TicketView?
    public var currency = "EUR"
    public var rights: Set<Right> = []
    public var mark = Mark()
    public var steps: [TicketStatus] = []
    /// Whether somebody else changed it since this person last looked, and which fields, as far as that is known.
    public var changed = false
    public var changes: [String] = []
    /// Who else looks at it, by name, and how many do not say whose they are.
    public var looking: [String] = []
    public var othersLooking = 0
    public var problemText: String?
    public var diagnosisText: String?
    public var note = ""
    public var partWords = ""
    public var parts: [ItemRow] = []
    public var partCount = "1"
    /// A line that was taken off a moment ago.
    public var takenOff: TicketLine?
    public var passcode: String?
    public var safety = Safety.notAsked
    public var undo: TicketStatus?
    public var problem: Problem?

    public init() {}
}

/// What a person can do with a ticket.
@MainActor
public protocol TicketActions: Sendable {
    func move(to: TicketStatus)
    func undoMove()
    func writeProblem(_ text: String)
    func writeDiagnosis(_ text: String)
    func saveText()
    func writeNote(_ text: String)
    func addNote(_ kind: NoteKind)
    func findPart(_ words: String)
    /// How many of a part are used at once.
    func countParts(_ count: String)
    func usePart(_ item: InventoryItemId)
    func approve(_ line: TicketLineId, _ approval: Approval)
    func takeOff(_ line: TicketLine)
    /// What was taken off is back on the bill, and off the shelf.
    func putBack()
    func revealPasscode()
    func hidePasscode()
    func askSafe()
    func dismiss()
}

/// One ticket. What was typed and not saved is kept in the engine's file until it is.
public final class OpenTicket: ScreenModel<TicketState>, TicketActions {
    private let desk: Desk
    private let id: TicketId
    private var shop: Shop { desk.shop }
    private lazy var lastSeen = LastSeen(desk, id)
    private lazy var kept = keeping(desk, "ticket/\(id.rawValue)")
    private lazy var late = LateFailure(desk.time) { [weak self, id] marks in
        if let mark = marks[id.rawValue] { self?.show { $0.mark = mark } }
    }

    /// What the person saw when they began to type: an edit is what they changed of it.
    private var began: Ticket?

    public init(_ desk: Desk, _ id: TicketId) {
        self.desk = desk
        self.id = id
        var first = TicketState()
        first.currency = desk.currency
        first.rights = Rights.of(desk.who)
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            try await readDraft()
            for try await watched in shop.tickets(id) {
                try await look(watched.view)
                try await tellMark()
            }
        }
        follow { [self] in
            var queue: [UInt64] = []
            for try await line in shop.states() where line.queue != queue {
                queue = line.queue
                try await tellMark()
            }
        }
        follow { [self] in
            try await shop.show(ticket: id)
            let own = try await shop.device()
            for try await present in shop.team() {
                try await tellWhoLooks(present.filter { $0.device != own && $0.showing.ticket == id.rawValue })
            }
        }
    }

    private func tellWhoLooks(_ there: [Present]) async throws {
        let names = Dictionary(try await shop.employees().map { ($0.id.rawValue, $0.name) }) { $1 }
        let known = there.compactMap { $0.showing.employee.flatMap { names[$0] } }
        show { state in
            state.looking = known.once(\.self)
            state.othersLooking = there.count - known.count
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    private func look(_ view: TicketView?) async throws {
        let unread = try await shop.marks(.ticket, [id.rawValue])[id.rawValue]?.unread == true
        var differs: [String] = []
        if let view { differs = try await lastSeen.changes(view) }
        // Whoever has it before their eyes has looked.
        if state.loading || unread { try await shop.view(kind: .ticket, id: id.rawValue) }
        show { state in
            if unread {
                state.changed = true
                state.changes = (state.changes + differs).once(\.self)
            }
            state.loading = false
            state.view = view
            state.steps = view.map { Steps.of($0.ticket, desk.who, at: desk.time.now()) } ?? []
            // What the server said was of the ticket as it stood then.
            state.safety = .notAsked
        }
    }

    private func tellMark() async throws {
        late.tell(try await shop.marks(.ticket, [id.rawValue]))
    }

    public func move(to: TicketStatus) {
        guard let from = state.view?.ticket.status else { return }
        work { [self] in
            try await shop.transition(ticket: id, to: to, reason: nil)
            let back = try await shop.ticket(id: id).map { Steps.of($0, desk.who, at: desk.time.now()) }
            show { $0.undo = back?.contains(from) == true ? from : nil }
        }
    }

    public func undoMove() {
        guard let to = state.undo else { return }
        work { [self] in
            try await shop.transition(ticket: id, to: to, reason: nil)
            show { $0.undo = nil }
        }
    }

    public func writeProblem(_ text: String) {
        startTyping()
        show { $0.problemText = text }
        keep()
    }

    public func writeDiagnosis(_ text: String) {
        startTyping()
        show { $0.diagnosisText = text }
        keep()
    }

    public func saveText() {
        guard let before = began ?? state.view?.ticket else { return }
        let (problem, diagnosis) = (state.problemText, state.diagnosisText)
        var after = before
        if let problem { after.problem = problem.trimmed.isEmpty ? nil : problem }
        if let diagnosis { after.diagnosis = diagnosis.trimmed.isEmpty ? nil : diagnosis }
        let edited = after
        work { [self] in
            try await shop.editTicket(before: before, after: edited)
            began = nil
            show { state in
                // What was typed while it was being saved is not saved yet.
                if state.problemText == problem { state.problemText = nil }
                if state.diagnosisText == diagnosis { state.diagnosisText = nil }
            }
            if state.problemText != nil || state.diagnosisText != nil { began = edited }
            try await keepNow()
        }
    }

    public func writeNote(_ text: String) {
        show { $0.note = text }
        keep()
    }

    public func addNote(_ kind: NoteKind) {
        let note = state.note
        workOnce("note") { [self] in
            _ = try await shop.addNote(ticket: id, kind: kind, body: note.trimmed)
            show { if $0.note == note { $0.note = "" } }
            try await keepNow()
        }
    }

    public func findPart(_ words: String) {
        show { $0.partWords = words }
        work { [self] in
            let found = words.trimmed.isEmpty ? [] : try await shop.findItems(words: words, limit: 8)
            // An answer to an older question is of no use.
            show { if $0.partWords == words { $0.parts = found } }
        }
    }

    public func countParts(_ count: String) {
        show { $0.partCount = count }
    }

    public func usePart(_ item: InventoryItemId) {
        // Once it was used, the list is empty.
        guard state.parts.contains(where: { $0.id == item }) else { return }
        guard let count = Amounts.whole(state.partCount) else {
            return show { $0.problem = Problem("number", field: "quantity") }
        }
        workOnce("part") { [self] in
            _ = try await shop.usePart(ticket: id, item: item, quantity: count)
            show { state in
                state.partCount = "1"
                state.partWords = ""
                state.parts = []
            }
        }
    }

    public func approve(_ line: TicketLineId, _ approval: Approval) {
        work { [self] in try await shop.approveLine(line: line, approval: approval) }
    }

    public func takeOff(_ line: TicketLine) {
        work { [self] in
            try await shop.cancelLine(line: line.id)
            show { $0.takenOff = line }
        }
    }

    public func putBack() {
        guard let line = state.takenOff else { return }
        work { [self] in
            if line.inventoryItemId == nil {
                _ = try await shop.addLine(ticket: id, line: line)
            } else {
                try await shop.useLine(line: line.id)
            }
            show { $0.takenOff = nil }
        }
    }

    public func revealPasscode() {
        work { [self] in
            let passcode = try await shop.revealPasscode(ticket: id)
            show { $0.passcode = passcode }
        }
    }

    public func hidePasscode() {
        show { $0.passcode = nil }
    }

    public func askSafe() {
        work { [self] in
            show { $0.safety = .asking }
            do {
                let safety = try await shop.safe(ticket: id)
                show { $0.safety = .known(safety) }
            } catch {
                show { $0.safety = .notAsked }
                throw error
            }
        }
    }

    private func startTyping() {
        if began == nil { began = state.view?.ticket }
    }

    private func keep() {
        let note = state.note.unlessEmpty
        let draft = TypedDraft(problem: state.problemText, diagnosis: state.diagnosisText, note: note)
        let seen = began.map { Seen(["problem": $0.problem, "diagnosis": $0.diagnosis], $0.meta.stamp) }
        kept.soon(draft.texts, seen: seen)
    }

    private func keepNow() async throws {
        keep()
        try await kept.now()
    }

    private func readDraft() async throws {
        let typed = try await kept.read()
        let ticket = try await shop.ticket(id: id)
        // Who was quicker to type than the disk to read keeps what they typed.
        guard !typed.isEmpty, state.problemText == nil, state.diagnosisText == nil, state.note.isEmpty else { return }
        let draft = TypedDraft(typed)
        if draft.problem != nil || draft.diagnosis != nil { began = ticket.map { draft.seen(Seen(typed), in: $0) } }
        show { state in
            state.problemText = draft.problem
            state.diagnosisText = draft.diagnosis
            state.note = draft.note ?? ""
        }
    }
}
