import Counterpart
import Foundation
import Testing

/// A day's work of several devices and their hub.
@Suite(.timeLimit(.minutes(2)))
struct StoryTests {
    let hub: Hub
    let bo: Account

    init() throws {
        hub = try Hub()
        bo = try hub.invite("bo", "manager")
    }

    @Test("A first sync tells how far it is and ends with everything")
    func firstSync() async throws {
        let (old, new) = (try await Device(), try await Device())
        let office = try await old.signIn(hub, hub.owner)
        try await office.makeUp(tickets: 1_100, seed: 7)
        try await office.sync()
        // By pages: a snapshot would come in one piece.
        let gate = try Gate(before: hub, holding: ["sync_snapshot", "sync_range"])
        let bench = try await new.terminal.signIn(
            server: gate.address(of: hub),
            email: bo.email,
            password: bo.password
        ).shop
        new.network.isUp = true
        try await gate.next().refuse(code: "PGRST202")
        var (first, second): (HeldCall?, HeldCall?) = (try await gate.next(), nil)
        var rest: Task<Void, Never>?
        var steps: [Double] = []
        for try await state in bench.states() {
            steps.append(state.progress)
            if state.lastSyncedAt != nil { break }
            if state.progress == 0, let page = first {
                gate.pass(page)
                (first, second) = (nil, try await gate.next())
            } else if state.progress > 0, let page = second {
                gate.pass(page)
                second = nil
                rest = Task { while let page = try? await gate.next() { gate.pass(page) } }
            }
        }
        rest?.cancel()
        #expect(steps.first == 0 && steps.last == 1)
        let between = steps.filter { 0 < $0 && $0 < 1 }
        #expect(!between.isEmpty && steps == steps.sorted())
        try await bench.sync()
        let page = try await bench.board(filter: everything, after: nil, limit: 50)
        #expect(page.rows.count == 50 && page.next != nil)
        #expect(try await bench.checksum().hash == office.checksum().hash)
    }

    @Test("A change on one device shows on another in both directions without being asked for")
    func realtime() async throws {
        let (first, second) = (try await Device(), try await Device())
        let (office, bench) = (try await first.signIn(hub, hub.owner), try await second.signIn(hub, bo))
        let ticket = try await office.intake(intake: intake("Live screen"), passcode: nil).ticket
        _ = try await Self.board(bench) { $0.id == ticket }
        try await bench.transition(ticket: ticket, to: .diagnosing, reason: nil)
        _ = try await Self.board(office) { $0.id == ticket && $0.status == .diagnosing }
    }

    private static func board(
        _ shop: Shop,
        _ wanted: @escaping @Sendable (TicketRow) -> Bool
    ) async throws -> BoardPage {
        try await first(shop.boards(everything)) { $0.rows.contains(where: wanted) }
    }

    @Test("Customers, the shelf and the staff are told as they change on another device")
    func watches() async throws {
        let (office, bench) = (try await Device(), try await Device())
        let (desk, shelf) = (try await office.signIn(hub, hub.owner), try await bench.signIn(hub, bo))
        let id = try await desk.createCustomer(record: customer("Watched"))
        _ = try await CounterpartTests.first(shelf.customers(id)) { $0.customer?.lastName == "Watched" }
        var kim = blankEmployee()
        kim.firstName = "Kim"
        _ = try await desk.createEmployee(record: kim)
        _ = try await CounterpartTests.first(shelf.staff()) { $0.contains { $0.name == "Kim" } }
        var screen = blankItem()
        screen.name = "Screen S9"
        screen.reorderLevel = 2
        let item = try await shelf.createItem(record: screen)
        _ = try await CounterpartTests.first(desk.itemsToOrder()) { $0.map(\.id) == [item] }
        _ = try await shelf.receive(item: item, quantity: 3, reason: nil)
        _ = try await CounterpartTests.first(desk.items(item)) { $0.item?.quantity == 3 }
        // Without the sync, which changes them as well.
        try await office.offline(desk)
        var seen: [UInt64] = []
        for try await times in desk.changes(of: [.customer]) {
            seen.append(times)
            if times > 0 { break }
            _ = try await desk.createCustomer(record: customer("Another"))
        }
        #expect(seen == [0, 1])
    }

    @Test("A calendar's earlier months come when they are asked for, and the shop's devices are known")
    func beyondTheWindow() async throws {
        let (first, second) = (try await Device(), try await Device())
        let office = try await first.signIn(hub, hub.owner)
        var visit = blankAppointment()
        visit.customerId = try await office.createCustomer(record: customer("Long ago"))
        visit.startsAt = Date(timeIntervalSinceNow: -100 * 86_400)
        visit.endsAt = visit.startsAt.addingTimeInterval(1_800)
        visit.timeZone = "Europe/Berlin"
        let old = try await office.createAppointment(record: visit)
        visit.startsAt = Date(timeIntervalSinceNow: -200 * 86_400)
        visit.endsAt = visit.startsAt.addingTimeInterval(1_800)
        let older = try await office.createAppointment(record: visit)
        try await office.sync()
        let bench = try await second.signIn(hub, bo)
        #expect(try await bench.appointment(id: old) == nil)
        try await bench.fetchDays(kind: .appointment, days: 120)
        #expect(try await bench.appointment(id: old)?.id == old)
        #expect(try await bench.appointment(id: older) == nil)
        try await bench.fetch(kind: .appointment, between: visit.startsAt..<Date(timeIntervalSinceNow: -190 * 86_400))
        #expect(try await bench.appointment(id: older)?.id == older)
        let standings = try await bench.devices()
        let both = try await [office.device(), bench.device()]
        #expect(Set(standings.map(\.device)).isSuperset(of: both))
        let long = standings.filter { $0.seenAt < Date(timeIntervalSinceNow: -3_600) }
        #expect(long.isEmpty)
    }

    /// One ticket, changed on a device and, by whoever had seen it before, on another that was offline and is back.
    private func twoMinds(
        _ first: Device,
        _ second: Device,
        one: (inout Ticket) -> Void,
        and other: (inout Ticket) -> Void
    ) async throws -> (Shop, Shop, TicketId) {
        let office = try await first.signIn(hub, hub.owner)
        let ticket = try await office.intake(intake: intake("Two minds"), passcode: nil).ticket
        try await office.sync()
        let bench = try await second.signIn(hub, bo)
        let seen = try #require(try await bench.ticket(id: ticket))
        try await second.offline(bench)
        let before = try #require(try await office.ticket(id: ticket))
        try await edited(office, before, one)
        try await office.sync()
        try await edited(bench, seen, other)
        try await second.online(bench)
        return (office, bench, ticket)
    }

    private func edited(_ shop: Shop, _ before: Ticket, _ change: (inout Ticket) -> Void) async throws {
        var after = before
        change(&after)
        try await shop.editTicket(before: before, after: after)
    }

    @Test("Two versions of a problem wait for a person, and any device resolves them")
    func conflict() async throws {
        let (first, second) = (try await Device(), try await Device())
        let (office, bench, ticket) = try await twoMinds(first, second) {
            $0.problem = "wet"
        } and: {
            $0.problem = "bent"
        }
        let open = try await CounterpartTests.first(bench.openConflicts()) { !$0.isEmpty }
        let found = open.first { $0.id == ticket.rawValue }
        let ours = try #require(found)
        #expect(ours.field == "problem" && ours.mine == .text(text: "bent"))
        try await bench.resolve(conflict: ours.conflict, choice: .mine)
        try await bench.sync()
        try await office.sync()
        #expect(try await office.ticket(id: ticket)?.problem == "bent")
        #expect(try await office.conflicts().isEmpty)
    }

    @Test("Each field of a record is resolved by itself, by theirs and by a third version")
    func conflictOfFields() async throws {
        let (first, second) = (try await Device(), try await Device())
        let (office, bench, ticket) = try await twoMinds(first, second) {
            ($0.problem, $0.diagnosis) = ("wet", "board")
        } and: {
            ($0.problem, $0.diagnosis) = ("bent", "frame")
        }
        let open = try await CounterpartTests.first(bench.openConflicts()) { $0.count == 2 }
        let ofProblem = open.first { $0.field == "problem" }
        let ofDiagnosis = open.first { $0.field == "diagnosis" }
        let (problem, diagnosis) = (try #require(ofProblem), try #require(ofDiagnosis))
        #expect(problem.theirs == .text(text: "wet") && problem.mine == .text(text: "bent"))
        #expect(try await bench.standings(kind: .ticket, ids: [ticket.rawValue]).map(\.status) == [.conflict])
        try await bench.resolve(conflict: problem.conflict, choice: .theirs)
        #expect(try await bench.conflicts().map(\.field) == ["diagnosis"], "the other field waits on")
        let wrong = try await failure {
            try await bench.resolve(conflict: diagnosis.conflict, choice: .value(value: .whole(number: 7)))
        }
        guard case .Invalid(_, _, "diagnosis", _) = wrong else { throw wrong }
        let both = FieldValue.text(text: "board and frame")
        try await bench.resolve(conflict: diagnosis.conflict, choice: .value(value: both))
        try await bench.sync()
        try await office.sync()
        for shop in [office, bench] {
            let resolved = try await shop.ticket(id: ticket)
            #expect(resolved?.problem == "wet" && resolved?.diagnosis == "board and frame")
            #expect(try await shop.conflicts().isEmpty)
        }
        let again = try await failure { try await office.resolve(conflict: problem.conflict, choice: .mine) }
        #expect(again.code == "not_found", "it is closed")
    }

    @Test("What others do is told by name, and unread until it is looked at")
    func notices() async throws {
        let (first, second) = (try await Device(), try await Device())
        let (office, bench) = (try await first.signIn(hub, hub.owner), try await second.signIn(hub, bo))
        let newcomer = try await bench.createCustomer(record: customer("Newcomer")).rawValue
        let told = try await CounterpartTests.first(office.news()) { news in
            news.newest.contains { notice in notice.parts.contains { $0.rows.contains(newcomer) } }
        }
        let named = told.newest.first { notice in notice.parts.contains { $0.rows.contains(newcomer) } }
        let notice = try #require(named)
        #expect(notice.authorName == "bo" && !notice.seen)
        let part = notice.parts.first { $0.rows.contains(newcomer) }
        #expect(part?.deed == .added)
        #expect(try await office.standings(kind: .customer, ids: [newcomer]).map(\.unread) == [true])
        try await office.view(kind: .customer, id: newcomer)
        #expect(try await office.standings(kind: .customer, ids: [newcomer]).map(\.unread) == [false])
        try await office.markNoticesSeen(through: try #require(told.newest.first).id)
        #expect(try await office.notices(limit: 10).unseen == 0)
    }

    @Test("People switch at a shared tablet by PIN, and may do there what they may do")
    func station() async throws {
        _ = try hub.invite("tess", "technician")
        let tablet = try hub.invite("tablet", "front_desk", "--station")
        let (first, second) = (try await Device(), try await Device())
        let office = try await first.signIn(hub, hub.owner)
        let invited = try await office.employees().first { $0.name == "tess" }
        let technician = try #require(invited).id
        try await office.setPin(employee: technician, pin: "2580")
        try await office.sync()
        let shop = try await second.signIn(hub, tablet)
        let wrong = try await failure { try await shop.switchTo(employee: technician, pin: "1111") }
        #expect(wrong.code == "denied")
        try await shop.switchTo(employee: technician, pin: "2580")
        #expect(try await shop.who().actor == technician.rawValue)
        var nobody = blankEmployee()
        nobody.firstName = "Nobody"
        let unmade = nobody
        let refused = try await failure { try await shop.createEmployee(record: unmade) }
        #expect(refused.code == "denied")
        try await shop.switchOff()
    }

    @Test("Whoever types too many wrong PINs waits, with the right one too, and is told how long")
    func pinLock() async throws {
        let tablet = try hub.invite("tablet", "front_desk", "--station")
        let (first, second) = (try await Device(), try await Device())
        let office = try await first.signIn(hub, hub.owner)
        let listed = try await office.employees().first { $0.name == "bo" }
        let manager = try #require(listed).id
        try await office.setPin(employee: manager, pin: "2580")
        try await office.sync()
        let shop = try await second.signIn(hub, tablet)
        try await shop.switchTo(employee: manager, pin: "2580")
        try await shop.switchOff()
        for _ in 1...4 {
            let wrong = try await failure { try await shop.switchTo(employee: manager, pin: "1111") }
            #expect(wrong.code == "denied")
        }
        let fifth = try await failure { try await shop.switchTo(employee: manager, pin: "1111") }
        guard case .NotNow("pin_locked", .some(30), _) = fifth else { throw fifth }
        let right = try await failure { try await shop.switchTo(employee: manager, pin: "2580") }
        guard case .NotNow("pin_locked", .some(1...30), _) = right else { throw right }
        #expect(try await shop.who().actor == nil)
    }

    @Test("Who leaves with unsent work is asked")
    func signOut() async throws {
        let device = try await Device()
        let shop = try await device.signIn(hub, bo)
        try await device.offline(shop)
        _ = try await shop.createCustomer(record: customer("Unsent"))
        let asked = try await failure { try await device.terminal.signOut() }
        guard case .NotNow("unsent", _, let operations) = asked else { throw asked }
        #expect(operations == 1)
        try await device.terminal.signOut(unsent: .keep)
        #expect(try await device.terminal.shop() == nil)
        let late = try await failure { try await shop.customer(id: "any") }
        #expect(late.code == "closed")
    }

    @Test("A passcode is shown to who may see it, and to nobody else")
    func passcode() async throws {
        let (first, second) = (try await Device(), try await Device())
        let bench = try await first.signIn(hub, try hub.invite("tess", "technician"))
        let taken = try await bench.intake(intake: intake("Locked"), passcode: "4711")
        #expect(try await bench.revealPasscode(ticket: taken.ticket) == "4711")
        try await bench.sync()
        #expect(try await bench.parked().isEmpty)
        #expect(try await bench.safe(ticket: taken.ticket).unsent == 0)
        // A shared tablet at which nobody works.
        let tablet = try await second.signIn(hub, try hub.invite("counter", "front_desk", "--station"))
        let refused = try await failure { try await tablet.revealPasscode(ticket: taken.ticket) }
        #expect(refused.code == "denied")
    }

    @Test("A background task syncs while the app is suspended")
    func background() async throws {
        let device = try await Device()
        let shop = try await device.signIn(hub, hub.owner)
        try await device.terminal.suspend()
        _ = try await shop.createCustomer(record: customer("Asleep"))
        #expect(try await shop.state().pending == 1)
        try await shop.syncOnce(within: .seconds(20))
        #expect(try await shop.state().pending == 0)
        try await device.terminal.resume()
        try await shop.sync()
    }
}
