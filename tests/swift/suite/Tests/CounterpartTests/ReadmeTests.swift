import Counterpart
import Testing

/// The README's sample, word for word.
@Test("The sample in the README works")
func readme() async throws {
    let hub = try Hub()
    let device = try await Device()
    let (terminal, server) = (device.terminal, hub.server)
    let (email, password) = (hub.owner.email, hub.owner.password)
    let filter = everything
    let (shown, told) = AsyncStream.makeStream(of: [TicketRow].self)
    let screen = Task {
        func show(_ rows: [TicketRow]) { told.yield(rows) }
        let shop = try await terminal.signIn(server: server, email: email, password: password).shop
        var customer = blankCustomer()
        customer.lastName = "Núñez"
        let id = try await shop.createCustomer(record: customer)
        #expect(try await shop.customer(id: id)?.lastName == "Núñez")
        for try await page in shop.boards(filter) {
            show(page.rows)
        }
    }
    for await rows in shown {
        #expect(rows.isEmpty)
        break
    }
    screen.cancel()
    try await screen.value
}
