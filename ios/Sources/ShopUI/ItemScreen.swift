#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// One item of the shelf; `foot` is what stands below it for some.
struct ItemScreen<Foot: View>: View {
    let state: ItemState
    let actions: any ItemActions
    @ViewBuilder let foot: Foot
    @Environment(\.words) private var words

    var body: some View {
        if state.loading {
            ProgressView(words.inventoryLoading)
        } else if let form = state.form {
            Form {
                ProblemBar(problem: state.problem, dismiss: actions.dismiss)
                Section(state.item == nil ? words.inventoryNew : words.actionEdit) {
                    ItemFields(form: form, state: state, actions: actions)
                }
            }
        } else if let item = state.item {
            Form {
                ProblemBar(problem: state.problem, dismiss: actions.dismiss)
                Section(words.tableInventoryItems) { What(state: state, item: item, edit: actions.edit) }
                if state.rights.contains(.countStock) {
                    Section(words.inventoryMove) { Move(state: state, actions: actions) }
                }
                if state.leads, !state.alike.isEmpty {
                    Section(words.inventoryTwice) { Twice(state: state, actions: actions) }
                }
                Section(words.inventoryMovements) { movements }
                foot
            }
        } else {
            ContentUnavailableView(words.inventoryGone, systemImage: "tray")
        }
    }

    @ViewBuilder
    private var movements: some View {
        if state.movements.isEmpty { Faint(text: words.inventoryNoMovements) }
        ForEach(state.movements) { Movement(moved: $0) }
        if state.more { Button(words.actionMore, action: actions.showMore) }
    }
}

private struct What: View {
    let state: ItemState
    let item: InventoryItem
    let edit: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        let low = item.quantity <= item.reorderLevel ?? -1
        EntryName(name: item.name, mark: state.mark)
        Faint(text: line(item.sku, item.barcode, item.brand, item.bin, item.supplier))
        Quantity(quantity: item.quantity, reserved: item.reserved, low: low)
        if let price = item.priceCents { Text(words.money(price, state.currency)).bold() }
        if let level = item.reorderLevel { Faint(text: words.inventoryReorderAt(Int(level))) }
        if state.rights.contains(.useParts) { Button(words.actionEdit, action: edit) }
    }
}

/// A number, why, and what is done with it: what is counted anybody at the bench may say, the rest is for who leads.
private struct Move: View {
    let state: ItemState
    let actions: any ItemActions
    @Environment(\.words) private var words

    var body: some View {
        let wrong = state.problem?.field == "quantity"
        Field(label: words.inventoryAmount, text: state.amount, wrong: wrong, typed: actions.writeAmount).digits()
        if state.leads {
            Field(label: words.inventoryReason, text: state.reason, typed: actions.writeReason)
            Button(words.inventoryReceive, action: actions.receive)
        }
        Button(words.inventoryCount, action: actions.count)
        if state.leads {
            Button(words.inventoryAdjust, action: actions.adjust)
            Button(words.inventoryWriteOff, action: actions.writeOff)
        }
    }
}

/// Two items with one number.
private struct Twice: View {
    let state: ItemState
    let actions: any ItemActions
    @Environment(\.words) private var words

    var body: some View {
        if let merging = state.merging {
            let asks = words.inventoryMergeAsk(merging.name)
            Sure(asks: asks, act: words.customersMerge, sure: actions.merge) { actions.askMerge(nil) }
        } else {
            ForEach(state.alike, id: \.id) { other in
                Faint(text: line(other.name, words.ticketOnShelf(Int(other.quantity))))
                Button(words.customersMergeHere(other.name)) { actions.askMerge(other) }
            }
        }
    }
}

private struct Movement: View {
    let moved: Moved
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        let row = moved.row
        let quantity = row.quantity > 0 ? "+\(row.quantity)" : "\(row.quantity)"
        VStack(alignment: .leading) {
            Text(line(words.of(row.kind), quantity, row.counted.map { words.inventoryCounted(Int($0)) }))
            Faint(text: line(words.moment(row.at, timeZone), moved.by, row.reason))
        }
        .accessibilityElement(children: .combine)
    }
}

/// What is typed on the card. Prices are for who leads.
private struct ItemFields: View {
    let form: ItemForm
    let state: ItemState
    let actions: any ItemActions
    @Environment(\.words) private var words

    var body: some View {
        let field = Fields(form: form, wrong: state.problem?.field, fill: actions.fill)
        Group {
            field(words.inventoryName, \.name, field: "name")
            field(words.fieldSku, \.sku, field: "sku").asTyped()
            field(words.inventoryBarcode, \.barcode, field: "barcode").digits()
            field(words.intakeBrand, \.brand)
            field(words.inventoryBin, \.bin).asTyped()
            field(words.inventorySupplier, \.supplier)
        }
        if state.leads { field(words.inventoryPrice, \.price, field: "price_cents").digits() }
        field(words.inventoryReorder, \.reorderLevel, field: "reorder_level").digits()
        Button(words.actionSave, action: actions.save)
        Button(words.actionCancel, action: actions.cancel)
    }
}

struct ItemScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(ItemState.states) { state in
            ItemScreen(state: state.shown, actions: Nobody()) {}
        }
    }
}
#endif
