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
    /// Before the name of what a field of the form said when somebody began.
    private static let was = "was."

    private let desk: Desk
    private let id: TicketId
    private let gone: @MainActor () -> Void
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "ticket-form/\(id.rawValue)")

    private lazy var keptLine = keeping(desk, "ticket-line/\(id.rawValue)")

    /// The form as it stood when somebody began: what they changed of it is saved, and nothing else.
    private var began = TicketForm()

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
        follow { [self] in
            let typed = try await kept.read()
            // Who was quicker to begin than the disk to read keeps what they typed.
            guard !typed.isEmpty, state.form == nil else { return }
            let before = typed.filter { $0.key.hasPrefix(Self.was) }
            began = TicketForm(
                Dictionary(before.map { (String($0.key.dropFirst(Self.was.count)), $0.value) }) { $1 }
            )
            show { $0.form = TicketForm(typed) }
        }
        follow { [self] in
            let typed = try await keptLine.read()
            guard !typed.isEmpty, state.line == nil else { return }
            show { $0.line = LineForm(typed) }
        }
        follow { [self] in
            for try await people in shop.staff() { show { $0.people = people } }
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
        try await keptLine.now()
    }

    public func edit() {
        work { [self] in
            guard let ticket = try await shop.ticket(id: id) else { return }
            began = TicketForm(ticket, desk.currency)
            show { $0.form = began }
        }
    }

    public func fill(_ form: TicketForm) {
        show { $0.form = form }
        let before = began.texts.map { (Self.was + $0.key, $0.value) }
        kept.soon(form.texts.merging(before) { $1 })
    }

    public func promise() {
        guard var form = state.form else { return }
        form.due = desk.calendar.date(byAdding: .day, value: 1, to: desk.time.now())
        fill(form)
    }

    public func save() {
        guard let form = state.form else { return }
        once(form.wrong(desk.currency)) { [self] in
            if let before = try await shop.ticket(id: id) {
                try await shop.editTicket(before: before, after: form.on(before, since: began, desk.currency))
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
        fillLine(LineForm(line, desk.currency))
    }

    public func fillLine(_ form: LineForm?) {
        show { $0.line = form }
        if let form { keptLine.soon(form.texts) } else { work { [self] in try await keptLine.drop() } }
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
        guard let before = try await shop.ticketLine(id: line) else {
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
