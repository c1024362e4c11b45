import Counterpart

/// What is typed on a customer's card; numbers and addresses one to a line.
public struct CustomerForm: Hashable, Sendable {
    public var firstName = ""
    public var lastName = ""
    public var company = ""
    public var phones = ""
    public var emails = ""
    public var street = ""
    public var postalCode = ""
    public var city = ""
    public var notes = ""
    public var tags = ""
    public var noTexts = false
    public var noEmail = false

    public init() {}

    public init(_ customer: Customer) {
        firstName = customer.firstName ?? ""
        lastName = customer.lastName ?? ""
        company = customer.company ?? ""
        phones = customer.phones.map(\.number).joined(separator: "\n")
        emails = customer.emails.joined(separator: "\n")
        street = customer.address?.street ?? ""
        postalCode = customer.address?.postalCode ?? ""
        city = customer.address?.city ?? ""
        notes = customer.notes ?? ""
        tags = customer.tags.joined(separator: ", ")
        noTexts = customer.smsOptOut
        noEmail = customer.emailOptOut
    }

    /// From a draft.
    init(_ typed: [String: String]) {
        let text = { (name: String) in typed[name] ?? "" }
        firstName = text("first")
        lastName = text("last")
        company = text("company")
        phones = text("phones")
        emails = text("emails")
        street = text("street")
        postalCode = text("code")
        city = text("city")
        notes = text("notes")
        tags = text("tags")
        noTexts = text("no_texts") == "true"
        noEmail = text("no_email") == "true"
    }

    /// As a draft.
    var texts: [String: String?] {
        [
            "first": firstName, "last": lastName, "company": company, "phones": phones, "emails": emails,
            "street": street, "code": postalCode, "city": city, "notes": notes, "tags": tags,
            "no_texts": String(noTexts), "no_email": String(noEmail),
        ]
    }

    /// A record with what was typed in the place of what it says.
    func on(_ customer: Customer) -> Customer {
        let labels = Dictionary(customer.phones.map { ($0.number, $0.label) }) { first, _ in first }
        var after = customer
        after.firstName = firstName.trimmed.unlessEmpty
        after.lastName = lastName.trimmed.unlessEmpty
        after.company = company.trimmed.unlessEmpty
        after.phones = phones.lines.map(\.digits).map { Phone(number: $0, label: labels[$0] ?? "mobile") }
        after.emails = emails.lines
        after.address = address(customer.address)
        after.notes = notes.trimmed.unlessEmpty
        after.tags = tags.split(separator: ",").compactMap { String($0).trimmed.unlessEmpty }
        // Somebody who wants none is not asked again: the field only ever becomes true.
        after.smsOptOut = noTexts || customer.smsOptOut
        after.emailOptOut = noEmail || customer.emailOptOut
        return after
    }

    private func address(_ before: Address?) -> Address? {
        let known = before ?? Address(street: "", city: "", region: "", postalCode: "", country: "")
        var typed = known
        typed.street = street.trimmed
        typed.postalCode = postalCode.trimmed
        typed.city = city.trimmed
        return before == nil && typed == known ? nil : typed
    }
}

extension String {
    /// What stands in each line, but for empty ones.
    fileprivate var lines: [String] {
        split(whereSeparator: \.isNewline).compactMap { String($0).trimmed.unlessEmpty }
    }
}

extension Customer {
    /// The customer's name, or the company's.
    public var called: String {
        [firstName, lastName].compactMap { $0 }.joined(separator: " ").unlessEmpty ?? company ?? ""
    }
}

/// What a customer's card shows.
public struct CustomerState: ScreenState {
    public var loading = true
    /// Nothing while it is being written for the first time, or once it is gone.
    public var customer: Customer?
    public var mark = Mark()
    public var tickets: [TicketRow] = []
    public var moreTickets = false
    public var appointments: [AppointmentRow] = []
    /// What is typed, while somebody types.
    public var form: CustomerForm?
    /// Others with one of its numbers: perhaps the same person.
    public var alike: [CustomerRow] = []
    /// The one that is about to go into this one.
    public var merging: CustomerRow?
    public var deleting = false
    public var leads = false
    public var problem: Problem?

    public init() {}
}

/// What a person can do with a customer's card.
@MainActor
public protocol CustomerActions: Sendable {
    func edit()
    func fill(_ form: CustomerForm)
    func save()
    func cancel()
    func showMoreTickets()
    func askMerge(_ duplicate: CustomerRow?)
    func merge()
    func askDelete(_ asks: Bool)
    func delete()
    func dismiss()
}

/// One customer, or one that is being written.
public final class OpenCustomer: ScreenModel<CustomerState>, CustomerActions {
    private static let window: UInt32 = 20

    private let desk: Desk
    private let id: CustomerId?
    private let saved: @MainActor (CustomerId?) -> Void
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "customer/\(id?.rawValue ?? Card<CustomerId>.newWord)")
    private lazy var late = LateFailure(desk.time) { [weak self, id] marks in
        if let id, let mark = marks[id.rawValue] { self?.show { $0.mark = mark } }
    }

    /// What the person saw when they began to type: an edit is what they changed of it.
    private var began: Customer?

    /// `saved` hears of the card that is to be shown then.
    public init(_ desk: Desk, _ card: Card<CustomerId>, saved: @escaping @MainActor (CustomerId?) -> Void) {
        self.desk = desk
        self.id = card.id
        self.saved = saved
        var first = CustomerState()
        first.leads = desk.who.leads
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            try await readDraft()
            guard let id else { return show { $0.loading = false } }
            try await shop.view(kind: .customer, id: id.rawValue)
            try await shop.atChanges { [self] in try await look(id) }
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    private func readDraft() async throws {
        let typed = try await kept.read()
        let customer = try await whole(id)
        // Who was quicker to type than the disk to read keeps what they typed.
        guard state.form == nil else { return }
        began = customer
        if id == nil || !typed.isEmpty { show { $0.form = CustomerForm(typed) } }
    }

    private func whole(_ id: CustomerId?) async throws -> Customer? {
        if let id { try await shop.customer(id: id) } else { blankCustomer() }
    }

    private func look(_ id: CustomerId) async throws {
        let customer = try await shop.customer(id: id)
        let tickets = try await shop.ticketsOfCustomer(customer: id, before: nil, limit: Self.window)
        let appointments = try await shop.appointmentsOfCustomer(customer: id, before: nil, limit: Self.window)
        var alike: [CustomerRow] = []
        for phone in customer?.phones ?? [] {
            alike += try await shop.customersByPhone(typed: phone.number, limit: 5)
        }
        let others = alike.filter { $0.id != id }.once(\.id)
        show { state in
            state.loading = false
            state.customer = customer
            state.tickets = tickets
            state.moreTickets = tickets.count == Int(Self.window)
            state.appointments = appointments
            state.alike = others
        }
        late.tell(try await shop.marks(.customer, [id.rawValue]))
    }

    public func edit() {
        guard let customer = state.customer else { return }
        began = customer
        show { $0.form = CustomerForm(customer) }
    }

    public func fill(_ form: CustomerForm) {
        show { $0.form = form }
        kept.soon(form.texts)
    }

    public func save() {
        guard let before = began, let form = state.form else { return }
        workOnce { [self] in
            if let id {
                try await shop.editCustomer(before: before, after: form.on(before))
                try await kept.drop()
                show { $0.form = nil }
                follow { [self] in try await look(id) }
            } else {
                let made = try await shop.createCustomer(record: form.on(before))
                try await kept.drop()
                show { $0.form = nil }
                saved(made)
            }
        }
    }

    public func cancel() {
        work { [self] in
            try await kept.drop()
            show { $0.form = nil }
            if id == nil { saved(nil) }
        }
    }

    public func showMoreTickets() {
        guard let id, let last = state.tickets.last else { return }
        work { [self] in
            let older = try await shop.ticketsOfCustomer(customer: id, before: last.id, limit: Self.window)
            // What came was asked for twice, or the list began anew meanwhile.
            guard state.tickets.last == last else { return }
            show { state in
                state.tickets += older
                state.moreTickets = older.count == Int(Self.window)
            }
        }
    }

    public func askMerge(_ duplicate: CustomerRow?) {
        show { $0.merging = duplicate }
    }

    public func merge() {
        guard let id, let duplicate = state.merging else { return }
        work { [self] in
            try await shop.mergeCustomers(stays: id, duplicate: duplicate.id)
            show { $0.merging = nil }
            try await look(id)
        }
    }

    public func askDelete(_ asks: Bool) {
        show { $0.deleting = asks }
    }

    public func delete() {
        guard let id else { return }
        work { [self] in
            try await shop.deleteCustomer(id: id)
            saved(nil)
        }
    }
}
