package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Person
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.Icon
import androidx.compose.material3.InputChip
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.unit.dp
import dev.counterpart.app.AppointmentForm
import dev.counterpart.app.Appointments
import dev.counterpart.app.AppointmentsActions
import dev.counterpart.app.AppointmentsState
import dev.counterpart.app.Right

/** Who comes, what for, when and to whom. */
@OptIn(ExperimentalMaterial3Api::class)
@Composable
internal fun AppointmentFields(
    form: AppointmentForm,
    state: AppointmentsState,
    actions: AppointmentsActions,
) {
    val words = LocalWords.current
    val wrong = state.problem?.field
    Field(words.appointmentsWho, form.words, wrong = wrong == "customer_id") { actions.fill(form.copy(words = it, customer = null)) }
    for (customer in state.found) {
        InputChip(
            selected = false,
            onClick = { actions.choose(customer) },
            label = { Text(line(customer.name, customer.phone)) },
            leadingIcon = { Icon(Icons.Outlined.Person, contentDescription = null) },
        )
    }
    Choices(Appointments.KINDS, form.kind, { words.of(it) }) { actions.fill(form.copy(kind = it)) }
    Field(words.appointmentsDate, form.date, wrong = wrong == "date", figures = true) { actions.fill(form.copy(date = it)) }
    Field(words.appointmentsTime, form.time, wrong = wrong == "time", figures = true) { actions.fill(form.copy(time = it)) }
    Choices(Appointments.LENGTHS, form.minutes, { words.appointmentsMinutes(it) }) { actions.fill(form.copy(minutes = it)) }
    // Who may not give appointments to others has them.
    if (Right.APPOINTMENTS in state.rights) {
        Text(words.appointmentsAssignee)
        Choices(state.people.map { it.id.value }, form.assignee, { id -> state.people.first { it.id.value == id }.name }) {
            actions.fill(form.copy(assignee = it.takeIf { id -> id != form.assignee }))
        }
    }
    Field(words.fieldNotes, form.notes, lines = 2) { actions.fill(form.copy(notes = it)) }
}

/** One of a few. */
@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
internal fun <T> Choices(
    all: List<T>,
    chosen: T?,
    name: (T) -> String,
    choose: (T) -> Unit,
) {
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        for (one in all) FilterChip(one == chosen, { choose(one) }, label = { Text(name(one)) })
    }
}
