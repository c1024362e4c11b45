package dev.counterpart.desktop

import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Switch
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.DpSize
import androidx.compose.ui.unit.dp
import androidx.compose.ui.window.WindowState
import androidx.compose.ui.window.singleWindowApplication
import dev.counterpart.SwitchedReachability
import dev.counterpart.app.OpenDevice
import dev.counterpart.ui.App
import dev.counterpart.ui.LocalWords
import dev.counterpart.ui.ShopTheme
import dev.counterpart.ui.WhenOpen
import dev.counterpart.ui.wordsOf
import java.util.Locale

/** The app in a window, over a hub with a shop to try things in. */
fun main() {
    val opened = Opened.begin()
    singleWindowApplication(SIZE, title = TITLE) { Window(opened.device, opened.network) }
}

internal val SIZE get() = WindowState(size = DpSize(1180.dp, 860.dp))
internal const val TITLE = "Counterpart"

@Composable
internal fun Window(
    device: OpenDevice,
    network: SwitchedReachability,
) {
    ShopTheme(isSystemInDarkTheme(), wordsOf(Locale.getDefault().language)) {
        Column {
            Box(Modifier.weight(1f)) { WhenOpen(device) { App(it, developer = true) } }
            Network(network)
        }
    }
}

/** The window's own switch: a desk's cable, for trying what happens without it. */
@Composable
private fun Network(network: SwitchedReachability) {
    val words = LocalWords.current
    var up by remember { mutableStateOf(network.isUp) }
    val says = if (up) words.lineOnline else words.lineOfflineShort
    Surface(color = MaterialTheme.colorScheme.surfaceVariant, contentColor = MaterialTheme.colorScheme.onSurfaceVariant) {
        Row(
            Modifier.fillMaxWidth().padding(horizontal = 16.dp),
            horizontalArrangement = Arrangement.spacedBy(12.dp, Alignment.End),
            verticalAlignment = Alignment.CenterVertically,
        ) {
            Text(says)
            Switch(
                up,
                {
                    up = it
                    network.isUp = it
                },
                Modifier.semantics { contentDescription = says },
            )
        }
    }
}
