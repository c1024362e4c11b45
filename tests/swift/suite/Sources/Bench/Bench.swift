// The Swift side of the benchmarks: `cargo xtask bench swift` runs it beside Rust. It opens the shop in a folder, does
// what each line of its input names, and answers with the nanoseconds that it took.
import Counterpart
import Foundation

struct Unasked: Error {
    let what: String
}

/// How long something takes, in nanoseconds.
func timed(_ work: () async throws -> Void) async throws -> Int64 {
    let took = try await ContinuousClock().measure(work).components
    return took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000
}

/// Rows of closed tickets, window after window, from the beginning again where they end.
func windows(_ shop: Shop, _ rows: Int) async throws -> [TicketRow] {
    let closed = BoardFilter(
        statuses: [.pickedUp, .cancelled, .abandoned],
        assignee: nil,
        priority: nil,
        order: .updated
    )
    var read: [TicketRow] = []
    var after: Key?
    while read.count < rows {
        let page = try await shop.board(filter: closed, after: after, limit: 500)
        if page.rows.isEmpty && read.isEmpty { throw Unasked(what: "there are no closed tickets") }
        read += page.rows
        after = page.next
    }
    return read
}

/// What the lines of the input ask for.
struct Bench {
    let shop: Shop
    let tickets: [Ticket]
    var at = 0
    var board: Watched<BoardWatch>.Iterator

    init(_ shop: Shop) async throws {
        self.shop = shop
        var tickets: [Ticket] = []
        for row in try await windows(shop, 3_000).prefix(3_000) {
            if let ticket = try await shop.ticket(id: row.id) { tickets.append(ticket) }
        }
        self.tickets = tickets
        board = shop.boards(open, limit: 50).makeAsyncIterator()
        _ = try await board.next()
    }

    mutating func does(_ word: String) async throws -> Int64 {
        let shop = shop
        defer { at += 1 }
        switch word {
        case "save":
            let before = tickets[at % tickets.count]
            var after = before
            after.diagnosis =
                "Connector J\(at) reseated, display tested with a spare, no other damage was found."
            after.estimateCents = Int64(12_900 + at)
            let edited = after
            return try await timed { try await shop.editTicket(before: before, after: edited) }
        case "get":
            let ids = (0..<10).map { tickets[(at * 10 + $0) % tickets.count].id }
            return try await timed {
                for id in ids { _ = try await shop.ticket(id: id) }
            } / 10
        case "list":
            var rows = 0
            let took = try await timed { rows = try await shop.board(filter: open, after: nil, limit: 50).rows.count }
            guard rows == 50 else { throw Unasked(what: "the board does not show 50 tickets") }
            return took
        case "observe":
            let first = try await shop.board(filter: open, after: nil, limit: 1).rows[0].id
            guard let before = try await shop.ticket(id: first) else { throw Unasked(what: "a ticket is missing") }
            var after = before
            after.subject = "No. \(at)"
            let edited = after
            return try await timed {
                try await shop.editTicket(before: before, after: edited)
                while let page = try await board.next(), page.rows[0].subject != edited.subject {}
            }
        case "rows":
            var rows = 0
            let took = try await timed { rows = try await windows(shop, 10_000).count }
            guard rows >= 10_000 else { throw Unasked(what: "there are too few rows") }
            return took
        default:
            throw Unasked(what: word)
        }
    }
}

func say(_ line: String) throws {
    try FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
}

let open = BoardFilter(statuses: [], assignee: nil, priority: nil, order: .due)

/// Off the main thread, as nothing is drawn.
func work() async throws {
    let folder = URL(fileURLWithPath: CommandLine.arguments[1])
    let terminal = try await Terminal.open(
        folder: folder.appendingPathComponent("data"),
        storage: FolderStorage(folder: folder.appendingPathComponent("keys")),
        options: TerminalOptions(survivesPowerCuts: CommandLine.arguments[2] == "power-cuts")
    )
    let owner = Account(id: "ada", role: "owner", station: false, employee: nil)
    var bench = try await Bench(terminal.enter(account: owner, shop: "shop-1"))
    try say("ready")
    while let word = readLine(), word != "end" {
        try say(String(try await bench.does(word)))
    }
    try await terminal.shutDown()
}

@main
enum Program {
    static func main() async throws {
        try await work()
    }
}
