package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.items
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Inventory2
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import dev.counterpart.app.InventoryActions
import dev.counterpart.app.InventoryState
import dev.counterpart.app.ItemLine
import dev.counterpart.app.Place
import dev.counterpart.app.Right

/** The shelf. */
@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
fun InventoryScreen(
    state: InventoryState,
    actions: InventoryActions,
    selected: String?,
    open: (String) -> Unit,
) {
    val words = LocalWords.current
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        SearchField(words.inventorySearch, state.words, actions::enter, actions::search)
        FlowRow(Modifier.padding(horizontal = 16.dp, vertical = 4.dp), horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            if (Right.USE_PARTS in state.rights) OutlinedButton({ open(Place.NEW) }) { Text(words.inventoryNew) }
            FilterChip(state.onlyLow, { actions.onlyLow(!state.onlyLow) }, label = { Text(words.inventoryToOrder) })
            if (state.canScan) OutlinedButton(actions::scan) { Text(words.scanBarcode) }
            state.code?.let { Trouble(words.of(it)) }
        }
        val reading = words.inventoryLoading.takeIf { state.loading }
        val nothing = if (state.onlyLow) words.inventoryNothingLow else words.inventoryEmpty
        SearchedList(reading, state.words, state.rows.isEmpty(), Icons.Outlined.Inventory2 to nothing) {
            items(state.rows, key = { it.row.id.value }) { shown ->
                ItemEntry(shown, state.currency, shown.row.id.value == selected) { open(shown.row.id.value) }
            }
            if (state.more) item { TextButton(actions::showMore, Modifier.fillMaxWidth()) { Text(words.actionMore) } }
        }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun ItemEntry(
    shown: ItemLine,
    currency: String,
    chosen: Boolean,
    open: () -> Unit,
) {
    val words = LocalWords.current
    val row = shown.row
    Entry(chosen, open) {
        EntryName(row.name, shown.mark)
        Faint(line(row.sku, row.brand, row.bin, row.priceCents?.let { words.money(it, currency) }))
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
            Quantity(row.quantity, shown.low)
            if (row.reserved > 0) Tag(words.inventoryReserved(row.reserved))
        }
    }
}

/** How many there are, in words where they are too few. */
@Composable
internal fun Quantity(
    quantity: Long,
    low: Boolean,
) {
    val words = LocalWords.current
    val scheme = MaterialTheme.colorScheme
    Tag(words.ticketOnShelf(quantity))
    if (quantity < 0) {
        Tag(words.inventoryBelowZero, scheme.errorContainer, scheme.onErrorContainer)
    } else if (low) {
        Tag(words.inventoryLow, LocalColours.current.attentionGround, LocalColours.current.onAttentionGround)
    }
}
