import Counterpart
import ShopModel
import ShopTrial

/// Ada's day at the counter.
@MainActor
final class FrontDesk {
    /// What was said last, by her or on the phone: a ticket's number.
    var word = ""

    private let ada: Person
    private let desk: Desk
    private let board: Board
    private let looking: Task<Void, Never>
    /// What she put on the shelf, and the tickets that she took in.
    private var item: InventoryItemId?
    private var taken: [Taken] = []

    var steps: [(name: String, does: @MainActor () async throws -> Void)] {
        [
            ("puts six screens on the shelf", fillShelf),
            ("takes a device in", takeFirstIn),
            ("takes another in while the network is gone, and has its number", takeSecondIn),
            ("is back online, and the server has it", sendSecond),
            ("reads that, and says that it is urgent", makeUrgent),
            ("loses the network too, and uses a screen on the first", usePart),
            ("is back online, and counts five", countFive),
            ("counts four too", countFour),
            ("writes down what the customer says", writeProblem),
            ("reads what was decided", readDecision),
            ("hears that it is safe, and hands it over", handOver),
            ("goes home with nothing unsent", goHome),
        ]
    }

    static func open() async throws -> FrontDesk {
        try say("waits for the shop to open")
        let ada = try await Person()
        let server = ServerAddress(url: try given("URL"), anonKey: try given("KEY"))
        let login = Login(email: try given("EMAIL"), password: try given("PASSWORD"))
        return FrontDesk(ada, try await ada.signIn(server, login))
    }

    private init(_ ada: Person, _ desk: Desk) {
        self.ada = ada
        self.desk = desk
        let board = Board(desk)
        self.board = board
        looking = Task { await board.live() }
    }

    private func fillShelf() async throws {
        let (made, tell) = AsyncStream<InventoryItemId?>.makeStream()
        try await on(OpenItem(desk, .new) { tell.yield($0) }) { card in
            var form = try await card.finds("a card to write on") { $0.loading ? nil : $0.form }
            form.name = "Screen iPhone 14"
            form.sku = "SCR-IP14"
            card.fill(form)
            card.save()
            for await id in made {
                item = id
                break
            }
        }
        try await shelf { card in
            try await card.shows("the new card") { $0.item != nil }
            card.writeAmount("6")
            card.receive()
            try await card.shows("six of it") { $0.item?.quantity == 6 && $0.amount.isEmpty }
        }
    }

    private func takeFirstIn() async throws {
        var form = form("Weber", "Does not charge")
        form.problem = "Dead"
        try await takeIn(form)
        try await marked(0, .synced)
    }

    private func takeSecondIn() async throws {
        try await goOffline()
        try await takeIn(form("Núñez", "Screen cracked"))
        try await marked(1, .pending)
        try await on(ticket(1)) { ticket in
            try await ticket.shows("the ticket") { $0.view != nil }
            ticket.askSafe()
            let safety = try await ticket.finds("whether it is safe to hand over", known)
            try check(safety.unsent > 0, "what only this device knows is not safe: \(safety)")
        }
    }

    private func sendSecond() async throws {
        try await goOnline()
        try await marked(1, .synced)
    }

    private func makeUrgent() async throws {
        let row = try await board.finds("the phone's step on the board") { shown in
            shown.rows.first { $0.id == self.taken[1].ticket && $0.ticket.status == .diagnosing && $0.mark.unread }
        }
        try check(row.assignee == "Bo Lindqvist", "who took it on: \(row.assignee ?? "")")
        try await on(ticket(1)) { ticket in
            let shown = try await ticket.finds("diagnosis and note") { $0.view?.notes.isEmpty == true ? nil : $0.view }
            let (diagnosis, notes) = (shown.ticket.diagnosis ?? "", shown.notes.map(\.body))
            try check(diagnosis == "Digitizer dead", "what is wrong: \(diagnosis)")
            try check(notes == ["Call before five"], "what to remember: \(notes)")
        }
        try await on(EditTicket(desk, taken[1].ticket) {}) { edit in
            edit.edit()
            var form = try await edit.finds("the form") { $0.form }
            form.priority = .urgent
            edit.fill(form)
            edit.save()
            try await edit.shows("the form saved") { $0.form == nil }
        }
        try await sendAll()
    }

    private func usePart() async throws {
        try await goOffline()
        let item = try needed(item, "the item")
        try await on(ticket(0)) { ticket in
            ticket.findPart("iphone")
            try await ticket.shows("the part") { $0.parts.map(\.id) == [item] }
            ticket.usePart(item)
            try await ticket.shows("the part on the bill") {
                $0.view?.lines.map(\.inventoryItemId) == [item] && $0.parts.isEmpty
            }
        }
        try await counts(5)
    }

    private func countFive() async throws {
        try await goOnline()
        try await sendAll()
        try await counts(5)
    }

    private func countFour() async throws {
        try await counts(4)
        try await shelf { card in
            let moved = try await card.finds("who took them") { $0.movements.count == 3 ? $0.movements : nil }
            let takers = moved.filter { $0.row.quantity == -1 }.map(\.by)
            try check(Set(takers) == ["Ada Okafor", "Bo Lindqvist"], "each took one: \(takers)")
        }
    }

    private func writeProblem() async throws {
        try say("waits for the ticket's text to be written")
        try await write(desk, taken[0].ticket, "Dead since Monday")
        try await sendAll()
    }

    private func readDecision() async throws {
        try await on(ticket(0)) { ticket in
            try await ticket.shows("the phone's words") { $0.view?.ticket.problem == "Wet on Monday, dead since" }
        }
        try await on(SyncCentre(desk, ada.session)) { centre in
            try await centre.shows("a sync centre without two versions") { shown in
                shown.line?.conflicts == 0 && shown.conflicts.isEmpty
            }
        }
    }

    private func handOver() async throws {
        try await on(ticket(1)) { ticket in
            try await ticket.shows("“ready” on the ticket") { $0.view?.ticket.status == .ready }
            try await sendAll()
            ticket.askSafe()
            let safety = try await ticket.finds("whether it is safe to hand over", known)
            try check(safety.unsent == 0 && safety.devices == [], "nothing is unsent anywhere: \(safety)")
            ticket.move(to: .pickedUp)
            try await ticket.shows("“picked up” on the ticket") { $0.view?.ticket.status == .pickedUp }
        }
        try await board.shows("the board without it") { shown in
            shown.rows.map(\.id) == [self.taken[0].ticket]
        }
    }

    private func goHome() async throws {
        try await sendAll()
        try await ada.session.shows("nothing unsent") { shown in
            shown.line.map { $0.pending == 0 && $0.failed == 0 && $0.conflicts == 0 } == true
        }
        try say("waits for the shop to close")
        looking.cancel()
        await looking.value
        try await ada.device.terminal.shutDown()
        ada.leave()
    }

    /// A ticket that she took in, opened.
    private func ticket(_ index: Int) -> OpenTicket {
        OpenTicket(desk, taken[index].ticket)
    }

    private func takeIn(_ form: IntakeForm) async throws {
        try say("waits for a number")
        let one = try await ShopTrial.takeIn(desk, form)
        word = try needed(one.number, "a number")
        taken.append(one)
    }

    private func marked(_ index: Int, _ status: Status) async throws {
        try await board.shows("\(status) beside the ticket on the board") { shown in
            let row = shown.rows.first { $0.id == self.taken[index].ticket }
            return row?.ticket.number == self.word && row?.mark.status == status
        }
    }

    private func shelf(_ look: @MainActor (OpenItem) async throws -> Void) async throws {
        try await on(OpenItem(desk, .of(needed(item, "the item"))) { _ in }, look)
    }

    private func counts(_ quantity: Int64) async throws {
        try await shelf { card in
            try await card.shows("\(quantity) on the shelf") { $0.item?.quantity == quantity }
        }
    }

    private func known(_ shown: TicketState) -> TicketSafety? {
        if case .known(let safety) = shown.safety { safety } else { nil }
    }

    private func sendAll() async throws {
        try say("waits for everything to be sent")
        try await desk.shop.sync()
    }

    private func goOffline() async throws {
        try say("waits for the network to be gone")
        try await ada.goOffline()
    }

    private func goOnline() async throws {
        try say("waits for the network to be back")
        try await ada.goOnline()
    }
}
