import Counterpart

/// An operation that waits for a person, with the fields that it wanted to set, where they are plain texts.
public struct FailedOperation: Hashable, Identifiable, Sendable {
    public var parked: Parked
    public var texts: [String: String]

    public var id: String { parked.operation }

    /// The field that a person can write anew: the one that was refused, else the first.
    public var field: String? {
        if let refused = parked.field, texts[refused] != nil { return refused }
        return texts.keys.min()
    }

    public init(_ parked: Parked) {
        self.parked = parked
        texts = Json.texts(parked.fields)
    }
}

/// Two versions of a field; `text` says whether a person can write a third.
public struct ShownConflict: Hashable, Identifiable, Sendable {
    public var conflict: OpenConflict
    public var mine: String
    public var theirs: String
    public var text: Bool

    public var id: String { conflict.conflict.rawValue }

    public init(_ conflict: OpenConflict) {
        self.conflict = conflict
        mine = Json.plain(conflict.mine)
        theirs = Json.plain(conflict.theirs)
        text = Json.text(of: conflict.mine) != nil || Json.text(of: conflict.theirs) != nil
    }
}

/// What the sync centre shows.
public struct SyncCentreState: ScreenState {
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

/// The sync centre: the line to the server, what failed, two versions, and what others did.
public final class SyncCentre: ScreenModel<SyncCentreState>, SyncCentreActions {
    /// What is sealed on its way is in no draft either.
    private static let sealed: Set<String> = ["ticket_secrets", "employee_pins"]

    private let desk: Desk
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "sync")

    public init(_ desk: Desk) {
        self.desk = desk
        super.init(SyncCentreState())
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
            for try await parked in shop.parkedOperations() {
                show { $0.failed = parked.map(FailedOperation.init) }
            }
        }
        follow { [self] in
            for try await open in shop.openConflicts() {
                let names = Dictionary(try await shop.employees().map { ($0.id.rawValue, $0.name) }) { $1 }
                show { state in
                    state.conflicts = open.map(ShownConflict.init)
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
        let fields = Json.of(field, state.text)
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
        resolve(conflict, .value(value: Json.value(state.text)))
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
