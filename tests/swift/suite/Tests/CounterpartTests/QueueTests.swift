import Counterpart
import Foundation
import Testing

/// The queue: what cannot be sent now goes later, what cannot be taken waits for a person, and everything else goes on.
@Suite(.timeLimit(.minutes(2)))
struct QueueTests {
    private let hub: Hub
    private let device: Device

    init() async throws {
        hub = try Hub()
        device = try await Device()
    }

    @Test("What is done offline goes by itself when the network is back")
    func offline() async throws {
        let shop = try await device.signIn(hub, hub.owner)
        try await device.offline(shop)
        let id = try await shop.createCustomer(record: customer("Offline"))
        #expect(try await shop.state().pending == 1)
        #expect(try await shop.standings(kind: .customer, ids: [id.rawValue]).map(\.status) == [.pending])
        try await device.online(shop)
        try await until(shop) { $0.pending == 0 }
        #expect(try await shop.standings(kind: .customer, ids: [id.rawValue]).map(\.status) == [.synced])
    }

    @Test("A server that is gone fails after three retries and takes the work when a person retries")
    func retries() async throws {
        let shop = try await device.signIn(hub, hub.owner)
        let gate = try await device.meetsAGate(shop, inPlaceOf: hub, holding: "")
        _ = try await shop.createCustomer(record: customer("Stranded"))
        for _ in 0...3 {
            let attempt = try await gate.next()
            let state = try await shop.state()
            #expect(state.reachable && state.pending == 1 && state.failed == 0)
            attempt.breakOff()
        }
        let failed = try await until(shop) { !$0.reachable }
        #expect(failed.failed == 1 && failed.lastError == "unreachable")
        gate.leave()
        try hub.serve()
        try await shop.retryAll()
        try await until(shop) { $0.pending == 0 && $0.reachable }
    }

    @Test("An operation that the server cannot take is tried three times more, and then waits for a person who retries")
    func unprocessable() async throws {
        let shop = try await device.signIn(hub, hub.owner)
        let gate = try await device.meetsAGate(shop, inPlaceOf: hub, holding: "sync_push")
        let id = try await shop.createCustomer(record: customer("Indigestible"))
        for _ in 0...3 {
            let attempt = try await gate.next()
            #expect(attempt.request.contains("Indigestible"))
            #expect(try await shop.parked().isEmpty)
            #expect(try await shop.state().failed == 0)
            attempt.refuse(code: "22P05")
        }
        let waiting = try await first(shop.parkedOperations()) { !$0.isEmpty }
        #expect(waiting.map(\.code) == ["unprocessable"] && waiting.map(\.id) == [id.rawValue])
        #expect(waiting.map(\.table) == ["customers"] && waiting.map(\.kind) == ["insert"])
        let parked = try #require(waiting.first)
        #expect(parked.wanted["last_name"] == .text(text: "Indigestible"))
        #expect(try await shop.state().failed == 1)
        #expect(try await shop.standings(kind: .customer, ids: [id.rawValue]).map(\.status) == [.failed])
        gate.leave()
        try hub.serve()
        try await shop.retry(operation: parked.operation)
        _ = try await first(shop.parkedOperations()) { $0.isEmpty }
        try await shop.idle(within: .seconds(60))
        #expect(try await shop.standings(kind: .customer, ids: [id.rawValue]).map(\.status) == [.synced])
    }

    @Test("What the server refuses waits with its reason until a person edits, discards or retries it")
    func refused() async throws {
        let pat = try hub.invite("pat", "front_desk")
        let owner = try await Device()
        let office = try await owner.signIn(hub, hub.owner)
        let shop = try await device.signIn(hub, pat)
        let listed = try await office.employees()
        let listedAsPat = listed.first { $0.name == "pat" }
        let own = try #require(listedAsPat).id
        var visit = blankAppointment()
        visit.customerId = try await shop.createCustomer(record: customer("Okafor"))
        visit.assigneeId = listed.first { $0.id != own }?.id
        (visit.startsAt, visit.endsAt) = (Date(timeIntervalSinceNow: 3_600), Date(timeIntervalSinceNow: 5_400))
        visit.timeZone = "Europe/Berlin"
        try await shop.sync()

        // Somebody else's appointments are the front desk's to book, and no technician's.
        try await device.offline(shop)
        var booked: [AppointmentId] = []
        for _ in 0..<3 { booked.append(try await shop.createAppointment(record: visit)) }
        try await Self.give(.technician, to: own, in: office)
        try await device.online(shop)
        let waiting = try await first(shop.parkedOperations()) { $0.count == 3 }
        #expect(waiting.map(\.id) == booked.map(\.rawValue))
        #expect(waiting.map(\.code) == ["denied", "denied", "denied"])
        #expect(waiting.map(\.table) == ["appointments", "appointments", "appointments"])
        #expect(try await shop.state().failed == 3)
        let statuses = try await shop.standings(kind: .appointment, ids: booked.map(\.rawValue)).map(\.status)
        #expect(statuses == [.failed, .failed, .failed])

        let mended = ["assignee_id": FieldValue.text(text: own.rawValue)]
        try await shop.editParked(operation: waiting[0].operation, fields: mended)
        try await shop.discard(operation: waiting[1].operation)
        #expect(try await shop.appointment(id: booked[1]) == nil)
        try await shop.idle(within: .seconds(60))
        #expect(try await shop.parked().map(\.id) == [booked[2].rawValue])

        // Refused once more: the server was asked again.
        try await shop.retry(operation: waiting[2].operation)
        let again = try await first(shop.parkedOperations()) { $0.contains { $0.operation != waiting[2].operation } }
        #expect(again.map(\.id) == [booked[2].rawValue] && again.map(\.code) == ["denied"])
        try await Self.give(.frontDesk, to: own, in: office)
        try await shop.retry(operation: try #require(again.first).operation)
        _ = try await first(shop.parkedOperations()) { $0.isEmpty }
        try await shop.idle(within: .seconds(60))
        try await office.sync()
        #expect(try await office.appointment(id: booked[0])?.assigneeId == own)
        #expect(try await office.appointment(id: booked[1]) == nil)
        #expect(try await office.appointment(id: booked[2])?.assigneeId == visit.assigneeId)
    }

    private static func give(_ role: Role, to employee: EmployeeId, in shop: Shop) async throws {
        let before = try #require(try await shop.employee(id: employee))
        var after = before
        after.role = role
        try await shop.editEmployee(before: before, after: after)
        try await shop.sync()
    }
}
