package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.CloudDone
import androidx.compose.material.icons.outlined.CloudOff
import androidx.compose.material.icons.outlined.Sync
import androidx.compose.material3.Button
import androidx.compose.material3.Icon
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.Finding
import dev.counterpart.app.FailedOperation
import dev.counterpart.app.Problem
import dev.counterpart.app.ShownConflict
import dev.counterpart.app.ShownRecord
import dev.counterpart.app.SyncCentreActions
import dev.counterpart.app.SyncCentreState
import dev.counterpart.app.TrailValue
import dev.counterpart.model.Notice
import dev.counterpart.model.Notices
import dev.counterpart.model.SyncState

/** The sync centre. */
@Composable
fun SyncCentreScreen(
    state: SyncCentreState,
    actions: SyncCentreActions,
) {
    val words = LocalWords.current
    Box(Modifier.fillMaxSize(), contentAlignment = Alignment.TopCenter) {
        Column(
            Modifier.widthIn(max = 720.dp).verticalScroll(rememberScrollState()).padding(16.dp),
            verticalArrangement = Arrangement.spacedBy(12.dp),
        ) {
            ProblemBar(state.problem, actions::dismiss)
            if (state.findings.isNotEmpty() || state.forgot != null) Section(words.foundTitle) { Findings(state) }
            state.line?.let { Section(words.syncTitle) { TheLine(it, state.busy, actions) } }
            if (state.failed.isNotEmpty()) Section(words.syncFailed) { Failed(state, actions) }
            if (state.conflicts.isNotEmpty()) Section(words.syncConflicts) { Conflicts(state, actions) }
            if (state.failed.isEmpty() && state.conflicts.isEmpty()) Nothing(Icons.Outlined.CloudDone, words.syncNothing)
            Section(words.syncNews) { News(state.notices, actions) }
        }
    }
}

/** What happened to the file: it is told first, and needs nobody's work. */
@Composable
private fun Findings(state: SyncCentreState) {
    val words = LocalWords.current
    for (finding in state.findings) {
        when (finding) {
            is Finding.Damaged -> {
                Text(words.foundDamaged(finding.operations.toLong()), fontWeight = FontWeight.Medium)
                if (!finding.complete) Text(words.foundIncomplete, color = LocalColours.current.attention, fontWeight = FontWeight.Medium)
                Faint(words.foundAside(finding.aside))
            }
            is Finding.Copied -> Text(words.foundCopied, fontWeight = FontWeight.Medium)
        }
    }
    state.forgot?.let { Text(words.foundForgot(it)) }
}

/** What something is about; a press opens it where it is here. */
@Composable
private fun About(
    record: ShownRecord,
    field: String?,
    actions: SyncCentreActions,
) {
    val words = LocalWords.current
    val table = words.tableName(record.table)
    Text(if (field == null) table else "$table: ${words.fieldName(field)}", fontWeight = FontWeight.Medium)
    val (name, place) = line(*record.facts.toTypedArray()) to record.place
    if (place != null) {
        NamedButton(name.ifEmpty { table }) { actions.open(place) }
    } else if (name.isNotEmpty()) {
        Text(name)
    }
}

@Composable
private fun TheLine(
    line: SyncState,
    busy: Boolean,
    actions: SyncCentreActions,
) {
    val words = LocalWords.current
    val (icon, says) =
        when {
            !line.online -> Icons.Outlined.CloudOff to words.lineOfflineShort
            !line.reachable -> Icons.Outlined.CloudOff to words.lineUnreachableShort
            line.syncing -> Icons.Outlined.Sync to words.lineSyncing
            else -> Icons.Outlined.CloudDone to words.lineOnline
        }
    Row(verticalAlignment = Alignment.CenterVertically, horizontalArrangement = Arrangement.spacedBy(12.dp)) {
        Icon(icon, contentDescription = null)
        Text(says, fontWeight = FontWeight.Medium)
    }
    if (line.syncing) LinearProgressIndicator(line.progress.toFloat(), Modifier.fillMaxWidth())
    val pending = line.pending.toLong()
    Text(if (pending == 0L) words.syncAllSent else words.syncPending(pending))
    val last = line.lastSyncedAt
    Text(
        if (last == null) words.syncNever else words.syncLast(words.moment(last, LocalZone.current)),
        color = MaterialTheme.colorScheme.onSurfaceVariant,
    )
    Button(actions::syncNow, enabled = !busy && line.online) { Text(words.syncNow) }
}

@Composable
private fun Failed(
    state: SyncCentreState,
    actions: SyncCentreActions,
) {
    val words = LocalWords.current
    Text(words.syncFailedLead, color = MaterialTheme.colorScheme.onSurfaceVariant)
    Separated(state.failed) { FailedCard(it, state, actions) }
    if (state.failed.size > 1) Button(actions::retryAll) { Text(words.actionRetryAll) }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun FailedCard(
    failed: FailedOperation,
    state: SyncCentreState,
    actions: SyncCentreActions,
) {
    val words = LocalWords.current
    val parked = failed.parked
    val field = failed.field
    About(failed.record, field = null, actions)
    Text(words.of(Problem(parked.code, parked.field)), color = MaterialTheme.colorScheme.error)
    for ((name, value) in failed.wanted) Text("${words.fieldName(name)}: ${words.of(value, state.currency, LocalZone.current)}")
    if (state.editing == parked.operation && field != null) {
        Field(words.syncNewValue(words.fieldName(field)), state.text) { actions.edit(parked.operation, it) }
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            Button({ actions.resend(parked.operation, field) }) { Text(words.actionSave) }
            TextButton({ actions.edit(null) }) { Text(words.actionCancel) }
        }
    } else if (state.discarding == parked.operation) {
        Text(words.syncDiscardWarning, fontWeight = FontWeight.Medium)
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            Button({ actions.discard(parked.operation) }) { Text(words.actionDiscard) }
            TextButton({ actions.askDiscard(null) }) { Text(words.actionCancel) }
        }
    } else {
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            Button({ actions.retry(parked.operation) }) { Text(words.actionRetry) }
            if (field != null) {
                OutlinedButton({ actions.edit(parked.operation, failed.text) }) { Text(words.actionEdit) }
            }
            TextButton({ actions.askDiscard(parked.operation) }) { Text(words.actionDiscard) }
        }
    }
}

@Composable
private fun Conflicts(
    state: SyncCentreState,
    actions: SyncCentreActions,
) {
    val words = LocalWords.current
    Text(words.syncConflictsLead, color = MaterialTheme.colorScheme.onSurfaceVariant)
    Separated(state.conflicts) { ConflictCard(it, state, actions) }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun ConflictCard(
    shown: ShownConflict,
    state: SyncCentreState,
    actions: SyncCentreActions,
) {
    val words = LocalWords.current
    val conflict = shown.conflict
    val id = conflict.conflict.value
    val by = conflict.by?.let { state.names[it] } ?: words.syncSomebody
    About(shown.record, conflict.field, actions)
    Version(words.syncMine, shown.mine, state)
    Version("${words.syncTheirs} ($by)", shown.theirs, state)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        if (state.editing == id) {
            Field(words.syncOwnValue, state.text, lines = 2) { actions.edit(id, it) }
            Button({ actions.keepOwn(conflict) }) { Text(words.actionSave) }
            TextButton({ actions.edit(null) }) { Text(words.actionCancel) }
        } else {
            OutlinedButton({ actions.keepMine(conflict) }) { Text(words.syncKeepMine) }
            OutlinedButton({ actions.keepTheirs(conflict) }) { Text(words.syncKeepTheirs) }
            shown.both?.let { both -> TextButton({ actions.edit(id, both) }) { Text(words.syncWriteOwn) } }
        }
    }
}

@Composable
private fun Version(
    whose: String,
    version: TrailValue,
    state: SyncCentreState,
) {
    val words = LocalWords.current
    val text = words.of(version, state.currency, LocalZone.current)
    Column {
        Text(whose, style = MaterialTheme.typography.labelMedium, color = MaterialTheme.colorScheme.onSurfaceVariant)
        Text(text.ifEmpty { words.syncEmptyValue })
    }
}

@Composable
private fun News(
    notices: Notices?,
    actions: SyncCentreActions,
) {
    val words = LocalWords.current
    val newest = notices?.newest.orEmpty()
    if (newest.isEmpty()) Text(words.syncNoNews, color = MaterialTheme.colorScheme.onSurfaceVariant)
    for (notice in newest.take(SHOWN_NEWS)) NoticeLine(notice)
    if ((notices?.unseen ?: 0uL) > 0uL) TextButton(actions::newsSeen) { Text(words.actionSeen) }
}

/** What one author did, and when. */
@Composable
internal fun NoticeLine(notice: Notice) {
    val words = LocalWords.current
    val who = if (notice.you) words.syncYou else notice.authorName ?: words.syncSomebody
    Column {
        Text(
            line(who, words.moment(notice.lastAt, LocalZone.current)),
            color = MaterialTheme.colorScheme.onSurfaceVariant,
            style = MaterialTheme.typography.labelMedium,
        )
        Text(
            line(*notice.parts.map { words.of(it) }.toTypedArray()),
            fontWeight = if (notice.seen) FontWeight.Normal else FontWeight.Medium,
        )
    }
}

private const val SHOWN_NEWS = 20
