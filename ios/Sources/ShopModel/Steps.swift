import Counterpart
import Foundation

/// Which steps the screen offers, the likeliest first. The engine decides; a test holds this to what it lets pass.
enum Steps {
    private static let bench: Set = ["technician"]
    private static let desk: Set = ["front_desk"]
    private static let both = bench.union(desk)
    private static let lead: Set = ["manager", "admin", "owner"]

    private static let moves: [(from: TicketStatus, roles: Set<String>, to: [TicketStatus])] = [
        (.received, both, [.diagnosing, .inRepair, .awaitingParts]),
        (.diagnosing, bench, [.inRepair, .awaitingApproval, .awaitingParts, .ready]),
        (.awaitingApproval, both, [.approved, .ready]),
        (.approved, bench, [.inRepair, .awaitingParts]),
        (.awaitingParts, bench, [.inRepair, .awaitingApproval, .ready]),
        (.inRepair, bench, [.qc, .ready, .awaitingParts, .awaitingApproval]),
        (.qc, bench, [.ready, .inRepair]),
        (.ready, desk, [.pickedUp]),
        (.ready, bench, [.inRepair]),
        (.ready, lead, [.abandoned]),
    ]

    /// For so many seconds a pick-up may be undone.
    private static let undo: TimeInterval = 24 * 3_600

    private static let ends: Set<TicketStatus> = [.pickedUp, .cancelled, .abandoned]

    /// The steps that this person may take with a ticket.
    static func of(_ ticket: Ticket, _ who: Who, at: Date) -> [TicketStatus] {
        let (role, leads) = roles(who)
        if ticket.status == .pickedUp, leads {
            return ticket.closedAt.map { $0 > at.addingTimeInterval(-undo) } == true ? [.ready] : []
        }
        guard !ends.contains(ticket.status), leads || both.contains(role) else { return [] }
        var steps = onTheWay(from: ticket.status, who)
        if ticket.status == .onHold {
            steps += ticket.onHoldFrom.map { [$0] } ?? []
        } else {
            steps.append(.onHold)
        }
        if leads || desk.contains(role) && ticket.workStartedAt == nil { steps.append(.cancelled) }
        return steps
    }

    /// The steps that lead on, for as much of them as a status alone tells.
    static func onTheWay(from status: TicketStatus, _ who: Who) -> [TicketStatus] {
        let (role, leads) = roles(who)
        return moves.filter { $0.from == status && (leads || $0.roles.contains(role)) }.flatMap(\.to)
    }

    private static func roles(_ who: Who) -> (role: String, leads: Bool) {
        let role = who.actorRole ?? who.role
        return (role, lead.contains(role))
    }
}
