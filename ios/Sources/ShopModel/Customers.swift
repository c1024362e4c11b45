import Counterpart

/// A customer in the list.
public struct CustomerLine: Hashable, Identifiable, Sendable {
    public var row: CustomerRow
    public var mark: Mark

    public var id: CustomerId { row.id }

    public init(_ row: CustomerRow, mark: Mark = Mark()) {
        self.row = row
        self.mark = mark
    }
}

/// What the list of customers shows.
public struct CustomersState: ScreenState {
    public var loading = true
    public var words = ""
    public var rows: [CustomerLine] = []
    public var more = false
    public var problem: Problem?

    public init() {}
}

/// What a person can do with the list.
@MainActor
public protocol CustomersActions: Sendable {
    func search(_ words: String)
    func showMore()
    func dismiss()
}

/// The customers: all of them by name, or by the beginning of a name, by phone digits, by e-mail address, or by any words about them.
public final class Customers: ScreenModel<CustomersState>, CustomersActions {
    private let desk: Desk
    private var shop: Shop { desk.shop }
    private lazy var late = LateFailure(desk.time) { [weak self] in self?.mark($0) }
    private var looking: Task<Void, Never>?
    private var wanted = Int(window)

    public init(_ desk: Desk) {
        self.desk = desk
        super.init(CustomersState())
    }

    override func begin() {
        follow { [self] in try await shop.atChanges(look) }
    }

    public func search(_ words: String) {
        show { $0.words = words }
        wanted = Int(window)
        looking?.cancel()
        looking = follow(look)
    }

    public func showMore() {
        wanted = state.rows.count + 1
        work { [self] in try await look() }
    }

    private func look() async throws {
        let words = state.words
        let found = try await found(words.trimmed)
        let rows = found.rows
        let marks = try await shop.marks(.customer, rows.map(\.id.rawValue))
        // An answer to an older question is of no use.
        guard state.words == words else { return }
        show { state in
            state.loading = false
            state.rows = rows.map { CustomerLine($0, mark: late.marks[$0.id.rawValue] ?? Mark()) }
            state.more = found.more
        }
        late.tell(marks)
    }

    private func found(_ words: String) async throws -> Rows<CustomerRow> {
        let shop = shop
        if words.isEmpty { return try await first(wanted) { try await shop.customers(after: $0, limit: $1) } }
        if words.contains("@") { return Rows(rows: try await shop.customersByEmail(prefix: words, limit: window)) }
        if words.isNumber { return Rows(rows: try await shop.customersByPhone(typed: words, limit: window)) }
        let named = try await shop.customersByName(prefix: words, limit: window)
        let others = try await shop.findCustomers(words: words, limit: window)
        return Rows(rows: (named + others).once(\.id))
    }

    private func mark(_ marks: [String: Mark]) {
        show { state in
            for at in state.rows.indices {
                if let mark = marks[state.rows[at].id.rawValue] { state.rows[at].mark = mark }
            }
        }
    }
}

extension String {
    /// Whether these are the digits of a phone number, as people write them.
    var isNumber: Bool { !isEmpty && allSatisfy { $0.isNumber || $0.standsInNumbers || $0 == "+" } }

    /// A phone number without what people write between its digits.
    var digits: String { filter { !$0.standsInNumbers } }
}

extension Character {
    fileprivate var standsInNumbers: Bool { " -/()".contains(self) }
}

extension Array {
    /// Each of them where it stands first.
    func once<Id: Hashable>(_ id: (Element) -> Id) -> [Element] {
        var seen: Set<Id> = []
        return filter { seen.insert(id($0)).inserted }
    }
}
