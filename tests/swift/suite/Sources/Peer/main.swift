// The Swift device of the meeting with a Kotlin one: `cargo xtask test meeting` runs it. It takes a ticket in, moves the
// other's, and ends once it has seen its own moved.
import Counterpart
import Foundation

struct Unmet: Error {
    let what: String
}

func given(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment["COUNTERPART_\(name)"] else { throw Unmet(what: name) }
    return value
}

func shown(_ shop: Shop, _ wanted: (TicketRow) -> Bool) async throws -> TicketRow {
    let board = BoardFilter(statuses: [], assignee: nil, priority: nil, order: .updated)
    for try await page in shop.boards(board) {
        if let row = page.rows.first(where: wanted) { return row }
    }
    throw Unmet(what: "the shop was closed")
}

let folder = FileManager.default.temporaryDirectory.appendingPathComponent("peer-\(UUID().uuidString)")
defer { try? FileManager.default.removeItem(at: folder) }
let network = SwitchedReachability(up: false)
let terminal = try await Terminal.open(
    folder: folder.appendingPathComponent("data"),
    storage: FolderStorage(folder: folder.appendingPathComponent("keys")),
    reachability: network
)
let server = ServerAddress(url: try given("URL"), anonKey: try given("KEY"))
let shop = try await terminal.signIn(server: server, email: try given("EMAIL"), password: try given("PASSWORD")).shop
network.isUp = true
for try await state in shop.states() where state.online { break }
try await shop.sync()
var customer = blankCustomer()
customer.lastName = "Swift"
var ticket = blankTicket()
ticket.subject = "From Swift"
_ = try await shop.intake(intake: Intake(bringer: .new(customer: customer), ticket: ticket), passcode: nil)
let theirs = try await shown(shop) { $0.subject == "From Kotlin" }
try await shop.transition(ticket: theirs.id, to: .diagnosing, reason: nil)
_ = try await shown(shop) { $0.subject == "From Swift" && $0.status == .diagnosing }
try await shop.idle(within: .seconds(60))
try await terminal.shutDown()
