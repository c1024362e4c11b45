package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.Divider
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.app.LineForm
import dev.counterpart.app.Right
import dev.counterpart.app.TicketActions
import dev.counterpart.app.TicketState
import dev.counterpart.app.Words
import dev.counterpart.model.Approval
import dev.counterpart.model.EventOutcome
import dev.counterpart.model.NoteKind
import dev.counterpart.model.TicketLine
import dev.counterpart.model.TicketView

/** Parts and work, what they come to, and the shelf. */
@Composable
internal fun Lines(
    state: TicketState,
    view: TicketView,
    actions: TicketActions,
    editing: Editing,
) {
    val words = LocalWords.current
    if (view.lines.isEmpty()) {
        Text(words.ticketNoLines, color = MaterialTheme.colorScheme.onSurfaceVariant)
    }
    for (line in view.lines) Line(line, state, actions) { editing.actions.editLine(line) }
    state.takenOff?.let { TakenOff(words.of(it), actions) }
    if (view.lines.isNotEmpty()) {
        Row(Modifier.fillMaxWidth(), horizontalArrangement = Arrangement.SpaceBetween) {
            Text(words.ticketTotal, fontWeight = FontWeight.Bold)
            Text(words.money(view.total.grossCents, state.currency), fontWeight = FontWeight.Bold)
        }
    }
    val form = editing.state.line
    if (form == null) {
        OutlinedButton({ editing.actions.fillLine(LineForm()) }) { Text(words.ticketAddLine) }
    } else {
        LineFields(form, editing)
    }
    if (Right.USE_PARTS !in state.rights) return
    Field(words.ticketFindPart, state.partWords, typed = actions::findPart)
    if (state.parts.isNotEmpty()) {
        Field(words.ticketPartCount, state.partCount, wrong = state.problem?.field == "quantity", figures = true, typed = actions::countParts)
    }
    for (item in state.parts) {
        NamedButton(
            line(item.name, words.ticketOnShelf(item.quantity)),
            Modifier.fillMaxWidth().semantics { contentDescription = "${words.ticketUsePart}: ${item.name}" },
        ) { actions.usePart(item.id) }
    }
}

/** That a line was taken off, and the way back. */
@Composable
private fun TakenOff(
    what: String,
    actions: TicketActions,
) {
    val words = LocalWords.current
    Row(Modifier.fillMaxWidth(), verticalAlignment = Alignment.CenterVertically) {
        Text(words.ticketTakenOff(what), Modifier.weight(1f).semantics { liveRegion = LiveRegionMode.Polite })
        Act(words.actionUndo, what, actions::putBack)
    }
}

private fun Words.of(line: TicketLine): String = line.description ?: of(line.kind)

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Line(
    line: TicketLine,
    state: TicketState,
    actions: TicketActions,
    edit: () -> Unit,
) {
    val words = LocalWords.current
    val what = words.of(line)
    Row(Modifier.fillMaxWidth(), horizontalArrangement = Arrangement.spacedBy(12.dp)) {
        Text("${line.quantity} × $what", Modifier.weight(1f))
        Text(words.money(line.quantity * line.unitPriceCents, state.currency))
    }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Text(
            words.of(line.approval),
            Modifier.align(Alignment.CenterVertically),
            color = MaterialTheme.colorScheme.onSurfaceVariant,
            style = MaterialTheme.typography.labelLarge,
        )
        if (line.approval == Approval.Pending) {
            Act(words.ticketApprove, what) { actions.approve(line.id, Approval.Approved) }
            Act(words.ticketDecline, what) { actions.approve(line.id, Approval.Declined) }
        } else {
            Act(words.actionUndo, "${words.of(line.approval)}, $what") { actions.approve(line.id, Approval.Pending) }
        }
        Act(words.actionEdit, what, edit)
        // A part goes back to the shelf.
        if (line.inventoryItemId == null || Right.USE_PARTS in state.rights) {
            Act(words.ticketTakeOff, what) { actions.takeOff(line) }
        }
    }
    Divider()
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun Notes(
    state: TicketState,
    view: TicketView,
    actions: TicketActions,
) {
    val words = LocalWords.current
    if (view.notes.isEmpty()) Text(words.ticketNoNotes, color = MaterialTheme.colorScheme.onSurfaceVariant)
    for (note in view.notes) {
        Column {
            Text(
                line(words.of(note.kind), words.moment(note.meta.createdAt, LocalZone.current)),
                color = MaterialTheme.colorScheme.onSurfaceVariant,
                style = MaterialTheme.typography.labelMedium,
            )
            Text(note.body)
        }
    }
    Field(words.ticketNote, state.note, lines = 2, typed = actions::writeNote)
    if (state.note.isNotBlank()) {
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            for (kind in listOf(NoteKind.Internal, NoteKind.Diagnostic, NoteKind.Customer)) {
                OutlinedButton({ actions.addNote(kind) }) { Text("${words.ticketAddNote}: ${words.of(kind)}") }
            }
        }
    }
}

/** How the ticket moved, the newest first. */
@Composable
internal fun Moves(view: TicketView) {
    val words = LocalWords.current
    for (event in view.events.asReversed()) {
        Column {
            val moved = words.ticketMoved(words.of(event.from), words.of(event.to))
            val late = if (event.outcome == EventOutcome.History) " (${words.ticketCameLate})" else ""
            Text(moved + late)
            Text(
                words.moment(event.meta.createdAt, LocalZone.current),
                color = MaterialTheme.colorScheme.onSurfaceVariant,
                style = MaterialTheme.typography.labelMedium,
            )
        }
    }
    if (view.events.isEmpty()) {
        Text(words.of(view.ticket.status), color = MaterialTheme.colorScheme.onSurfaceVariant)
    }
}
