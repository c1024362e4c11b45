#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel
import SwiftUI

/// What is written anew on a ticket, and what a person does about it.
struct Editing {
    let state: EditTicketState
    let actions: any EditTicketActions
}

/// The device and what was agreed with the customer, and the way to write it anew.
struct Agreed: View {
    let ticket: Ticket
    let editing: Editing
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        let assignee = editing.state.people.first { $0.id == ticket.assigneeId }
        fact(words.fieldDeviceSerial, ticket.deviceSerial)
        fact(words.fieldDeviceColour, ticket.deviceColour)
        fact(words.fieldDueAt, ticket.dueAt.map { words.moment($0, timeZone) })
        fact(words.fieldAssigneeId, assignee?.name ?? words.ticketNobody)
        fact(words.fieldEstimateCents, ticket.estimateCents.map { words.money($0, editing.state.currency) })
        Button(words.actionEdit, action: editing.actions.edit)
            .accessibilityLabel("\(words.actionEdit): \(words.ticketAgreed)")
    }

    @ViewBuilder
    private func fact(_ field: String, _ says: String?) -> some View {
        if let says { LabeledContent(field, value: says) }
    }
}

/// What is typed of the ticket.
struct TicketFields: View {
    let form: TicketForm
    let editing: Editing
    @Environment(\.words) private var words

    private static let kinds = ["phone", "laptop", "tablet", "other"]

    var body: some View {
        let field = Fields(form: form, wrong: editing.state.problem?.field, fill: editing.actions.fill)
        Section(words.actionEdit) {
            field(words.fieldSubject, \.subject, field: "subject")
            Picker(words.fieldPriority, selection: part(\.priority)) {
                ForEach(TicketForm.priorities, id: \.self) { Text(words.of($0)).tag($0) }
            }
            promise
            Picker(words.fieldAssigneeId, selection: part(\.assignee)) {
                Text(words.ticketNobody).tag(Optional<EmployeeId>.none)
                ForEach(people, id: \.id) { Text($0.name).tag(Optional($0.id)) }
            }
            field(words.fieldEstimateCents, \.estimate, field: "estimate_cents").digits()
        }
        Section(words.intakeDevice) {
            Picker(words.intakeKind, selection: part(\.kind)) {
                ForEach(kinds, id: \.self) { Text(words.kindName($0)).tag($0) }
            }
            field(words.intakeBrand, \.brand)
            field(words.intakeModel, \.model)
            field(words.fieldDeviceSerial, \.serial).asTyped()
            field(words.fieldImei, \.imei, field: "imei").digits()
            field(words.fieldDeviceColour, \.colour)
        }
        Section {
            Button(words.actionSave, action: editing.actions.save)
            Button(words.actionCancel, action: editing.actions.cancel)
        }
    }

    @ViewBuilder
    private var promise: some View {
        if let due = form.due {
            DatePicker(words.fieldDueAt, selection: Binding(due) { editing.actions.fill(form.with(\.due, $0)) })
            Button(words.ticketNoPromise) { editing.actions.fill(form.with(\.due, nil)) }
        } else {
            Button(words.ticketPromise, action: editing.actions.promise)
        }
    }

    /// What was written down elsewhere may be of another kind.
    private var kinds: [String] {
        Self.kinds.contains(form.kind) ? Self.kinds : Self.kinds + [form.kind]
    }

    private var people: [EmployeeRow] {
        editing.state.people.filter { $0.active || $0.id == form.assignee }
    }

    private func part<Part: Sendable>(_ part: WritableKeyPath<TicketForm, Part> & Sendable) -> Binding<Part> {
        Binding(form[keyPath: part]) { editing.actions.fill(form.with(part, $0)) }
    }
}

/// What is typed of a line: one of the shelf keeps its kind.
struct LineFields: View {
    let form: LineForm
    let editing: Editing
    @Environment(\.words) private var words

    var body: some View {
        let fill: @MainActor (LineForm) -> Void = { editing.actions.fillLine($0) }
        let field = Fields(form: form, wrong: editing.state.problem?.field, fill: fill)
        if LineForm.kinds.contains(form.kind) {
            Picker(words.intakeKind, selection: Binding(form.kind) { fill(form.with(\.kind, $0)) }) {
                ForEach(LineForm.kinds, id: \.self) { Text(words.of($0)).tag($0) }
            }
        }
        field(words.fieldDescription, \.description, field: "description")
        field(words.fieldQuantity, \.quantity, field: "quantity").digits()
        field(words.ticketPriceEach, \.price, field: "unit_price_cents").digits()
        field(words.ticketTax, \.tax, field: "tax_bp").digits()
        Button(words.actionSave, action: editing.actions.saveLine)
        Button(words.actionCancel) { editing.actions.fillLine(nil) }
    }
}

/// The passcode: shown to whoever asks, and set anew.
struct Passcode: View {
    let passcode: String?
    let isThere: Bool
    let actions: any TicketActions
    let editing: Editing
    @Environment(\.words) private var words

    var body: some View {
        if let passcode {
            Text(passcode).font(.title2).monospaced().privacySensitive()
            Button(words.ticketHide, action: actions.hidePasscode)
        } else if isThere {
            Button(words.ticketReveal, action: actions.revealPasscode)
        }
        if isThere { Faint(text: words.ticketRevealLogged) }
        if let typed = editing.state.passcode {
            let wrong = editing.state.problem?.field == "passcode"
            Field(label: words.ticketPasscode, text: typed, wrong: wrong, typed: editing.actions.writePasscode)
                .asTyped()
            Button(words.ticketSetPasscode, action: editing.actions.savePasscode)
            Button(words.actionCancel) { editing.actions.writePasscode(nil) }
        } else {
            Button(words.ticketSetPasscode) { editing.actions.writePasscode("") }
        }
    }
}

/// A farewell, for who leads: it asks first.
struct Deleting: View {
    let editing: Editing
    @Environment(\.words) private var words

    var body: some View {
        if editing.state.deleting {
            Sure(asks: words.ticketDeleteAsk, act: words.actionDelete, sure: editing.actions.delete) {
                editing.actions.askDelete(false)
            }
        } else {
            Button(words.actionDelete, role: .destructive) { editing.actions.askDelete(true) }
        }
    }
}
#endif
