import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

/// What the sync centre tells of a device's file and of records.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct SyncCentreTests {
    @Test("A file that was damaged and a note that cannot be read are told")
    func damaged() async throws {
        let folder = try scratch("device")
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data")
        let first = try await open(folder)
        let lee = Counterpart.Account(id: "lee", role: "owner", station: false, employee: nil)
        let shop = try await first.enter(account: lee, shop: "north")
        _ = try await shop.createCustomer(record: with(blankCustomer()) { $0.lastName = "Weber" })
        try await first.shutDown()
        try damage(data)
        let second = try await open(folder)
        try await on(Session(second, folder: folder)) { session in
            let desk = try await session.there { $0.line == nil ? nil : $0.desk }
            #expect(session.state.waiting == 1, "the way to the sync centre says so")
            session.go(.syncCentre)
            #expect(session.state.waiting == 0, "and no longer")
            try await on(SyncCentre(desk, session)) { centre in
                let shown = try await centre.until { !$0.findings.isEmpty }
                let damaged = if case .damaged = shown.findings.first { true } else { false }
                #expect(damaged && shown.findings.count == 1 && shown.forgot == nil)
            }
        }
        try await second.shutDown()
        try Data("{".utf8).write(to: data.appendingPathComponent("terminal.json"))
        let third = try await open(folder)
        try await on(Session(third, folder: folder)) { session in
            let shown = try await session.until { !$0.opening }
            #expect(shown.form.forgot != nil && shown.desk == nil)
        }
    }

    @Test("What waits is shown by its record and in people's words")
    func records() async throws {
        try await alone { desk in
            let shop = desk.shop
            let hired = with(blankEmployee()) {
                $0.firstName = "Tess"
                $0.role = .technician
                $0.active = true
            }
            let tess = try await shop.createEmployee(record: hired)
            let mira = try await shop.createCustomer(record: with(blankCustomer()) { $0.lastName = "Weber" })
            let brought = with(blankTicket()) {
                $0.customerId = mira
                $0.subject = "Wet"
            }
            let ticket = try await shop.createTicket(record: brought)
            let item = try await shop.createItem(record: with(blankItem()) { $0.name = "Screen" })
            let part = try await shop.usePart(ticket: ticket, item: item, quantity: 1)
            let number = try await shop.ticket(id: ticket)?.number
            let (facts, place) = ([number, "Wet"].compactMap { $0 }, Place.board(ticket: ticket))
            let called = try await Called(shop)
            let expected: [(ShownRecord, ShownRecord)] = [
                (
                    try await called.record("customers", mira.rawValue),
                    ShownRecord("customers", ["Weber"], place: .customers(.of(mira)))
                ),
                (
                    try await called.record("inventory_items", item.rawValue),
                    ShownRecord("inventory_items", ["Screen"], place: .inventory(.of(item)))
                ),
                (
                    try await called.record("ticket_lines", part.rawValue),
                    ShownRecord("ticket_lines", facts, place: place)
                ),
                (
                    try await called.record("ticket_notes", "n", ["ticket_id": ticket.rawValue]),
                    ShownRecord("ticket_notes", facts, place: place)
                ),
                (
                    try await called.record("employees", tess.rawValue),
                    ShownRecord("employees", ["Tess"], place: .team)
                ),
                (try await called.record("tickets", "gone"), ShownRecord("tickets")),
                (try await called.record("of a newer server", "1"), ShownRecord("of a newer server")),
            ]
            for (shown, wanted) in expected { #expect(shown == wanted) }
            #expect(try await called.value("assignee_id", .text(text: tess.rawValue)) == .text("Tess"))
            #expect(try await called.value("priority", .text(text: "urgent")) == .urgency(.urgent))
        }
    }

    private func open(_ folder: URL) async throws -> Terminal {
        try await Terminal.open(
            folder: folder.appendingPathComponent("data"),
            storage: FolderStorage(folder: folder.appendingPathComponent("keys")),
            reachability: nil,
            options: TerminalOptions(survivesPowerCuts: false, retryDelayMs: 50)
        )
    }

    /// As a disk does it that forgot its beginning.
    private func damage(_ folder: URL) throws {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let found = files.first { $0.pathExtension == "db" }
        let file = try #require(found)
        var bytes = try Data(contentsOf: file)
        bytes.replaceSubrange(0..<64, with: Data(repeating: 0x5A, count: 64))
        try bytes.write(to: file)
    }
}
