import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// A day's work of one device and of two, through the models alone, against a live hub.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct DayTests {
        let hub: Hub

        init() async throws {
            hub = try await Hub.shared()
        }

        /// Two devices of two people in one shop.
        private func two() async throws -> (front: Person, bench: Person, Desk, Desk) {
            let (front, bench) = (try await Person(), try await Person())
            let (ada, bo) = (try await hub.manager(), try await hub.manager())
            return (front, bench, try await front.signIn(hub, ada), try await bench.signIn(hub, bo))
        }

        @Test("One device takes in, repairs and hands over, offline half of the way")
        func day() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            try await ada.goOffline()
            var form = form("Núñez", "Screen cracked")
            form.phone = "+49 151 5550001"
            form.brand = "Apple"
            form.model = "iPhone 14"
            form.checklist = ["screen": .fail]
            let taken = try await takeIn(desk, form)
            #expect(taken.number != nil, "the number is there while nobody is online")
            try await on(Board(desk)) { board in
                let row = try await board.there { shown in shown.rows.first { $0.id == taken.ticket } }
                #expect(row.mark.status == .pending)
                try await on(OpenTicket(desk, taken.ticket)) { ticket in
                    try await beginRepair(ticket)
                    try await ada.goOnline()
                    try await board.until { $0.rows.first { $0.id == taken.ticket }?.mark.status == .synced }
                    try await handOver(desk, ticket)
                }
                try await board.until { !$0.rows.contains { $0.id == taken.ticket } }
            }
        }

        /// Offline: a step, a diagnosis, a note, and the word that nobody hands over what the server does not have.
        private func beginRepair(_ ticket: OpenTicket) async throws {
            let first = try await ticket.until { $0.view != nil }
            #expect(first.steps.contains(.diagnosing) && !first.steps.contains(.pickedUp))
            ticket.move(to: .diagnosing)
            try await ticket.until { $0.view?.ticket.status == .diagnosing }
            ticket.writeDiagnosis("Digitizer dead")
            ticket.saveText()
            try await ticket.until { $0.view?.ticket.diagnosis == "Digitizer dead" && $0.diagnosisText == nil }
            ticket.writeNote("Call before five")
            ticket.addNote(.internal)
            try await ticket.until { $0.view?.notes.count == 1 && $0.note.isEmpty }
            ticket.askSafe()
            let asked = try await ticket.until { if case .known = $0.safety { true } else { false } }
            guard case .known(let safety) = asked.safety else { return }
            #expect(safety.unsent > 0)
        }

        private func handOver(_ desk: Desk, _ ticket: OpenTicket) async throws {
            for step in [TicketStatus.inRepair, .ready] {
                try await ticket.until { $0.steps.contains(step) }
                ticket.move(to: step)
                try await ticket.until { $0.view?.ticket.status == step }
            }
            try await desk.shop.sync()
            ticket.askSafe()
            try await ticket.until { if case .known(let safety) = $0.safety { safety.unsent == 0 } else { false } }
            ticket.move(to: .pickedUp)
            let handedOver = try await ticket.until { $0.view?.ticket.status == .pickedUp }
            #expect(handedOver.view?.events.count == 4)
        }

        @Test("Two devices write into one field, and the second decides which words stay")
        func conflict() async throws {
            let (ada, second, front, bench) = try await two()
            defer { for person in [ada, second] { person.leave() } }
            var form = form("Weber", "Does not charge")
            form.problem = "Dead"
            let ticket = try await takeIn(front, form).ticket
            try await front.shop.sync()
            try await on(Board(bench)) { board in try await board.until { $0.rows.contains { $0.id == ticket } } }
            try await second.goOffline()
            try await write(front, ticket, "Dead since Monday")
            try await front.shop.sync()
            try await write(bench, ticket, "Dead, and it was wet")
            try await second.goOnline()
            try await on(SyncCentre(bench, second.session)) { centre in
                let conflicts = try await centre.until { !$0.conflicts.isEmpty }.conflicts
                let conflict = try #require(conflicts.first)
                let versions = ["Dead since Monday", "Dead, and it was wet"]
                #expect(conflicts.count == 1 && conflict.both?.split(separator: "\n").count == 2)
                #expect(Set([conflict.mine, conflict.theirs]) == Set(versions.map(TrailValue.text)))
                let there = try await bench.shop.ticket(id: ticket)
                let facts = [there?.number, "Does not charge"].compactMap { $0 }
                #expect(conflict.record == ShownRecord("tickets", facts, place: .board(ticket: ticket)))
                centre.open(.board(ticket: ticket))
                #expect(second.session.state.place == .board(ticket: ticket))
                centre.edit(conflict.id, "Wet on Monday, dead since")
                centre.keepOwn(conflict.conflict)
                try await centre.until { $0.conflicts.isEmpty && $0.editing == nil }
            }
            try await bench.shop.sync()
            try await on(OpenTicket(front, ticket)) { ticket in
                try await ticket.until { $0.view?.ticket.problem == "Wet on Monday, dead since" }
            }
        }

        @Test("A part that two devices use offline is missing twice")
        func part() async throws {
            let (ada, second, front, bench) = try await two()
            defer { for person in [ada, second] { person.leave() } }
            var screen = blankItem()
            screen.name = "Screen iPhone 14"
            screen.sku = "SCR-IP14"
            let item = try await front.shop.createItem(record: screen)
            _ = try await front.shop.receive(item: item, quantity: 6, reason: nil)
            var tickets: [TicketId] = []
            for name in ["One", "Two"] { tickets.append(try await takeIn(front, form(name, "Screen cracked")).ticket) }
            try await front.shop.sync()
            try await bench.shop.sync()
            try await ada.goOffline()
            try await second.goOffline()
            for (desk, ticket) in [(front, tickets[0]), (bench, tickets[1])] {
                try await on(OpenTicket(desk, ticket)) { ticket in
                    ticket.findPart("iphone")
                    try await ticket.until { !$0.parts.isEmpty }
                    ticket.usePart(item)
                    try await ticket.until { $0.view?.lines.first?.inventoryItemId == item && $0.parts.isEmpty }
                }
            }
            try await ada.goOnline()
            try await second.goOnline()
            for desk in [front, bench, front] { try await desk.shop.sync() }
            for desk in [front, bench] { #expect(try await desk.shop.item(id: item)?.quantity == 4) }
        }

        @Test("A change on one device shows on the other's board, and says so until somebody looks")
        func unread() async throws {
            let (ada, second, front, bench) = try await two()
            defer { for person in [ada, second] { person.leave() } }
            let ticket = try await takeIn(front, form("Ahead", "Fan is loud")).ticket
            try await on(Board(bench)) { board in
                try await board.until { $0.rows.contains { $0.id == ticket } }
                try await on(OpenTicket(front, ticket)) { shown in
                    try await shown.until { $0.view != nil }
                    shown.move(to: .diagnosing)
                    try await board.until { state in
                        let row = state.rows.first { $0.id == ticket }
                        return row?.ticket.status == .diagnosing && row?.mark.unread == true
                    }
                }
                try await on(OpenTicket(bench, ticket)) { shown in
                    let changed = try await shown.until { $0.view != nil }.changed
                    #expect(changed)
                }
                try await on(OpenTicket(bench, ticket)) { shown in
                    let changed = try await shown.until { $0.view != nil }.changed
                    #expect(!changed)
                }
            }
        }

        @Test("Who else looks at a ticket is named, and what they changed meanwhile too")
        func looking() async throws {
            let (ada, second, front, bench) = try await two()
            defer { for person in [ada, second] { person.leave() } }
            let ticket = try await takeIn(front, form("Seen", "Camera blurred")).ticket
            try await front.shop.sync()
            try await bench.shop.sync()
            try await on(OpenTicket(bench, ticket)) { shown in try await shown.until { $0.view != nil } }
            try await on(EditTicket(front, ticket) {}) { edit in
                edit.edit()
                var form = try await edit.there { $0.form }
                form.priority = .high
                form.colour = "red"
                edit.fill(form)
                edit.save()
                try await edit.until { $0.form == nil }
                edit.writePasscode("2580")
                edit.savePasscode()
                try await edit.until { $0.passcode == nil }
            }
            try await on(OpenTicket(front, ticket)) { mine in
                try await mine.until { $0.view?.hasPasscode == true }
                mine.revealPasscode()
                try await mine.until { $0.passcode == "2580" }
                try await front.shop.sync()
                try await bench.shop.sync()
                try await on(OpenTicket(bench, ticket)) { theirs in
                    let seen = try await theirs.until { $0.view != nil }
                    #expect(seen.changed && seen.changes == ["device_colour", "priority", "passcode"])
                    let me = try await bench.shop.employees().filter { $0.id.rawValue == bench.who.actor }
                    let looking = try await mine.until { !$0.looking.isEmpty }.looking
                    #expect(me.count == 1 && looking == me.map(\.name))
                    mine.writeNote("Call before five")
                    mine.addNote(.internal)
                    mine.addNote(.internal)
                    try await mine.until { $0.note.isEmpty && $0.view?.notes.isEmpty == false }
                    try await front.shop.sync()
                    try await bench.shop.sync()
                    let noted = try await theirs.until { $0.view?.notes.isEmpty == false }
                    #expect(noted.changes.contains("ticket_notes") && noted.view?.notes.count == 1)
                }
                try await on(OpenTicket(bench, ticket)) { again in
                    let changed = try await again.until { $0.view != nil }.changed
                    #expect(!changed)
                }
            }
        }
    }
}
