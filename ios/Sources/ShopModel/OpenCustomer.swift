import Counterpart

/// What is typed on a customer's card; numbers and addresses one to a line.
public struct CustomerForm: CardForm {
    /// An address is one value.
    public static let together: [Set<String>] = [["street", "code", "city"]]

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

    public init(_ typed: [String: String]) {
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

    public var texts: [String: String?] {
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

    /// As a list shows them.
    var row: CustomerRow {
        CustomerRow(id: id, name: called, company: company, phone: phones.first?.number, email: emails.first)
    }
}

/// What a customer's card shows.
public struct CustomerState: CardState {
    public typealias Id = CustomerId

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

    public var record: Customer? { customer }

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
public final class OpenCustomer: OpenCard<CustomerState>, CustomerActions {
    private static let window: UInt32 = 20

    /// `saved` hears of the card that is to be shown then.
    public init(_ desk: Desk, _ card: Card<CustomerId>, saved: @escaping @MainActor (CustomerId?) -> Void) {
        let shop = desk.shop
        let deeds = CardDeeds<CustomerState>(
            kind: .customer,
            word: "customer",
            blank: blankCustomer,
            read: { try await shop.customer(id: $0) },
            form: { CustomerForm($0) },
            typed: { $0.on($1) },
            create: { try await shop.createCustomer(record: $0) },
            edit: { try await shop.editCustomer(before: $0, after: $1) },
            merge: { try await shop.mergeCustomers(stays: $0, duplicate: $1.id) }
        )
        var first = CustomerState()
        first.leads = desk.who.leads
        super.init(desk, card, first, deeds, saved: saved)
    }

    override func look(_ id: CustomerId) async throws {
        let customer = try await shop.customer(id: id)
        let window = Self.window.holding(state.tickets.count)
        let tickets = try await shop.ticketsOfCustomer(customer: id, before: nil, limit: window)
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
            state.moreTickets = tickets.count == Int(window)
            state.appointments = appointments
            state.alike = others
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
