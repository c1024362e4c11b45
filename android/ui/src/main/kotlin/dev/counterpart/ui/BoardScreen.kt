package dev.counterpart.ui

import androidx.compose.foundation.clickable
import androidx.compose.foundation.horizontalScroll
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.items
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Inbox
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.selected
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import dev.counterpart.app.BoardActions
import dev.counterpart.app.BoardRow
import dev.counterpart.app.BoardState
import dev.counterpart.model.TicketStatus
import java.time.LocalDate

private val filters =
    listOf(
        TicketStatus.Received,
        TicketStatus.Diagnosing,
        TicketStatus.AwaitingApproval,
        TicketStatus.AwaitingParts,
        TicketStatus.InRepair,
        TicketStatus.Qc,
        TicketStatus.Ready,
        TicketStatus.OnHold,
    )

/** The ticket board. */
@Composable
fun BoardScreen(
    state: BoardState,
    actions: BoardActions,
    selected: String?,
    open: (String) -> Unit,
) {
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        SearchField(LocalWords.current.boardSearch, state.words, search = actions::search)
        Filters(state, actions)
        Counts(state)
        state.swiped?.let { SwipedBar(it, actions) }
        Tickets(state, actions, selected, open)
    }
}

@OptIn(ExperimentalMaterial3Api::class)
@Composable
private fun Filters(
    state: BoardState,
    actions: BoardActions,
) {
    val words = LocalWords.current
    Row(
        Modifier.fillMaxWidth().horizontalScroll(rememberScrollState()).padding(horizontal = 16.dp),
        horizontalArrangement = Arrangement.spacedBy(8.dp),
    ) {
        FilterChip(state.status == null, { actions.filter(null) }, label = { Text(words.boardAll) })
        if (state.canFilterMine) {
            FilterChip(state.onlyMine, { actions.onlyMine(!state.onlyMine) }, label = { Text(words.boardMine) })
        }
        for (status in filters) {
            FilterChip(state.status == status, { actions.filter(status) }, label = { Text(words.of(status)) })
        }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Counts(state: BoardState) {
    val words = LocalWords.current
    val badges = state.badges ?: return
    FlowRow(
        Modifier.padding(horizontal = 16.dp, vertical = 4.dp),
        horizontalArrangement = Arrangement.spacedBy(16.dp),
    ) {
        Text(words.boardCountOpen(badges.open.toLong()), style = MaterialTheme.typography.labelLarge)
        Text(words.boardCountReady(badges.ready.toLong()), style = MaterialTheme.typography.labelLarge)
        if (badges.overdue > 0u) {
            Text(
                words.boardCountOverdue(badges.overdue.toLong()),
                style = MaterialTheme.typography.labelLarge,
                color = MaterialTheme.colorScheme.error,
            )
        }
    }
}

@Composable
private fun Tickets(
    state: BoardState,
    actions: BoardActions,
    selected: String?,
    open: (String) -> Unit,
) {
    val words = LocalWords.current
    val reading = words.boardLoading.takeIf { state.loading }
    val since = state.olderSince
    val older: (@Composable () -> Unit)? = if (since == null) null else ({ OlderTickets(since, state.fetchingOlder, actions) })
    SearchedList(reading, state.words, state.rows.isEmpty(), Icons.Outlined.Inbox to words.boardEmpty, older) {
        items(state.rows, key = { it.ticket.id.value }) { row ->
            Swipes(row, actions) { modifier ->
                TicketCard(row, row.ticket.id.value == selected, modifier) { open(row.ticket.id.value) }
            }
        }
        if (state.more) item { TextButton(actions::showMore, Modifier.fillMaxWidth()) { Text(words.actionMore) } }
    }
}

/** What was closed long ago is on the server, until somebody who searches asks for it. */
@Composable
private fun OlderTickets(
    since: LocalDate,
    fetching: Boolean,
    actions: BoardActions,
) {
    val words = LocalWords.current
    Column(Modifier.fillMaxWidth().padding(vertical = 8.dp), Arrangement.spacedBy(8.dp), Alignment.CenterHorizontally) {
        Text(words.boardOlderBefore(words.date(since)), textAlign = TextAlign.Center, color = MaterialTheme.colorScheme.onSurfaceVariant)
        if (fetching) {
            LinearProgressIndicator(Modifier.fillMaxWidth())
            Faint(words.boardOlderFetching)
        } else {
            OutlinedButton(actions::fetchOlder) { Text(words.boardOlderFetch) }
        }
    }
}

/** A ticket in a list. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun TicketCard(
    row: BoardRow,
    chosen: Boolean,
    modifier: Modifier = Modifier,
    open: () -> Unit,
) {
    val words = LocalWords.current
    val scheme = MaterialTheme.colorScheme
    val ticket = row.ticket
    val ground = if (chosen) scheme.primaryContainer else scheme.surface
    val ink = if (chosen) scheme.onPrimaryContainer else scheme.onSurface
    val faint = if (chosen) scheme.onPrimaryContainer else scheme.onSurfaceVariant
    Surface(
        modifier.fillMaxWidth().clickable(onClick = open).semantics { selected = chosen },
        shape = RoundedCornerShape(12.dp),
        color = ground,
        contentColor = ink,
    ) {
        Column(Modifier.padding(12.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
            Row(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
                Text(ticket.number ?: words.boardNoNumber, color = faint, style = MaterialTheme.typography.labelLarge)
                Text(
                    ticket.subject,
                    Modifier.weight(1f),
                    fontWeight = if (row.mark.unread) FontWeight.Bold else FontWeight.Medium,
                )
                MarkIcon(row.mark)
            }
            Text(line(ticket.customer, ticket.device, row.assignee), color = faint, style = MaterialTheme.typography.bodyMedium)
            FlowRow(
                horizontalArrangement = Arrangement.spacedBy(8.dp),
                verticalArrangement = Arrangement.spacedBy(4.dp),
            ) {
                StatusTag(ticket.status)
                PriorityTag(ticket.priority)
                if (row.overdue) Tag(words.boardOverdue, scheme.errorContainer, scheme.onErrorContainer)
                row.staleDays?.let { Tag(words.boardStale(words.ageDays(it)), scheme.surfaceVariant, scheme.onSurfaceVariant) }
                val due = ticket.dueAt
                if (due != null && !row.overdue) {
                    Text(
                        words.boardDue(words.moment(due, LocalZone.current)),
                        Modifier.align(Alignment.CenterVertically),
                        color = faint,
                        style = MaterialTheme.typography.labelMedium,
                    )
                }
            }
        }
    }
}
