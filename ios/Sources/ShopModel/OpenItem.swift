import Counterpart

/// What is typed on an item's card.
public struct ItemForm: CardForm {
    public var name = ""
    public var sku = ""
    public var barcode = ""
    public var brand = ""
    public var bin = ""
    public var supplier = ""
    public var price = ""
    public var reorderLevel = ""

    public init() {}

    public init(_ item: InventoryItem, _ currency: String) {
        name = item.name
        sku = item.sku ?? ""
        barcode = item.barcode ?? ""
        brand = item.brand ?? ""
        bin = item.bin ?? ""
        supplier = item.supplier ?? ""
        price = item.priceCents.map { Amounts.typed($0, currency) } ?? ""
        reorderLevel = item.reorderLevel.map { String($0) } ?? ""
    }

    public init(_ typed: [String: String]) {
        let text = { (name: String) in typed[name] ?? "" }
        name = text("name")
        sku = text("sku")
        barcode = text("barcode")
        brand = text("brand")
        bin = text("bin")
        supplier = text("supplier")
        price = text("price")
        reorderLevel = text("reorder")
    }

    public var texts: [String: String?] {
        [
            "name": name, "sku": sku, "barcode": barcode, "brand": brand, "bin": bin, "supplier": supplier,
            "price": price, "reorder": reorderLevel,
        ]
    }

    /// A record with what was typed in the place of what it says.
    func on(_ item: InventoryItem, _ currency: String) -> InventoryItem {
        var after = item
        after.name = name.trimmed
        after.sku = sku.trimmed.unlessEmpty
        after.barcode = barcode.trimmed.unlessEmpty
        after.brand = brand.trimmed.unlessEmpty
        after.bin = bin.trimmed.unlessEmpty
        after.supplier = supplier.trimmed.unlessEmpty
        after.priceCents = price.trimmed.isEmpty ? nil : Amounts.cents(price, currency) ?? item.priceCents
        after.reorderLevel = Amounts.whole(reorderLevel)
        return after
    }

    /// The field that should be a number and is none.
    func wrong(_ currency: String) -> String? {
        if !price.trimmed.isEmpty, Amounts.cents(price, currency) == nil { return "price_cents" }
        if !reorderLevel.trimmed.isEmpty, Amounts.whole(reorderLevel) == nil { return "reorder_level" }
        return nil
    }
}

/// A movement, and who made it.
public struct Moved: Hashable, Identifiable, Sendable {
    public var row: MovementRow
    public var by: String?

    public var id: StockMovementId { row.id }

    public init(_ row: MovementRow, by: String? = nil) {
        self.row = row
        self.by = by
    }
}

/// What an item's card shows.
public struct ItemState: CardState {
    public typealias Id = InventoryItemId

    public var loading = true
    /// Nothing while it is being written for the first time, or once it is gone.
    public var item: InventoryItem?
    public var currency = "EUR"
    public var mark = Mark()
    public var movements: [Moved] = []
    public var more = false
    public var amount = ""
    public var reason = ""
    public var form: ItemForm?
    /// Others with its number: the same thing twice.
    public var alike: [ItemRow] = []
    public var merging: ItemRow?
    public var leads = false
    public var rights: Set<Right> = []
    public var problem: Problem?

    public var record: InventoryItem? { item }

    public init() {}
}

/// What a person can do with an item.
@MainActor
public protocol ItemActions: Sendable {
    func writeAmount(_ amount: String)
    func writeReason(_ reason: String)
    func receive()
    func count()
    func adjust()
    func writeOff()
    func showMore()
    func edit()
    func fill(_ form: ItemForm)
    func save()
    func cancel()
    func askMerge(_ duplicate: ItemRow?)
    func merge()
    func dismiss()
}

/// One item of the shelf, or one that is being written.
public final class OpenItem: OpenCard<ItemState>, ItemActions {
    private static let window: UInt32 = 30

    private lazy var keptMove = keeping(desk, "stock/\(id?.rawValue ?? "")")
    private var names: [EmployeeId: String] = [:]
    private var next: Key?

    /// `saved` hears of the card that is to be shown then.
    public init(_ desk: Desk, _ card: Card<InventoryItemId>, saved: @escaping @MainActor (InventoryItemId?) -> Void) {
        let (shop, currency) = (desk.shop, desk.currency)
        let deeds = CardDeeds<ItemState>(
            kind: .inventoryItem,
            word: "item",
            blank: blankItem,
            read: { try await shop.item(id: $0) },
            form: { ItemForm($0, currency) },
            wrong: { form in form.wrong(currency).map { Problem("number", field: $0) } },
            typed: { $0.on($1, currency) },
            create: { try await shop.createItem(record: $0) },
            edit: { try await shop.editItem(before: $0, after: $1) },
            merge: { try await shop.mergeItems(stays: $0, duplicate: $1.id) }
        )
        var first = ItemState()
        first.currency = currency
        first.leads = desk.who.leads
        first.rights = Rights.of(desk.who)
        super.init(desk, card, first, deeds, saved: saved)
    }

    override func begin() {
        super.begin()
        guard id != nil else { return }
        follow { [self] in
            let typed = try await keptMove.read()
            // Who was quicker to type than the disk to read keeps what they typed.
            guard state.amount.isEmpty, state.reason.isEmpty else { return }
            show { state in
                state.amount = typed["amount"] ?? ""
                state.reason = typed["reason"] ?? ""
            }
        }
    }

    override func keepTyped() async throws {
        try await super.keepTyped()
        try await keptMove.now()
    }

    private func keepMove() {
        keptMove.soon(["amount": state.amount.unlessEmpty, "reason": state.reason.unlessEmpty])
    }

    override func look(_ id: InventoryItemId) async throws {
        names = Dictionary(try await shop.employees().map { ($0.id, $0.name) }) { $1 }
        let item = try await shop.item(id: id)
        let window = Self.window.holding(state.movements.count)
        let page = try await shop.movements(item: id, after: nil, limit: window)
        var alike: [ItemRow] = []
        if let sku = item?.sku { alike = try await shop.itemsBySku(sku: sku) }
        let others = alike.filter { $0.id != id }
        next = page.next
        show { state in
            state.loading = false
            state.item = item
            state.movements = page.rows.map(moved)
            state.more = page.next != nil
            state.alike = others
        }
    }

    private func moved(_ row: MovementRow) -> Moved {
        Moved(row, by: row.by.flatMap { names[$0] })
    }

    public func showMore() {
        guard let id, let after = next else { return }
        work { [self] in
            let page = try await shop.movements(item: id, after: after, limit: Self.window)
            // What came was asked for twice, or the list began anew meanwhile.
            guard next == after else { return }
            next = page.next
            show { state in
                state.movements += page.rows.map(moved)
                state.more = page.next != nil
            }
        }
    }

    public func writeAmount(_ amount: String) {
        show { $0.amount = amount }
        keepMove()
    }

    public func writeReason(_ reason: String) {
        show { $0.reason = reason }
        keepMove()
    }

    public func receive() {
        move { [shop] in try await shop.receive(item: $0, quantity: $1, reason: $2) }
    }

    public func count() {
        move { [shop] item, counted, _ in try await shop.count(item: item, counted: counted) }
    }

    public func adjust() {
        move { [shop] in try await shop.adjust(item: $0, by: $1, reason: $2) }
    }

    public func writeOff() {
        move { [shop] in try await shop.writeOff(item: $0, quantity: $1, reason: $2) }
    }

    private func move(
        _ how: @escaping @MainActor (InventoryItemId, Int64, String?) async throws -> StockMovementId
    ) {
        guard let id else { return }
        guard let amount = Amounts.whole(state.amount) else {
            return show { $0.problem = Problem("number", field: "quantity") }
        }
        let reason = state.reason.trimmed.unlessEmpty
        workOnce { [self] in
            _ = try await how(id, amount, reason)
            try await keptMove.drop()
            show { state in
                state.amount = ""
                state.reason = ""
            }
            follow { [self] in try await lookAgain(id) }
        }
    }
}
