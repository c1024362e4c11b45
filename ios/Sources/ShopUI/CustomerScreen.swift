#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// One customer's card; `openTicket` goes to one of their tickets, `foot` is what stands below it for some.
struct CustomerScreen<Foot: View>: View {
    let state: CustomerState
    let actions: any CustomerActions
    let openTicket: @MainActor (TicketId) -> Void
    @ViewBuilder let foot: Foot
    @Environment(\.words) private var words

    var body: some View {
        if state.loading {
            ProgressView(words.customersLoading)
        } else if let form = state.form {
            Form {
                ProblemBar(problem: state.problem, dismiss: actions.dismiss)
                Section(state.customer == nil ? words.customersNew : words.actionEdit) {
                    CustomerFields(form: form, wrong: state.problem?.field, actions: actions)
                }
            }
        } else if let customer = state.customer {
            Form {
                ProblemBar(problem: state.problem, dismiss: actions.dismiss)
                Section(words.ticketCustomer) { Who(state: state, customer: customer, edit: actions.edit) }
                Section(words.navBoard) { tickets }
                Section(words.navAppointments) { Visits(rows: state.appointments) }
                if state.leads { Section(words.customersKeepUp) { KeepUp(state: state, actions: actions) } }
                foot
            }
        } else {
            ContentUnavailableView(words.customersGone, systemImage: "tray")
        }
    }

    @ViewBuilder
    private var tickets: some View {
        if state.tickets.isEmpty { Faint(text: words.customersNoTickets) }
        ForEach(state.tickets, id: \.id) { ticket in
            Button(action: { openTicket(ticket.id) }) { TicketCard(row: BoardRow(ticket)) }.buttonStyle(.plain)
        }
        if state.moreTickets { Button(words.actionMore, action: actions.showMoreTickets) }
    }
}

private struct Who: View {
    let state: CustomerState
    let customer: Customer
    let edit: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        let called = customer.called
        EntryName(name: called, mark: state.mark)
        if let company = customer.company, company != called { Text(company) }
        ForEach(customer.phones, id: \.number) { Text(line($0.number, $0.label)) }
        ForEach(customer.emails, id: \.self) { Text($0) }
        if let address = customer.address {
            Text(line(address.street, "\(address.postalCode) \(address.city)"))
        }
        if customer.smsOptOut { Tag(text: words.customersNoTexts) }
        if customer.emailOptOut { Tag(text: words.customersNoEmail) }
        if !customer.tags.isEmpty { Faint(text: line(customer.tags)) }
        if let notes = customer.notes { Text(notes) }
        Button(words.actionEdit, action: edit)
    }
}

private struct Visits: View {
    let rows: [AppointmentRow]
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        if rows.isEmpty { Faint(text: words.customersNoAppointments) }
        ForEach(rows, id: \.id) { row in
            Text(line(words.moment(row.slot.startsAt, timeZone), words.of(row.kind), words.of(row.state)))
        }
    }
}

/// Duplicates and farewells: what only those who lead may do.
private struct KeepUp: View {
    let state: CustomerState
    let actions: any CustomerActions
    @Environment(\.words) private var words

    var body: some View {
        if let merging = state.merging {
            let asks = words.customersMergeAsk(merging.name)
            Sure(asks: asks, act: words.customersMerge, sure: actions.merge) { actions.askMerge(nil) }
        } else {
            if !state.alike.isEmpty { Text(words.customersAlike) }
            ForEach(state.alike, id: \.id) { other in
                Faint(text: line(other.name, other.phone))
                Button(words.customersMergeHere(other.name)) { actions.askMerge(other) }
            }
            if state.deleting {
                Sure(asks: words.customersDeleteAsk, act: words.actionDelete, sure: actions.delete) {
                    actions.askDelete(false)
                }
            } else {
                Button(words.actionDelete, role: .destructive) { actions.askDelete(true) }
            }
        }
    }
}

/// What is typed on the card.
private struct CustomerFields: View {
    let form: CustomerForm
    let wrong: String?
    let actions: any CustomerActions
    @Environment(\.words) private var words

    var body: some View {
        let field = Fields(form: form, wrong: wrong, fill: actions.fill)
        Group {
            field(words.intakeFirstName, \.firstName)
            field(words.intakeLastName, \.lastName, field: "last_name")
            field(words.customersCompany, \.company)
            field(words.customersPhones, \.phones, lines: 2, field: "phones").digits()
            field(words.customersEmails, \.emails, lines: 2, field: "emails").asTyped()
        }
        Group {
            field(words.customersStreet, \.street)
            field(words.customersPostalCode, \.postalCode).digits()
            field(words.customersCity, \.city)
            field(words.fieldNotes, \.notes, lines: 3)
            field(words.customersTags, \.tags)
        }
        // A wish to be left alone is written down, and not taken back with a finger.
        Toggle(words.customersNoTexts, isOn: Binding(form.noTexts) { _ in actions.fill(form.with(\.noTexts, true)) })
        Toggle(words.customersNoEmail, isOn: Binding(form.noEmail) { _ in actions.fill(form.with(\.noEmail, true)) })
        Button(words.actionSave, action: actions.save)
        Button(words.actionCancel, action: actions.cancel)
    }
}

struct CustomerScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(CustomerState.states) { state in
            CustomerScreen(state: state.shown, actions: Nobody(), openTicket: { _ in }, foot: {})
        }
    }
}
#endif
