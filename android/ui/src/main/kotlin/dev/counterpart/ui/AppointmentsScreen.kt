package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.ChevronLeft
import androidx.compose.material.icons.outlined.ChevronRight
import androidx.compose.material.icons.outlined.Event
import androidx.compose.material3.Button
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.LinearProgressIndicator
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
import androidx.compose.ui.unit.dp
import dev.counterpart.app.AppointmentLine
import dev.counterpart.app.AppointmentsActions
import dev.counterpart.app.AppointmentsState
import dev.counterpart.app.Older
import dev.counterpart.model.AppointmentState

/** The calendar: a day, or a week day by day. */
@Composable
fun AppointmentsScreen(
    state: AppointmentsState,
    actions: AppointmentsActions,
) {
    val words = LocalWords.current
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        Days(state, actions)
        Chips(state, actions)
        state.older?.let { OlderDays(it, actions) }
        when {
            state.loading -> Loading(words.appointmentsLoading)
            // Whether somebody came is not known before the server has said it.
            state.days.all { it.lines.isEmpty() } -> if (state.older == null) Nothing(Icons.Outlined.Event, words.appointmentsEmpty)
            else ->
                LazyColumn(
                    Modifier.fillMaxSize(),
                    contentPadding = PaddingValues(16.dp),
                    verticalArrangement = Arrangement.spacedBy(8.dp),
                ) {
                    for (day in state.days.filter { it.lines.isNotEmpty() }) {
                        if (state.week) item { DayName(words.day(day.date)) }
                        items(day.lines, key = { "${day.date}/${it.row.id.value}" }) { Visit(it, state, actions) }
                    }
                }
        }
    }
}

@Composable
private fun Days(
    state: AppointmentsState,
    actions: AppointmentsActions,
) {
    val words = LocalWords.current
    Row(Modifier.padding(horizontal = 8.dp), verticalAlignment = Alignment.CenterVertically) {
        IconButton(actions::earlier) { Icon(if (words.rtl) Icons.Outlined.ChevronRight else Icons.Outlined.ChevronLeft, words.appointmentsEarlier) }
        Column(Modifier.weight(1f), horizontalAlignment = Alignment.CenterHorizontally) {
            Text(words.day(state.day), style = MaterialTheme.typography.titleMedium)
            if (state.day == state.today) Faint(words.appointmentsToday)
        }
        IconButton(actions::later) { Icon(if (words.rtl) Icons.Outlined.ChevronLeft else Icons.Outlined.ChevronRight, words.appointmentsLater) }
    }
}

@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
private fun Chips(
    state: AppointmentsState,
    actions: AppointmentsActions,
) {
    val words = LocalWords.current
    FlowRow(Modifier.padding(horizontal = 16.dp), horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        FilterChip(!state.week, { actions.week(false) }, label = { Text(words.appointmentsDay) })
        FilterChip(state.week, { actions.week(true) }, label = { Text(words.appointmentsWeek) })
        if (state.canFilterMine) {
            FilterChip(state.onlyMine, { actions.onlyMine(!state.onlyMine) }, label = { Text(words.boardMine) })
        }
        if (state.day != state.today) TextButton(actions::today) { Text(words.appointmentsToday) }
        OutlinedButton(actions::begin) { Text(words.appointmentsNew) }
        if (state.undo != null) TextButton(actions::undo) { Text(words.actionUndo) }
    }
}

/** These days lie further back than the device keeps. */
@Composable
private fun OlderDays(
    older: Older,
    actions: AppointmentsActions,
) {
    val words = LocalWords.current
    Column(Modifier.padding(horizontal = 16.dp, vertical = 8.dp).semantics { liveRegion = LiveRegionMode.Polite }, Arrangement.spacedBy(8.dp)) {
        when (older) {
            Older.FETCHING -> {
                LinearProgressIndicator(Modifier.fillMaxWidth())
                Faint(words.appointmentsOlderFetching)
            }
            Older.NOT_HERE -> {
                Faint(words.appointmentsOlderNotHere)
                OutlinedButton(actions::fetchOlder) { Text(words.actionRetry) }
            }
        }
    }
}

@Composable
private fun DayName(name: String) {
    Text(name, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Visit(
    shown: AppointmentLine,
    state: AppointmentsState,
    actions: AppointmentsActions,
) {
    val words = LocalWords.current
    val row = shown.row
    Entry(chosen = state.form?.id == row.id.value, { actions.edit(row) }, enabled = shown.editable) {
        EntryName(row.customer, shown.mark)
        Faint(line(words.span(row.slot, LocalZone.current), words.of(row.kind), shown.assignee))
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
            Tag(words.of(row.state))
            if (row.overlaps) Tag(words.appointmentsOverlaps, LocalColours.current.attentionGround, LocalColours.current.onAttentionGround)
        }
    }
    if (!shown.editable) return
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        for (to in next(row.state)) Act(words.of(to), row.customer) { actions.advance(row, to) }
    }
}

/** How far an appointment may get from where it is, the likeliest first. */
private fun next(state: AppointmentState): List<AppointmentState> =
    when (state) {
        AppointmentState.Booked -> listOf(AppointmentState.Arrived, AppointmentState.Confirmed, AppointmentState.Cancelled)
        AppointmentState.Confirmed -> listOf(AppointmentState.Arrived, AppointmentState.NoShow, AppointmentState.Cancelled)
        AppointmentState.Arrived -> listOf(AppointmentState.Done)
        AppointmentState.NoShow, AppointmentState.Cancelled -> listOf(AppointmentState.Booked)
        AppointmentState.Done -> emptyList()
        is AppointmentState.Other -> emptyList()
    }

/** An appointment that is being written or moved. */
@Composable
fun AppointmentScreen(
    state: AppointmentsState,
    actions: AppointmentsActions,
) {
    val words = LocalWords.current
    val form = state.form ?: return
    Page {
        Section(if (form.id == null) words.appointmentsNew else words.actionEdit) {
            AppointmentFields(form, state, actions)
            Button(actions::save) { Text(words.actionSave) }
            TextButton(actions::cancel) { Text(words.actionCancel) }
        }
    }
}
