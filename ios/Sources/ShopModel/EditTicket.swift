import Counterpart
import Foundation

/// What is written anew on a ticket, while somebody writes.
public struct EditTicketState: ScreenState {
    public var currency = "EUR"
    public var form: TicketForm?
    public var line: LineForm?
    /// A passcode that is being set. It is kept nowhere.
    public var passcode: String?
    /// Who may be given the ticket, and whoever has it.
    public var people: [EmployeeRow] = []
    /// Whether this person may delete it, and is about to.
    public var leads = false
    public var deleting = false
    public var problem: Problem?

    public init() {}
}

/// What a person can write anew on a ticket.
@MainActor
public protocol EditTicketActions: Sendable {
    func edit()
    func fill(_ form: TicketForm)
    /// It was promised for tomorrow at this time, until somebody picks another.
    func promise()
    func save()
    func cancel()
    func editLine(_ line: TicketLine)
    /// A line of the bill, a new one first; nothing leaves it.
    func fillLine(_ form: LineForm?)
    func saveLine()
    /// The device's passcode; nothing leaves it as it is.
    func writePasscode(_ passcode: String?)
    func savePasscode()
    func askDelete(_ asks: Bool)
    func delete()
    func dismiss()
}

/// What is written anew on one ticket: the device and what was agreed, a line, the passcode.
public final class EditTicket: ScreenModel<EditTicketState>, EditTicketActions {
    private let desk: Desk
    private let id: TicketId
    private let gone: @MainActor () -> Void
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "ticket-form/\(id.rawValue)")

    private lazy var keptLine = keeping(desk, "ticket-line/\(id.rawValue)")

    /// The ticket as it was seen when somebody began to type over it: what they changed of it is saved, and nothing else.
    private var began: Ticket?
    /// The line likewise; nothing of a new one.
    private var beganLine: TicketLine?

    /// `gone` hears that the ticket was deleted.
    public init(_ desk: Desk, _ id: TicketId, gone: @escaping @MainActor () -> Void) {
        self.desk = desk
        self.id = id
        self.gone = gone
        var first = EditTicketState()
        first.currency = desk.currency
        first.leads = desk.who.leads
        super.init(first)
    }

    override func begin() {
        follow { [self] in try await readDraft() }
        follow { [self] in try await readLineDraft() }
        follow { [self] in
            for try await people in shop.staff() { show { $0.people = people } }
        }
    }

    private func readDraft() async throws {
        let typed = try await kept.read()
        guard !typed.isEmpty else { return }
        let record = try await shop.ticket(id: id)
        let resumed = record.flatMap { Resumed(typed, over: seen($0)) }
        // Who was quicker to begin than the disk to read keeps what they typed.
        guard state.form == nil else { return }
        if let record, let resumed {
            began = TicketForm(resumed.seen).on(record, desk.currency).at(resumed.stamp)
        }
        show { $0.form = TicketForm(resumed?.typed ?? typed) }
    }

    private func readLineDraft() async throws {
        let typed = try await keptLine.read()
        guard !typed.isEmpty else { return }
        var record: TicketLine?
        if let line = LineForm(typed).id { record = try await shop.ticketLine(id: line) }
        let resumed = record.flatMap { Resumed(typed, over: seen($0)) }
        guard state.line == nil else { return }
        if let record, let resumed {
            beganLine = LineForm(resumed.seen).on(record, desk.currency).at(resumed.stamp)
        }
        show { $0.line = LineForm(resumed?.typed ?? typed) }
    }

    private func seen(_ ticket: Ticket) -> Seen {
        Seen(TicketForm(ticket, desk.currency).texts, ticket.meta.stamp)
    }

    private func seen(_ line: TicketLine) -> Seen {
        Seen(LineForm(line, desk.currency).texts, line.meta.stamp)
    }

    override func keepTyped() async throws {
        try await kept.now()
        try await keptLine.now()
    }

    public func edit() {
        work { [self] in
            guard let ticket = try await shop.ticket(id: id) else { return }
            began = ticket
            show { $0.form = TicketForm(ticket, desk.currency) }
        }
    }

    public func fill(_ form: TicketForm) {
        show { $0.form = form }
        kept.soon(form.texts, seen: began.map(seen))
    }

    public func promise() {
        guard var form = state.form else { return }
        form.due = desk.calendar.date(byAdding: .day, value: 1, to: desk.time.now())
        fill(form)
    }

    public func save() {
        guard let form = state.form else { return }
        once(form.wrong(desk.currency)) { [self] in
            if let before = began {
                try await shop.editTicket(before: before, after: form.on(before, desk.currency))
            }
            try await leaveForm()
        }
    }

    public func cancel() {
        work { [self] in try await leaveForm() }
    }

    private func leaveForm() async throws {
        try await kept.drop()
        show { $0.form = nil }
    }

    public func editLine(_ line: TicketLine) {
        beganLine = line
        fillLine(LineForm(line, desk.currency))
    }

    public func fillLine(_ form: LineForm?) {
        show { $0.line = form }
        if let form {
            keptLine.soon(form.texts, seen: before(form).map(seen))
        } else {
            work { [self] in try await keptLine.drop() }
        }
    }

    /// The line over which somebody types; nothing where it is a new one.
    private func before(_ form: LineForm) -> TicketLine? {
        beganLine?.id == form.id ? beganLine : nil
    }

    public func saveLine() {
        guard let form = state.line else { return }
        once(form.wrong(desk.currency)) { [self] in
            let count = Amounts.whole(form.quantity) ?? 1
            if let line = form.id {
                try await change(line, form, count)
            } else {
                var line = form.on(blankTicketLine(), desk.currency)
                line.quantity = count
                _ = try await shop.addLine(ticket: id, line: line)
            }
            try await keptLine.drop()
            show { $0.line = nil }
        }
    }

    private func change(_ line: TicketLineId, _ form: LineForm, _ count: Int64) async throws {
        let isThere = try await shop.ticketLine(id: line) != nil
        guard isThere, let before = before(form) else {
            return show { $0.problem = Problem("deleted") }
        }
        try await shop.editLine(before: before, after: form.on(before, desk.currency))
        // A part that was taken moves with it.
        if count != before.quantity { try await shop.setLineQuantity(line: line, quantity: count) }
    }

    public func writePasscode(_ passcode: String?) {
        show { $0.passcode = passcode }
    }

    public func savePasscode() {
        guard let passcode = state.passcode else { return }
        workOnce("passcode") { [self] in
            try await shop.setPasscode(ticket: id, passcode: passcode)
            show { $0.passcode = nil }
        }
    }

    public func askDelete(_ asks: Bool) {
        show { $0.deleting = asks }
    }

    public func delete() {
        workOnce("delete") { [self] in
            try await shop.deleteTicket(id: id)
            show { $0.deleting = false }
            gone()
        }
    }

    /// Does it where nothing is wrong, and not a second time meanwhile.
    private func once(_ wrong: Problem?, _ deed: @escaping Deed) {
        if let wrong { show { $0.problem = wrong } } else { workOnce("save", deed) }
    }
}
