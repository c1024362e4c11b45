import Counterpart
import Foundation
import Testing

/// Each entity on two devices: made, edited and found on one, seen as it is now on the other, and deleted on both.
@Suite(.timeLimit(.minutes(2)))
struct EntityTests {
    private let hub: Hub
    private let devices: [Device]
    private let office: Shop
    private let bench: Shop

    init() async throws {
        hub = try Hub()
        let (first, second) = (try await Device(), try await Device())
        devices = [first, second]
        office = try await first.signIn(hub, hub.owner)
        bench = try await second.signIn(hub, hub.invite("bo", "manager"))
    }

    /// What was done here is there.
    private func meet() async throws {
        try await office.sync()
        try await bench.sync()
        #expect(try await office.parked().isEmpty)
    }

    @Test("A customer is made, edited, found and deleted")
    func customers() async throws {
        let id = try await office.createCustomer(record: customer("Nakamura"))
        let before = try #require(try await office.customer(id: id))
        var after = before
        (after.lastName, after.company) = ("Nishimura", "Kobo Ltd")
        try await office.editCustomer(before: before, after: after)
        #expect(try await office.findCustomers(words: "kobo nishimura", limit: 10).map(\.id) == [id])
        #expect(try await office.findCustomers(words: "nakamura", limit: 10).isEmpty)
        try await meet()
        #expect(try await office.standings(kind: .customer, ids: [id.rawValue]).map(\.status) == [.synced])
        #expect(try await bench.customer(id: id)?.company == "Kobo Ltd")
        #expect(try await bench.findCustomers(words: "nishimura", limit: 10).map(\.id) == [id])

        try await office.deleteCustomer(id: id)
        try await meet()
        for shop in [office, bench] {
            #expect(try await shop.customer(id: id) == nil)
            #expect(try await shop.findCustomers(words: "nishimura", limit: 10).isEmpty)
        }
    }

    @Test("A ticket is made, edited, found and deleted")
    func tickets() async throws {
        var ticket = blankTicket()
        ticket.customerId = try await office.createCustomer(record: customer("Nakamura"))
        ticket.subject = "Battery swells"
        let id = try await office.createTicket(record: ticket)
        _ = try await office.addNote(ticket: id, kind: .internal, body: "Careful")
        try await office.transition(ticket: id, to: .diagnosing, reason: nil)
        let before = try #require(try await office.ticket(id: id))
        var after = before
        (after.subject, after.diagnosis, after.priority) = ("Charger hums", "Coil loose", .urgent)
        try await office.editTicket(before: before, after: after)
        #expect(try await office.findTickets(words: "charger hums", limit: 10).map(\.id) == [id])
        #expect(try await office.findTickets(words: "battery swells", limit: 10).isEmpty)
        try await meet()
        #expect(try await office.standings(kind: .ticket, ids: [id.rawValue]).map(\.status) == [.synced])
        let view = try #require(try await bench.ticketView(id: id))
        #expect(view.notes.map(\.body) == ["Careful"] && view.ticket.status == .diagnosing)
        #expect(view.ticket.diagnosis == "Coil loose" && view.ticket.priority == .urgent)
        #expect(try await bench.findTickets(words: "charger", limit: 10).map(\.id) == [id])

        try await office.deleteTicket(id: id)
        try await meet()
        for shop in [office, bench] {
            #expect(try await shop.ticket(id: id) == nil)
            #expect(try await shop.findTickets(words: "charger", limit: 10).isEmpty)
            #expect(try await shop.board(filter: everything, after: nil, limit: 50).rows.isEmpty)
        }
    }

    @Test("An item is made, edited, found and deleted, and its quantity is the sum of its movements")
    func items() async throws {
        var battery = blankItem()
        (battery.name, battery.sku, battery.priceCents) = ("Battery B7", "B-7", 4_900)
        let id = try await office.createItem(record: battery)
        let before = try #require(try await office.item(id: id))
        var after = before
        (after.name, after.barcode, after.bin) = ("Accumulator A7", "4006381333931", "Drawer 3")
        try await office.editItem(before: before, after: after)
        #expect(try await office.findItems(words: "accumulator", limit: 10).map(\.id) == [id])
        #expect(try await office.findItems(words: "battery", limit: 10).isEmpty)
        _ = try await office.receive(item: id, quantity: 5, reason: nil)
        let ticket = try await office.intake(intake: intake("Empty by noon"), passcode: nil).ticket
        _ = try await office.usePart(ticket: ticket, item: id, quantity: 2)
        try await meet()
        #expect(try await office.standings(kind: .inventoryItem, ids: [id.rawValue]).map(\.status) == [.synced])
        #expect(try await bench.findItems(words: "accumulator", limit: 10).map(\.id) == [id])
        #expect(try await bench.itemsBySku(sku: "B-7").map(\.quantity) == [3])
        #expect(try await bench.itemsByBarcode(barcode: "4006381333931").map(\.bin) == ["Drawer 3"])
        #expect(try await bench.movements(item: id, after: nil, limit: 50).rows.count == 2)

        try await office.deleteItem(id: id)
        try await meet()
        for shop in [office, bench] {
            #expect(try await shop.item(id: id) == nil)
            #expect(try await shop.findItems(words: "accumulator", limit: 10).isEmpty)
            #expect(try await shop.itemsBySku(sku: "B-7").isEmpty)
        }
    }

    @Test("An employee is made, edited, listed and deleted")
    func employees() async throws {
        var kim = blankEmployee()
        (kim.firstName, kim.role, kim.active) = ("Kim", .technician, true)
        let id = try await office.createEmployee(record: kim)
        let before = try #require(try await office.employee(id: id))
        var after = before
        (after.lastName, after.role) = ("Osei", .frontDesk)
        try await office.editEmployee(before: before, after: after)
        try await meet()
        #expect(try await office.standings(kind: .employee, ids: [id.rawValue]).map(\.status) == [.synced])
        for shop in [office, bench] {
            let listed = try await shop.employees().filter { $0.id == id }
            #expect(listed.map(\.name) == ["Kim Osei"] && listed.map(\.role) == [.frontDesk])
        }

        try await office.deleteEmployee(id: id)
        try await meet()
        for shop in [office, bench] {
            #expect(try await shop.employee(id: id) == nil)
            #expect(try await shop.employees().map(\.id).contains(id) == false)
        }
    }

    @Test("An appointment is made, edited, moved, shown in the calendar and deleted")
    func appointments() async throws {
        var visit = blankAppointment()
        visit.customerId = try await office.createCustomer(record: customer("Nakamura"))
        let hour = Date(timeIntervalSinceNow: 3_600)
        (visit.startsAt, visit.endsAt) = (hour, hour.addingTimeInterval(1_800))
        visit.timeZone = "Europe/Berlin"
        let id = try await office.createAppointment(record: visit)
        let before = try #require(try await office.appointment(id: id))
        var after = before
        (after.notes, after.state) = ("Rings at the back door", .confirmed)
        try await office.editAppointment(before: before, after: after)
        let day = hour.addingTimeInterval(86_400)
        let slot = Slot(startsAt: day, endsAt: day.addingTimeInterval(1_800), timeZone: "Europe/Berlin")
        try await office.reschedule(appointment: id, slot: slot)
        try await meet()
        #expect(try await office.standings(kind: .appointment, ids: [id.rawValue]).map(\.status) == [.synced])
        #expect(try await bench.appointment(id: id)?.notes == "Rings at the back door")
        for shop in [office, bench] {
            #expect(try await shop.calendar(from: Date(), until: visit.endsAt, assignee: nil).isEmpty)
            let booked = try await shop.calendar(from: day, until: slot.endsAt, assignee: nil)
            #expect(booked.map(\.id) == [id] && booked.map(\.state) == [.confirmed])
            #expect(booked.first?.customer.contains("Nakamura") == true)
        }

        try await office.deleteAppointment(id: id)
        try await meet()
        for shop in [office, bench] {
            #expect(try await shop.appointment(id: id) == nil)
            #expect(try await shop.calendar(from: day, until: slot.endsAt, assignee: nil).isEmpty)
        }
    }
}
