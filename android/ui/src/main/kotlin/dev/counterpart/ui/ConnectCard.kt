package dev.counterpart.ui

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import dev.counterpart.app.Code
import dev.counterpart.app.ConnectActions
import dev.counterpart.app.ConnectState
import dev.counterpart.app.Look
import dev.counterpart.app.Words

/** The shop's own server, found in this network or by its code, on devices that can. */
@Composable
fun ConnectCard(
    state: ConnectState,
    actions: ConnectActions,
) {
    val words = LocalWords.current
    if (state.canLook) {
        OutlinedButton(actions::look, Modifier.fillMaxWidth(), enabled = state.look !is Look.Found) { Centred(words.nearbyLook) }
        Nearby(state.look, actions)
    }
    if (state.canScan) {
        OutlinedButton(actions::scan, Modifier.fillMaxWidth()) { Centred(words.nearbyScan) }
        state.code?.let { Trouble(words.of(it)) }
    }
}

@Composable
private fun Nearby(
    look: Look?,
    actions: ConnectActions,
) {
    val words = LocalWords.current
    when (look) {
        null -> Unit
        Look.Refused -> Trouble(words.nearbyRefused)
        Look.Failed -> Trouble(words.nearbyFailed)
        is Look.Found -> {
            Faint(words.nearbyFound(look.hubs.size.toLong()))
            for (hub in look.hubs) {
                OutlinedButton({ actions.choose(hub) }, Modifier.fillMaxWidth()) {
                    Column(horizontalAlignment = Alignment.CenterHorizontally) {
                        Centred(hub.name)
                        Centred(line(hub.url))
                    }
                }
            }
        }
    }
}

/** On a button: its words stay in its middle, on however many lines. */
@Composable
private fun Centred(says: String) = Text(says, textAlign = TextAlign.Center)

/** Why a code was of no use. */
internal fun Words.of(code: Code): String =
    when (code) {
        is Code.Read -> nearbyForeign
        Code.Refused -> scanRefused
        Code.Missing -> scanMissing
        Code.Left -> ""
    }

/** What a device could not do, said where it was asked for. */
@Composable
internal fun Trouble(says: String) {
    Text(says, Modifier.semantics { liveRegion = LiveRegionMode.Polite }, color = MaterialTheme.colorScheme.error)
}
