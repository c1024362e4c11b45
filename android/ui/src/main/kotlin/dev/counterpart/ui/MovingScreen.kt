package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.Button
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.ImportLayout
import dev.counterpart.ImportReport
import dev.counterpart.app.MovingActions
import dev.counterpart.app.MovingState
import dev.counterpart.app.Problem
import dev.counterpart.app.Words

private val layouts = listOf(null, ImportLayout.CUSTOMERS, ImportLayout.INVENTORY_ITEMS, ImportLayout.TICKETS)

/** Everything into a file. */
@Composable
internal fun MovingOut(
    state: MovingState,
    actions: MovingActions,
) {
    val words = LocalWords.current
    Faint(words.settingsOutLead)
    if (!state.picks) Field(words.settingsFile, state.exportFile, typed = actions::writeExportFile)
    Button(actions::export, enabled = state.progress == null) { Text(words.settingsExport) }
    SoFar(state, actions)
    state.exported?.let {
        Said(if (it.complete) words.settingsExported(it.written.rows.toLong()) else words.settingsStopped)
    }
}

/** A file of another system, or an export of this one. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun MovingIn(
    state: MovingState,
    actions: MovingActions,
) {
    val words = LocalWords.current
    val form = state.form
    val fill = actions::fill
    Faint(words.settingsInLead)
    if (state.picks) {
        NamedButton(form.fileName.ifEmpty { words.settingsPick }, press = actions::pick)
    } else {
        Field(words.settingsFile, form.file) { fill(form.copy(file = it)) }
    }
    Choices(layouts, form.layout, { words.of(it) }) { fill(form.copy(layout = it)) }
    if (form.layout != null) {
        Field(words.settingsSource, form.source, wrong = state.problem?.field == "source") { fill(form.copy(source = it)) }
        Field(words.settingsCountry, form.countryCode) { fill(form.copy(countryCode = it)) }
    }
    val ready = state.progress == null && form.file.isNotBlank()
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        OutlinedButton({ actions.bringIn(tries = true) }, enabled = ready) { Text(words.settingsTry) }
        Button({ actions.bringIn(tries = false) }, enabled = ready) { Text(words.settingsImport) }
    }
    state.imported?.let { Outcome(it, state.tried) }
}

private fun Words.of(layout: ImportLayout?): String =
    when (layout) {
        null -> settingsOwnFile
        ImportLayout.CUSTOMERS -> navCustomers
        ImportLayout.INVENTORY_ITEMS -> navInventory
        ImportLayout.TICKETS -> navBoard
    }

@Composable
private fun SoFar(
    state: MovingState,
    actions: MovingActions,
) {
    val words = LocalWords.current
    val progress = state.progress ?: return
    LinearProgressIndicator(Modifier.fillMaxWidth())
    Text(words.settingsSoFar(progress.rows.toLong()))
    TextButton(actions::stop) { Text(words.settingsStop) }
}

@Composable
private fun Said(says: String) {
    Text(says, Modifier.semantics { liveRegion = LiveRegionMode.Polite }, fontWeight = FontWeight.Medium)
}

@Composable
private fun Outcome(
    report: ImportReport,
    tried: Boolean,
) {
    val words = LocalWords.current
    if (tried) Said(words.settingsTried)
    if (!report.complete) Said(words.settingsStopped)
    Said(words.settingsCreated(report.created.toLong()))
    if (report.alreadyThere > 0u) Text(words.settingsAlreadyThere(report.alreadyThere.toLong()))
    if (report.refused > 0u) Text(words.settingsRefused(report.refused.toLong()))
    for (line in report.refusals) Faint(words.settingsRefusedLine("${line.line}", words.of(Problem(line.code, line.field))))
}
