import Counterpart
import ShopTrial
import Testing

@testable import ShopModel

/// What a finger does on the board.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct BoardTests {
    @Test("A ticket goes one step on from the board, and back where the engine lets it")
    func onward() async throws {
        try await alone { desk in
            _ = try await takeIn(desk)
            try await on(Board(desk)) { board in
                board.advance(try await standing(board, .received))
                _ = try await standing(board, .diagnosing)
                let once = try await board.there { $0.swiped }
                #expect(once.to == .diagnosing && !once.canUndo)

                board.advance(try await standing(board, .diagnosing))
                board.advance(try await standing(board, .inRepair))
                _ = try await standing(board, .qc)
                let swiped = try await board.there { $0.swiped?.to == .qc ? $0.swiped : nil }
                #expect(swiped.canUndo)
                board.undo()
                _ = try await standing(board, .inRepair)
                try await board.until { $0.swiped == nil }
            }
        }
    }

    @Test("A ticket is made one's own from the board, and given back")
    func take() async throws {
        let device = try await Device()
        defer { device.throwAway() }
        let owner = Counterpart.Account(id: "lee", role: "owner", station: false, employee: nil)
        let shop = try await device.terminal.enter(account: owner, shop: "north")
        let tess = with(blankEmployee()) {
            $0.firstName = "Tess"
            $0.role = .technician
            $0.active = true
        }
        let id = try await shop.createEmployee(record: tess)
        let taken = try await takeIn(Desk(shop: shop, who: shop.who(), currency: "EUR"))

        let bench = Counterpart.Account(id: "lee", role: "technician", station: false, employee: id.rawValue)
        let open = try await device.terminal.enter(account: bench, shop: "north")
        let desk = Desk(shop: open, who: try await open.who(), currency: "EUR")
        try await on(Board(desk)) { board in
            board.take(try await board.there { shown in shown.rows.first { $0.canTake } })
            let mine = try await board.there { shown in shown.rows.first { !$0.canTake && $0.assignee == "Tess" } }
            #expect(mine.id == taken)
            let swiped = try await board.there { $0.swiped }
            #expect(swiped.to == nil && swiped.canUndo)
            board.search("glass")
            board.onlyMine(true)
            try await board.until { $0.onlyMine && $0.rows.map(\.id) == [taken] }
            board.undo()
            try await board.until { $0.swiped == nil && $0.rows.isEmpty }
            board.onlyMine(false)
            try await board.until { $0.rows.map(\.assignee) == [nil] }
        }
    }

    @Test("What is searched keeps to the filters and follows what happens to it")
    func search() async throws {
        try await alone { desk in
            let (one, other) = (try await takeIn(desk), try await takeIn(desk))
            try await desk.shop.transition(ticket: other, to: .diagnosing, reason: nil)
            try await on(Board(desk)) { board in
                board.filter(.received)
                board.search("glass")
                board.advance(
                    try await board.there { $0.words == "glass" && $0.rows.map(\.id) == [one] ? $0.rows.first : nil }
                )
                try await board.until { $0.rows.isEmpty && $0.swiped != nil }
                board.filter(nil)
                let both = try await board.until { $0.rows.count == 2 }.rows
                for row in both where row.id == one { board.advance(row) }
                board.advance(try await standing(board, .inRepair))
                #expect(try await standing(board, .qc).id == one)
                #expect(board.state.problem == nil)
            }
        }
    }

    @Test("What is swiped away is gone in further windows too, and a window that comes late brings nothing else")
    func windows() async throws {
        try await alone { desk in
            let last = try await takeIn(desk)
            for to in [TicketStatus.diagnosing, .ready] {
                try await desk.shop.transition(ticket: last, to: to, reason: nil)
            }
            var others: [TicketId] = []
            for _ in 0..<59 { others.append(try await takeIn(desk)) }
            try await on(Board(desk)) { board in
                try await board.until { $0.rows.count == 50 && $0.more }
                board.showMore()
                board.showMore()
                let rows = try await board.until { $0.rows.count == 60 && !$0.more }.rows
                #expect(rows.last?.id == last)
                board.advance(try #require(rows.last))
                try await board.until { $0.rows.count == 59 && $0.swiped?.to == .pickedUp }

                board.search("")
                try await board.until { $0.rows.count == 50 && $0.more }
                board.showMore()
                board.filter(.diagnosing)
                try await board.until { $0.rows.isEmpty }
                try await desk.shop.transition(ticket: others[0], to: .diagnosing, reason: nil)
                let moved = try await board.until { !$0.rows.isEmpty }.rows
                #expect(moved.map(\.id) == [others[0]])
            }
        }
    }

    @Test("Who is nobody in particular takes no ticket on")
    func nobody() async throws {
        try await alone { desk in
            _ = try await takeIn(desk)
            try await on(Board(desk)) { board in
                let row = try await standing(board, .received)
                #expect(!row.canTake)
            }
        }
    }

    private func takeIn(_ desk: Desk) async throws -> TicketId {
        let customer = with(blankCustomer()) { $0.lastName = "Baker" }
        let ticket = with(blankTicket()) { $0.subject = "Glass broken" }
        let intake = Intake(bringer: .new(customer: customer), ticket: ticket)
        return try await desk.shop.intake(intake: intake, passcode: nil).ticket
    }

    private func standing(_ board: Board, _ status: TicketStatus) async throws -> BoardRow {
        try await board.there { shown in shown.rows.first { $0.ticket.status == status } }
    }
}
