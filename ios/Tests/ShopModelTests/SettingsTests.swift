import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// The settings, moving in and out, and the inspector, through the models, against a live hub.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct SettingsTests {
        @Test("The shop's name changes above every screen, and something new is tried out on some devices")
        func shop() async throws {
            try await owner { ada, desk in
                try await on(Settings(desk, ada.session)) { settings in
                    try await settings.until { $0.settings != nil }
                    #expect(settings.state.shops.map(\.name) == ["Okafor Repairs"])
                    #expect(!settings.state.hasOverview, "there is one shop to look at")
                    settings.edit()
                    let form = try #require(settings.state.form)
                    settings.fill(
                        with(form) {
                            $0.name = "Okafor & Daughters"
                            $0.ticketDays = "ninety"
                        }
                    )
                    settings.save()
                    #expect(settings.state.problem == Problem("number", field: "ticket_window_days"))
                    let typed = try #require(settings.state.form)
                    settings.fill(with(typed) { $0.ticketDays = "90" })
                    settings.save()
                    try await ada.session.until { $0.shopName == "Okafor & Daughters" }
                    settings.writeFlag("signatures")
                    settings.addFlag()
                    try await settings.until { $0.flags == [FlagLine("signatures", 0, onHere: false)] }
                    settings.setFlag("signatures", 100)
                    try await settings.until { $0.flags == [FlagLine("signatures", 100, onHere: true)] }
                }
            }
        }

        @Test("Everything goes into a file, and moved in again it is all there already")
        func out() async throws {
            try await owner { _, desk in
                for name in ["Weber", "Okoro"] { _ = try await takeIn(desk, form(name, "Screen cracked")) }
                let folder = try scratch("moving")
                defer { try? FileManager.default.removeItem(at: folder) }
                try await on(Moving(desk, folder: folder)) { moving in
                    for _ in 0..<2 {
                        moving.export()
                        moving.export()
                        let shown = try await moving.until { $0.exported != nil && $0.progress == nil }
                        let report = try #require(shown.exported)
                        #expect(report.complete && report.leftOut.contains("ticket_secrets"))
                    }
                    let file = URL(fileURLWithPath: moving.state.exportFile)
                    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                    #expect(lines.count >= 4)
                    moving.pick(file)
                    try await moving.until { $0.form.file.hasSuffix("moving-in-\(file.lastPathComponent)") }
                    moving.bringIn(tries: false)
                    let shown = try await moving.until { $0.imported != nil && $0.progress == nil }
                    let again = try #require(shown.imported)
                    #expect(again.created == 0 && again.refused == 0 && again.alreadyThere > 0)
                }
            }
        }

        @Test("Another system's customers are tried first, then moved in, and a bad line says why")
        func into() async throws {
            try await owner { _, desk in
                let folder = try scratch("moving")
                defer { try? FileManager.default.removeItem(at: folder) }
                let csv = folder.appendingPathComponent("old.csv")
                let lines = "id,first_name,last_name,phone\n1,Nia,Moved,030 123456\n2,,,\n"
                try lines.write(to: csv, atomically: true, encoding: .utf8)
                try await on(Moving(desk, folder: folder)) { moving in
                    moving.fill(
                        with(MovingIn()) {
                            $0.file = csv.path
                            $0.layout = .customers
                            $0.source = "Old system"
                            $0.countryCode = "49"
                        }
                    )
                    moving.bringIn(tries: true)
                    let tried = try await moving.until { $0.imported != nil && $0.progress == nil }
                    #expect(tried.imported?.created == 1 && tried.tried)
                    #expect(try await desk.shop.findCustomers(words: "moved", limit: 5).isEmpty, "only tried")
                    moving.bringIn(tries: false)
                    let done = try await moving.until { $0.imported != nil && !$0.tried && $0.progress == nil }.imported
                    #expect(done?.created == 1 && done?.refused == 1 && done?.refusals.first?.line == 3)
                    #expect(done?.refusals.map(\.code) == ["needs_a_name"])
                    #expect(done?.refusals.map(\.field) == ["last_name"])
                    #expect(try await desk.shop.findCustomers(words: "moved", limit: 5).map(\.phone) == ["+4930123456"])
                }
            }
        }

        @Test("A file that is not there is said, and the next thing can be moved")
        func missing() async throws {
            try await alone { desk in
                let folder = try scratch("moving")
                defer { try? FileManager.default.removeItem(at: folder) }
                try await on(Moving(desk, folder: folder)) { moving in
                    moving.fill(with(MovingIn()) { $0.file = folder.appendingPathComponent("nothing.jsonl").path })
                    moving.bringIn(tries: false)
                    try await moving.until { $0.problem != nil && $0.progress == nil }
                    moving.export()
                    try await moving.until { $0.exported?.complete == true && $0.problem == nil }
                }
            }
        }

        @Test("Who signs out with unsent work is told that it cannot be sent now, and may take it along in a file")
        func leaving() async throws {
            try await owner { ada, desk in
                try await ada.goOffline()
                _ = try await takeIn(desk, form("Unsent", "Not sent"))
                ada.session.signOut()
                let asked = try await ada.session.until { $0.unsentAtSignOut != nil }
                ada.session.signOut(.sendFirst)
                let unsent = try await ada.session.until { $0.problem != nil }
                #expect(unsent.problem == Problem("needs_server") && unsent.desk != nil)
                ada.session.signOut(.export(path: asked.leavingFile))
                try await ada.session.until { $0.desk == nil }
                #expect(try String(contentsOfFile: asked.leavingFile, encoding: .utf8).contains("Not sent"))
            }
        }

        @Test("The inspector shows what the sync did, and pretends that the network is gone")
        func inspector() async throws {
            try await owner { ada, desk in
                try await on(Developer(desk, ada.session)) { inspector in
                    inspector.syncNow()
                    let shown = try await inspector.until { state in
                        !state.events.isEmpty && !state.calls.isEmpty && !state.days.isEmpty
                    }
                    #expect(shown.facts.map(\.name).contains("cursor"))
                    inspector.only(.networkUp)
                    try await inspector.until { !$0.events.isEmpty && $0.events.allSatisfy { $0.kind == .networkUp } }
                    inspector.checksum()
                    let summed = try await inspector.until { $0.checksum != nil || $0.problem != nil }
                    #expect(summed.checksum != nil)
                    let uncounted = inspector.state.rows.compactMap(\.there)
                    #expect(uncounted.isEmpty)
                    inspector.countThere()
                    let counted = try await inspector.until { $0.counted != nil || $0.problem != nil }
                    #expect(counted.counted != nil && counted.counted?.there == counted.counted?.here)
                    let readable = counted.rows.filter { $0.there != nil }
                    let (here, there) = (readable.map { $0.here - $0.beyond }, readable.compactMap(\.there))
                    #expect(here == there && there.contains(1))
                    inspector.pretendOffline(true)
                    try await ada.session.until { $0.line?.online == false }
                    inspector.seed()
                    inspector.seed()
                    for try await _ in desk.shop.states() where try await seeded(desk) == 20 { break }
                    inspector.pretendOffline(false)
                    try await ada.session.until { $0.line?.online == true }
                    for try await line in desk.shop.states() where line.pending == 0 { break }
                    let ticket = try #require(try await desk.shop.findTickets(words: "seeded", limit: 50).first)
                    inspector.write(try #require(ticket.number))
                    inspector.lookUp()
                    try await inspector.until { $0.record.contains { $0.value == ticket.subject } }
                }
                #expect(try await seeded(desk) == 20)
            }
        }

        @Test("The inspector makes the network bad, and whoever opens it again sees how it is")
        func badNetwork() async throws {
            try await owner { ada, desk in
                try await on(Developer(desk, ada.session)) { inspector in
                    for network in [Network.lossy, .slow] {
                        inspector.simulate(network)
                        try await inspector.until { $0.network == network }
                    }
                }
                try await on(Developer(desk, ada.session)) { inspector in
                    #expect(inspector.state.network == .slow)
                    inspector.simulate(.well)
                    try await inspector.until { $0.network == .well }
                    inspector.syncNow()
                    try await inspector.until { !$0.calls.isEmpty && $0.problem == nil }
                }
            }
        }

        @Test("The inspector starts over, after a yes and not while something is unsent")
        func startsOver() async throws {
            try await owner { ada, desk in
                try await ada.goOffline()
                let taken = try await takeIn(desk, form("Weber", "Kept"))
                try await on(Developer(desk, ada.session)) { inspector in
                    inspector.askPurge()
                    #expect(inspector.state.purging)
                    inspector.keep()
                    #expect(!inspector.state.purging)
                    inspector.purge()
                    let refused = try await inspector.there { $0.problem }
                    #expect(refused == Problem("unsent"))
                    #expect(try await desk.shop.ticket(id: taken.ticket) != nil)
                    try await ada.goOnline()
                    for try await line in desk.shop.states() where line.pending == 0 { break }
                    try await desk.shop.sync()
                    let begun = SyncLogFilter(kinds: [.loadBegun], since: nil, until: nil, limit: 100)
                    let loads = try await desk.shop.syncLog(filter: begun).count
                    inspector.only(.loadBegun)
                    for times in 1...2 {
                        if times == 1 { inspector.purge() } else { inspector.fetchAnew() }
                        try await inspector.until { shown in
                            shown.events.count == loads + times && shown.events.allSatisfy { $0.kind == .loadBegun }
                        }
                    }
                    try await desk.shop.sync()
                    #expect(try await desk.shop.ticket(id: taken.ticket)?.subject == "Kept")
                }
            }
        }

        @Test("The inspector edits a ticket as another device would")
        func elsewhere() async throws {
            try await owner { ada, desk in
                let taken = try await takeIn(desk, form("Weber", "Screen cracked"))
                try await desk.shop.sync()
                try await on(Developer(desk, ada.session)) { inspector in
                    inspector.write(taken.number ?? taken.ticket.rawValue)
                    inspector.lookUp()
                    try await inspector.until { !$0.record.isEmpty }
                    inspector.writeElsewhere("problem", "wet")
                    inspector.editElsewhere()
                    let wrong = try await inspector.there { $0.problem }
                    #expect(wrong.field == "value", "that is no JSON")
                    inspector.writeElsewhere("problem", "\"wet\"")
                    inspector.editElsewhere()
                    try await inspector.until { $0.editedElsewhere && $0.problem == nil }
                    try await desk.shop.sync()
                    #expect(try await desk.shop.ticket(id: taken.ticket)?.problem == "wet")
                    inspector.writeElsewhere("problem", "")
                    #expect(!inspector.state.editedElsewhere)
                }
            }
        }

        /// How many tickets there are of those that the inspector made.
        private func seeded(_ desk: Desk) async throws -> Int {
            try await desk.shop.findTickets(words: "seeded", limit: 50).count
        }

        /// The owner of a shop of its own.
        private func owner(_ body: (Person, Desk) async throws -> Void) async throws {
            let hub = try await Hub.alone()
            let ada = try await Person()
            defer { ada.leave() }
            try await body(ada, try await ada.signIn(hub, hub.owner))
        }
    }
}
