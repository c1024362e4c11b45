#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The shelf.
struct InventoryScreen: View {
    let state: InventoryState
    let actions: any InventoryActions
    let selected: Card<InventoryItemId>?
    let open: @MainActor (Card<InventoryItemId>?) -> Void
    @Environment(\.words) private var words

    var body: some View {
        List(selection: Binding(selected, open)) {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            ScanTrouble(scan: state.scan)
            if state.words.isEmpty {
                Toggle(words.inventoryToOrder, isOn: Binding(state.onlyLow, actions.onlyLow))
            }
            ForEach(state.rows) { shown in
                ItemEntry(shown: shown, currency: state.currency).tag(Card.of(shown.id))
            }
            if state.more { Button(words.actionMore, action: actions.showMore) }
        }
        .overlay {
            if state.rows.isEmpty {
                let loading = state.loading ? words.inventoryLoading : nil
                let nothing = state.onlyLow ? words.inventoryNothingLow : words.inventoryEmpty
                Nothing(loading: loading, searched: state.words, says: nothing, symbol: "shippingbox")
            }
        }
        .searchable(text: Binding(state.words, actions.search), prompt: Text(words.inventorySearch))
        .onSubmit(of: .search) { actions.enter() }
        .toolbar {
            HStack {
                if state.canScan {
                    ScanButton(
                        label: words.scanBarcode,
                        symbol: "barcode.viewfinder",
                        scan: state.scan,
                        actions: actions
                    )
                }
                if state.rights.contains(.useParts) {
                    Button(words.inventoryNew, systemImage: "plus") { open(.new) }
                }
            }
        }
    }
}

private struct ItemEntry: View {
    let shown: ItemLine
    let currency: String
    @Environment(\.words) private var words

    var body: some View {
        let row = shown.row
        let price = row.priceCents.map { words.money($0, currency) }
        VStack(alignment: .leading, spacing: 4) {
            EntryName(name: row.name, mark: shown.mark)
            Faint(text: line(row.sku, row.brand, row.bin, price))
            Quantity(quantity: row.quantity, reserved: row.reserved, low: shown.low)
        }
        .accessibilityElement(children: .combine)
    }
}

/// How many there are, in words where they are too few.
struct Quantity: View {
    let quantity: Int64
    let reserved: Int64
    let low: Bool
    @Environment(\.words) private var words

    var body: some View {
        ViewThatFits(in: .horizontal) {
            HStack { tags }
            VStack(alignment: .leading) { tags }
        }
    }

    @ViewBuilder
    private var tags: some View {
        Tag(text: words.ticketOnShelf(Int(quantity)))
        if quantity < 0 {
            Tag(text: words.inventoryBelowZero, ground: .error)
        } else if low {
            Tag(text: words.inventoryLow, ground: .attention)
        }
        if reserved > 0 { Tag(text: words.inventoryReserved(Int(reserved))) }
    }
}

struct InventoryScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(InventoryState.states) { state in
            NavigationStack {
                InventoryScreen(state: state.shown, actions: Nobody(), selected: nil) { _ in }
            }
        }
    }
}
#endif
