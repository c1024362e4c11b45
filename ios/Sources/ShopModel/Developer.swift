#if DEBUG
import Counterpart

/// What the developer looks at.
public enum DeveloperView: Hashable, Sendable, CaseIterable {
    case device, syncLog, network, analytics, record
}

/// How good the network is, on purpose.
public enum Network: Hashable, Sendable, CaseIterable {
    case well
    /// Every call takes two seconds longer.
    case slow
    /// Of ten calls three come to nothing, always the same ones.
    case lossy

    fileprivate var trouble: Trouble {
        switch self {
        case .well: .none
        case .slow: .slow(by: 2)
        case .lossy: .lossy(percent: 30, seed: 1)
        }
    }
}

/// How many rows of a table are here, how many of those beyond the windows, and how many the server has, if it was asked.
public struct RowCount: Hashable, Identifiable, Sendable {
    public var table: String
    public var here: Int
    public var beyond: Int
    public var there: Int?

    public var id: String { table }

    public init(_ table: String, here: Int, beyond: Int = 0, there: Int? = nil) {
        self.table = table
        self.here = here
        self.beyond = beyond
        self.there = there
    }
}

/// What the developer's screen shows.
public struct DeveloperState: ScreenState {
    public var loading = true
    public var view = DeveloperView.device
    /// How the device stands, fact by fact.
    public var facts: [Fact] = []
    public var rows: [RowCount] = []
    /// The commit at which the server counted its rows, and how far this device has seen them.
    public var counted: Counted?
    public var events: [SyncEvent] = []
    public var kind: SyncKind?
    public var calls: [NetworkCall] = []
    public var days: [Day] = []
    /// The ticket number or id that is looked up, and its record as the file holds it.
    public var wanted = ""
    public var record: [Fact] = []
    public var pretendsOffline = false
    public var network = Network.well
    /// Whether starting over waits for a yes.
    public var purging = false
    /// What another device is to write into the ticket that was looked up.
    public var field = ""
    public var value = ""
    public var editedElsewhere = false
    /// One hash over what every member sees, and the commit that it is of.
    public var checksum: String?
    public var evicted: Int?
    public var problem: Problem?

    public init() {}

    /// Two places in the shop's history.
    public struct Counted: Hashable, Sendable {
        public var there: Int64
        public var here: Int64

        public init(there: Int64, here: Int64) {
            self.there = there
            self.here = here
        }
    }
}

/// What a developer can do.
@MainActor
public protocol DeveloperActions: Sendable {
    func look(_ view: DeveloperView)
    func only(_ kind: SyncKind?)
    func write(_ wanted: String)
    func lookUp()
    func pretendOffline(_ offline: Bool)
    func simulate(_ network: Network)
    func askPurge()
    func purge()
    func keep()
    func fetchAnew()
    func writeElsewhere(_ field: String, _ value: String)
    func editElsewhere()
    func syncNow()
    func checksum()
    func countThere()
    func evict()
    func seed()
    func dismiss()
}

/// The inspector. What is shipped has neither it nor the calls that it makes of the engine.
public final class Developer: ScreenModel<DeveloperState>, DeveloperActions {
    private static let shown: UInt32 = 100
    private static let seeded = 20

    private let desk: Desk
    private let session: Session
    private var shop: Shop { desk.shop }
    /// The ticket that was looked up.
    private var ticket: String?
    /// What the server said when it was asked last.
    private var server: ServerCounts?

    public init(_ desk: Desk, _ session: Session) {
        self.desk = desk
        self.session = session
        var first = DeveloperState()
        first.network = session.network
        super.init(first)
    }

    override func begin() {
        follow { [self] in try await shop.atChanges(read) }
    }

    private func read() async throws {
        let kind = state.kind
        let filter = SyncLogFilter(kinds: kind.map { [$0] } ?? [], since: nil, until: nil, limit: Self.shown)
        let device = try await shop.inspect()
        // The rows here with those of the server, where it was asked and has any of that table for this device.
        let rows = device.rows.map { rows in
            let there = server?.rows[rows.table].map { Int($0) }
            return RowCount(rows.table, here: Int(rows.here), beyond: Int(rows.beyond), there: there)
        }
        let counted = server.map { DeveloperState.Counted(there: $0.cursor, here: device.cursor) }
        let events = try await shop.syncLog(filter: filter)
        let calls = try await shop.networkLog(limit: Self.shown)
        let days = try await shop.analytics()
        show { state in
            state.loading = false
            state.facts = device.facts
            state.rows = rows
            state.counted = counted
            // An answer to an older question is of no use.
            if state.kind == kind { state.events = events }
            state.calls = calls
            state.days = days
        }
    }

    public func countThere() {
        work { [self] in
            server = try await shop.serverCounts()
            try await read()
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
            let record = try await shop.rawRecord(kind: .ticket, id: id).facts
            ticket = id
            show { state in
                state.record = record
                state.editedElsewhere = false
            }
        }
    }

    public func writeElsewhere(_ field: String, _ value: String) {
        show { state in
            state.field = field
            state.value = value
            state.editedElsewhere = false
        }
    }

    public func editElsewhere() {
        guard let ticket else { return }
        let (field, value) = (state.field.trimmed, state.value)
        workOnce { [self] in
            try await session.terminal.editElsewhere(kind: .ticket, id: ticket, field: field, value: value)
            show { $0.editedElsewhere = true }
        }
    }

    public func pretendOffline(_ offline: Bool) {
        show { $0.pretendsOffline = offline }
        session.pretendNetwork(up: !offline)
    }

    public func simulate(_ network: Network) {
        work { [self] in
            try await session.terminal.simulate(trouble: network.trouble)
            session.network = network
            show { $0.network = network }
        }
    }

    public func askPurge() {
        show { $0.purging = true }
    }

    public func keep() {
        show { $0.purging = false }
    }

    public func purge() {
        show { $0.purging = false }
        work { [self] in
            try await session.terminal.purge()
            try await read()
        }
    }

    public func fetchAnew() {
        work { [self] in
            try await session.terminal.forceFullSync()
            try await read()
        }
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
#endif
