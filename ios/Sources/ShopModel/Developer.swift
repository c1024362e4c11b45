import Counterpart

/// What the developer looks at.
public enum DeveloperView: Hashable, Sendable, CaseIterable {
    case device, syncLog, network, analytics, record
}

/// A fact of the engine's, under its own name.
public struct Fact: Hashable, Identifiable, Sendable {
    public var name: String
    public var value: String

    public var id: String { name }

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What the developer's screen shows.
public struct DeveloperState: ScreenState {
    public var loading = true
    public var view = DeveloperView.device
    /// How the device stands, fact by fact.
    public var facts: [Fact] = []
    public var events: [SyncEvent] = []
    public var kind: SyncKind?
    public var calls: [NetworkCall] = []
    public var days: [Day] = []
    /// The ticket number or id that is looked up, and its record as the file holds it.
    public var wanted = ""
    public var record: [Fact] = []
    public var pretendsOffline = false
    /// One hash over what every member sees, and the commit that it is of.
    public var checksum: String?
    public var evicted: Int?
    public var problem: Problem?

    public init() {}
}

/// What a developer can do.
@MainActor
public protocol DeveloperActions: Sendable {
    func look(_ view: DeveloperView)
    func only(_ kind: SyncKind?)
    func write(_ wanted: String)
    func lookUp()
    func pretendOffline(_ offline: Bool)
    func syncNow()
    func checksum()
    func evict()
    func seed()
    func dismiss()
}

/// The inspector: never in a build that is shipped. What it changes, it changes as anybody would.
public final class Developer: ScreenModel<DeveloperState>, DeveloperActions {
    private static let shown: UInt32 = 100
    private static let seeded = 20

    private let desk: Desk
    private let session: Session
    private var shop: Shop { desk.shop }

    public init(_ desk: Desk, _ session: Session) {
        self.desk = desk
        self.session = session
        super.init(DeveloperState())
    }

    override func begin() {
        follow { [self] in try await shop.atChanges(read) }
    }

    private func read() async throws {
        let kind = state.kind
        let filter = SyncLogFilter(kinds: kind.map { [$0] } ?? [], since: nil, until: nil, limit: Self.shown)
        let facts = Json.facts(try await shop.inspect())
        let events = try await shop.syncLog(filter: filter)
        let calls = try await shop.networkLog(limit: Self.shown)
        let days = try await shop.analytics()
        show { state in
            state.loading = false
            state.facts = facts
            // An answer to an older question is of no use.
            if state.kind == kind { state.events = events }
            state.calls = calls
            state.days = days
        }
    }

    public func look(_ view: DeveloperView) {
        show { $0.view = view }
        work(read)
    }

    public func only(_ kind: SyncKind?) {
        show { $0.kind = kind }
        work(read)
    }

    public func write(_ wanted: String) {
        show { $0.wanted = wanted }
    }

    public func lookUp() {
        let wanted = state.wanted.trimmed
        work { [self] in
            let id = try await shop.ticketByNumber(number: wanted)?.id.rawValue ?? wanted
            let record = Json.facts(try await shop.rawRecord(kind: .ticket, id: id))
            show { $0.record = record }
        }
    }

    public func pretendOffline(_ offline: Bool) {
        show { $0.pretendsOffline = offline }
        session.pretendNetwork(up: !offline)
    }

    public func syncNow() {
        work { [self] in
            try await shop.sync()
            try await read()
        }
    }

    public func checksum() {
        work { [self] in
            let sum = try await shop.checksum()
            show { $0.checksum = "\(sum.hash) @ \(sum.cursor)" }
        }
    }

    public func evict() {
        work { [self] in
            let rows = try await shop.evict(days: nil)
            show { $0.evicted = Int(rows) }
            try await read()
        }
    }

    /// A morning's worth of tickets, to have something to look at.
    public func seed() {
        workOnce { [self] in
            for index in 1...Self.seeded {
                var customer = blankCustomer()
                customer.lastName = "Seeded \(index)"
                var ticket = blankTicket()
                ticket.subject = "Seeded ticket \(index)"
                ticket.deviceKind = "phone"
                let intake = Intake(bringer: .new(customer: customer), ticket: ticket)
                _ = try await shop.intake(intake: intake, passcode: nil)
            }
            try await read()
        }
    }
}
