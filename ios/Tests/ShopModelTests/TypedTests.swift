import Counterpart
import Foundation
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// What is typed and left: it comes back as it was, and over what others did meanwhile.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct LeftTests {
        /// Two devices of two people in one shop.
        private func two(_ body: (Desk, Desk) async throws -> Void) async throws {
            let hub = try await Hub.shared()
            let (front, bench) = (try await Person(), try await Person())
            defer { for person in [front, bench] { person.leave() } }
            let (ada, bo) = (try await hub.manager(), try await hub.manager())
            try await body(try await front.signIn(hub, ada), try await bench.signIn(hub, bo))
        }

        /// Brings what one did to the other.
        private func send(_ desk: Desk, _ other: Desk) async throws {
            try await desk.shop.sync()
            try await other.shop.sync()
        }

        private func ticket(_ desk: Desk, _ problem: String) async throws -> TicketId {
            var (customer, ticket) = (blankCustomer(), blankTicket())
            customer.lastName = "Weber"
            ticket.subject = "Does not charge"
            ticket.problem = problem
            let intake = Intake(bringer: .new(customer: customer), ticket: ticket)
            return try await desk.shop.intake(intake: intake, passcode: nil).ticket
        }

        @Test("What two wrote into a ticket is a conflict though one left the screen, and all else stays")
        func conflict() async throws {
            try await two { front, bench in
                let id = try await ticket(front, "Dead")
                try await send(front, bench)
                try await on(OpenTicket(bench, id)) { ticket in
                    try await ticket.until { $0.view != nil }
                    ticket.writeProblem("Dead, and it was wet")
                }
                let before = try #require(try await front.shop.ticket(id: id))
                let after = with(before) {
                    $0.problem = "Dead since Monday"
                    $0.diagnosis = "Board corroded"
                    $0.subject = "Dead"
                }
                try await front.shop.editTicket(before: before, after: after)
                try await send(front, bench)
                try await on(OpenTicket(bench, id)) { ticket in
                    let again = try await ticket.until { $0.view?.ticket.subject == "Dead" && $0.problemText != nil }
                    #expect(again.problemText == "Dead, and it was wet" && again.diagnosisText == nil)
                    ticket.saveText()
                    try await ticket.until { $0.problemText == nil }
                }
                try await send(bench, front)
                try await on(SyncCentre(bench)) { centre in
                    let conflict = try await centre.there { shown in
                        shown.conflicts.first { $0.conflict.id == id.rawValue }
                    }
                    #expect(conflict.conflict.field == "problem" && Json.plain(conflict.conflict.base) == "Dead")
                    #expect(Set([conflict.mine, conflict.theirs]) == ["Dead since Monday", "Dead, and it was wet"])
                }
                for desk in [front, bench] {
                    let both = try await desk.shop.ticket(id: id)
                    #expect(both?.diagnosis == "Board corroded" && both?.subject == "Dead")
                }
            }
        }

        @Test("A card that was left goes on over what others wrote there, and changes what was typed alone")
        func card() async throws {
            try await two { front, bench in
                var customer = blankCustomer()
                customer.lastName = "Weber"
                customer.phones = [Phone(number: "+49151123456", label: "mobile")]
                let id = try await front.shop.createCustomer(record: customer)
                try await send(front, bench)
                try await on(OpenCustomer(bench, .of(id)) { _ in }) { card in
                    try await card.until { $0.customer != nil }
                    card.edit()
                    card.fill(
                        with(try #require(card.state.form)) {
                            $0.city = "Berlin"
                            $0.tags = "regular"
                        }
                    )
                }
                let before = try #require(try await front.shop.customer(id: id))
                let after = with(before) {
                    $0.firstName = "Jonas"
                    $0.phones.append(Phone(number: "+49307654321", label: "work"))
                    $0.notes = "rings twice"
                    $0.tags = ["late"]
                }
                try await front.shop.editCustomer(before: before, after: after)
                try await send(front, bench)
                try await on(OpenCustomer(bench, .of(id)) { _ in }) { card in
                    let form = try await card.until { $0.form != nil && $0.customer != nil }.form
                    #expect(form?.firstName == "Jonas" && form?.notes == "rings twice")
                    #expect(form?.city == "Berlin" && form?.tags == "regular")
                    card.save()
                    try await card.until { $0.form == nil }
                }
                try await send(bench, front)
                for desk in [front, bench] {
                    let both = try #require(try await desk.shop.customer(id: id))
                    #expect(both.firstName == "Jonas" && both.notes == "rings twice" && both.address?.city == "Berlin")
                    #expect(Set(both.phones.map(\.number)) == Set(after.phones.map(\.number)))
                    #expect(Set(both.tags) == ["late", "regular"])
                }
            }
        }

        @Test("An item and an appointment that were left change what was typed alone")
        func shelfAndCalendar() async throws {
            try await two { front, bench in
                let item = try await front.shop.createItem(
                    record: with(blankItem()) {
                        $0.name = "Screen"
                        $0.bin = "A1"
                        $0.priceCents = 1_000
                    }
                )
                let start = front.today.addingTimeInterval(34 * 3_600)
                let visit = try await appointment(front, start)
                try await send(front, bench)
                try await on(OpenItem(bench, .of(item)) { _ in }) { card in
                    try await card.until { $0.item != nil }
                    card.edit()
                    card.fill(with(try #require(card.state.form)) { $0.bin = "B2" })
                }
                try await on(Appointments(bench)) { calendar in
                    try await calendar.until { !$0.loading }
                    calendar.goLater()
                    let line = try await calendar.there { $0.days.first?.lines.first { $0.id == visit } }
                    calendar.edit(line.row)
                    let form = try await calendar.there { $0.form }
                    calendar.fill(with(form) { $0.notes = "Brings the charger" })
                }
                let shelved = try #require(try await front.shop.item(id: item))
                let agreed = try #require(try await front.shop.appointment(id: visit))
                let dearer = with(shelved) {
                    $0.priceCents = 1_200
                    $0.supplier = "Parts & Co"
                }
                let later = with(agreed) {
                    $0.startsAt = start.addingTimeInterval(7_200)
                    $0.endsAt = start.addingTimeInterval(9_000)
                }
                try await front.shop.editItem(before: shelved, after: dearer)
                try await front.shop.editAppointment(before: agreed, after: later)
                try await send(front, bench)
                try await on(OpenItem(bench, .of(item)) { _ in }) { card in
                    try await card.until { $0.form?.supplier == "Parts & Co" && $0.item != nil }
                    card.save()
                    try await card.until { $0.form == nil }
                }
                try await on(Appointments(bench)) { calendar in
                    let form = try await calendar.there { $0.form }
                    #expect(form.begins(bench.zone) == later.startsAt, "it was moved meanwhile")
                    calendar.save()
                    try await calendar.until { $0.form == nil }
                }
                try await send(bench, front)
                for desk in [front, bench] {
                    let shelf = try await desk.shop.item(id: item)
                    #expect(shelf?.bin == "B2" && shelf?.priceCents == 1_200 && shelf?.supplier == "Parts & Co")
                    let both = try await desk.shop.appointment(id: visit)
                    #expect(both?.notes == "Brings the charger" && both?.startsAt == later.startsAt)
                }
            }
        }

        private func appointment(_ desk: Desk, _ start: Date) async throws -> AppointmentId {
            var (customer, visit) = (blankCustomer(), blankAppointment())
            customer.lastName = "Okoro"
            visit.customerId = try await desk.shop.createCustomer(record: customer)
            visit.startsAt = start
            visit.endsAt = start.addingTimeInterval(1_800)
            visit.timeZone = desk.zone.identifier
            visit.state = .booked
            return try await desk.shop.createAppointment(record: visit)
        }

        @Test("Whoever opens a screen again at once finds what was typed there last, and it is in the file soon")
        func atOnce() async throws {
            try await alone { desk in
                let still = desk.standing
                let id = try await ticket(desk, "Dead")
                let first = OpenTicket(still, id)
                // Nobody has left it yet.
                try await on(first) { first in
                    try await first.until { $0.view != nil }
                    first.writeDiagnosis("Board")
                    first.writeDiagnosis("Board corroded")
                    try await on(OpenTicket(still, id)) { again in
                        try await again.until { $0.diagnosisText == "Board corroded" }
                    }
                }
                // Another process knows only what is in the file.
                let other = Desk(shop: desk.shop, who: desk.who, currency: desk.currency)
                try await on(OpenTicket(other, id)) { again in
                    try await again.until { $0.diagnosisText == "Board corroded" && $0.view != nil }
                    again.saveText()
                    try await again.until { $0.view?.ticket.diagnosis == "Board corroded" && $0.diagnosisText == nil }
                }
                #expect(try await desk.shop.draft(name: "ticket/\(id.rawValue)") == nil)
            }
        }

        @Test("A draft that was dropped is not read again, whatever is still being written")
        func dropped() async throws {
            try await alone { desk in
                let drafts = desk.drafts
                drafts.put("note", "text=half")
                #expect(try await drafts.read("note") == "text=half")
                #expect(try await drafts.write("note"))
                #expect(try await !drafts.write("note"), "it is written")
                #expect(try await desk.shop.draft(name: "note")?.body == "text=half")
                drafts.put("note", "")
                #expect(try await drafts.read("note").isEmpty)
                _ = try await drafts.write("note")
                #expect(try await desk.shop.draft(name: "note") == nil)
            }
        }

        @Test("Whoever taps twice writes one note and uses one part")
        func twice() async throws {
            try await alone { desk in
                let id = try await ticket(desk, "Dead")
                let item = try await desk.shop.createItem(record: with(blankItem()) { $0.name = "Charging port" })
                try await on(OpenTicket(desk, id)) { ticket in
                    try await ticket.until { $0.view != nil }
                    ticket.writeNote("Call before five")
                    for _ in 0..<2 { ticket.addNote(.internal) }
                    try await ticket.until { $0.view?.notes.isEmpty == false && $0.note.isEmpty }
                    ticket.findPart("port")
                    try await ticket.until { !$0.parts.isEmpty }
                    for _ in 0..<2 { ticket.usePart(item) }
                    try await ticket.until { $0.view?.lines.isEmpty == false && $0.parts.isEmpty }
                    ticket.writeDiagnosis("Port is bent")
                    ticket.saveText()
                    let view = try await ticket.until { $0.view?.ticket.diagnosis != nil }.view
                    #expect(view?.notes.count == 1 && view?.lines.count == 1)
                }
                #expect(try await desk.shop.item(id: item)?.quantity == -1)
            }
        }
    }
}

extension Desk {
    /// The same desk, where time never passes.
    fileprivate var standing: Desk {
        Desk(shop: shop, who: who, currency: currency, time: Standstill(), zone: zone, drafts: drafts)
    }
}

@Suite
struct ResumedTests {
    @Test("An older draft, which does not say what was seen, changes what differs from now")
    func older() {
        let texts = ["first": "Mira", "last": "Weber", "street": "Kai 1", "city": "Kiel"]
        let now = Seen(texts, 7)
        let half = texts.merging(["last": "Half-typed"]) { $1 }
        let old = Resumed(half, over: now)
        #expect(old?.typed == half && old?.seen == texts && old?.stamp == 7)
        #expect(Resumed([:], over: now) == nil)
    }

    @Test("What nobody touched is as others made it, and what is one value never half of each")
    func together() {
        let now = Seen(["first": "Mira", "last": "Weber", "street": "Kai 1", "city": "Kiel"], 7)
        let seen = Seen(["first": nil, "last": "Weber", "street": "Hof 2", "city": "Bonn"], 3)
        let typed: [String: String?] = ["last": "Weber", "street": "Hof 3", "city": "Bonn"]
        let kept = Typed.read(Typed.write(typed.merging(seen.asTyped) { $1 }))
        let resumed = Resumed(kept, over: now, together: [["street", "city"]])
        #expect(resumed?.typed == ["first": "Mira", "last": "Weber", "street": "Hof 3", "city": "Bonn"])
        #expect(resumed?.seen == ["first": "Mira", "last": "Weber", "street": "Hof 2", "city": "Bonn"])
        #expect(resumed?.stamp == 3)
    }
}
