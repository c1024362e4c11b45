package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.RowScope
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.widthIn
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Backspace
import androidx.compose.material.icons.outlined.Check
import androidx.compose.material3.FilledTonalButton
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalLayoutDirection
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.LayoutDirection
import androidx.compose.ui.unit.dp
import dev.counterpart.app.AtWorkActions
import dev.counterpart.app.AtWorkState
import dev.counterpart.model.EmployeeRow

private val rows = listOf("123", "456", "789")

/** Who works here now, at a shared tablet. */
@Composable
fun AtWorkScreen(
    state: AtWorkState,
    actions: AtWorkActions,
) {
    val chosen = state.chosen
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        Page { if (chosen == null) People(state, actions) else PinPad(chosen, state, actions) }
    }
}

@Composable
private fun People(
    state: AtWorkState,
    actions: AtWorkActions,
) {
    val words = LocalWords.current
    for (person in state.people) {
        Entry(chosen = false, { actions.choose(person) }) {
            Text(person.name, fontWeight = FontWeight.Medium)
            Faint(words.of(person.role))
        }
    }
    if (state.somebody) OutlinedButton(actions::leave) { Text(words.atWorkLeave) }
    Faint(words.atWorkFirstTime)
}

@Composable
private fun PinPad(
    person: EmployeeRow,
    state: AtWorkState,
    actions: AtWorkActions,
) {
    val words = LocalWords.current
    val typed = state.pin.length
    Column(Modifier.fillMaxWidth(), horizontalAlignment = Alignment.CenterHorizontally, verticalArrangement = Arrangement.spacedBy(12.dp)) {
        Text(words.teamPinOf(person.name), style = MaterialTheme.typography.titleLarge)
        Text(
            if (typed == 0) words.atWorkPin else "•".repeat(typed),
            Modifier.semantics {
                contentDescription = words.atWorkTyped(typed.toLong())
                liveRegion = LiveRegionMode.Polite
            },
            style = MaterialTheme.typography.headlineMedium,
        )
        state.lockedSeconds?.let { Text(words.atWorkLocked(it), color = MaterialTheme.colorScheme.error) }
        // Digits stand as on every telephone, whichever way the language runs.
        CompositionLocalProvider(LocalLayoutDirection provides LayoutDirection.Ltr) {
            Column(Modifier.widthIn(max = 360.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) {
                for (digits in rows) Keys { for (digit in digits) Digit(digit, actions) }
                Keys {
                    OutlinedButton(actions::rubOut, key()) { Icon(Icons.Outlined.Backspace, words.atWorkRubOut) }
                    Digit('0', actions)
                    FilledTonalButton(actions::enter, key(), enabled = typed > 0 && !state.busy) { Icon(Icons.Outlined.Check, words.atWorkEnter) }
                }
            }
        }
        TextButton({ actions.choose(null) }) { Text(words.intakeSomebodyElse) }
    }
}

@Composable
private fun Keys(content: @Composable RowScope.() -> Unit) =
    Row(Modifier.fillMaxWidth(), horizontalArrangement = Arrangement.spacedBy(8.dp), content = content)

@Composable
private fun RowScope.Digit(
    digit: Char,
    actions: AtWorkActions,
) {
    OutlinedButton({ actions.press(digit) }, key()) { Text("$digit", style = MaterialTheme.typography.titleLarge) }
}

/** A key, a third of the pad wide. */
private fun RowScope.key(): Modifier = Modifier.weight(1f).heightIn(min = 64.dp)
