import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// What lies further back than a device keeps, through the models, against a live hub.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct OlderTests {
        @Test("A calendar's earlier months come when somebody looks at them, each once, and are read here from then on")
        func month() async throws {
            let (office, bench) = (try await Person(), try await Person())
            defer { for person in [office, bench] { person.leave() } }
            let hub = try await Hub.alone()
            let day = try await visit(try await office.signIn(hub, hub.owner))
            let desk = try await bench.signIn(hub, hub.manager())
            try await on(Appointments(desk)) { calendar in
                try await look(calendar, at: day)
                let fetched = try await calendar.until { $0.older == nil && $0.days[0].lines.count == 1 }
                #expect(fetched.days[0].lines[0].row.customer == "Weber")
                let asked = try await ranges(desk)
                #expect(asked > 0)
                let month = try #require(desk.calendar.dateInterval(of: .month, for: day))
                #expect(
                    try await desk.shop.hasBetween(kind: .appointment, from: month.start, until: month.end),
                    "a month is asked for as a whole"
                )
                calendar.goToday()
                await calendar.fetching?.value
                try await look(calendar, at: day)
                await calendar.fetching?.value
                let again = try await calendar.until { $0.days[0].lines.count == 1 }
                #expect(again.older == nil)
                #expect(try await ranges(desk) == asked, "what was fetched is read here")
            }
        }

        @Test("Days that cannot be fetched are said to be on the server, and come by themselves once it is reached")
        func later() async throws {
            let (office, bench) = (try await Person(), try await Person())
            defer { for person in [office, bench] { person.leave() } }
            let hub = try await Hub.alone()
            let day = try await visit(try await office.signIn(hub, hub.owner))
            let desk = try await bench.signIn(hub, hub.manager())
            try await bench.goOffline()
            try await on(Appointments(desk)) { calendar in
                try await look(calendar, at: day)
                let without = try await calendar.until { $0.older == .notHere && !$0.loading }
                #expect(without.problem == nil && without.days[0].lines.isEmpty)
                calendar.fetchOlder()
                #expect(calendar.state.older == .fetching)
                try await calendar.until { $0.older == .notHere }
                calendar.goToday()
                try await calendar.until { $0.older == nil }
                try await look(calendar, at: day)
                try await calendar.until { $0.older == .notHere }
                try await bench.goOnline()
                try await calendar.until { $0.older == nil && $0.days[0].lines.count == 1 }
            }
        }

        @Test("Who searches learns from when on closed tickets are here, and fetches what was closed before")
        func closed() async throws {
            let (office, bench) = (try await Person(), try await Person())
            defer { for person in [office, bench] { person.leave() } }
            let hub = try await Hub.alone()
            try await moveIn(try await office.signIn(hub, hub.owner))
            let desk = try await bench.signIn(hub, hub.manager())
            try await on(Board(desk)) { board in
                let open = try await board.until { !$0.loading }
                #expect(open.olderSince == nil, "no closed ticket is on the board")
                board.search("hinge")
                let first = try await board.there { $0.olderSince }
                #expect(board.state.rows.isEmpty)
                let days = desk.calendar.dateComponents([.day], from: first, to: desk.today).day
                #expect(days == 90)
                try await bench.goOffline()
                board.fetchOlder()
                #expect(board.state.fetchingOlder)
                let failed = try await board.until { !$0.fetchingOlder }
                #expect(failed.problem == Problem("needs_server") && failed.olderSince == first)
                try await bench.goOnline()
                board.fetchOlder()
                let fetched = try await board.until { $0.olderSince != first && $0.rows.count == 1 }
                #expect(fetched.problem == nil && fetched.rows[0].ticket.status == .pickedUp)
                board.search("")
                try await board.until { $0.olderSince == nil }
            }
        }

        /// An appointment of a hundred days ago, on the server once this returns; the day of it.
        private func visit(_ desk: Desk) async throws -> Date {
            let customer = with(blankCustomer()) { $0.lastName = "Weber" }
            let day = try #require(desk.calendar.date(byAdding: .day, value: -100, to: desk.today))
            var visit = blankAppointment()
            visit.customerId = try await desk.shop.createCustomer(record: customer)
            visit.startsAt = day.addingTimeInterval(12 * 3_600)
            visit.endsAt = visit.startsAt.addingTimeInterval(1_800)
            visit.timeZone = desk.zone.identifier
            _ = try await desk.shop.createAppointment(record: visit)
            try await desk.shop.sync()
            return day
        }

        /// Goes to a day as a person does: by weeks, then by days.
        private func look(_ calendar: Appointments, at day: Date) async throws {
            try await calendar.until { !$0.loading }
            calendar.week(true)
            while calendar.state.day.addingTimeInterval(-7 * 86_400) > day { calendar.goEarlier() }
            calendar.week(false)
            while calendar.state.day > day { calendar.goEarlier() }
            try await calendar.until { $0.days[0].begins == day }
        }

        /// How often this device has asked the server for a stretch.
        private func ranges(_ desk: Desk) async throws -> Int {
            try await desk.shop.networkLog(limit: 100).count { $0.call == "sync_range" }
        }

        /// A ticket that was closed four months ago, as it comes from another system.
        private func moveIn(_ desk: Desk) async throws {
            let folder = try scratch("moving")
            defer { try? FileManager.default.removeItem(at: folder) }
            let ago = { (days: Int) in desk.calendar.typed(desk.today.addingTimeInterval(Double(-days) * 86_400)) }
            let columns = "id,customer_id,subject,status,created_at,closed_at"
            for (layout, lines) in [
                (ImportLayout.customers, "id,last_name\n1,Weber\n"),
                (.tickets, "\(columns)\n1,1,Hinge broken,picked_up,\(ago(130)),\(ago(120))\n"),
            ] {
                let file = folder.appendingPathComponent("\(layout).csv")
                try lines.write(to: file, atomically: true, encoding: .utf8)
                try await on(Moving(desk, folder: folder)) { moving in
                    moving.fill(
                        with(MovingIn()) {
                            $0.file = file.path
                            $0.layout = layout
                            $0.source = "Old system"
                        }
                    )
                    moving.bringIn(tries: false)
                    let report = try await moving.there { $0.progress == nil ? $0.imported : nil }
                    #expect(report.created == 1 && report.refused == 0, "\(report.refusals)")
                }
            }
            try await desk.shop.sync()
        }
    }
}
