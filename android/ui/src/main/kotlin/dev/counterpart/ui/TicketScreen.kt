package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Inbox
import androidx.compose.material.icons.outlined.Visibility
import androidx.compose.material3.Button
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.app.EditTicketActions
import dev.counterpart.app.EditTicketState
import dev.counterpart.app.Safety
import dev.counterpart.app.TicketActions
import dev.counterpart.app.TicketState
import dev.counterpart.app.Words
import dev.counterpart.model.TicketStatus
import dev.counterpart.model.TicketView

/** What is written anew on a ticket, and what a person does about it. */
class Editing(
    val state: EditTicketState,
    val actions: EditTicketActions,
)

/** One ticket; [foot] is what stands below it for some. */
@Composable
fun TicketScreen(
    state: TicketState,
    actions: TicketActions,
    editing: Editing,
    foot: @Composable () -> Unit = {},
) {
    val words = LocalWords.current
    val view = state.view
    val form = editing.state.form
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        ProblemBar(editing.state.problem, editing.actions::dismiss)
        when {
            state.loading -> Loading(words.boardLoading)
            view == null -> Nothing(Icons.Outlined.Inbox, words.ticketGone)
            form != null -> Page { Section(words.actionEdit) { TicketFields(form, editing) } }
            else ->
                Column(
                    Modifier.fillMaxSize().verticalScroll(rememberScrollState()).padding(16.dp),
                    verticalArrangement = Arrangement.spacedBy(12.dp),
                ) {
                    Everything(state, view, actions, editing)
                    foot()
                }
        }
    }
}

@Composable
private fun Everything(
    state: TicketState,
    view: TicketView,
    actions: TicketActions,
    editing: Editing,
) {
    val words = LocalWords.current
    Head(state, view)
    Section(words.ticketNext) { Steps(state, view.ticket.status, actions) }
    Section(words.ticketSafeAsk) { SafeToHandOver(state.safety, actions) }
    Section(words.ticketTexts) { Texts(state, view, actions) }
    Section(words.ticketLines) { Lines(state, view, actions, editing) }
    Section(words.ticketAgreed) { Agreed(view.ticket, editing) }
    Section(words.ticketPasscode) { Passcode(state.passcode, view.hasPasscode, actions, editing) }
    Section(words.ticketNotes) { Notes(state, view, actions) }
    Section(words.ticketHistory) { Moves(view) }
    if (editing.state.leads) Section(words.ticketDelete) { Deleting(editing) }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Head(
    state: TicketState,
    view: TicketView,
) {
    val words = LocalWords.current
    val faint = MaterialTheme.colorScheme.onSurfaceVariant
    val ticket = view.ticket
    Row(verticalAlignment = Alignment.CenterVertically, horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Text(ticket.number ?: words.boardNoNumber, Modifier.weight(1f), style = MaterialTheme.typography.headlineSmall, fontWeight = FontWeight.Bold)
        MarkIcon(state.mark)
    }
    Text(ticket.subject, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleLarge)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        StatusTag(ticket.status)
        PriorityTag(ticket.priority)
    }
    val customer = view.customer
    val name = listOfNotNull(customer?.firstName, customer?.lastName, customer?.company).joinToString(" ")
    Text(line(name, customer?.phones?.firstOrNull()?.number), color = faint)
    val device = line(ticket.deviceBrand, ticket.deviceModel, ticket.imei)
    if (device.isNotEmpty()) Text(device, color = faint)
    if (state.changed) Tag(words.ofChanges(state.changes), MaterialTheme.colorScheme.primaryContainer, MaterialTheme.colorScheme.onPrimaryContainer)
    val looking = words.ofLooking(state)
    if (looking.isNotEmpty()) {
        Row(verticalAlignment = Alignment.CenterVertically, horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            Icon(Icons.Outlined.Visibility, contentDescription = null, tint = faint)
            Text(looking, color = faint)
        }
    }
}

/** What changed since somebody last looked, as far as that is known. */
private fun Words.ofChanges(fields: List<String>): String =
    if (fields.isEmpty()) ticketChanged else ticketChangedWhat(fields.joinToString(", ") { changedName(it) })

private fun Words.ofLooking(state: TicketState): String =
    line(
        ticketLookingNames(state.looking.joinToString(", ") { "\u2068$it\u2069" }).takeIf { state.looking.isNotEmpty() },
        ticketLooking(state.othersLooking.toLong()).takeIf { state.othersLooking > 0 },
    )

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Steps(
    state: TicketState,
    status: TicketStatus,
    actions: TicketActions,
) {
    val words = LocalWords.current
    val likeliest = state.steps.firstOrNull()
    if (likeliest == null || status == TicketStatus.PickedUp) {
        Text(words.ticketNoStep, color = MaterialTheme.colorScheme.onSurfaceVariant)
        // The way back from an end is nothing that one is led to.
        likeliest?.let { back -> TextButton({ actions.move(back) }) { Text(words.actionUndo) } }
        return
    }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button({ actions.move(likeliest) }) { Text(words.of(likeliest)) }
        for (step in state.steps.drop(1)) OutlinedButton({ actions.move(step) }) { Text(words.of(step)) }
        if (state.undo != null) TextButton(actions::undoMove) { Text(words.actionUndo) }
    }
}

@Composable
private fun SafeToHandOver(
    safety: Safety,
    actions: TicketActions,
) {
    val words = LocalWords.current
    val (says, colour) =
        when (safety) {
            Safety.NotAsked -> null to MaterialTheme.colorScheme.onSurface
            Safety.Asking -> words.ticketSafeAsking to MaterialTheme.colorScheme.onSurfaceVariant
            is Safety.Known -> {
                val devices = safety.safety.devices
                when {
                    safety.safety.unsent > 0u -> words.ticketUnsafe(safety.safety.unsent.toLong()) to MaterialTheme.colorScheme.error
                    devices == null -> words.ticketUnsafeUnknown to LocalColours.current.attention
                    devices.isNotEmpty() -> words.ticketUnsafeOthers(devices.size.toLong()) to LocalColours.current.attention
                    else -> words.ticketSafe to LocalColours.current.good
                }
            }
        }
    if (says != null) {
        Text(says, Modifier.semantics { liveRegion = LiveRegionMode.Polite }, color = colour, fontWeight = FontWeight.Medium)
    }
    OutlinedButton(actions::askSafe, enabled = safety != Safety.Asking) { Text(words.ticketAsk) }
}

@Composable
private fun Texts(
    state: TicketState,
    view: TicketView,
    actions: TicketActions,
) {
    val words = LocalWords.current
    Field(words.ticketProblem, state.problemText ?: view.ticket.problem.orEmpty(), lines = 2, typed = actions::writeProblem)
    Field(words.ticketDiagnosis, state.diagnosisText ?: view.ticket.diagnosis.orEmpty(), lines = 2, typed = actions::writeDiagnosis)
    if (state.problemText != null || state.diagnosisText != null) Button(actions::saveText) { Text(words.actionSave) }
}
