#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel

extension CustomersState {
    static var states: [Shown<CustomersState>] {
        var list = CustomersState()
        list.loading = false
        list.rows = [
            customer(1, "Mira Núñez"),
            customer(2, "Jonas Weber", "Weber & Söhne", Mark(.pending)),
            customer(3, "שירה לוי", nil, Mark(unread: true)),
            customer(4, "أمينة حداد", nil, Mark(.failed)),
            customer(
                5,
                "Maximiliane-Alexandra von und zu Hohenlohe-Waldenburg-Schillingsfürst",
                "Fürstliche Verwaltung der Forsten und Güter"
            ),
        ]
        return [
            Shown("list", list) { $0.more = true },
            Shown("loading", CustomersState()),
            Shown("empty", list) { $0.rows = [] },
            Shown("nothing-found", list) {
                $0.rows = []
                $0.words = "4711"
            },
        ]
    }

    private static func customer(
        _ index: Int,
        _ name: String,
        _ company: String? = nil,
        _ mark: Mark = Mark()
    ) -> CustomerLine {
        let id = CustomerId(rawValue: "c\(index)")
        let row = CustomerRow(id: id, name: name, company: company, phone: "+491511234560\(index)", email: nil)
        return CustomerLine(row, mark: mark)
    }
}

extension CustomerState {
    static var states: [Shown<CustomerState>] {
        var card = CustomerState()
        card.loading = false
        card.customer = mira
        card.tickets = Samples.rows.prefix(2).map(\.ticket)
        card.moreTickets = true
        card.appointments = [Samples.visit(1, "Mira Núñez", hours: 30)]
        var leads = card
        leads.leads = true
        leads.alike = [twin]
        return [
            Shown("card", card),
            Shown("leads", leads) { $0.mark = Mark(.pending) },
            Shown("merging", leads) { $0.merging = twin },
            Shown("deleting", leads) { $0.deleting = true },
            Shown("typing", card) { $0.form = CustomerForm(mira) },
            Shown("wrong", CustomerState()) { state in
                state.loading = false
                state.form = CustomerForm()
                state.form?.phones = "12"
                state.problem = Problem("phone", field: "phones")
            },
            Shown("gone", CustomerState()) { $0.loading = false },
            Shown("loading", CustomerState()),
        ]
    }

    private static let twin =
        CustomerRow(id: "c9", name: "M. Nunez", company: nil, phone: "+4915112345601", email: nil)

    private static var mira: Customer {
        var customer = blankCustomer()
        customer.id = "c1"
        customer.firstName = "Mira"
        customer.lastName = "Núñez"
        customer.phones = [
            Phone(number: "+4915112345601", label: "mobile"), Phone(number: "+493012345", label: "work"),
        ]
        customer.emails = ["mira@nunez.example"]
        customer.address = Address(
            street: "Karl-Marx-Straße 12",
            city: "Berlin",
            region: "",
            postalCode: "12043",
            country: "DE"
        )
        customer.notes = "Rings twice before she opens."
        customer.tags = ["school", "regular"]
        customer.smsOptOut = true
        return customer
    }
}

extension InventoryState {
    static var states: [Shown<InventoryState>] {
        var shelf = InventoryState()
        shelf.loading = false
        shelf.rights = Samples.bench
        shelf.rows = [
            ItemLine(Samples.item(1, "Charging port S23", 2, reserved: 1)),
            ItemLine(Samples.item(2, "Battery iPad Air", 0), mark: Mark(.pending)),
            ItemLine(
                Samples.item(3, "Screen iPhone 14, third-party, with frame, earpiece flex and front sensor fitted", -1),
                mark: Mark(.conflict)
            ),
        ]
        return [
            Shown("low", shelf) { $0.more = true },
            Shown("all", shelf) { state in
                state.onlyLow = false
                state.more = true
                state.rows.append(ItemLine(Samples.item(4, "Adhesive", 40)))
            },
            Shown("found", shelf) {
                $0.words = "port"
                $0.rows = [ItemLine(Samples.item(1, "Charging port S23", 9))]
            },
            Shown("camera", shelf) { $0.canScan = true },
            Shown("camera-refused", shelf) { state in
                state.canScan = true
                state.scan = .trouble(.refused)
            },
            Shown("front-desk", shelf) { $0.rights = [] },
            Shown("loading", InventoryState()),
            Shown("empty", shelf) { $0.rows = [] },
            Shown("no-items", shelf) { state in
                state.rows = []
                state.onlyLow = false
            },
            Shown("nothing-found", shelf) {
                $0.rows = []
                $0.words = "4006381333931"
            },
        ]
    }
}

extension ItemState {
    static var states: [Shown<ItemState>] {
        var card = ItemState()
        card.loading = false
        card.item = port
        card.movements = [
            moved(1, .use, -1),
            moved(2, .count, -1, counted: 3),
            moved(3, .receive, 4, "Delivery 2211"),
        ]
        card.more = true
        card.leads = true
        card.rights = Samples.bench
        let twin = Samples.item(7, "Charge port Galaxy S23", 3)
        return [
            Shown("card", card),
            Shown("bench", card) { $0.leads = false },
            Shown("front-desk", card) {
                $0.leads = false
                $0.rights = []
            },
            Shown("counting", card) {
                $0.amount = "two"
                $0.problem = Problem("number", field: "quantity")
            },
            Shown("below-zero", card) {
                $0.item?.quantity = -2
                $0.mark = Mark(.failed)
            },
            Shown("twice", card) {
                $0.alike = [twin]
                $0.mark = Mark(.conflict)
            },
            Shown("merging", card) {
                $0.alike = [twin]
                $0.merging = twin
            },
            Shown("typing", card) { $0.form = ItemForm(port, "EUR") },
            Shown("gone", ItemState()) { $0.loading = false },
            Shown("loading", ItemState()),
        ]
    }

    private static var port: InventoryItem {
        var item = blankItem()
        item.id = "i1"
        item.name = "Charging port S23"
        item.sku = "PRT-S23"
        item.barcode = "4006381333931"
        item.brand = "Samsung"
        item.bin = "A1"
        item.supplier = "Ersatzteile Nord"
        item.priceCents = 3_400
        item.reorderLevel = 2
        item.quantity = 2
        item.reserved = 1
        return item
    }

    private static func moved(
        _ index: Int,
        _ kind: MovementKind,
        _ quantity: Int64,
        _ reason: String? = nil,
        counted: Int64? = nil
    ) -> Moved {
        let row = MovementRow(
            id: StockMovementId(rawValue: "m\(index)"),
            kind: kind,
            quantity: quantity,
            ticketLineId: nil,
            reason: reason,
            counted: counted,
            shown: counted.map { $0 - quantity },
            by: nil,
            at: Samples.now.addingTimeInterval(Double(index) * -3_600)
        )
        return Moved(row, by: "Łukasz")
    }
}
#endif
