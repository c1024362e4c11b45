package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.SyncEvent
import dev.counterpart.app.DeveloperActions
import dev.counterpart.app.DeveloperState
import dev.counterpart.app.DeveloperView
import dev.counterpart.app.Network
import dev.counterpart.app.Words
import dev.counterpart.model.Day
import dev.counterpart.model.NetworkCall
import dev.counterpart.model.SyncKind
import java.time.Instant
import java.time.LocalDate

/** The inspector, for who builds the app: facts as the engine names them, in no language but its own. */
@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
fun DeveloperScreen(
    state: DeveloperState,
    actions: DeveloperActions,
) {
    val words = LocalWords.current
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        Page {
            Choices(DeveloperView.values().toList(), state.view, { words.of(it) }, actions::look)
            when (state.view) {
                DeveloperView.DEVICE -> Device(state, actions)
                DeveloperView.SYNC_LOG -> SyncLog(state, actions)
                DeveloperView.NETWORK -> Section(words.developerNetwork) { for (call in state.calls) Call(call) }
                DeveloperView.ANALYTICS -> Section(words.developerAnalytics) { for (day in state.days) Sums(day) }
                DeveloperView.RECORD -> Record(state, actions)
            }
        }
    }
}

private fun Words.of(network: Network): String =
    when (network) {
        Network.WELL -> developerNetworkWell
        Network.SLOW -> developerNetworkSlow
        Network.LOSSY -> developerNetworkLossy
    }

private fun Words.of(view: DeveloperView): String =
    when (view) {
        DeveloperView.DEVICE -> developerDevice
        DeveloperView.SYNC_LOG -> developerSyncLog
        DeveloperView.NETWORK -> developerNetwork
        DeveloperView.ANALYTICS -> developerAnalytics
        DeveloperView.RECORD -> developerRecord
    }

@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
private fun Device(
    state: DeveloperState,
    actions: DeveloperActions,
) {
    val words = LocalWords.current
    Section(words.developerTry) {
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            FilterChip(state.pretendsOffline, { actions.pretendOffline(!state.pretendsOffline) }, label = { Text(words.developerOffline) })
            OutlinedButton(actions::syncNow) { Text(words.syncNow) }
            OutlinedButton(actions::seed) { Text(words.developerSeed) }
            OutlinedButton(actions::evict) { Text(words.developerEvict) }
            OutlinedButton(actions::checksum) { Text(words.developerChecksum) }
            OutlinedButton(actions::countThere) { Text(words.developerCount) }
            if (state.canInterfere) OutlinedButton(actions::fetchAnew) { Text(words.developerFullSync) }
            if (state.canInterfere && !state.purging) OutlinedButton(actions::askPurge) { Text(words.developerPurge) }
        }
        if (state.purging) Sure(words.developerPurgeAsk, words.developerPurge, actions::purge, actions::keep)
        if (state.canInterfere) Choices(Network.values().toList(), state.network, { words.of(it) }, actions::simulate)
        state.evicted?.let { Text(words.developerEvicted(it)) }
        state.checksum?.let { Text(line(it)) }
    }
    Section(words.developerDevice) { Facts(state.facts) }
    Section(words.developerRows) { Rows(state) }
}

@Composable
private fun Rows(state: DeveloperState) {
    val words = LocalWords.current
    state.counted?.let { (commit, cursor) -> Faint(words.developerCountedAt("$commit", "$cursor")) }
    for (count in state.rows) {
        val beyond = count.beyond.takeIf { it > 0 }?.let { words.developerRowsBeyond("$it") }
        val counts = count.there?.let { words.developerRowsCounted("${count.here}", "$it") } ?: words.developerRowsHere("${count.here}")
        Text(line(count.table, counts, beyond))
    }
}

@Composable
private fun Facts(facts: List<Pair<String, String>>) {
    for ((name, value) in facts) Text(line(name, value))
}

@Composable
private fun SyncLog(
    state: DeveloperState,
    actions: DeveloperActions,
) {
    val words = LocalWords.current
    Choices(SyncKind.values().toList(), state.kind, { it.name.lowercase() }) { actions.only(it.takeIf { kind -> kind != state.kind }) }
    Section(words.developerSyncLog) { for (event in state.events) Event(event) }
}

@Composable
private fun Event(event: SyncEvent) {
    val counts = event.counts.entries.joinToString(", ") { (what, many) -> "$what $many" }
    Text(line(event.kind.name.lowercase(), event.code), fontWeight = FontWeight.Medium)
    Faint(line(LocalWords.current.moment(event.at, LocalZone.current), counts, event.ms?.let { "$it ms" }))
}

@Composable
private fun Call(call: NetworkCall) {
    Text(line(call.call, call.status), fontWeight = FontWeight.Medium)
    val at = LocalWords.current.moment(Instant.ofEpochMilli(call.at), LocalZone.current)
    Faint(line(at, "↑ ${call.up}", "↓ ${call.down}", "${call.ms} ms"))
}

@Composable
private fun Sums(day: Day) {
    Text("${LocalDate.ofEpochDay(day.day)}", fontWeight = FontWeight.Medium)
    Faint(line("operations ${day.operations}", "applied ${day.applied}", "conflicts ${day.conflicts}", "rejected ${day.rejected}"))
    Faint(line("calls ${day.calls}", "failed ${day.callsFailed}", "offline ${day.offlineMs} ms"))
    Faint(line(day.successRate?.let { "success $it" }, day.conflictRate?.let { "conflict rate $it" }))
    Faint(line("latency ${day.latency.joinToString(" ")}"))
}

@Composable
private fun Record(
    state: DeveloperState,
    actions: DeveloperActions,
) {
    val words = LocalWords.current
    Section(words.developerRecord) {
        Field(words.developerWanted, state.wanted, typed = actions::write)
        OutlinedButton(actions::lookUp, enabled = state.wanted.isNotBlank()) { Text(words.developerLookUp) }
        Facts(state.record)
    }
    if (state.canInterfere && state.record.isNotEmpty()) Section(words.developerEditElsewhere) { Elsewhere(state, actions) }
}

@Composable
private fun Elsewhere(
    state: DeveloperState,
    actions: DeveloperActions,
) {
    val words = LocalWords.current
    val wrong = state.problem?.field
    Field(words.developerField, state.field, wrong = wrong == "field", figures = true) { actions.writeElsewhere(it, state.value) }
    Field(words.developerValue, state.value, wrong = wrong == "value", figures = true) { actions.writeElsewhere(state.field, it) }
    val written = state.field.isNotBlank() && state.value.isNotBlank()
    OutlinedButton(actions::editElsewhere, enabled = written) { Text(words.developerEditElsewhere) }
    if (state.editedElsewhere) Text(words.developerEditedElsewhere)
}
