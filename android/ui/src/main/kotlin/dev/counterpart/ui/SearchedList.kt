package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Search
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.unit.dp

/**
 * A list below its search. [reading] is what it says until it has read; [empty] what it says where there is nothing at all;
 * [foot] what stands below its last entry, or below the sentence that nothing was found.
 */
@Composable
internal fun SearchedList(
    reading: String?,
    words: String,
    isEmpty: Boolean,
    empty: Pair<ImageVector, String>,
    foot: (@Composable () -> Unit)? = null,
    entries: LazyListScope.() -> Unit,
) {
    when {
        reading != null -> Loading(reading)
        isEmpty && words.isNotBlank() ->
            Column(Modifier.verticalScroll(rememberScrollState()).padding(horizontal = 16.dp)) {
                Nothing(Icons.Outlined.Search, LocalWords.current.boardNothingFound(words))
                foot?.invoke()
            }
        isEmpty -> Nothing(empty.first, empty.second)
        else ->
            LazyColumn(
                Modifier.fillMaxSize(),
                contentPadding = PaddingValues(16.dp),
                verticalArrangement = Arrangement.spacedBy(8.dp),
            ) {
                entries()
                if (foot != null) item { foot() }
            }
    }
}
