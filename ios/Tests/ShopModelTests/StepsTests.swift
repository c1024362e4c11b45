import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

@MainActor
@Suite(.timeLimit(.minutes(2)))
struct StepsTests {
    private static let all: [TicketStatus] = [
        .received, .diagnosing, .awaitingApproval, .approved, .awaitingParts, .inRepair, .qc, .ready, .pickedUp,
        .onHold,
        .cancelled, .abandoned,
    ]

    /// The ways that a manager takes to every status.
    private static let ways: [[TicketStatus]] = [
        [],
        [.diagnosing],
        [.diagnosing, .awaitingApproval],
        [.diagnosing, .awaitingApproval, .approved],
        [.awaitingParts],
        [.inRepair],
        [.inRepair, .qc],
        [.inRepair, .ready],
        [.diagnosing, .ready],
        [.diagnosing, .onHold],
        [.inRepair, .ready, .pickedUp],
        [.cancelled],
        [.diagnosing, .ready, .abandoned],
    ]

    @Test("What is offered is what the engine lets pass", arguments: ["owner", "manager", "technician", "front_desk"])
    func offered(role: String) async throws {
        let device = try await Device()
        defer { device.throwAway() }
        // A ticket of its own for each try: one that passes is moved.
        let tickets = try await prepare(device.terminal.enter(account: account("owner"), shop: "north"))
        let shop = try await device.terminal.enter(account: account(role), shop: "north")
        let who = try await shop.who()
        for (id, to) in tickets {
            let ticket = try #require(try await shop.ticket(id: id))
            let offered = Steps.of(ticket, who, at: Date()).contains(to)
            #expect(try await passes(shop, id, to) == offered, "\(role) from \(ticket.status) to \(to)")
            let likeliest = Steps.onTheWay(from: ticket.status, who).first
            #expect(likeliest == nil || Steps.of(ticket, who, at: Date()).first == likeliest)
        }
        #expect(tickets.count == Self.ways.count * Self.all.count)
    }

    private func account(_ role: String) -> Counterpart.Account {
        Counterpart.Account(id: "lee", role: role, station: false, employee: nil)
    }

    private func prepare(_ shop: Shop) async throws -> [(TicketId, TicketStatus)] {
        let customer = try await shop.createCustomer(record: with(blankCustomer()) { $0.lastName = "Way" })
        let ticket = with(blankTicket()) {
            $0.customerId = customer
            $0.subject = "Way"
        }
        var tickets: [(TicketId, TicketStatus)] = []
        for way in Self.ways {
            for to in Self.all {
                let id = try await shop.createTicket(record: ticket)
                for step in way { try await shop.transition(ticket: id, to: step, reason: nil) }
                tickets.append((id, to))
            }
        }
        return tickets
    }

    private func passes(_ shop: Shop, _ ticket: TicketId, _ to: TicketStatus) async throws -> Bool {
        do {
            try await shop.transition(ticket: ticket, to: to, reason: nil)
            return true
        } catch ShopError.Denied {
            return false
        }
    }
}
