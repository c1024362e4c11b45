package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.size
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.CloudDone
import androidx.compose.material.icons.outlined.CloudUpload
import androidx.compose.material3.Icon
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.app.DeviceLine
import dev.counterpart.app.Devices
import dev.counterpart.app.Words

/** The shop's devices, and whether they have unsent work: for who leads. */
@Composable
internal fun DevicesCard(devices: Devices) {
    val words = LocalWords.current
    Section(words.teamDevices) {
        when (devices) {
            Devices.Asking -> {
                LinearProgressIndicator(Modifier.fillMaxWidth())
                Faint(words.teamDevicesAsking)
            }
            Devices.Unreachable -> Faint(words.teamDevicesUnreachable)
            is Devices.Here ->
                Separated(devices.rows) { Device(it) }
        }
    }
}

/** A shape of its own for unsent work, beside the words. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Device(row: DeviceLine) {
    val words = LocalWords.current
    val colours = LocalColours.current
    val waits = row.unsent > 0
    Row(Modifier.fillMaxWidth().semantics(mergeDescendants = true) {}, horizontalArrangement = Arrangement.spacedBy(12.dp)) {
        val icon = if (waits) Icons.Outlined.CloudUpload else Icons.Outlined.CloudDone
        Icon(icon, contentDescription = null, Modifier.size(24.dp), tint = if (waits) colours.attention else colours.good)
        Column(verticalArrangement = Arrangement.spacedBy(4.dp)) {
            FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
                Text(line(words.deviceCode(row.code), words.whose(row)), fontWeight = FontWeight.Medium)
                if (row.own) Tag(words.deviceThis)
            }
            if (waits) Text(words.deviceUnsent(row.unsent), color = colours.attention, fontWeight = FontWeight.Medium) else Text(words.deviceAllSent)
            Faint(if (row.silentMinutes == 0L) words.deviceHeardNow else words.deviceHeard(words.age(row.silentMinutes)))
        }
    }
}

private fun Words.whose(row: DeviceLine) = if (row.shared) deviceShared else row.of ?: syncSomebody
