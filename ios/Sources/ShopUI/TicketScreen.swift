#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// One ticket; `foot` is what stands below it for some.
struct TicketScreen<Foot: View>: View {
    let state: TicketState
    let actions: any TicketActions
    let editing: Editing
    @ViewBuilder let foot: Foot
    @Environment(\.words) private var words

    var body: some View {
        if state.loading {
            ProgressView(words.boardLoading)
        } else if let form = editing.state.form, state.view != nil {
            Form {
                ProblemBar(problem: editing.state.problem, dismiss: editing.actions.dismiss)
                TicketFields(form: form, editing: editing)
            }
        } else if let view = state.view {
            Form {
                ProblemBar(problem: state.problem, dismiss: actions.dismiss)
                ProblemBar(problem: editing.state.problem, dismiss: editing.actions.dismiss)
                Head(state: state, view: view)
                Section(words.ticketNext) { NextSteps(state: state, actions: actions) }
                Section(words.ticketSafeAsk) { SafeToHandOver(safety: state.safety, ask: actions.askSafe) }
                Section(words.ticketTexts) { Texts(state: state, ticket: view.ticket, actions: actions) }
                Section(words.ticketLines) { Lines(state: state, view: view, actions: actions, editing: editing) }
                Section(words.ticketAgreed) { Agreed(ticket: view.ticket, editing: editing) }
                Section(words.ticketPasscode) { passcode(view.hasPasscode) }
                Section(words.ticketNotes) { Notes(note: state.note, notes: view.notes, actions: actions) }
                Section(words.ticketHistory) { Moves(view: view) }
                if editing.state.leads { Section(words.ticketDelete) { Deleting(editing: editing) } }
                foot
            }
        } else {
            ContentUnavailableView(words.ticketGone, systemImage: "tray")
        }
    }

    private func passcode(_ isThere: Bool) -> some View {
        Passcode(passcode: state.passcode, isThere: isThere, actions: actions, editing: editing)
    }
}

private struct Head: View {
    let state: TicketState
    let view: TicketView
    @Environment(\.words) private var words

    var body: some View {
        let (ticket, customer) = (view.ticket, view.customer)
        let name = [customer?.firstName, customer?.lastName, customer?.company].compactMap { $0 }
        Section {
            HStack {
                Text(ticket.number ?? words.boardNoNumber).font(.title2).bold()
                Spacer()
                MarkIcon(mark: state.mark)
            }
            Text(ticket.subject).font(.title3).accessibilityAddTraits(.isHeader)
            HStack { Tags(status: ticket.status, priority: ticket.priority) }
            Faint(text: line(name.joined(separator: " "), customer?.phones.first?.number))
            Faint(text: line(ticket.deviceBrand, ticket.deviceModel, ticket.imei))
            if state.changed { Label(words.ofChanges(state.changes), systemImage: "circle.fill") }
            if let looking = words.ofLooking(state) { Label(looking, systemImage: "eye") }
        }
    }
}

/// What may be done next, the likeliest first and largest.
private struct NextSteps: View {
    let state: TicketState
    let actions: any TicketActions
    @Environment(\.words) private var words

    var body: some View {
        if let likeliest = state.steps.first {
            Button(words.of(likeliest)) { actions.move(to: likeliest) }.buttonStyle(.borderedProminent)
            Menu(words.ticketMoreSteps) {
                ForEach(state.steps.dropFirst(), id: \.self) { step in
                    Button(words.of(step)) { actions.move(to: step) }
                }
            }
        } else {
            Faint(text: words.ticketNoStep)
        }
        if state.undo != nil { Button(words.actionUndo, action: actions.undoMove) }
    }
}

private struct SafeToHandOver: View {
    let safety: Safety
    let ask: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        if let says = words.of(safety) { Label(says, systemImage: symbol).font(.headline) }
        Button(words.ticketAsk, action: ask).disabled(safety == .asking)
    }

    private var symbol: String {
        switch safety {
        case .notAsked, .asking: "hourglass"
        case .known(let safety): safety.unsent == 0 && safety.devices == [] ? "checkmark.icloud" : "hand.raised"
        }
    }
}

private struct Texts: View {
    let state: TicketState
    let ticket: Ticket
    let actions: any TicketActions
    @Environment(\.words) private var words

    var body: some View {
        let (problem, diagnosis) = (state.problemText, state.diagnosisText)
        Field(label: words.ticketProblem, text: problem ?? ticket.problem ?? "", lines: 2, typed: actions.writeProblem)
        Field(
            label: words.ticketDiagnosis,
            text: diagnosis ?? ticket.diagnosis ?? "",
            lines: 2,
            typed: actions.writeDiagnosis
        )
        if problem != nil || diagnosis != nil { Button(words.actionSave, action: actions.saveText) }
    }
}

struct TicketScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(TicketState.states) { state in
            let editing = Editing(state: EditTicketState(), actions: Nobody())
            TicketScreen(state: state.shown, actions: Nobody(), editing: editing) {}
        }
        everyLook(EditTicketState.states) { state in
            let editing = Editing(state: state.shown, actions: Nobody())
            TicketScreen(state: TicketState.open, actions: Nobody(), editing: editing) {}
        }
    }
}
#endif
