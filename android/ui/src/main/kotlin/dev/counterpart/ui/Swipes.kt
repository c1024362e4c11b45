package dev.counterpart.ui

import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Close
import androidx.compose.material.icons.outlined.Person
import androidx.compose.material.icons.outlined.Redo
import androidx.compose.material3.DismissDirection
import androidx.compose.material3.DismissValue
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.SwipeToDismiss
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.material3.rememberDismissState
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.rememberUpdatedState
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.CustomAccessibilityAction
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.customActions
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import dev.counterpart.app.BoardActions
import dev.counterpart.app.BoardRow
import dev.counterpart.app.Swiped

/** What a swipe over a ticket does, with words for who does not swipe. */
private class Swipe(
    val icon: ImageVector,
    val name: String,
    val act: () -> Unit,
)

/** A ticket on the board under a finger: to the end of the line it goes one step on, back it becomes one's own. */
@OptIn(ExperimentalMaterial3Api::class)
@Composable
internal fun Swipes(
    row: BoardRow,
    actions: BoardActions,
    card: @Composable (Modifier) -> Unit,
) {
    val words = LocalWords.current
    val onward = row.next?.let { Swipe(Icons.Outlined.Redo, words.of(it)) { actions.advance(row) } }
    val taken = if (row.canTake) Swipe(Icons.Outlined.Person, words.boardTake) { actions.take(row) } else null
    val swipes = mapOf(DismissDirection.StartToEnd to onward, DismissDirection.EndToStart to taken)
    // Read when a swipe ends, and by no composition: it would follow itself without end.
    val newest by rememberUpdatedState(swipes)
    val state =
        rememberDismissState(
            confirmValueChange = { reached ->
                when (reached) {
                    DismissValue.Default -> Unit
                    DismissValue.DismissedToEnd -> newest[DismissDirection.StartToEnd]?.act?.invoke()
                    DismissValue.DismissedToStart -> newest[DismissDirection.EndToStart]?.act?.invoke()
                }
                // The ticket stays: only where it stands may be different.
                false
            },
        )
    val ways = listOfNotNull(onward, taken).map { CustomAccessibilityAction(it.name) { it.act().let { true } } }
    SwipeToDismiss(
        state,
        background = { state.dismissDirection?.let { direction -> swipes[direction]?.let { Behind(it, direction) } } },
        dismissContent = { card(Modifier.semantics { customActions = ways }) },
        directions = swipes.filterValues { it != null }.keys,
    )
}

@OptIn(ExperimentalMaterial3Api::class)
@Composable
private fun Behind(
    swipe: Swipe,
    direction: DismissDirection,
) {
    val scheme = MaterialTheme.colorScheme
    val onward = direction == DismissDirection.StartToEnd
    val (ground, ink) = if (onward) scheme.primary to scheme.onPrimary else scheme.secondaryContainer to scheme.onSecondaryContainer
    Row(
        Modifier.fillMaxSize().background(ground, RoundedCornerShape(12.dp)).padding(horizontal = 20.dp),
        horizontalArrangement = Arrangement.spacedBy(8.dp, if (onward) Alignment.Start else Alignment.End),
        verticalAlignment = Alignment.CenterVertically,
    ) { Told(swipe, ink) }
}

@Composable
private fun Told(
    swipe: Swipe,
    ink: Color,
) {
    Icon(swipe.icon, contentDescription = null, tint = ink)
    Text(swipe.name, color = ink)
}

/** What was done with a swipe, until somebody has read it or done something else, and the way back. */
@Composable
internal fun SwipedBar(
    swiped: Swiped,
    actions: BoardActions,
) {
    val words = LocalWords.current
    val (scheme, to) = MaterialTheme.colorScheme to swiped.to
    val name = swiped.before.number ?: swiped.before.subject
    Surface(color = scheme.secondaryContainer, contentColor = scheme.onSecondaryContainer) {
        Row(Modifier.fillMaxWidth().padding(start = 16.dp), verticalAlignment = Alignment.CenterVertically) {
            Text(
                if (to == null) words.boardTaken(name) else words.boardMoved(name, words.of(to)),
                Modifier.weight(1f).padding(vertical = 8.dp).semantics { liveRegion = LiveRegionMode.Polite },
                style = MaterialTheme.typography.bodyMedium,
            )
            if (swiped.canUndo) TextButton(actions::undo) { Text(words.actionUndo, color = scheme.onSecondaryContainer) }
            IconButton(actions::leave) { Icon(Icons.Outlined.Close, contentDescription = words.actionClose) }
        }
    }
}
