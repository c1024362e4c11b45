package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Person
import androidx.compose.material3.Button
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.Icon
import androidx.compose.material3.InputChip
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import dev.counterpart.app.IntakeActions
import dev.counterpart.app.IntakeForm
import dev.counterpart.app.IntakeState
import dev.counterpart.app.Taken
import dev.counterpart.app.TakingIn
import dev.counterpart.model.CheckMark

internal val kinds = listOf("phone", "laptop", "tablet", "other")
private val marks = listOf(CheckMark.Pass, CheckMark.Fail, CheckMark.NotApplicable)

/** Taking a device in, at the counter. */
@Composable
fun IntakeScreen(
    state: IntakeState,
    actions: IntakeActions,
    open: (String) -> Unit,
) {
    val taken = state.taken
    Box(Modifier.fillMaxSize(), contentAlignment = Alignment.TopCenter) {
        Column(
            Modifier.widthIn(max = 720.dp).verticalScroll(rememberScrollState()).padding(16.dp),
            verticalArrangement = Arrangement.spacedBy(12.dp),
        ) {
            if (taken == null) Form(state, actions) else Number(taken, actions, open)
        }
    }
}

/** The number, to be written on the label: large enough to read from the other side of the counter. */
@Composable
private fun Number(
    taken: Taken,
    actions: IntakeActions,
    open: (String) -> Unit,
) {
    val words = LocalWords.current
    Column(
        Modifier.fillMaxWidth().padding(vertical = 48.dp),
        horizontalAlignment = Alignment.CenterHorizontally,
        verticalArrangement = Arrangement.spacedBy(16.dp),
    ) {
        Text(words.intakeTaken, color = MaterialTheme.colorScheme.onSurfaceVariant, textAlign = TextAlign.Center)
        Text(
            taken.number ?: words.boardNoNumber,
            Modifier.semantics { liveRegion = LiveRegionMode.Assertive },
            style = MaterialTheme.typography.displayLarge,
            fontWeight = FontWeight.Bold,
            textAlign = TextAlign.Center,
        )
        Button(actions::nextCustomer) { Text(words.intakeNext) }
        OutlinedButton({ open(taken.ticket) }) { Text(words.intakeOpen) }
    }
}

@Composable
private fun Form(
    state: IntakeState,
    actions: IntakeActions,
) {
    val words = LocalWords.current
    val form = state.form
    ProblemBar(state.problem, actions::dismiss)
    Section(words.intakeCustomer) { Customer(state, actions) }
    Section(words.intakeDevice) { Device(form, state.problem?.field, actions::fill) }
    Section(words.ticketTexts) {
        Field(words.intakeSubject, form.subject, wrong = state.problem?.field == "subject") { actions.fill(form.copy(subject = it)) }
        Field(words.intakeProblem, form.problem, lines = 3) { actions.fill(form.copy(problem = it)) }
        Field(words.intakePasscode, state.passcode) { actions.passcode(it) }
    }
    Section(words.intakeChecklist) { Checklist(form, actions::fill) }
    Button(actions::takeIn, Modifier.fillMaxWidth(), enabled = !state.busy) { Text(words.intakeTake) }
    if (state.kept) {
        Text(words.intakeKept, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
    }
}

@OptIn(ExperimentalMaterial3Api::class)
@Composable
private fun Customer(
    state: IntakeState,
    actions: IntakeActions,
) {
    val words = LocalWords.current
    val form = state.form
    val known = state.known
    if (known != null) {
        Text(line(known.name, known.company, known.phone), fontWeight = FontWeight.Medium)
        TextButton({ actions.choose(null) }) { Text(words.intakeSomebodyElse) }
        return
    }
    Field(words.intakePhone, form.phone, wrong = state.problem?.field == "phones", figures = true) { actions.fill(form.copy(phone = it)) }
    Text(words.intakePhoneHint, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
    for (customer in state.found) {
        InputChip(
            selected = false,
            onClick = { actions.choose(customer) },
            label = { Text(line(customer.name, customer.phone)) },
            leadingIcon = { Icon(Icons.Outlined.Person, contentDescription = null) },
        )
    }
    Field(words.intakeFirstName, form.firstName) { actions.fill(form.copy(firstName = it)) }
    Field(words.intakeLastName, form.lastName) { actions.fill(form.copy(lastName = it)) }
}

@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
private fun Device(
    form: IntakeForm,
    wrong: String?,
    fill: (IntakeForm) -> Unit,
) {
    val words = LocalWords.current
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        for (kind in kinds) {
            FilterChip(form.kind == kind, { fill(form.copy(kind = kind)) }, label = { Text(words.kindName(kind)) })
        }
    }
    Field(words.intakeBrand, form.brand) { fill(form.copy(brand = it)) }
    Field(words.intakeModel, form.model) { fill(form.copy(model = it)) }
    if (form.kind == "phone") Field(words.intakeImei, form.imei, wrong = wrong == "imei") { fill(form.copy(imei = it)) }
}

@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
private fun Checklist(
    form: IntakeForm,
    fill: (IntakeForm) -> Unit,
) {
    val words = LocalWords.current
    for (item in TakingIn.CHECKLIST) {
        FlowRow(
            Modifier.fillMaxWidth(),
            horizontalArrangement = Arrangement.spacedBy(8.dp),
        ) {
            Text(words.checkName(item), Modifier.widthIn(min = 96.dp).align(Alignment.CenterVertically))
            for (mark in marks) {
                val chosen = form.checklist[item] == mark
                val checklist = if (chosen) form.checklist - item else form.checklist + (item to mark)
                FilterChip(
                    chosen,
                    { fill(form.copy(checklist = checklist)) },
                    label = { Text(words.of(mark)) },
                    modifier = Modifier.semantics { contentDescription = "${words.checkName(item)}: ${words.of(mark)}" },
                )
            }
        }
    }
}
