import Counterpart
import Foundation

/// On which device something was done.
public enum TrailDevice: Hashable, Sendable {
    case this
    /// Another of the shop's, by the code on its tickets, and whose account it is signed in with.
    case other(code: String, of: String?)
    /// One that the shop does not have any more.
    case gone
    /// None: it was done where the server is.
    case server
}

/// One field: what it was, and what it became, or should have.
public struct TrailChange: Hashable, Sendable {
    public var field: String
    public var from: TrailValue
    public var to: TrailValue
    /// Whether it did: what somebody else had set later stands.
    public var kept: Bool

    public init(_ field: String, from: TrailValue, to: TrailValue, kept: Bool = true) {
        self.field = field
        self.from = from
        self.to = to
        self.kept = kept
    }
}

/// What one person did to a record at one moment.
public struct TrailDeed: Hashable, Sendable {
    public var at: Date
    /// Nothing where it was no employee.
    public var by: String?
    public var device: TrailDevice
    public var changes: [TrailChange]

    public init(at: Date, by: String?, device: TrailDevice, changes: [TrailChange]) {
        self.at = at
        self.by = by
        self.device = device
        self.changes = changes
    }
}

/// What a record's audit trail shows.
public struct TrailState: ScreenState {
    public var currency = "EUR"
    /// The newest first; nothing until somebody has asked.
    public var deeds: [TrailDeed]?
    public var asking = false
    public var more = false
    public var problem: Problem?

    public init() {}

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        asking = false
    }
}

/// What a person can do with it.
@MainActor
public protocol TrailActions: Sendable {
    func ask()
    func showMore()
}

/// Who changed what of a record, when and on which device, for whoever leads. The server alone knows: it is asked.
public final class AuditTrail: ScreenModel<TrailState>, TrailActions {
    private static let window: UInt32 = 30

    private let desk: Desk
    private let kind: RecordKind
    private let id: String
    private var shop: Shop { desk.shop }
    private var called: Called?
    private var devices: [String: DeviceStanding] = [:]
    private var next: Int64?

    public init(_ desk: Desk, _ kind: RecordKind, _ id: String) {
        self.desk = desk
        self.kind = kind
        self.id = id
        var first = TrailState()
        first.currency = desk.currency
        super.init(first)
    }

    public func ask() {
        guard !state.asking else { return }
        look { [self] in
            called = try await Called(shop)
            devices = Dictionary(try await shop.devices().map { ($0.device, $0) }) { $1 }
            return try await page(nil)
        }
    }

    public func showMore() {
        guard let before = next, !state.asking else { return }
        look { [self] in try await (state.deeds ?? []) + page(before) }
    }

    /// Nobody waits for the server's answer where nobody looks at it any more.
    private func look(_ answer: @escaping @MainActor () async throws -> [TrailDeed]) {
        show { state in
            state.asking = true
            state.problem = nil
        }
        follow { [self] in
            let deeds = try await answer()
            show { state in
                state.deeds = deeds
                state.asking = false
                state.more = next != nil
            }
        }
    }

    /// What was done before a place in the trail: the fields that one person set at one moment stand together.
    private func page(_ before: Int64?) async throws -> [TrailDeed] {
        let own = try await shop.device()
        let page = try await shop.trail(kind: kind, id: id, limit: Self.window, before: before)
        next = page.next
        var deeds: [(of: TrailEntry, deed: TrailDeed)] = []
        for entry in page.entries {
            let change = try await change(entry)
            guard change.from != change.to else { continue }
            let last = deeds.last?.of
            if let last, (last.at, last.actor, last.device) == (entry.at, entry.actor, entry.device) {
                deeds[deeds.count - 1].deed.changes.append(change)
            } else {
                let by = entry.actor.flatMap { called?.person($0) }
                let device = device(entry.device, own)
                deeds.append((entry, TrailDeed(at: entry.at, by: by, device: device, changes: [change])))
            }
        }
        return deeds.map(\.deed)
    }

    private func device(_ id: String, _ own: String) -> TrailDevice {
        if id.isEmpty { return .server }
        if id == own { return .this }
        guard let other = devices[id] else { return .gone }
        return .other(code: other.code, of: other.employee.flatMap { called?.person($0) })
    }

    private func change(_ entry: TrailEntry) async throws -> TrailChange {
        let from = try await value(entry.field, entry.from)
        return TrailChange(entry.field, from: from, to: try await value(entry.field, entry.to), kept: entry.kept)
    }

    private func value(_ field: String, _ value: FieldValue) async throws -> TrailValue {
        try await called?.value(field, value) ?? TrailValue(field, value)
    }
}

extension Words {
    /// From what to what; where it was nothing or became nothing, only that.
    public func of(_ change: TrailChange, currency: String, _ zone: TimeZone) -> String {
        // Each is read in its own direction, whatever stands around it.
        let said = { (value: TrailValue) in "\u{2068}\(of(value, currency: currency, zone))\u{2069}" }
        let field = fieldName(change.field)
        if change.from == .nothing { return trailSet(field: field, to: said(change.to)) }
        if change.to == .nothing { return trailEmptied(field: field, from: said(change.from)) }
        return trailChanged(field: field, from: said(change.from), to: said(change.to))
    }

    public func of(_ device: TrailDevice) -> String {
        switch device {
        case .this: trailThisDevice
        case .gone: trailGoneDevice
        case .server: trailServer
        case .other(let code, let person): trailDevice([code, person].compactMap { $0 }.joined(separator: ", "))
        }
    }

    /// Why nothing came of asking for a trail.
    public func ofTrail(_ problem: Problem) -> String {
        problem.code == "denied" ? trailDenied : of(problem)
    }
}
