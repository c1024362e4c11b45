package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Inbox
import androidx.compose.material3.Button
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import dev.counterpart.app.BoardRow
import dev.counterpart.app.CustomerActions
import dev.counterpart.app.CustomerForm
import dev.counterpart.app.CustomerState
import dev.counterpart.model.Customer

/** One customer's card; [openTicket] goes to one of their tickets, [foot] is what stands below it for some. */
@Composable
fun CustomerScreen(
    state: CustomerState,
    actions: CustomerActions,
    openTicket: (String) -> Unit,
    foot: @Composable () -> Unit = {},
) {
    val words = LocalWords.current
    val customer = state.customer
    val form = state.form
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        when {
            state.loading -> Loading(words.customersLoading)
            form != null -> Page { Section(if (customer == null) words.customersNew else words.actionEdit) { Form(form, state, actions) } }
            customer == null -> Nothing(Icons.Outlined.Inbox, words.customersGone)
            else ->
                Page {
                    Card(state, customer, actions, openTicket)
                    foot()
                }
        }
    }
}

@Composable
private fun Card(
    state: CustomerState,
    customer: Customer,
    actions: CustomerActions,
    openTicket: (String) -> Unit,
) {
    val words = LocalWords.current
    Section(words.ticketCustomer) { Who(state, customer, actions) }
    Section(words.navBoard) {
        if (state.tickets.isEmpty()) Faint(words.customersNoTickets)
        for (ticket in state.tickets) TicketCard(BoardRow(ticket), chosen = false) { openTicket(ticket.id.value) }
        if (state.moreTickets) TextButton(actions::moreTickets) { Text(words.actionMore) }
    }
    Section(words.navAppointments) {
        if (state.appointments.isEmpty()) Faint(words.customersNoAppointments)
        for (row in state.appointments) {
            Text(line(words.moment(row.slot.startsAt, LocalZone.current), words.of(row.kind), words.of(row.state)))
        }
    }
    if (state.leads) Section(words.customersKeepUp) { KeepUp(state, actions) }
}

@Composable
private fun Who(
    state: CustomerState,
    customer: Customer,
    actions: CustomerActions,
) {
    val words = LocalWords.current
    EntryName(customer.called(), state.mark)
    customer.company?.let { Text(it) }
    for (phone in customer.phones) Text(line(phone.number, phone.label))
    for (email in customer.emails) Text(email)
    customer.address?.let { Text(line(it.street, "${it.postalCode} ${it.city}".trim())) }
    if (customer.smsOptOut) Tag(words.customersNoTexts)
    if (customer.emailOptOut) Tag(words.customersNoEmail)
    if (customer.tags.isNotEmpty()) Faint(line(*customer.tags.toTypedArray()))
    customer.notes?.let { Text(it) }
    Button(actions::edit) { Text(words.actionEdit) }
}

/** The customer's name, or the company's. */
internal fun Customer.called(): String =
    listOfNotNull(firstName, lastName).joinToString(" ").ifEmpty { company.orEmpty() }

/** Duplicates and farewells: what only those who lead may do. */
@Composable
private fun KeepUp(
    state: CustomerState,
    actions: CustomerActions,
) {
    val words = LocalWords.current
    val merging = state.merging
    if (merging != null) {
        Sure(words.customersMergeAsk(merging.name), words.customersMerge, actions::merge) { actions.askMerge(null) }
        return
    }
    if (state.alike.isNotEmpty()) Text(words.customersAlike)
    for (other in state.alike) {
        Faint(line(other.name, other.phone))
        NamedButton(words.customersMergeHere(other.name)) { actions.askMerge(other) }
    }
    if (state.deleting) {
        Sure(words.customersDeleteAsk, words.actionDelete, actions::delete) { actions.askDelete(false) }
    } else {
        TextButton({ actions.askDelete(true) }) { Text(words.actionDelete, color = MaterialTheme.colorScheme.error) }
    }
}

@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
private fun Form(
    form: CustomerForm,
    state: CustomerState,
    actions: CustomerActions,
) {
    val words = LocalWords.current
    val wrong = state.problem?.field
    val fill = actions::fill
    Field(words.intakeFirstName, form.firstName) { fill(form.copy(firstName = it)) }
    Field(words.intakeLastName, form.lastName, wrong = wrong == "last_name") { fill(form.copy(lastName = it)) }
    Field(words.customersCompany, form.company) { fill(form.copy(company = it)) }
    Field(words.customersPhones, form.phones, lines = 2, wrong = wrong == "phones", figures = true) { fill(form.copy(phones = it)) }
    Field(words.customersEmails, form.emails, lines = 2, wrong = wrong == "emails", figures = true) { fill(form.copy(emails = it)) }
    Field(words.customersStreet, form.street) { fill(form.copy(street = it)) }
    Field(words.customersPostalCode, form.postalCode, figures = true) { fill(form.copy(postalCode = it)) }
    Field(words.customersCity, form.city) { fill(form.copy(city = it)) }
    Field(words.fieldNotes, form.notes, lines = 3) { fill(form.copy(notes = it)) }
    Field(words.customersTags, form.tags) { fill(form.copy(tags = it)) }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        // A wish to be left alone is written down, and not taken back with a finger.
        FilterChip(form.noTexts, { fill(form.copy(noTexts = true)) }, label = { Text(words.customersNoTexts) })
        FilterChip(form.noEmail, { fill(form.copy(noEmail = true)) }, label = { Text(words.customersNoEmail) })
    }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button(actions::save) { Text(words.actionSave) }
        TextButton(actions::cancel) { Text(words.actionCancel) }
    }
}
