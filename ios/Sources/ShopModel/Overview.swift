import Counterpart
import Foundation

/// The device of a shop of which nothing was heard for the longest time.
public struct Silent: Hashable, Sendable {
    public var code: String
    public var minutes: Int

    public init(_ code: String, minutes: Int) {
        self.code = code
        self.minutes = minutes
    }
}

/// One of the shops that the account manages.
public struct ShopLine: Hashable, Identifiable, Sendable {
    public var id: String
    public var name: String
    /// How many work there; a shared tablet is nobody.
    public var people: Int
    public var devices: Int
    /// How many of them said that they have unsent work.
    public var unsent: Int
    public var silent: Silent?
    /// How many choices between two versions wait for a person.
    public var conflicts: Int
    /// Whether it is the one that is open here.
    public var open: Bool

    public init(
        _ id: String,
        _ name: String,
        people: Int,
        devices: Int,
        unsent: Int = 0,
        silent: Silent? = nil,
        conflicts: Int = 0,
        open: Bool = false
    ) {
        self.id = id
        self.name = name
        self.people = people
        self.devices = devices
        self.unsent = unsent
        self.silent = silent
        self.conflicts = conflicts
        self.open = open
    }

    init(_ shop: ShopOverview, open: String, at: Date) {
        id = shop.shop
        name = shop.name
        people = shop.members.count { $0.active && !$0.station }
        devices = shop.devices.count
        unsent = shop.devices.count { $0.unsent > 0 }
        silent = shop.devices.min { $0.seenAt < $1.seenAt }.map { Silent($0.code, minutes: $0.silentMinutes(at)) }
        conflicts = Int(shop.openConflicts)
        self.open = shop.shop == open
    }
}

/// The shops that the account manages: the server alone knows how they stand.
public enum Shops: Hashable, Sendable {
    case asking
    case here([ShopLine])
    case unreachable
}

/// What the overview of the shops shows.
public struct OverviewState: ScreenState {
    public var shops = Shops.asking
    public var problem: Problem?

    public init() {}
}

/// What a person can do there.
@MainActor
public protocol OverviewActions: Sendable {
    /// Asks the server again.
    func ask()
    func switchShop(_ shop: String)
    func dismiss()
}

/// Every shop that the account manages: who works there, how its devices stand, what waits for a decision.
public final class Overview: ScreenModel<OverviewState>, OverviewActions {
    private let desk: Desk
    private let session: Session
    private var asking: Task<Void, Never>?

    public init(_ desk: Desk, _ session: Session) {
        self.desk = desk
        self.session = session
        super.init(OverviewState())
    }

    override func begin() {
        ask()
    }

    public func ask() {
        asking?.cancel()
        show { $0 = OverviewState() }
        asking = follow { [self] in
            let open = try await desk.shop.id()
            do {
                let at = desk.time.now()
                let lines = try await session.overview().map { ShopLine($0, open: open, at: at) }
                show { $0.shops = .here(lines.sorted { $0.name < $1.name }) }
            } catch let wrong as ShopError {
                show { $0.shops = .unreachable }
                if !wrong.isWithoutServer { throw wrong }
            }
        }
    }

    public func switchShop(_ shop: String) {
        session.switchShop(shop)
    }
}
