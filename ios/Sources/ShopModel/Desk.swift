import Counterpart
import Foundation
import Observation

/// The time as the models see it, so that a test need not wait for it.
public protocol Time: Sendable {
    /// What the clock on the wall says.
    func now() -> Date

    /// Returns after so many milliseconds, or throws when the task is cancelled.
    func wait(_ milliseconds: Int) async throws
}

/// The system's time.
public struct SystemTime: Time {
    public init() {}

    public func now() -> Date { Date() }

    public func wait(_ milliseconds: Int) async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}

/// What every screen of an open shop works on.
public final class Desk: Sendable {
    /// The open shop.
    public let shop: Shop
    /// Who is at work.
    public let who: Who
    /// The currency in which the shop counts.
    public let currency: String
    /// By which time.
    public let time: any Time
    /// Where the shop is: its days begin and end there.
    public let zone: TimeZone
    /// What is typed and not saved yet; the same for every desk of a shop.
    let drafts: Drafts

    public init(
        shop: Shop,
        who: Who,
        currency: String,
        time: any Time = SystemTime(),
        zone: TimeZone = .current,
        drafts: Drafts? = nil
    ) {
        self.shop = shop
        self.who = who
        self.currency = currency
        self.time = time
        self.zone = zone
        self.drafts = drafts ?? Drafts(shop)
    }
}

extension Who {
    /// Whether somebody leads the shop: screens leave out what the engine would refuse them anyway.
    public var leads: Bool { !station && ["manager", "admin", "owner"].contains(actorRole ?? role) }
}

extension Shop {
    /// Looks now, and whenever the queue moved on or something came: for what has no watch of its own.
    func atChanges(_ look: Deed) async throws {
        var seen: SyncState?
        for try await line in states() {
            var line = line
            // What comes and goes without a record.
            (line.online, line.reachable, line.progress, line.lastError) = (true, true, 0, nil)
            guard line != seen else { continue }
            seen = line
            try await look()
        }
    }
}

extension UInt32 {
    /// So many whole windows that who asked for more still sees what they see.
    func holding(_ shown: Int) -> UInt32 {
        Swift.max(self, (UInt32(shown) + self - 1) / self * self)
    }
}

extension ShopError {
    /// Whether it is for want of a server: what was asked for may still come.
    var isWithoutServer: Bool {
        switch self {
        case .NeedsServer, .SignedOut: true
        case .Invalid, .Denied, .Missing, .NotNow, .Storage, .Defect: false
        }
    }
}

/// What went wrong, as the catalogue and the screen need it: a stable code and a field, never a value.
public struct Problem: Hashable, Sendable {
    /// The engine's code.
    public let code: String
    /// The field that it is about.
    public let field: String?

    public init(_ code: String, field: String? = nil) {
        self.code = code
        self.field = field
    }

    /// What an error of the engine says to a person.
    public init(_ error: ShopError) {
        if case .Invalid(let code, _, let field, _) = error {
            self.init(code, field: field)
        } else {
            self.init(error.code)
        }
    }
}

/// What a screen shows.
public protocol ScreenState: Sendable {
    /// What went wrong last, until somebody has read it.
    var problem: Problem? { get set }

    /// Something that a person asked for did not happen.
    mutating func failed(_ problem: Problem)
}

extension ScreenState {
    public mutating func failed(_ problem: Problem) {
        self.problem = problem
    }
}

/// What a person asks for, and what a screen follows.
typealias Deed = @MainActor () async throws -> Void

/// A screen: a state that it shows, and methods named after what a person does. Methods return at once; the state tells
/// what came of them. What goes wrong becomes the state's problem and ends nothing.
@MainActor @Observable
public class ScreenModel<Shown: ScreenState> {
    /// What is shown.
    public private(set) var state: Shown

    @ObservationIgnored private var follows: [Int: Task<Void, Never>] = [:]
    @ObservationIgnored private var begun = 0
    @ObservationIgnored private var busy: Set<String> = []

    init(_ first: Shown) {
        state = first
    }

    /// Keeps the screen current until the task is cancelled. It belongs in the view's task: leaving the screen ends it,
    /// once what was typed there is kept.
    public final func live() async {
        begin()
        let (never, end) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        end.finish()
        close()
        // Nobody comes back to do it later, and this task is cancelled.
        await Task { await tell(keepTyped) }.value
    }

    /// Begins to follow what the screen shows.
    func begin() {}

    /// The screen is left: nothing is followed any more. What a person asked for is done all the same.
    func close() {
        for follow in follows.values { follow.cancel() }
        follows = [:]
    }

    /// Whoever leaves the screen may have typed a moment before: that is kept.
    func keepTyped() async throws {}

    /// What is typed here and not saved yet, under a name of its own.
    final func keeping(_ desk: Desk, _ name: String, kept: @escaping @MainActor () -> Void = {}) -> Kept {
        Kept(desk, name, follow: { [weak self] in self?.follow($0) }, kept: kept)
    }

    /// Changes what is shown.
    final func show(_ change: (inout Shown) -> Void) {
        change(&state)
    }

    /// Does what a person asked for, to its end.
    @discardableResult
    final func work(_ deed: @escaping Deed) -> Task<Void, Never> {
        show { $0.problem = nil }
        return Task { await tell(deed) }
    }

    /// Does what a person asked for, and nothing of the kind a second time meanwhile: a nervous finger makes one
    /// record. Reading it again afterwards is no part of it.
    final func workOnce(_ kind: String = "", _ deed: @escaping Deed) {
        guard busy.insert(kind).inserted else { return }
        work { [self] in
            defer { busy.remove(kind) }
            try await deed()
        }
    }

    /// Follows something for as long as the screen is there.
    @discardableResult
    final func follow(_ watch: @escaping Deed) -> Task<Void, Never> {
        begun += 1
        let follow = begun
        let task = Task {
            await tell(watch)
            follows[follow] = nil
        }
        follows[follow] = task
        return task
    }

    private func tell(_ deed: Deed) async {
        do {
            try await deed()
        } catch is CancellationError {
            // Nobody waits for it any more.
        } catch let wrong as ShopError {
            show { $0.failed(Problem(wrong)) }
        } catch {
            show { $0.failed(Problem("defect")) }
        }
    }

    /// The problem was read.
    public final func dismiss() {
        show { $0.problem = nil }
    }
}
