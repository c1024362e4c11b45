import Counterpart
import Foundation

/// One ticket on the board.
public struct BoardRow: Hashable, Identifiable, Sendable {
    public var ticket: TicketRow
    public var mark: Mark
    public var overdue: Bool
    /// For how many days nobody touched it, if that is worth saying.
    public var staleDays: Int?
    public var assignee: String?
    /// Where one swipe brings it, if anywhere.
    public var next: TicketStatus?
    /// Whether the other swipe makes it this person's.
    public var canTake: Bool

    public var id: TicketId { ticket.id }

    public init(
        _ ticket: TicketRow,
        mark: Mark = Mark(),
        overdue: Bool = false,
        staleDays: Int? = nil,
        assignee: String? = nil,
        next: TicketStatus? = nil,
        canTake: Bool = false
    ) {
        self.ticket = ticket
        self.mark = mark
        self.overdue = overdue
        self.staleDays = staleDays
        self.assignee = assignee
        self.next = next
        self.canTake = canTake
    }
}

/// What was done to a ticket without opening it: moved, or taken on where it has not moved.
public struct Swiped: Hashable, Sendable {
    public var before: TicketRow
    public var to: TicketStatus?
    public var canUndo: Bool

    public init(_ before: TicketRow, to: TicketStatus? = nil, canUndo: Bool = true) {
        self.before = before
        self.to = to
        self.canUndo = canUndo
    }
}

/// What the board shows.
public struct BoardState: ScreenState {
    public var loading = true
    public var rows: [BoardRow] = []
    public var more = false
    public var status: TicketStatus?
    public var onlyMine = false
    public var canFilterMine = false
    public var words = ""
    public var badges: Badges?
    public var swiped: Swiped?
    /// While somebody searches: tickets that were closed before this day are on the server alone.
    public var olderSince: Date?
    public var fetchingOlder = false
    public var problem: Problem?

    public init() {}

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        fetchingOlder = false
    }
}

/// What a person can do on the board.
@MainActor
public protocol BoardActions: Sendable {
    func search(_ words: String)
    func filter(_ status: TicketStatus?)
    func onlyMine(_ mine: Bool)
    func showMore()
    /// Fetches tickets that were closed further back, and searches them too.
    func fetchOlder()
    /// One full sync, for who pulls the list down; returns once it is over.
    func refresh() async
    /// Moves a ticket one step on.
    func advance(_ row: BoardRow)
    /// Makes a ticket this person's.
    func take(_ row: BoardRow)
    func undo()
    /// What was done was read.
    func leave()
    func dismiss()
}

/// The ticket board: windows of fifty after a key, kept current.
public final class Board: ScreenModel<BoardState>, BoardActions {
    private static let window: UInt32 = 50
    /// So many that the words find are looked through where filters let only some of them pass.
    private static let sifted: UInt32 = 500
    private static let stale = 3
    /// A device keeps closed tickets for as long, and as much again is fetched at a time.
    private static let stretchDays = 90
    /// Ten years.
    private static let mostStretches = 40

    private let desk: Desk
    private var shop: Shop { desk.shop }
    private var watching: Task<Void, Never>?
    private var names: [EmployeeId: String] = [:]

    /// What is on the board, in how many windows, and where the next one begins.
    private var tickets: [TicketRow] = []
    private var windows = 1
    private var next: Key?

    /// How many windows somebody asked for, and how often the board was read.
    private var wanted = 1
    private var looks = 0
    private lazy var late = LateFailure(desk.time) { [weak self] in self?.mark($0) }

    public init(_ desk: Desk) {
        self.desk = desk
        var first = BoardState()
        first.canFilterMine = desk.who.actor != nil
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            names = Dictionary(try await shop.employees().map { ($0.id, $0.name) }) { $1 }
            watch()
        }
        let day = desk.today
        let nextDay = desk.calendar.date(byAdding: .day, value: 1, to: day) ?? day
        follow { [self] in
            for try await badges in shop.badgeCounts(day: day, nextDay: nextDay) {
                show { $0.badges = badges }
            }
        }
        // A mark changes without its ticket when the queue moves on.
        follow { [self] in
            var queue: [UInt64] = []
            for try await line in shop.states() where line.queue != queue {
                queue = line.queue
                try await tellMarks()
            }
        }
    }

    public func search(_ words: String) {
        show { $0.words = words }
        watch()
    }

    public func filter(_ status: TicketStatus?) {
        show { $0.status = status }
        watch()
    }

    public func onlyMine(_ mine: Bool) {
        show { $0.onlyMine = mine }
        watch()
    }

    public func showMore() {
        guard next != nil else { return }
        // Asked for twice before it came, it is one window more all the same.
        wanted = windows + 1
        work { [self] in try await look() }
    }

    public func fetchOlder() {
        guard !state.fetchingOlder else { return }
        show { $0.fetchingOlder = true }
        work { [self] in
            if let held = try await heldStretches() {
                try await shop.fetchDays(kind: .ticket, days: UInt32((held + 1) * Self.stretchDays))
            }
            show { $0.fetchingOlder = false }
            watch()
        }
    }

    /// Before which day closed tickets are not on this device; nothing where all are.
    private func heldSince() async throws -> Date? {
        try await heldStretches().flatMap {
            desk.calendar.date(byAdding: .day, value: -$0 * Self.stretchDays, to: desk.today)
        }
    }

    /// How many stretches of days back from now are on this device without a gap; nothing where there is no end of them.
    private func heldStretches() async throws -> Int? {
        let at = desk.time.now()
        for held in 1...Self.mostStretches {
            // The engine's days have 24 hours each.
            let from = at.addingTimeInterval(-86_400 * Double((held + 1) * Self.stretchDays))
            if try await !shop.hasBetween(kind: .ticket, from: from, until: at) { return held }
        }
        return nil
    }

    public func refresh() async {
        await work { [self] in try await shop.sync() }.value
    }

    public func advance(_ row: BoardRow) {
        guard let to = row.next else { return }
        work { [self] in
            try await shop.transition(ticket: row.id, to: to, reason: nil)
            let moved = try await shop.ticket(id: row.id)
            let back = moved.map { Steps.of($0, desk.who, at: desk.time.now()) } ?? []
            show { $0.swiped = Swiped(row.ticket, to: to, canUndo: back.contains(row.ticket.status)) }
        }
    }

    public func take(_ row: BoardRow) {
        guard let me = desk.who.actor.map(EmployeeId.init(rawValue:)) else { return }
        work { [self] in
            try await shop.assign(ticket: row.id, employee: me)
            show { $0.swiped = Swiped(row.ticket) }
        }
    }

    public func undo() {
        guard let swiped = state.swiped else { return }
        let before = swiped.before
        work { [self] in
            if swiped.to == nil {
                try await shop.assign(ticket: before.id, employee: before.assigneeId)
            } else {
                try await shop.transition(ticket: before.id, to: before.status, reason: nil)
            }
            leave()
        }
    }

    public func leave() {
        show { $0.swiped = nil }
    }

    private func filter() -> BoardFilter {
        BoardFilter(
            statuses: state.status.map { [$0] } ?? [],
            assignee: state.onlyMine ? desk.who.actor.map(EmployeeId.init(rawValue:)) : nil,
            priority: nil,
            order: .updated
        )
    }

    /// Looks with other eyes: what was watched before is let go.
    private func watch() {
        watching?.cancel()
        wanted = 1
        next = nil
        let words = state.words.trimmed
        watching = follow { [self] in
            // Closed tickets are found by searching alone.
            let since = words.isEmpty ? nil : try await heldSince()
            try Task.checkCancellation()
            show { $0.olderSince = since }
            for try await _ in shop.changes(of: [.ticket, .customer]) { try await look() }
        }
    }

    /// Reads again what is on the board, further windows too: what was swiped away there is gone there.
    private func look() async throws {
        looks += 1
        let (look, count) = (looks, wanted)
        let (words, filter) = (state.words.trimmed, filter())
        var read: (rows: [TicketRow], next: Key?)
        if words.isEmpty {
            read = try await self.read(filter, count)
        } else {
            read = (try await found(words, filter), nil)
        }
        // Somebody looks with other eyes by now, or a newer look is under way.
        guard look == looks, words == state.words.trimmed, filter == self.filter() else { return }
        tickets = read.rows
        windows = count
        next = read.next
        try await lay(look)
    }

    /// So many windows, and where the one after them begins.
    private func read(_ filter: BoardFilter, _ count: Int) async throws -> ([TicketRow], Key?) {
        var page = try await shop.board(filter: filter, after: nil, limit: Self.window)
        var rows = page.rows
        for _ in 1..<count {
            guard let after = page.next else { break }
            page = try await shop.board(filter: filter, after: after, limit: Self.window)
            rows += page.rows
        }
        return (rows.once(\.id), page.next)
    }

    /// What the words find, as far as the board's filters let it through.
    private func found(_ words: String, _ filter: BoardFilter) async throws -> [TicketRow] {
        let sifts = !filter.statuses.isEmpty || filter.assignee != nil
        let numbered = try await shop.ticketByNumber(number: words)
        let found = try await shop.findTickets(words: words, limit: sifts ? Self.sifted : Self.window)
        let passing = ([numbered].compactMap { $0 } + found).once(\.id).filter { row in
            (filter.statuses.isEmpty || filter.statuses.contains(row.status))
                && (filter.assignee == nil || filter.assignee == row.assigneeId)
        }
        return Array(passing.prefix(Int(Self.window)))
    }

    private func lay(_ look: Int) async throws {
        let at = desk.time.now()
        let laid = tickets
        let marks = try await shop.marks(.ticket, laid.map(\.id.rawValue))
        // What is read meanwhile is laid by itself.
        guard look == looks else { return }
        show { state in
            state.loading = false
            state.more = next != nil
            state.rows = laid.map { row($0, at) }
        }
        late.tell(marks)
    }

    private func tellMarks() async throws {
        late.tell(try await shop.marks(.ticket, state.rows.map(\.id.rawValue)))
    }

    private func mark(_ marks: [String: Mark]) {
        show { state in
            for at in state.rows.indices {
                if let mark = marks[state.rows[at].id.rawValue] { state.rows[at].mark = mark }
            }
        }
    }

    private func row(_ ticket: TicketRow, _ at: Date) -> BoardRow {
        let untouched = Int(at.timeIntervalSince(ticket.updatedAt) / 86_400)
        return BoardRow(
            ticket,
            mark: late.marks[ticket.id.rawValue] ?? Mark(),
            overdue: ticket.dueAt.map { $0 < at } == true,
            staleDays: untouched >= Self.stale ? untouched : nil,
            assignee: ticket.assigneeId.flatMap { names[$0] },
            next: Steps.onTheWay(from: ticket.status, desk.who).first,
            canTake: desk.who.actor.map { $0 != ticket.assigneeId?.rawValue } == true
        )
    }
}
