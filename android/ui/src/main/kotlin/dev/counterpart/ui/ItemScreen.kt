package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Inbox
import androidx.compose.material3.Button
import androidx.compose.material3.Divider
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.app.ItemActions
import dev.counterpart.app.ItemForm
import dev.counterpart.app.ItemState
import dev.counterpart.app.Moved
import dev.counterpart.app.Right
import dev.counterpart.model.InventoryItem

/** One item of the shelf; [foot] is what stands below it for some. */
@Composable
fun ItemScreen(
    state: ItemState,
    actions: ItemActions,
    foot: @Composable () -> Unit = {},
) {
    val words = LocalWords.current
    val item = state.item
    val form = state.form
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        when {
            state.loading -> Loading(words.inventoryLoading)
            form != null -> Page { Section(if (item == null) words.inventoryNew else words.actionEdit) { Form(form, state, actions) } }
            item == null -> Nothing(Icons.Outlined.Inbox, words.inventoryGone)
            else ->
                Page {
                    Card(state, item, actions)
                    foot()
                }
        }
    }
}

@Composable
private fun Card(
    state: ItemState,
    item: InventoryItem,
    actions: ItemActions,
) {
    val words = LocalWords.current
    Section(words.tableInventoryItems) { What(state, item, actions) }
    if (Right.COUNT_STOCK in state.rights) Section(words.inventoryMove) { Move(state, actions) }
    if (state.leads && state.alike.isNotEmpty()) Section(words.inventoryTwice) { Twice(state, actions) }
    Section(words.inventoryMovements) {
        if (state.movements.isEmpty()) Faint(words.inventoryNoMovements)
        for (moved in state.movements) Movement(moved)
        if (state.more) TextButton(actions::showMore) { Text(words.actionMore) }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun What(
    state: ItemState,
    item: InventoryItem,
    actions: ItemActions,
) {
    val words = LocalWords.current
    EntryName(item.name, state.mark)
    Faint(line(item.sku, item.barcode, item.brand, item.bin, item.supplier))
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        Quantity(item.quantity, item.quantity <= (item.reorderLevel ?: -1))
        if (item.reserved > 0) Tag(words.inventoryReserved(item.reserved))
    }
    item.priceCents?.let { Text(words.money(it, state.currency), fontWeight = FontWeight.Medium) }
    item.reorderLevel?.let { Faint(words.inventoryReorderAt(it)) }
    if (Right.USE_PARTS in state.rights) Button(actions::edit) { Text(words.actionEdit) }
}

/** A number, why, and what is done with it: what is counted anybody at the bench may say, the rest is for who leads. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Move(
    state: ItemState,
    actions: ItemActions,
) {
    val words = LocalWords.current
    Field(words.inventoryAmount, state.amount, wrong = state.problem?.field == "quantity", typed = actions::writeAmount)
    if (state.leads) Field(words.inventoryReason, state.reason, typed = actions::writeReason)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        if (state.leads) Button(actions::receive) { Text(words.inventoryReceive) }
        OutlinedButton(actions::count) { Text(words.inventoryCount) }
        if (state.leads) {
            OutlinedButton(actions::adjust) { Text(words.inventoryAdjust) }
            OutlinedButton(actions::writeOff) { Text(words.inventoryWriteOff) }
        }
    }
}

/** Two items with one number. */
@Composable
private fun Twice(
    state: ItemState,
    actions: ItemActions,
) {
    val words = LocalWords.current
    val merging = state.merging
    if (merging != null) {
        Sure(words.inventoryMergeAsk(merging.name), words.customersMerge, actions::merge) { actions.askMerge(null) }
        return
    }
    for (other in state.alike) {
        Faint(line(other.name, words.ticketOnShelf(other.quantity)))
        NamedButton(words.customersMergeHere(other.name)) { actions.askMerge(other) }
    }
}

@Composable
private fun Movement(moved: Moved) {
    val words = LocalWords.current
    val row = moved.row
    val counted = row.counted?.let { words.inventoryCounted(it) }
    Text(line(words.of(row.kind), signed(row.quantity), counted), fontWeight = FontWeight.Medium)
    Faint(line(words.moment(row.at, LocalZone.current), moved.by, row.reason))
    Divider()
}

private fun signed(quantity: Long) = if (quantity > 0) "+$quantity" else "$quantity"

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Form(
    form: ItemForm,
    state: ItemState,
    actions: ItemActions,
) {
    val words = LocalWords.current
    val wrong = state.problem?.field
    val fill = actions::fill
    Field(words.inventoryName, form.name, wrong = wrong == "name") { fill(form.copy(name = it)) }
    Field(words.fieldSku, form.sku, wrong = wrong == "sku") { fill(form.copy(sku = it)) }
    Field(words.inventoryBarcode, form.barcode, wrong = wrong == "barcode", figures = true) { fill(form.copy(barcode = it)) }
    Field(words.intakeBrand, form.brand) { fill(form.copy(brand = it)) }
    Field(words.inventoryBin, form.bin) { fill(form.copy(bin = it)) }
    Field(words.inventorySupplier, form.supplier) { fill(form.copy(supplier = it)) }
    if (state.leads) Field(words.inventoryPrice, form.price, wrong = wrong == "price_cents", figures = true) { fill(form.copy(price = it)) }
    Field(words.inventoryReorder, form.reorderLevel, wrong = wrong == "reorder_level") { fill(form.copy(reorderLevel = it)) }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button(actions::save) { Text(words.actionSave) }
        TextButton(actions::cancel) { Text(words.actionCancel) }
    }
}
