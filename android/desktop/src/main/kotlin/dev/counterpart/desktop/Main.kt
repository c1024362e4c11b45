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
import dev.counterpart.app.Arabic
import dev.counterpart.app.English
import dev.counterpart.app.Session
import dev.counterpart.app.SignInForm
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import dev.counterpart.trial.Opening
import dev.counterpart.ui.App
import dev.counterpart.ui.LocalWords
import dev.counterpart.ui.ShopTheme
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import java.util.Locale

/** A hub with a shop to try things in, and the app in a window, signed in as its owner. Both end with the window. */
fun main() {
    val hub = Hub()
    Runtime.getRuntime().addShutdownHook(Thread(hub::close))
    val device = runBlocking { openFor(hub) }
    Runtime.getRuntime().addShutdownHook(Thread { runBlocking { device.close() } })
    val session = Session(device.terminal)
    runBlocking { session.state.first { !it.opening } }
    session.fill(SignInForm(hub.server.url, hub.server.anonKey, hub.owner.email, hub.owner.password))
    session.signIn()
    singleWindowApplication(WindowState(size = DpSize(1180.dp, 860.dp)), title = "Counterpart") { Window(session, device.network) }
}

/** Fills the shop from a device of its own, so that the window's device finds it as a new device finds any shop. */
private suspend fun openFor(hub: Hub): Device {
    val back = Device.open()
    Opening.fill(back.signIn(hub, hub.owner))
    back.close()
    return Device.open(up = true)
}

@Composable
private fun Window(
    session: Session,
    network: SwitchedReachability,
) {
    val words = if (Locale.getDefault().language == Arabic.language) Arabic else English
    ShopTheme(isSystemInDarkTheme(), words) {
        Column {
            Box(Modifier.weight(1f)) { App(session) }
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
