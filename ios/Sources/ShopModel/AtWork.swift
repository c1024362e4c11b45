import Counterpart

/// What a shared tablet shows to whoever comes to it.
public struct AtWorkState: ScreenState {
    public var people: [EmployeeRow] = []
    /// Who says that it is them.
    public var chosen: EmployeeRow?
    public var pin = ""
    public var busy = false
    /// For how long no PIN is taken any more.
    public var lockedSeconds: Int?
    public var somebody = false
    public var problem: Problem?

    public init() {}

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        busy = false
    }
}

/// What a person can do there.
@MainActor
public protocol AtWorkActions: Sendable {
    func choose(_ person: EmployeeRow?)
    func press(_ digit: Character)
    func rubOut()
    func enter()
    func leave()
    func dismiss()
}

/// People switch by PIN at a shared tablet. A PIN is kept nowhere.
public final class AtWork: ScreenModel<AtWorkState>, AtWorkActions {
    private static let longest = 8

    private let desk: Desk
    private let changed: Deed
    private var shop: Shop { desk.shop }

    /// `changed` hears that somebody else works here now.
    public init(_ desk: Desk, changed: @escaping @MainActor () async throws -> Void) {
        self.desk = desk
        self.changed = changed
        var first = AtWorkState()
        first.somebody = desk.who.actor != nil
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            try await shop.atChanges { [self] in
                let people = try await shop.employees().filter(\.active)
                // Who leads works here as what the tablet may at most.
                let atBench = { (person: EmployeeRow) in person.role == .technician || person.role == .frontDesk }
                show { $0.people = people.filter(atBench) + people.filter { !atBench($0) } }
            }
        }
    }

    override func close() {
        super.close()
        // Whoever comes next does not find what somebody began to type.
        choose(nil)
    }

    public func choose(_ person: EmployeeRow?) {
        show { state in
            state.chosen = person
            state.pin = ""
            state.problem = nil
            state.lockedSeconds = nil
        }
    }

    public func press(_ digit: Character) {
        show { if $0.pin.count < Self.longest { $0.pin.append(digit) } }
    }

    public func rubOut() {
        show { $0.pin = String($0.pin.dropLast()) }
    }

    public func enter() {
        guard let person = state.chosen, !state.busy else { return }
        let pin = state.pin
        show { state in
            state.busy = true
            state.pin = ""
            state.lockedSeconds = nil
        }
        work { [self] in
            let fits = try await fits(person.id, pin)
            show { $0.busy = false }
            guard fits else { return }
            show { state in
                state.chosen = nil
                state.somebody = true
            }
            try await changed()
        }
    }

    private func fits(_ person: EmployeeId, _ pin: String) async throws -> Bool {
        do {
            try await shop.switchTo(employee: person, pin: pin)
            return true
        } catch ShopError.Denied {
            show { $0.problem = Problem("wrong_pin") }
        } catch ShopError.NotNow("pin_locked", let seconds, _) {
            show { $0.lockedSeconds = seconds.map { Int($0) } }
        }
        return false
    }

    public func leave() {
        work { [self] in
            try await shop.switchOff()
            show { $0.somebody = false }
            try await changed()
        }
    }
}
