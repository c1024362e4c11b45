import Counterpart

/// Which record's card is open: one that is there, or one that is being written and has no id yet.
public enum Card<Id: RawRepresentable<String> & Hashable & Sendable>: Hashable, Sendable {
    case new
    case of(Id)

    /// In the place of an id, where there is none yet.
    static var newWord: String { "new" }

    /// The record's, where there is one.
    public var id: Id? {
        switch self {
        case .new: nil
        case .of(let id): id
        }
    }

    init?(word: String) {
        if word == Self.newWord {
            self = .new
        } else if let id = Id(rawValue: word), !word.isEmpty {
            self = .of(id)
        } else {
            return nil
        }
    }

    var word: String { id?.rawValue ?? Self.newWord }
}

/// Where a person is.
public enum Place: Hashable, Sendable {
    /// The ticket board, with the ticket that is open on it.
    case board(ticket: TicketId?)
    case intake
    /// The customers, with the one whose card is open.
    case customers(Card<CustomerId>?)
    /// The shelf, with the item whose card is open.
    case inventory(Card<InventoryItemId>?)
    case appointments
    case team
    /// Whose work it is, on a shared tablet.
    case atWork
    case syncCentre
    case settings
    /// Every shop that the account manages.
    case overview
    /// Never in a build that is shipped.
    case developer
    /// On a phone: the ways that have no room at its foot.
    case more

    /// From what is kept in the engine's file.
    init(word: String?) {
        let halves = (word ?? "").split(separator: "/", maxSplits: 1).map(String.init)
        let open = halves.count == 2 ? halves[1] : ""
        switch halves.first {
        case "intake": self = .intake
        case "customers": self = .customers(Card(word: open))
        case "inventory": self = .inventory(Card(word: open))
        case "appointments": self = .appointments
        case "team": self = .team
        case "at_work": self = .atWork
        case "sync": self = .syncCentre
        case "settings": self = .settings
        case "overview": self = .overview
        case "developer": self = .developer
        case "more": self = .more
        case "board": self = .board(ticket: open.unlessEmpty.map(TicketId.init(rawValue:)))
        default: self = .board(ticket: nil)
        }
    }

    /// As it is kept in the engine's file.
    var word: String {
        switch self {
        case .board(let ticket): list("board", ticket?.rawValue)
        case .intake: "intake"
        case .customers(let card): list("customers", card?.word)
        case .inventory(let card): list("inventory", card?.word)
        case .appointments: "appointments"
        case .team: "team"
        case .atWork: "at_work"
        case .syncCentre: "sync"
        case .settings: "settings"
        case .overview: "overview"
        case .developer: "developer"
        case .more: "more"
        }
    }

    private func list(_ name: String, _ open: String?) -> String {
        open.map { "\(name)/\($0)" } ?? name
    }
}
