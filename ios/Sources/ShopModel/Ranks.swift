import Counterpart

/// Whom a person may change on the team's screen, and whose PIN. The engine decides; a test holds this to it.
enum Ranks {
    private static let ranks: [(role: Role, word: String, rank: Int)] = [
        (.frontDesk, "front_desk", 0),
        (.technician, "technician", 0),
        (.manager, "manager", 1),
        (.admin, "admin", 2),
        (.owner, "owner", 3),
    ]
    private static let highest = 3

    /// The roles that this person may give and take, the lowest first; none for who does not lead.
    static func below(_ who: Who) -> [Role] {
        guard who.leads, let account = rank(who.role) else { return [] }
        let mine = who.actorRole.map { min(account, rank($0) ?? 0) } ?? account
        return ranks.filter { $0.rank < mine || mine == highest }.map(\.role)
    }

    /// Whether this person sets anybody's PIN and not only their own.
    static func setsPins(_ who: Who) -> Bool {
        who.leads && ["admin", "owner"].contains(who.actorRole ?? who.role)
    }

    /// A role as a draft keeps it.
    static func word(_ role: Role) -> String {
        if case .other(let word) = role { word } else { ranks.first { $0.role == role }?.word ?? "" }
    }

    /// From a draft.
    static func role(_ word: String) -> Role {
        ranks.first { $0.word == word }?.role ?? .other(word: word)
    }

    private static func rank(_ word: String) -> Int? {
        ranks.first { $0.word == word }?.rank
    }
}
