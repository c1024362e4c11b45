import Counterpart

/// An item in the list.
public struct ItemLine: Hashable, Identifiable, Sendable {
    public var row: ItemRow
    public var mark: Mark

    public var id: InventoryItemId { row.id }
    /// Whether it has to be ordered.
    public var low: Bool { row.quantity <= row.reorderLevel ?? -1 }

    public init(_ row: ItemRow, mark: Mark = Mark()) {
        self.row = row
        self.mark = mark
    }
}

/// What the list of items shows: what was searched for or, without words, what has to be ordered, or all of them.
public struct InventoryState: ScreenState {
    public var loading = true
    public var words = ""
    public var onlyLow = true
    public var rows: [ItemLine] = []
    public var more = false
    public var currency = "EUR"
    public var rights: Set<Right> = []
    public var canScan = false
    public var scan = Scan.closed
    public var problem: Problem?

    public init() {}
}

/// What a person can do with the list.
@MainActor
public protocol InventoryActions: ScanActions {
    func search(_ words: String)
    /// Where nothing is searched for: what has to be ordered alone, or everything by name.
    func onlyLow(_ only: Bool)
    /// Opens the one item that is meant: a scanner ends what it reads with Enter.
    func enter()
    func showMore()
    func dismiss()
}

/// The shelf: by name, by barcode, by number, by any words, and what runs low.
public final class Inventory: ScreenModel<InventoryState>, InventoryActions {
    private let desk: Desk
    private let camera: (any Camera)?
    private let open: @MainActor (InventoryItemId) -> Void
    private var shop: Shop { desk.shop }
    private lazy var late = LateFailure(desk.time) { [weak self] in self?.mark($0) }
    private var looking: Task<Void, Never>?
    private var wanted = Int(window)

    /// `open` hears of an item that was meant.
    public init(
        _ desk: Desk,
        _ camera: (any Camera)? = nil,
        open: @escaping @MainActor (InventoryItemId) -> Void
    ) {
        self.desk = desk
        self.camera = camera
        self.open = open
        var first = InventoryState()
        first.currency = desk.currency
        first.rights = Rights.of(desk.who)
        first.canScan = camera != nil
        super.init(first)
    }

    override func begin() {
        follow { [self] in try await shop.atChanges(look) }
    }

    public func search(_ words: String) {
        show { $0.words = words }
        lookAnew()
    }

    public func onlyLow(_ only: Bool) {
        show { $0.onlyLow = only }
        lookAnew()
    }

    public func enter() {
        let words = state.words.trimmed
        guard !words.isEmpty else { return }
        work { [self] in
            let meant = try await found(words)
            guard meant.count == 1, let item = meant.first else { return }
            if state.words.trimmed == words { search("") }
            open(item.id)
        }
    }

    public func scan() {
        guard let camera else { return }
        follow { [self] in
            let scan = await camera.begin()
            show { $0.scan = scan }
        }
    }

    public func read(_ code: String) {
        stopScanning()
        search(code)
        enter()
    }

    public func stopScanning() {
        show { $0.scan = .closed }
    }

    public func showMore() {
        wanted = state.rows.count + 1
        work { [self] in try await look() }
    }

    private func lookAnew() {
        wanted = Int(window)
        looking?.cancel()
        looking = follow(look)
    }

    private func look() async throws {
        let (words, onlyLow) = (state.words, state.onlyLow)
        let found = try await words.trimmed.isEmpty ? listed(onlyLow) : Rows(rows: found(words.trimmed))
        let rows = found.rows
        let marks = try await shop.marks(.inventoryItem, rows.map(\.id.rawValue))
        // An answer to an older question is of no use.
        guard state.words == words, state.onlyLow == onlyLow else { return }
        show { state in
            state.loading = false
            state.rows = rows.map { ItemLine($0, mark: late.marks[$0.id.rawValue] ?? Mark()) }
            state.more = found.more
        }
        late.tell(marks)
    }

    private func listed(_ onlyLow: Bool) async throws -> Rows<ItemRow> {
        let shop = shop
        return try await first(wanted) { after, limit in
            try await onlyLow ? shop.lowStock(after: after, limit: limit) : shop.items(after: after, limit: limit)
        }
    }

    private func found(_ words: String) async throws -> [ItemRow] {
        let exact = try await shop.itemsByBarcode(barcode: words) + shop.itemsBySku(sku: words)
        return (exact.isEmpty ? try await shop.findItems(words: words, limit: window) : exact).once(\.id)
    }

    private func mark(_ marks: [String: Mark]) {
        show { state in
            for at in state.rows.indices {
                if let mark = marks[state.rows[at].id.rawValue] { state.rows[at].mark = mark }
            }
        }
    }
}
