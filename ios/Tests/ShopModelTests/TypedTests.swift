import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// What is typed and left: it comes back as it was, and over what others did meanwhile.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct LeftTests {
        /// Two devices of two people in one shop.
        private func two(_ body: (Desk, Desk, Session) async throws -> Void) async throws {
            let hub = try await Hub.shared()
            let (front, bench) = (try await Person(), try await Person())
            defer { for person in [front, bench] { person.leave() } }
            let (ada, bo) = (try await hub.manager(), try await hub.manager())
            try await body(try await front.signIn(hub, ada), try await bench.signIn(hub, bo), bench.session)
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
            try await two { front, bench, session in
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
                try await on(SyncCentre(bench, session)) { centre in
                    let conflict = try await centre.there { shown in
                        shown.conflicts.first { $0.conflict.id == id.rawValue }
                    }
                    let open = conflict.conflict
                    #expect(open.field == "problem" && open.base == .text(text: "Dead"))
                    let versions = Set([open.mine, open.theirs])
                    let typed: Set<FieldValue> = [
                        .text(text: "Dead since Monday"), .text(text: "Dead, and it was wet"),
                    ]
                    #expect(versions == typed)
                }
                for desk in [front, bench] {
                    let both = try await desk.shop.ticket(id: id)
                    #expect(both?.diagnosis == "Board corroded" && both?.subject == "Dead")
                }
            }
        }

        @Test("A card that was left goes on over what others wrote there, and changes what was typed alone")
        func card() async throws {
            try await two { front, bench, _ in
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
            try await two { front, bench, _ in
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

        @Test("A ticket's form and a line that were left change what was typed alone")
        func line() async throws {
            try await two { front, bench, _ in
                let id = try await ticket(front, "Dead")
                let fitting = with(blankTicketLine()) {
                    $0.kind = .labour
                    $0.description = "Fitting"
                    $0.quantity = 1
                    $0.unitPriceCents = 4_500
                }
                let line = try await front.shop.addLine(ticket: id, line: fitting)
                try await send(front, bench)
                try await on(EditTicket(bench, id) {}) { edit in
                    edit.edit()
                    edit.fill(with(try await edit.there { $0.form }) { $0.brand = "Apple" })
                    edit.editLine(try #require(try await bench.shop.ticketLine(id: line)))
                    edit.fillLine(with(try await edit.there { $0.line }) { $0.description = "Fitting and cleaning" })
                }
                let before = try #require(try await front.shop.ticket(id: id))
                let named = with(before) {
                    $0.subject = "Dead"
                    $0.deviceModel = "iPhone 14"
                }
                try await front.shop.editTicket(before: before, after: named)
                try await price(front, line, 6_000)
                try await front.shop.setLineQuantity(line: line, quantity: 2)
                try await send(front, bench)
                try await on(EditTicket(bench, id) {}) { edit in
                    let again = try await edit.until { $0.form != nil && $0.line != nil }
                    #expect(again.form?.subject == "Dead" && again.form?.model == "iPhone 14")
                    #expect(again.form?.brand == "Apple" && again.line?.description == "Fitting and cleaning")
                    #expect(again.line?.price == "60.00" && again.line?.quantity == "2")
                    // Nothing of this has come to the bench, whose words are the later ones.
                    try await price(front, line, 7_000)
                    let seen = try #require(try await front.shop.ticket(id: id))
                    try await front.shop.editTicket(before: seen, after: with(seen) { $0.deviceModel = "iPhone 15" })
                    edit.save()
                    try await edit.until { $0.form == nil }
                    edit.saveLine()
                    try await edit.until { $0.line == nil }
                }
                try await send(bench, front)
                try await send(front, bench)
                for desk in [front, bench] {
                    let ticket = try await desk.shop.ticket(id: id)
                    #expect(ticket?.subject == "Dead" && ticket?.deviceModel == "iPhone 15")
                    #expect(ticket?.deviceBrand == "Apple")
                    let both = try await desk.shop.ticketLine(id: line)
                    #expect(both?.description == "Fitting and cleaning" && both?.unitPriceCents == 7_000)
                    #expect(both?.quantity == 2)
                }
            }
        }

        private func price(_ desk: Desk, _ line: TicketLineId, _ cents: Int64) async throws {
            let before = try #require(try await desk.shop.ticketLine(id: line))
            try await desk.shop.editLine(before: before, after: with(before) { $0.unitPriceCents = cents })
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

        @Test("A colleague and the shop's settings are typed on after the screen was left, and nobody loses a word")
        func leading() async throws {
            let hub = try await Hub.alone()
            let (ada, second) = (try await Person(), try await Person())
            defer { for person in [ada, second] { person.leave() } }
            let front = try await ada.signIn(hub, hub.owner)
            let bench = try await second.signIn(hub, hub.owner)
            let tess = try await front.shop.createEmployee(
                record: with(blankEmployee()) {
                    $0.firstName = "Tess"
                    $0.role = .technician
                    $0.active = true
                }
            )
            try await send(front, bench)
            try await on(Team(bench)) { team in
                try await team.until { !$0.loading }
                team.edit(tess)
                let form = try await team.there { $0.form }
                team.fill(
                    with(form) {
                        $0.phone = "+49151123456"
                        $0.role = .frontDesk
                    }
                )
            }
            try await on(Settings(bench, second.session)) { settings in
                try await settings.until { $0.settings != nil }
                settings.edit()
                settings.fill(with(try #require(settings.state.form)) { $0.ticketDays = "77" })
                settings.writeFlag("signatures")
            }
            let hired = try #require(try await front.shop.employee(id: tess))
            let own = try #require(try await front.shop.settings())
            try await front.shop.editEmployee(before: hired, after: with(hired) { $0.lastName = "Moreau" })
            try await front.shop.editSettings(before: own, after: with(own) { $0.appointmentWindowDays = 33 })
            try await send(front, bench)
            try await on(Team(bench)) { team in
                let form = try await team.there { $0.form }
                #expect(form.lastName == "Moreau" && form.phone == "+49151123456")
                team.save()
                try await team.until { $0.form == nil }
            }
            try await on(Settings(bench, second.session)) { settings in
                let again = try await settings.until { $0.form != nil && $0.newFlag == "signatures" }.form
                #expect(again?.ticketDays == "77" && again?.appointmentDays == "33")
                settings.save()
                try await settings.until { $0.form == nil }
            }
            try await send(bench, front)
            for desk in [front, bench] {
                let both = try await desk.shop.employee(id: tess)
                #expect(both?.lastName == "Moreau" && both?.phone == "+49151123456" && both?.role == .frontDesk)
                let settings = try await desk.shop.settings()
                #expect(settings?.ticketWindowDays == 77 && settings?.appointmentWindowDays == 33)
            }
            #expect(try await bench.shop.draft(name: "employee") == nil)
            #expect(try await bench.shop.draft(name: "settings") == nil)
        }

        @Test("A third version that somebody writes of a conflict comes back, and is gone once it is saved")
        func third() async throws {
            try await two { front, bench, session in
                let id = try await ticket(front, "Dead")
                try await send(front, bench)
                let seen = try #require(try await bench.shop.ticket(id: id))
                for (desk, words) in [(front, "Dead since Monday"), (bench, "Dead and wet")] {
                    try await desk.shop.editTicket(before: seen, after: with(seen) { $0.problem = words })
                    try await desk.shop.sync()
                }
                try await on(SyncCentre(bench, session)) { centre in
                    let conflict = try await centre.there { shown in
                        shown.conflicts.first { $0.conflict.id == id.rawValue }
                    }
                    centre.edit(conflict.id, "Wet on Monday")
                }
                try await on(SyncCentre(bench, session)) { centre in
                    let again = try await centre.until { $0.editing != nil && !$0.conflicts.isEmpty }
                    #expect(again.text == "Wet on Monday")
                    let edited = again.conflicts.first { $0.id == again.editing }
                    let conflict = try #require(edited)
                    centre.keepOwn(conflict.conflict)
                    try await centre.until { !$0.conflicts.contains { $0.id == conflict.id } && $0.editing == nil }
                }
                #expect(try await bench.shop.draft(name: "sync") == nil)
                #expect(try await bench.shop.ticket(id: id)?.problem == "Wet on Monday")
            }
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

        @Test("An intake knows whom somebody chose, also after the screen was left")
        func chosen() async throws {
            try await alone { desk in
                var customer = blankCustomer()
                customer.lastName = "Okafor"
                customer.phones = [Phone(number: "+491512345602", label: "mobile")]
                let id = try await desk.shop.createCustomer(record: customer)
                try await on(TakingIn(desk.standing)) { counter in
                    counter.fill(with(form("", "Again")) { $0.phone = "5602" })
                    counter.choose(try await counter.there { $0.found.first })
                }
                try await on(TakingIn(desk)) { counter in
                    let again = try await counter.until { $0.known != nil && !$0.found.isEmpty }
                    #expect(again.form.subject == "Again" && again.known == again.found.first)
                    counter.takeIn()
                    try await counter.until { $0.taken != nil }
                }
                #expect(try await desk.shop.ticketsOfCustomer(customer: id, before: nil, limit: 5).count == 1)
                let all = try await desk.shop.customersByName(prefix: "", limit: 5)
                #expect(all.map(\.id) == [id], "nobody was written down a second time")
            }
        }

        @Test("An amount and its reason, and what is typed to move in, come back")
        func amount() async throws {
            try await alone { desk in
                let item = try await desk.shop.createItem(record: with(blankItem()) { $0.name = "Charging port" })
                try await on(OpenItem(desk.standing, .of(item)) { _ in }) { card in
                    try await card.until { $0.item != nil }
                    card.writeAmount("5")
                    card.writeReason("Delivery")
                }
                try await on(OpenItem(desk, .of(item)) { _ in }) { card in
                    try await card.until { $0.item != nil && $0.amount == "5" && $0.reason == "Delivery" }
                    card.receive()
                    try await card.until { $0.item?.quantity == 5 && $0.amount.isEmpty }
                }
                #expect(try await desk.shop.draft(name: "stock/\(item.rawValue)") == nil)
                let folder = try scratch("moving")
                let file = folder.appendingPathComponent("old.csv")
                try Data("id\n".utf8).write(to: file)
                let typed = with(MovingIn()) {
                    $0.file = file.path
                    $0.layout = .tickets
                    $0.source = "Old system"
                    $0.countryCode = "49"
                }
                try await on(Moving(desk.standing, folder: folder)) { $0.fill(typed) }
                try await on(Moving(desk, folder: folder)) { moving in try await moving.until { $0.form == typed } }
                try FileManager.default.removeItem(at: file)
                try await on(Moving(desk, folder: folder)) { moving in
                    try await moving.until { $0.form == with(typed) { $0.file = "" } }
                }
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
