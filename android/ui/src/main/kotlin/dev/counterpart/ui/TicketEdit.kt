package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.material3.Button
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import dev.counterpart.app.LineForm
import dev.counterpart.app.TicketActions
import dev.counterpart.app.TicketForm
import dev.counterpart.model.Ticket

/** The device and what was agreed with the customer, and the way to write it anew. */
@Composable
internal fun Agreed(
    ticket: Ticket,
    editing: Editing,
) {
    val words = LocalWords.current
    val assignee = editing.state.people.firstOrNull { it.id == ticket.assigneeId }
    Fact(words.fieldDeviceSerial, ticket.deviceSerial)
    Fact(words.fieldDeviceColour, ticket.deviceColour)
    Fact(words.fieldDueAt, ticket.dueAt?.let { words.moment(it, LocalZone.current) })
    Fact(words.fieldAssigneeId, assignee?.name ?: words.ticketNobody)
    Fact(words.fieldEstimateCents, ticket.estimateCents?.let { words.money(it, editing.state.currency) })
    Button(editing.actions::edit, Modifier.semantics { contentDescription = "${words.actionEdit}: ${words.ticketAgreed}" }) { Text(words.actionEdit) }
}

@Composable
private fun Fact(
    field: String,
    says: String?,
) {
    if (!says.isNullOrEmpty()) Text(LocalWords.current.trailSet(field, "\u2068$says\u2069"))
}

/** What is typed of the ticket. */
@Composable
internal fun TicketFields(
    form: TicketForm,
    editing: Editing,
) {
    val words = LocalWords.current
    val wrong = editing.state.problem?.field
    val fill = editing.actions::fill
    Field(words.fieldSubject, form.subject, wrong = wrong == "subject") { fill(form.copy(subject = it)) }
    Text(words.intakeKind)
    Choices(kinds, form.kind, { words.kindName(it) }) { fill(form.copy(kind = it)) }
    Field(words.intakeBrand, form.brand) { fill(form.copy(brand = it)) }
    Field(words.intakeModel, form.model) { fill(form.copy(model = it)) }
    Field(words.fieldDeviceSerial, form.serial, figures = true) { fill(form.copy(serial = it)) }
    Field(words.fieldImei, form.imei, wrong = wrong == "imei", figures = true) { fill(form.copy(imei = it)) }
    Field(words.fieldDeviceColour, form.colour) { fill(form.copy(colour = it)) }
    Text(words.fieldPriority)
    Choices(TicketForm.PRIORITIES, form.priority, { words.of(it) }) { fill(form.copy(priority = it)) }
    Text(words.fieldDueAt)
    Field(words.appointmentsDate, form.date, wrong = wrong == "date", figures = true) { fill(form.copy(date = it)) }
    Field(words.ticketDueTime, form.time, wrong = wrong == "time", figures = true) { fill(form.copy(time = it)) }
    Text(words.fieldAssigneeId)
    val people = editing.state.people.filter { it.active || it.id.value == form.assignee }
    Choices(people.map { it.id.value }, form.assignee, { id -> people.first { it.id.value == id }.name }) {
        fill(form.copy(assignee = it.takeIf { id -> id != form.assignee }))
    }
    Field(words.fieldEstimateCents, form.estimate, wrong = wrong == "estimate_cents", figures = true) { fill(form.copy(estimate = it)) }
    Answers(words.actionSave, editing.actions::save, editing.actions::cancel)
}

/** What is typed of a line: one of the shelf keeps its kind. */
@Composable
internal fun LineFields(
    form: LineForm,
    editing: Editing,
) {
    val words = LocalWords.current
    val wrong = editing.state.problem?.field
    val fill = editing.actions::fillLine
    if (form.kind in LineForm.KINDS) Choices(LineForm.KINDS, form.kind, { words.of(it) }) { fill(form.copy(kind = it)) }
    Field(words.fieldDescription, form.description, wrong = wrong == "description") { fill(form.copy(description = it)) }
    Field(words.fieldQuantity, form.quantity, wrong = wrong == "quantity", figures = true) { fill(form.copy(quantity = it)) }
    Field(words.ticketPriceEach, form.price, wrong = wrong == "unit_price_cents", figures = true) { fill(form.copy(price = it)) }
    Field(words.ticketTax, form.tax, wrong = wrong == "tax_bp", figures = true) { fill(form.copy(tax = it)) }
    Answers(words.actionSave, editing.actions::saveLine) { fill(null) }
}

/** The passcode: shown to whoever asks, and set anew. */
@Composable
internal fun Passcode(
    shown: String?,
    isThere: Boolean,
    actions: TicketActions,
    editing: Editing,
) {
    val words = LocalWords.current
    val typed = editing.state.passcode
    if (shown != null) {
        Text(shown, style = MaterialTheme.typography.headlineSmall)
        TextButton(actions::hidePasscode) { Text(words.ticketHide) }
    } else if (isThere) {
        OutlinedButton(actions::revealPasscode) { Text(words.ticketReveal) }
    }
    if (isThere) Text(words.ticketRevealLogged, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
    if (typed == null) {
        TextButton({ editing.actions.writePasscode("") }) { Text(words.ticketSetPasscode) }
    } else {
        Field(words.ticketPasscode, typed, wrong = editing.state.problem?.field == "passcode", figures = true, typed = editing.actions::writePasscode)
        Answers(words.ticketSetPasscode, editing.actions::savePasscode) { editing.actions.writePasscode(null) }
    }
}

/** A farewell, for who leads: it asks first. */
@Composable
internal fun Deleting(editing: Editing) {
    val words = LocalWords.current
    if (editing.state.deleting) {
        Sure(words.ticketDeleteAsk, words.actionDelete, editing.actions::delete) { editing.actions.askDelete(false) }
    } else {
        TextButton({ editing.actions.askDelete(true) }) { Text(words.actionDelete, color = MaterialTheme.colorScheme.error) }
    }
}

/** Below what is typed: it is done, or left. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Answers(
    does: String,
    go: () -> Unit,
    leave: () -> Unit,
) {
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button(go) { Text(does) }
        TextButton(leave) { Text(LocalWords.current.actionCancel) }
    }
}
