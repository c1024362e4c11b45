import Counterpart

/// What is typed at the counter.
public struct IntakeForm: Hashable, Sendable {
    public var phone = ""
    public var firstName = ""
    public var lastName = ""
    public var kind = "phone"
    public var brand = ""
    public var model = ""
    public var imei = ""
    public var subject = ""
    public var problem = ""
    public var checklist: [String: CheckMark] = [:]

    private static let check = "check."

    public init() {}

    /// From a draft.
    init(_ typed: [String: String]) {
        let text = { (name: String) in typed[name] ?? "" }
        phone = text("phone")
        firstName = text("firstName")
        lastName = text("lastName")
        kind = text("kind").unlessEmpty ?? "phone"
        brand = text("brand")
        model = text("model")
        imei = text("imei")
        subject = text("subject")
        problem = text("problem")
        for (name, word) in typed where name.hasPrefix(Self.check) {
            checklist[String(name.dropFirst(Self.check.count))] = CheckMark(word: word)
        }
    }

    /// As a draft. The passcode is not in it: a draft is not encrypted.
    var texts: [String: String?] {
        let texts = [
            "phone": phone, "firstName": firstName, "lastName": lastName, "kind": kind, "brand": brand,
            "model": model, "imei": imei, "subject": subject, "problem": problem,
        ]
        let marks = checklist.map { (Self.check + $0.key, $0.value.word) }
        return texts.merging(marks) { $1 }
    }
}

extension CheckMark {
    init(word: String) {
        self =
            switch word {
            case "pass": .pass
            case "fail": .fail
            case "na": .notApplicable
            case "untested": .untested
            default: .other(word: word)
            }
    }

    var word: String {
        switch self {
        case .pass: "pass"
        case .fail: "fail"
        case .notApplicable: "na"
        case .untested: "untested"
        case .other(let word): word
        }
    }
}

/// What the intake shows.
public struct IntakeState: ScreenState {
    public var form = IntakeForm()
    public var passcode = ""
    public var found: [CustomerRow] = []
    public var known: CustomerRow?
    public var busy = false
    public var kept = false
    /// What was taken in last: its number is shown large.
    public var taken: Taken?
    public var problem: Problem?

    public init() {}

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        busy = false
    }
}

/// A ticket that was taken in.
public struct Taken: Hashable, Sendable {
    public let ticket: TicketId
    public let number: String?

    public init(_ ticket: TicketId, number: String?) {
        self.ticket = ticket
        self.number = number
    }
}

/// What a person can do at the counter.
@MainActor
public protocol IntakeActions: Sendable {
    func fill(_ form: IntakeForm)
    func passcode(_ passcode: String)
    func choose(_ customer: CustomerRow?)
    func takeIn()
    func nextCustomer()
    func dismiss()
}

/// Taking a device in: the customer by phone digits, the device, what works on it, and a number, online or not.
public final class TakingIn: ScreenModel<IntakeState>, IntakeActions {
    /// What is looked at when a device comes in.
    public static let checklist = ["screen", "touch", "charging", "sound", "camera", "buttons"]

    private static let known = "known"
    private static let fewestDigits = 3

    private let desk: Desk
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "intake") { [weak self] in self?.show { $0.kept = true } }

    public init(_ desk: Desk) {
        self.desk = desk
        super.init(IntakeState())
    }

    override func begin() {
        follow { [self] in
            let typed = try await kept.read()
            var known: Customer?
            if let id = typed[Self.known] { known = try await shop.customer(id: CustomerId(rawValue: id)) }
            let chosen = known?.row
            // Who was quicker to type than the disk to read keeps what they typed.
            guard !typed.isEmpty, state.form == IntakeForm(), state.known == nil else { return }
            let form = IntakeForm(typed)
            show { state in
                state.form = form
                state.known = chosen
                state.kept = true
            }
            try await look(form.phone)
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    public func fill(_ form: IntakeForm) {
        let phone = state.form.phone
        show { state in
            state.form = form
            state.kept = false
        }
        if phone != form.phone { follow { [self] in try await look(form.phone) } }
        keep()
    }

    private func keep() {
        kept.soon(state.form.texts.merging([Self.known: state.known?.id.rawValue]) { $1 })
    }

    public func passcode(_ passcode: String) {
        show { $0.passcode = passcode }
    }

    public func choose(_ customer: CustomerRow?) {
        show { state in
            state.known = customer
            state.kept = false
        }
        keep()
    }

    public func takeIn() {
        guard !state.busy else { return }
        show { $0.busy = true }
        let shown = state
        work { [self] in
            let intake = Intake(bringer: bringer(shown), ticket: ticket(shown.form))
            let taken = try await shop.intake(intake: intake, passcode: shown.passcode.unlessEmpty)
            try await kept.drop()
            show { state in
                state = IntakeState()
                state.taken = Taken(taken.ticket, number: taken.number)
            }
        }
    }

    public func nextCustomer() {
        show { $0 = IntakeState() }
    }

    private func look(_ phone: String) async throws {
        let digits = phone.count(where: \.isNumber)
        let found =
            digits < Self.fewestDigits ? [] : try await shop.customersByPhone(typed: phone, limit: 5)
        show { if $0.form.phone == phone { $0.found = found } }
    }

    private func bringer(_ shown: IntakeState) -> Bringer {
        if let known = shown.known { return .known(id: known.id) }
        var customer = blankCustomer()
        customer.firstName = shown.form.firstName.trimmed.unlessEmpty
        customer.lastName = shown.form.lastName.trimmed.unlessEmpty
        if let number = shown.form.phone.trimmed.unlessEmpty {
            customer.phones = [Phone(number: number.digits, label: "mobile")]
        }
        return .new(customer: customer)
    }

    private func ticket(_ form: IntakeForm) -> Ticket {
        var ticket = blankTicket()
        ticket.subject = form.subject.trimmed
        ticket.problem = form.problem.trimmed.unlessEmpty
        ticket.deviceKind = form.kind
        ticket.deviceBrand = form.brand.trimmed.unlessEmpty
        ticket.deviceModel = form.model.trimmed.unlessEmpty
        ticket.imei = form.imei.filter(\.isNumber).unlessEmpty
        ticket.intakeChecklist = form.checklist
        return ticket
    }
}
