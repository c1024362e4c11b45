package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material3.Button
import androidx.compose.material3.Divider
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import dev.counterpart.app.Colleague
import dev.counterpart.app.EmployeeForm
import dev.counterpart.app.NewPin
import dev.counterpart.app.TeamActions
import dev.counterpart.app.TeamState

/** The team. */
@Composable
fun TeamScreen(
    state: TeamState,
    actions: TeamActions,
) {
    val words = LocalWords.current
    val form = state.form
    val newPin = state.newPin
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        when {
            state.loading -> Loading(words.teamLoading)
            form != null -> Page { Section(if (form.id == null) words.teamNew else words.actionEdit) { Form(form, state, actions) } }
            newPin != null -> Page { Section(words.teamPinOf(newPin.name)) { Pin(newPin, state, actions) } }
            else -> Page { Everybody(state, actions) }
        }
    }
}

@Composable
private fun Everybody(
    state: TeamState,
    actions: TeamActions,
) {
    val words = LocalWords.current
    Section(words.teamPeople) {
        for (colleague in state.people) Person(colleague, actions)
        if (state.otherDevices > 0) Faint(words.teamOtherDevices(state.otherDevices.toLong()))
        if (state.roles.isNotEmpty()) OutlinedButton(actions::begin) { Text(words.teamNew) }
    }
    state.devices?.let { DevicesCard(it) }
    if (state.leads) {
        Section(words.teamActivity) {
            if (state.activity.isEmpty()) Faint(words.syncNoNews)
            for (notice in state.activity) NoticeLine(notice)
        }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Person(
    colleague: Colleague,
    actions: TeamActions,
) {
    val words = LocalWords.current
    val row = colleague.row
    EntryName(row.name, colleague.mark)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        Tag(words.of(row.role))
        if (!row.active) Tag(words.teamLeft, LocalColours.current.attentionGround, LocalColours.current.onAttentionGround)
        if (colleague.here) Tag(colleague.looksAt?.let { words.teamLooksAt(it) } ?: words.teamHere)
    }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        if (colleague.editable) Act(words.actionEdit, row.name) { actions.edit(row.id) }
        if (colleague.pinIsMine && row.active) Act(words.teamSetPin, row.name) { actions.setPin(colleague) }
    }
    Divider()
}

@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
private fun Form(
    form: EmployeeForm,
    state: TeamState,
    actions: TeamActions,
) {
    val words = LocalWords.current
    val wrong = state.problem?.field
    val fill = actions::fill
    Field(words.intakeFirstName, form.firstName) { fill(form.copy(firstName = it)) }
    Field(words.intakeLastName, form.lastName, wrong = wrong == "last_name") { fill(form.copy(lastName = it)) }
    Field(words.fieldEmails, form.email, wrong = wrong == "email", figures = true) { fill(form.copy(email = it)) }
    Field(words.fieldPhones, form.phone, wrong = wrong == "phone", figures = true) { fill(form.copy(phone = it)) }
    Choices(state.roles, form.role, { words.of(it) }) { fill(form.copy(role = it)) }
    FilterChip(form.active, { fill(form.copy(active = !form.active)) }, label = { Text(words.teamWorksHere) })
    if (!form.active) Text(words.teamLeaves)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button(actions::save) { Text(words.actionSave) }
        TextButton(actions::cancel) { Text(words.actionCancel) }
    }
    if (form.id == null) Faint(words.teamInvite)
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Pin(
    newPin: NewPin,
    state: TeamState,
    actions: TeamActions,
) {
    val words = LocalWords.current
    Password(words.atWorkPin, newPin.pin, wrong = state.problem?.field == "pin", digits = true, typed = actions::writePin)
    Faint(words.teamPinRule)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button(actions::savePin) { Text(words.actionSave) }
        TextButton(actions::cancel) { Text(words.actionCancel) }
    }
}
