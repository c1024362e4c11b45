import Counterpart

/// An operation that waits for a person, its record, and what it wanted to set.
public struct FailedOperation: Hashable, Identifiable, Sendable {
    public var parked: Parked
    public var record: ShownRecord
    public var wanted: [String: TrailValue]
    /// The field that a person can write anew, where one is plain text: the one that was refused, else the first.
    public var field: String?

    public var id: String { parked.operation }

    /// What it wanted to say there.
    public var text: String {
        if let field, case .text(let text) = wanted[field] { text } else { "" }
    }

    public init(_ parked: Parked, _ record: ShownRecord, wanted: [String: TrailValue], field: String? = nil) {
        self.parked = parked
        self.record = record
        self.wanted = wanted
        self.field = field
    }

    init(_ parked: Parked, _ called: Called) async throws {
        let texts = parked.wanted.compactMapValues(\.asText)
        var shown: [String: TrailValue] = [:]
        var written: [String] = []
        for (field, wanted) in parked.wanted {
            let value = try await called.value(field, wanted)
            let isId = field.hasSuffix("_id")
            // An id says nothing to anybody, and the step before is where the ticket was.
            guard value != .nothing, field != "from", !isId || value != texts[field].map(TrailValue.text) else {
                continue
            }
            shown[field] = value
            if case .text = value, texts[field] != nil, !isId { written.append(field) }
        }
        let record = try await called.record(parked.table, parked.id, texts)
        let field = written.first { $0 == parked.field } ?? written.min()
        self.init(parked, record, wanted: shown, field: field)
    }
}

/// Two versions of a field of a record.
public struct ShownConflict: Hashable, Identifiable, Sendable {
    public var conflict: OpenConflict
    public var record: ShownRecord
    public var mine: TrailValue
    public var theirs: TrailValue
    /// Both, for who writes a third; nothing where that is no plain text.
    public var both: String?

    public var id: String { conflict.conflict.rawValue }

    public init(
        _ conflict: OpenConflict,
        _ record: ShownRecord,
        mine: TrailValue,
        theirs: TrailValue,
        both: String? = nil
    ) {
        self.conflict = conflict
        self.record = record
        self.mine = mine
        self.theirs = theirs
        self.both = both
    }

    init(_ conflict: OpenConflict, _ called: Called) async throws {
        let versions = [conflict.theirs, conflict.mine].filter { $0 != .empty }
        let texts = versions.compactMap(\.asText)
        self.init(
            conflict,
            try await called.record(conflict.table, conflict.id),
            mine: try await called.value(conflict.field, conflict.mine),
            theirs: try await called.value(conflict.field, conflict.theirs),
            both: texts.isEmpty || texts.count < versions.count ? nil : texts.joined(separator: "\n")
        )
    }
}

/// What the sync centre shows.
public struct SyncCentreState: ScreenState {
    public var currency = "EUR"
    /// What happened to the file at its opening.
    public var findings: [Finding] = []
    /// Where the note of who was signed in lies, if it could not be read.
    public var forgot: String?
    public var line: SyncState?
    public var busy = false
    public var failed: [FailedOperation] = []
    public var conflicts: [ShownConflict] = []
    public var names: [String: String] = [:]
    public var notices: Notices?
    /// The failed operation or the conflict whose value a person writes anew, and what they have written.
    public var editing: String?
    public var text = ""
    /// The failed operation that is about to be thrown away.
    public var discarding: String?
    public var problem: Problem?

    public init() {}

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        busy = false
    }
}

/// What a person can do in the sync centre.
@MainActor
public protocol SyncCentreActions: Sendable {
    func syncNow()
    /// Opens the record that something is about.
    func open(_ place: Place)
    func retry(_ operation: String)
    func retryAll()
    func askDiscard(_ operation: String?)
    func discard(_ operation: String)
    func edit(_ id: String?, _ text: String)
    func resend(_ operation: String, _ field: String)
    func keepMine(_ conflict: OpenConflict)
    func keepTheirs(_ conflict: OpenConflict)
    func keepOwn(_ conflict: OpenConflict)
    func newsSeen()
    func dismiss()
}

/// The sync centre: what happened to the file, the line to the server, what failed, two versions, and what others did.
public final class SyncCentre: ScreenModel<SyncCentreState>, SyncCentreActions {
    /// What is sealed on its way is in no draft either.
    private static let sealed: Set<String> = ["ticket_secrets", "employee_pins"]

    private let desk: Desk
    private let session: Session
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "sync")

    public init(_ desk: Desk, _ session: Session) {
        self.desk = desk
        self.session = session
        var first = SyncCentreState()
        first.currency = desk.currency
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            let typed = try await kept.read()
            // Who was quicker to type than the disk to read keeps what they typed.
            guard let id = typed["of"], state.editing == nil else { return }
            show { state in
                state.editing = id
                state.text = typed["text"] ?? ""
            }
        }
        follow { [self] in
            for try await line in shop.states() { show { $0.line = line } }
        }
        follow { [self] in
            let (findings, forgot) = (try await shop.findings(), try await session.forgot())
            show { state in
                state.findings = findings
                state.forgot = forgot
            }
        }
        follow { [self] in
            for try await parked in shop.parkedOperations() {
                let called = try await Called(shop)
                var failed: [FailedOperation] = []
                for one in parked { failed.append(try await FailedOperation(one, called)) }
                show { $0.failed = failed }
            }
        }
        follow { [self] in
            for try await open in shop.openConflicts() {
                let called = try await Called(shop)
                let names = Dictionary(try await shop.employees().map { ($0.id.rawValue, $0.name) }) { $1 }
                var conflicts: [ShownConflict] = []
                for one in open { conflicts.append(try await ShownConflict(one, called)) }
                show { state in
                    state.conflicts = conflicts
                    state.names = names
                }
            }
        }
        follow { [self] in
            for try await notices in shop.news() { show { $0.notices = notices } }
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    public func syncNow() {
        guard !state.busy else { return }
        show { $0.busy = true }
        work { [self] in
            try await shop.sync()
            show { $0.busy = false }
        }
    }

    public func open(_ place: Place) {
        session.go(place)
    }

    public func retry(_ operation: String) {
        work { [self] in try await shop.retry(operation: operation) }
    }

    public func retryAll() {
        work { [self] in try await shop.retryAll() }
    }

    public func askDiscard(_ operation: String?) {
        show { $0.discarding = operation }
    }

    public func discard(_ operation: String) {
        work { [self] in
            try await shop.discard(operation: operation)
            show { $0.discarding = nil }
        }
    }

    public func edit(_ id: String?, _ text: String = "") {
        show { state in
            state.editing = id
            state.text = text
        }
        let sealed = state.failed.contains { $0.id == id && Self.sealed.contains($0.parked.table) }
        kept.soon(id == nil || sealed ? [:] : ["of": id, "text": text])
    }

    public func resend(_ operation: String, _ field: String) {
        let fields = [field: FieldValue.text(text: state.text)]
        work { [self] in
            try await shop.editParked(operation: operation, fields: fields)
            edit(nil)
            try await kept.now()
        }
    }

    public func keepMine(_ conflict: OpenConflict) {
        resolve(conflict, .mine)
    }

    public func keepTheirs(_ conflict: OpenConflict) {
        resolve(conflict, .theirs)
    }

    public func keepOwn(_ conflict: OpenConflict) {
        resolve(conflict, .value(value: .text(text: state.text)))
    }

    private func resolve(_ conflict: OpenConflict, _ choice: Choice) {
        work { [self] in
            try await shop.resolve(conflict: conflict.conflict, choice: choice)
            edit(nil)
            try await kept.now()
        }
    }

    public func newsSeen() {
        guard let newest = state.notices?.newest.first else { return }
        work { [self] in try await shop.markNoticesSeen(through: newest.id) }
    }
}
