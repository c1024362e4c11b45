package dev.counterpart.ui

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.items
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.People
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import dev.counterpart.app.CustomersActions
import dev.counterpart.app.CustomersState
import dev.counterpart.app.Place

/** The list of customers. */
@Composable
fun CustomersScreen(
    state: CustomersState,
    actions: CustomersActions,
    selected: String?,
    open: (String) -> Unit,
) {
    val words = LocalWords.current
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        SearchField(words.customersSearch, state.words, search = actions::search)
        OutlinedButton({ open(Place.NEW) }, Modifier.padding(horizontal = 16.dp, vertical = 4.dp)) { Text(words.customersNew) }
        val reading = words.customersLoading.takeIf { state.loading }
        SearchedList(reading, state.words, state.rows.isEmpty(), Icons.Outlined.People to words.customersEmpty) {
            items(state.rows, key = { it.row.id.value }) { (row, mark) ->
                Entry(row.id.value == selected, { open(row.id.value) }) {
                    EntryName(row.name, mark)
                    Faint(line(row.company.takeIf { it != row.name }, row.phone, row.email))
                }
            }
            if (state.more) item { TextButton(actions::showMore, Modifier.fillMaxWidth()) { Text(words.actionMore) } }
        }
    }
}
