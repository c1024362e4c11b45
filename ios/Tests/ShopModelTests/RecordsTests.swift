import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// Customers and the shelf, through the models alone.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct RecordsTests {
        @Test("A customer is found by whatever people type")
        func found() async throws {
            try await alone { desk in
                let mira = with(CustomerForm()) {
                    $0.firstName = "Mira"
                    $0.lastName = "Núñez"
                    $0.phones = "+49 151 123456\n+49 30 7654321"
                    $0.emails = "mira@nunez.example"
                    $0.notes = "rings twice"
                }
                _ = try await write(desk, mira)
                _ = try await write(desk, named("Jonas", "Weber"))
                try await on(Customers(desk)) { list in
                    try await finds(list, "nobody", [])
                    for words in ["nun", "mira", "123456", "mira@", "twice"] {
                        try await finds(list, words, ["Mira Núñez"])
                        try await finds(list, "web", ["Jonas Weber"])
                    }
                    try await finds(list, "", ["Jonas Weber", "Mira Núñez"])
                }
            }
        }

        /// Waits until this is what the list shows for these words.
        private func finds(_ list: Customers, _ words: String, _ names: [String]) async throws {
            list.search(words)
            try await list.until { !$0.loading && $0.words == words && $0.rows.map(\.row.name) == names }
        }

        @Test("Who asked for more still sees it when something changes")
        func more() async throws {
            try await alone { desk in
                let id = try await write(desk, named("Mira", "Núñez"))
                let item = try await desk.shop.createItem(record: with(blankItem()) { $0.name = "Port" })
                let phone = with(blankTicket()) {
                    $0.customerId = id
                    $0.subject = "Phone"
                }
                for _ in 0..<25 { _ = try await desk.shop.createTicket(record: phone) }
                for _ in 0..<35 { _ = try await desk.shop.receive(item: item, quantity: 1, reason: nil) }
                try await on(OpenCustomer(desk, .of(id)) { _ in }) { card in
                    try await card.until { $0.tickets.count == 20 && $0.moreTickets }
                    card.showMoreTickets()
                    try await card.until { $0.tickets.count == 25 && !$0.moreTickets }
                    _ = try await desk.shop.createTicket(record: with(phone) { $0.subject = "Tablet" })
                    let shown = try await card.until { $0.tickets.first?.subject == "Tablet" }
                    #expect(shown.tickets.count == 26)
                }
                try await on(OpenItem(desk, .of(item)) { _ in }) { card in
                    try await card.until { $0.movements.count == 30 && $0.more }
                    card.showMore()
                    try await card.until { $0.movements.count == 35 && !$0.more }
                    _ = try await desk.shop.receive(item: item, quantity: 2, reason: nil)
                    let shown = try await card.until { $0.item?.quantity == 37 }
                    #expect(shown.movements.count == 36)
                }
            }
        }

        @Test("An edit changes what was typed and nothing else, and a duplicate goes into the one that stays")
        func merged() async throws {
            try await alone { desk in
                let stays = try await write(desk, with(named("Mira", "Núñez")) { $0.phones = "+49151123456" })
                let other = try await write(
                    desk,
                    with(named("M.", "Nunez")) {
                        $0.phones = "+49151123456"
                        $0.emails = "m@nunez.example"
                    }
                )
                try await on(OpenCustomer(desk, .of(stays)) { _ in }) { card in
                    let alike = try await card.there { $0.alike.first }
                    #expect(alike.id == other)
                    card.edit()
                    let form = try #require(card.state.form)
                    card.fill(
                        with(form) {
                            $0.city = "Berlin"
                            $0.noTexts = true
                        }
                    )
                    card.save()
                    let saved = try await card.until { $0.form == nil && $0.customer?.address != nil }.customer
                    #expect(saved?.address?.city == "Berlin" && saved?.lastName == "Núñez")
                    #expect(saved?.smsOptOut == true && saved?.notes == nil)
                    card.askMerge(alike)
                    card.merge()
                    let whole = try await card.until { $0.customer?.emails.isEmpty == false }
                    #expect(whole.customer?.emails == ["m@nunez.example"])
                }
                #expect(try await desk.shop.customer(id: other) == nil)
            }
        }

        @Test("What was typed on a card outlives it, and is gone once it is saved")
        func typed() async throws {
            try await alone { desk in
                let id = try await write(desk, named("Mira", "Núñez"))
                try await on(OpenCustomer(desk, .of(id)) { _ in }) { card in
                    try await card.until { $0.customer != nil }
                    card.edit()
                    card.fill(named("Mira", "Half-typed"))
                }
                while try await desk.shop.draft(name: "customer/\(id.rawValue)") == nil { await Task.yield() }
                try await on(OpenCustomer(desk, .of(id)) { _ in }) { card in
                    let form = try await card.until { $0.form != nil && $0.customer != nil }.form
                    #expect(form?.lastName == "Half-typed")
                    card.save()
                    try await card.until { $0.form == nil }
                }
                #expect(try await desk.shop.customer(id: id)?.lastName == "Half-typed")
                let drafts = try await desk.shop.drafts().filter { $0.name.hasPrefix("customer/") }
                #expect(drafts.isEmpty)
            }
        }

        @Test("A customer without a name is refused beside the field")
        func nameless() async throws {
            try await alone { desk in
                try await on(OpenCustomer(desk, .new) { _ in }) { card in
                    try await card.until { !$0.loading }
                    card.fill(with(CustomerForm()) { $0.phones = "+49151123456" })
                    card.save()
                    let problem = try await card.until { $0.problem != nil }.problem
                    #expect(problem == Problem("needs_a_name", field: "last_name"))
                }
            }
        }

        @Test("A customer who is deleted is gone from the list, and the card says so")
        func deleted() async throws {
            try await alone { desk in
                let id = try await write(desk, named("Mira", "Núñez"))
                let (left, tell) = AsyncStream<CustomerId?>.makeStream()
                try await on(OpenCustomer(desk, .of(id)) { tell.yield($0) }) { card in
                    try await card.until { $0.customer != nil && $0.leads }
                    card.askDelete(true)
                    card.delete()
                    for await shown in left {
                        #expect(shown == nil)
                        break
                    }
                    try await card.until { $0.customer == nil && !$0.loading }
                }
                try await on(Customers(desk)) { list in try await list.until { !$0.loading && $0.rows.isEmpty } }
            }
        }

        @Test("Stock is what happened to it, and a scanner opens what it reads")
        func stock() async throws {
            try await alone { desk in
                let (made, tell) = AsyncStream<InventoryItemId?>.makeStream()
                let id = try await on(OpenItem(desk, .new) { tell.yield($0) }) { card in
                    try await card.until { !$0.loading && $0.form != nil }
                    card.fill(
                        with(ItemForm()) {
                            $0.name = "Charging port"
                            $0.sku = "PRT"
                            $0.barcode = "4006381333931"
                            $0.price = "34,50"
                            $0.reorderLevel = "3"
                        }
                    )
                    card.save()
                    return try await first(made)
                }
                #expect(try await desk.shop.item(id: id)?.priceCents == 3_450)
                try await on(OpenItem(desk, .of(id)) { _ in }, moves)
                let (opened, told) = AsyncStream<InventoryItemId?>.makeStream()
                try await on(Inventory(desk) { told.yield($0) }) { shelf in
                    let low = try await shelf.until { !$0.rows.isEmpty }.rows
                    #expect(low.map(\.row.name) == ["Charging port"] && low[0].low, "it has to be ordered")
                    shelf.search("4006381333931")
                    shelf.enter()
                    #expect(try await first(opened) == id)
                    try await shelf.until { $0.words.isEmpty }
                }
            }
        }

        private func moves(_ card: OpenItem) async throws {
            try await card.until { $0.item != nil }
            card.writeAmount("five")
            card.receive()
            #expect(card.state.problem == Problem("number", field: "quantity"))
            card.writeAmount("5")
            card.writeReason("Delivery")
            card.receive()
            card.receive()
            try await card.until { $0.item?.quantity == 5 && $0.amount.isEmpty }
            card.writeAmount("3")
            card.count()
            try await card.until { $0.item?.quantity == 3 && $0.amount.isEmpty }
            card.writeAmount("-1")
            card.adjust()
            try await card.until { $0.item?.quantity == 2 && $0.amount.isEmpty }
            card.writeAmount("1")
            card.writeOff()
            let shown = try await card.until { $0.item?.quantity == 1 && $0.movements.count == 4 }
            #expect(shown.movements.map(\.row.quantity) == [-1, -1, -2, 5], "what was tapped twice came in once")
            #expect(shown.movements.last?.row.kind == .receive && shown.movements.last?.row.reason == "Delivery")
        }

        @Test("What has to be ordered goes on where a window ends, and one item is found among it by number")
        func window() async throws {
            try await alone { desk in
                for index in 0..<60 {
                    let item = with(blankItem()) {
                        $0.name = "Screw \(index)"
                        $0.sku = "S-\(index)"
                        $0.reorderLevel = 1
                    }
                    _ = try await desk.shop.createItem(record: item)
                }
                try await on(Inventory(desk) { _ in }) { shelf in
                    try await shelf.until { $0.rows.count == 50 && $0.more }
                    shelf.showMore()
                    shelf.showMore()
                    let all = try await shelf.until { $0.rows.count == 60 && !$0.more }
                    #expect(Set(all.rows.map(\.id)).count == 60)
                    shelf.search("S-7")
                    try await shelf.until { $0.rows.map(\.row.sku) == ["S-7"] }
                }
            }
        }

        @Test("All customers and all items are there by name, window after window, and stay when something changes")
        func everything() async throws {
            try await alone { desk in
                for index in 0..<60 {
                    _ = try await desk.shop.createItem(record: with(blankItem()) { $0.name = "Screw \(index)" })
                    let customer = with(blankCustomer()) { $0.lastName = "Weber \(index)" }
                    _ = try await desk.shop.createCustomer(record: customer)
                }
                try await on(Inventory(desk) { _ in }) { shelf in
                    try await shelf.until { !$0.loading && $0.rows.isEmpty }
                    shelf.onlyLow(false)
                    try await shelf.until { $0.rows.count == 50 && $0.more }
                    shelf.showMore()
                    let all = try await shelf.until { $0.rows.count == 60 && !$0.more }
                    #expect(all.rows.first?.row.name == "Screw 0" && all.rows.last?.row.name == "Screw 9")
                }
                try await on(Customers(desk)) { list in
                    try await list.until { $0.rows.count == 50 && $0.more }
                    list.showMore()
                    try await list.until { $0.rows.count == 60 && !$0.more }
                    _ = try await desk.shop.createCustomer(record: with(blankCustomer()) { $0.lastName = "Abel" })
                    try await list.until { $0.rows.count == 61 && $0.rows.first?.row.name == "Abel" }
                }
            }
        }

        @Test("Two items with one number are merged by who leads, with what lay there of both")
        func twice() async throws {
            try await alone { desk in
                var ids: [InventoryItemId] = []
                for name in ["Port", "Charging port"] {
                    let item = with(blankItem()) {
                        $0.name = name
                        $0.sku = "PRT"
                    }
                    ids.append(try await desk.shop.createItem(record: item))
                    _ = try await desk.shop.receive(item: ids[ids.count - 1], quantity: 2, reason: nil)
                }
                try await on(OpenItem(desk, .of(ids[0])) { _ in }) { card in
                    let twin = try await card.there { $0.alike.first }
                    card.askMerge(twin)
                    card.merge()
                    try await card.until { $0.alike.isEmpty && $0.merging == nil && $0.item?.quantity == 4 }
                }
            }
        }
    }
}

private func named(_ first: String, _ last: String) -> CustomerForm {
    with(CustomerForm()) {
        $0.firstName = first
        $0.lastName = last
    }
}

/// Writes a customer down, and says which they became.
@MainActor
private func write(_ desk: Desk, _ form: CustomerForm) async throws -> CustomerId {
    let (made, tell) = AsyncStream<CustomerId?>.makeStream()
    return try await on(OpenCustomer(desk, .new) { tell.yield($0) }) { card in
        try await card.until { !$0.loading && $0.form != nil }
        card.fill(form)
        for _ in 0..<2 { card.save() }
        return try await first(made)
    }
}

/// What is told first.
func first<Told: Sendable>(_ told: AsyncStream<Told?>) async throws -> Told {
    for await one in told { return try #require(one) }
    throw CancellationError()
}

@Suite
struct AmountsTests {
    @Test("Amounts are read as people type them")
    func amounts() {
        let typed = ["12.50", "12,50", " 12 ", "-0,5", "12.505", "twelve", "1.2.3", "12.", ""]
        let read = typed.map { Amounts.cents($0, "EUR") }
        #expect(read == [1_250, 1_250, 1_200, -50, nil, nil, nil, nil, nil])
        #expect(Amounts.cents("1200", "JPY") == 1_200 && Amounts.cents("12.5", "JPY") == nil)
        let shares = ["19", "8,5", "0.05", " ", "8.555", "a lot"].map { Amounts.basisPoints($0) }
        #expect(shares == [1_900, 850, 5, 0, nil, nil])
        let percents = [1_900, 850, 5, 1_000, 0].map { Amounts.percent($0) }
        #expect(percents == ["19", "8.5", "0.05", "10", "0"])
        let written = [1_250, 5, -50, 0].map { Amounts.typed($0, "EUR") }
        #expect(written == ["12.50", "0.05", "-0.50", "0.00"] && Amounts.typed(1_200, "JPY") == "1200")
        let again = written.compactMap { Amounts.cents($0, "EUR") }.map { Amounts.typed($0, "EUR") }
        #expect(again == written)
        let form = with(ItemForm()) { $0.price = "12,50" }
        let few = with(form) { $0.reorderLevel = "few" }
        #expect(form.wrong("EUR") == nil && few.wrong("EUR") == "reorder_level")
    }
}
