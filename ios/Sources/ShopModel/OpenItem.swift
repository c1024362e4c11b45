import Counterpart

/// What is typed on an item's card.
public struct ItemForm: Hashable, Sendable {
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

    /// From a draft.
    init(_ typed: [String: String]) {
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

    /// As a draft.
    var texts: [String: String?] {
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
public struct ItemState: ScreenState {
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
    public var problem: Problem?

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
public final class OpenItem: ScreenModel<ItemState>, ItemActions {
    private static let window: UInt32 = 30

    private let desk: Desk
    private let id: InventoryItemId?
    private let saved: @MainActor (InventoryItemId?) -> Void
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "item/\(id?.rawValue ?? Card<InventoryItemId>.newWord)")
    private lazy var late = LateFailure(desk.time) { [weak self, id] marks in
        if let id, let mark = marks[id.rawValue] { self?.show { $0.mark = mark } }
    }
    private var began: InventoryItem?
    private var names: [EmployeeId: String] = [:]
    private var next: Key?

    /// `saved` hears of the card that is to be shown then.
    public init(_ desk: Desk, _ card: Card<InventoryItemId>, saved: @escaping @MainActor (InventoryItemId?) -> Void) {
        self.desk = desk
        self.id = card.id
        self.saved = saved
        var first = ItemState()
        first.currency = desk.currency
        first.leads = desk.who.leads
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            try await readDraft()
            guard let id else { return show { $0.loading = false } }
            names = Dictionary(try await shop.employees().map { ($0.id, $0.name) }) { $1 }
            try await shop.view(kind: .inventoryItem, id: id.rawValue)
            try await shop.atChanges { [self] in try await look(id) }
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    private func readDraft() async throws {
        let typed = try await kept.read()
        let item = try await whole(id)
        // Who was quicker to type than the disk to read keeps what they typed.
        guard state.form == nil else { return }
        began = item
        if id == nil || !typed.isEmpty { show { $0.form = ItemForm(typed) } }
    }

    private func whole(_ id: InventoryItemId?) async throws -> InventoryItem? {
        if let id { try await shop.item(id: id) } else { blankItem() }
    }

    private func look(_ id: InventoryItemId) async throws {
        let item = try await shop.item(id: id)
        let page = try await shop.movements(item: id, after: nil, limit: Self.window)
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
        late.tell(try await shop.marks(.inventoryItem, [id.rawValue]))
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
    }

    public func writeReason(_ reason: String) {
        show { $0.reason = reason }
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
            show { state in
                state.amount = ""
                state.reason = ""
            }
            follow { [self] in try await look(id) }
        }
    }

    public func edit() {
        guard let item = state.item else { return }
        began = item
        show { $0.form = ItemForm(item, $0.currency) }
    }

    public func fill(_ form: ItemForm) {
        show { $0.form = form }
        kept.soon(form.texts)
    }

    public func save() {
        guard let before = began, let form = state.form else { return }
        if let wrong = form.wrong(state.currency) {
            return show { $0.problem = Problem("number", field: wrong) }
        }
        let after = form.on(before, state.currency)
        workOnce { [self] in
            if let id {
                try await shop.editItem(before: before, after: after)
                try await kept.drop()
                show { $0.form = nil }
                follow { [self] in try await look(id) }
            } else {
                let made = try await shop.createItem(record: after)
                try await kept.drop()
                show { $0.form = nil }
                saved(made)
            }
        }
    }

    public func cancel() {
        work { [self] in
            try await kept.drop()
            show { $0.form = nil }
            if id == nil { saved(nil) }
        }
    }

    public func askMerge(_ duplicate: ItemRow?) {
        show { $0.merging = duplicate }
    }

    public func merge() {
        guard let id, let duplicate = state.merging else { return }
        work { [self] in
            try await shop.mergeItems(stays: id, duplicate: duplicate.id)
            show { $0.merging = nil }
            try await look(id)
        }
    }
}
