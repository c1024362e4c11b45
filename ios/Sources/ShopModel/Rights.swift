import Counterpart

/// What a screen leaves out for some.
public enum Right: Hashable, CaseIterable, Sendable {
    /// Parts on and off a ticket, and the list of items.
    case useParts
    case countStock
    /// Anybody's appointments; one's own are everybody's.
    case appointments
}

/// What a person may do beside the steps of a ticket and the team. The engine decides; a test holds this to it.
enum Rights {
    private static let bench: Set<Right> = [.useParts, .countStock]
    private static let desk: Set<Right> = [.appointments]
    private static let all = bench.union(desk)
    private static let roles = [
        "front_desk": desk, "technician": bench, "manager": all, "admin": all, "owner": all,
    ]

    /// The account's, as far as the person at work has them too. A shared tablet at which nobody is has none.
    static func of(_ who: Who) -> Set<Right> {
        let account = who.station ? all : roles[who.role] ?? []
        guard let actor = who.actorRole else { return who.station ? [] : account }
        return account.intersection(roles[actor] ?? [])
    }

    /// Whether this person may change an appointment of somebody's, or of nobody's.
    static func appointment(_ who: Who, of assignee: EmployeeId?) -> Bool {
        of(who).contains(.appointments) || assignee?.rawValue == who.actor ?? who.account
    }
}
