import Counterpart
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
            board.undo()
            try await board.until { $0.swiped == nil && $0.rows.first?.assignee == nil }
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
