import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

/// What screens leave out for some is what the engine would refuse them.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct RightsTests {
    /// What there is to be changed, a thing of its own for each try.
    private struct Things {
        var me: EmployeeId
        var customer: CustomerId
        var ticket: TicketId
        var item: InventoryItemId
        var line: TicketLineId
        /// One of one's own, somebody else's and nobody's.
        var visits: [(EmployeeId?, AppointmentId)]
    }

    private struct Try {
        var name: String
        var offered: Bool
        var deed: ShopModel.Deed
    }

    @Test(
        "What is left out for a role is what the engine refuses it, and nothing else",
        arguments: ["owner", "admin", "manager", "technician", "front_desk"]
    )
    func offered(role: String) async throws {
        let device = try await Device()
        defer { device.throwAway() }
        let owner = Counterpart.Account(id: "lee", role: "owner", station: false, employee: nil)
        let things = try await prepare(device.terminal.enter(account: owner, shop: "north"))
        let lee = Counterpart.Account(id: "lee", role: role, station: false, employee: things.me.rawValue)
        let shop = try await device.terminal.enter(account: lee, shop: "north")
        let tries = try await tries(shop, shop.who(), things)
        for one in tries {
            let passes = try await passes(one.deed)
            #expect(passes == one.offered, "\(role): \(one.name)")
        }
        #expect(tries.count == 12)
    }

    @Test("A shared tablet may what technicians and the front desk may, and nothing while nobody is at work there")
    func tablet() {
        let rights = { (actor: String?) in
            Rights.of(Who(account: "t", role: "front_desk", station: true, actor: actor, actorRole: actor))
        }
        #expect(rights(nil).isEmpty)
        #expect(rights("front_desk") == [.appointments])
        #expect(rights("technician") == [.useParts, .countStock])
        #expect(rights("owner") == Set(Right.allCases))
        #expect(rights("of a newer server").isEmpty)
    }

    private func tries(_ shop: Shop, _ who: Who, _ things: Things) -> [Try] {
        let parts = Rights.of(who).contains(.useParts)
        let counts = Rights.of(who).contains(.countStock)
        var tries = things.visits.map { assignee, id in
            Try(name: "an appointment", offered: Rights.appointment(who, of: assignee)) {
                let before = try #require(try await shop.appointment(id: id))
                try await shop.editAppointment(before: before, after: with(before) { $0.state = .arrived })
            }
        }
        tries += [
            Try(name: "a new item", offered: parts) {
                _ = try await shop.createItem(record: with(blankItem()) { $0.name = "Tape" })
            },
            Try(name: "an item's card", offered: parts) {
                let before = try #require(try await shop.item(id: things.item))
                try await shop.editItem(before: before, after: with(before) { $0.bin = "B2" })
            },
            Try(name: "a part on a ticket", offered: parts) {
                _ = try await shop.usePart(ticket: things.ticket, item: things.item, quantity: 1)
            },
            Try(name: "a part off it", offered: parts) { try await shop.cancelLine(line: things.line) },
            Try(name: "a count", offered: counts) { _ = try await shop.count(item: things.item, counted: 7) },
            Try(name: "what came in", offered: who.leads) {
                _ = try await shop.receive(item: things.item, quantity: 1, reason: nil)
            },
            Try(name: "a correction", offered: who.leads) {
                _ = try await shop.adjust(item: things.item, by: -1, reason: nil)
            },
            Try(name: "what is broken", offered: who.leads) {
                _ = try await shop.writeOff(item: things.item, quantity: 1, reason: nil)
            },
            Try(name: "a customer's deletion", offered: who.leads) {
                try await shop.deleteCustomer(id: things.customer)
            },
        ]
        return tries
    }

    private func prepare(_ shop: Shop) async throws -> Things {
        let (lee, tess) = (try await hire(shop, "Lee"), try await hire(shop, "Tess"))
        let way = try await shop.createCustomer(record: with(blankCustomer()) { $0.lastName = "Way" })
        let gone = try await shop.createCustomer(record: with(blankCustomer()) { $0.lastName = "Gone" })
        let brought = with(blankTicket()) {
            $0.customerId = way
            $0.subject = "Way"
        }
        let ticket = try await shop.createTicket(record: brought)
        let item = try await shop.createItem(record: with(blankItem()) { $0.name = "Screen" })
        let line = try await shop.usePart(ticket: ticket, item: item, quantity: 1)
        var visits: [(EmployeeId?, AppointmentId)] = []
        for assignee in [lee, tess, nil] { visits.append((assignee, try await visit(shop, way, assignee))) }
        return Things(me: lee, customer: gone, ticket: ticket, item: item, line: line, visits: visits)
    }

    private func hire(_ shop: Shop, _ name: String) async throws -> EmployeeId {
        let employee = with(blankEmployee()) {
            $0.firstName = name
            $0.role = .technician
            $0.active = true
        }
        return try await shop.createEmployee(record: employee)
    }

    private func visit(_ shop: Shop, _ customer: CustomerId, _ assignee: EmployeeId?) async throws -> AppointmentId {
        let at = Date(timeIntervalSince1970: 1_773_307_800)
        let visit = with(blankAppointment()) {
            $0.customerId = customer
            $0.startsAt = at
            $0.endsAt = at.addingTimeInterval(1_800)
            $0.timeZone = "Europe/Berlin"
            $0.assigneeId = assignee
        }
        return try await shop.createAppointment(record: visit)
    }

    private func passes(_ deed: ShopModel.Deed) async throws -> Bool {
        do {
            try await deed()
            return true
        } catch ShopError.Denied {
            return false
        }
    }
}
