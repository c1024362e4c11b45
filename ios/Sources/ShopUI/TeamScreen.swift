#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The team.
struct TeamScreen: View {
    let state: TeamState
    let actions: any TeamActions
    @Environment(\.words) private var words

    var body: some View {
        if state.loading {
            ProgressView(words.teamLoading)
        } else {
            Form {
                ProblemBar(problem: state.problem, dismiss: actions.dismiss)
                if let form = state.form {
                    Section(form.id == nil ? words.teamNew : words.actionEdit) {
                        EmployeeFields(form: form, state: state, actions: actions)
                    }
                } else if let newPin = state.newPin {
                    Section(words.teamPinOf(newPin.name)) { Pin(newPin: newPin, actions: actions) }
                } else {
                    Section(words.teamPeople) { people }
                    if let devices = state.devices { DevicesSection(devices: devices) }
                    if state.leads { Section(words.teamActivity) { activity } }
                }
            }
        }
    }

    @ViewBuilder
    private var people: some View {
        ForEach(state.people) { Person(colleague: $0, actions: actions) }
        if state.otherDevices > 0 { Faint(text: words.teamOtherDevices(state.otherDevices)) }
        if !state.roles.isEmpty { Button(words.teamNew, action: actions.beginNew) }
    }

    @ViewBuilder
    private var activity: some View {
        if state.activity.isEmpty { Faint(text: words.syncNoNews) }
        ForEach(state.activity, id: \.id) { NoticeLine(notice: $0) }
    }
}

private struct Person: View {
    let colleague: Colleague
    let actions: any TeamActions
    @Environment(\.words) private var words

    var body: some View {
        let row = colleague.row
        VStack(alignment: .leading, spacing: 4) {
            EntryName(name: row.name, mark: colleague.mark)
            ViewThatFits(in: .horizontal) {
                HStack { tags }
                VStack(alignment: .leading) { tags }
            }
            HStack {
                if colleague.editable {
                    Button(words.actionEdit) { actions.edit(row.id) }
                        .accessibilityLabel("\(words.actionEdit): \(row.name)")
                }
                if colleague.pinIsMine, row.active {
                    Button(words.teamSetPin) { actions.setPin(colleague) }
                        .accessibilityLabel("\(words.teamSetPin): \(row.name)")
                }
            }
            // One row with several buttons: each answers to its own finger.
            .buttonStyle(.borderless)
        }
    }

    @ViewBuilder
    private var tags: some View {
        Tag(text: words.of(colleague.row.role))
        if !colleague.row.active { Tag(text: words.teamLeft, ground: .attention) }
        if colleague.here { Tag(text: colleague.looksAt.map(words.teamLooksAt) ?? words.teamHere) }
    }
}

private struct EmployeeFields: View {
    let form: EmployeeForm
    let state: TeamState
    let actions: any TeamActions
    @Environment(\.words) private var words

    var body: some View {
        let field = Fields(form: form, wrong: state.problem?.field, fill: actions.fill)
        field(words.intakeFirstName, \.firstName)
        field(words.intakeLastName, \.lastName, field: "last_name")
        field(words.fieldEmails, \.email, field: "email").asTyped()
        field(words.fieldPhones, \.phone, field: "phone").digits()
        Picker(words.teamRole, selection: Binding(form.role) { actions.fill(form.with(\.role, $0)) }) {
            ForEach(state.roles, id: \.self) { Text(words.of($0)).tag($0) }
        }
        Toggle(words.teamWorksHere, isOn: Binding(form.active) { actions.fill(form.with(\.active, $0)) })
        if !form.active { Text(words.teamLeaves) }
        Button(words.actionSave, action: actions.save)
        Button(words.actionCancel, action: actions.cancel)
        if form.id == nil { Faint(text: words.teamInvite) }
    }
}

private struct Pin: View {
    let newPin: NewPin
    let actions: any TeamActions
    @Environment(\.words) private var words

    var body: some View {
        SecureField(words.atWorkPin, text: Binding(newPin.pin, actions.writePin)).digits().textContentType(.oneTimeCode)
        Faint(text: words.teamPinRule)
        Button(words.actionSave, action: actions.savePin)
        Button(words.actionCancel, action: actions.cancel)
    }
}

struct TeamScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(TeamState.states) { state in
            TeamScreen(state: state.shown, actions: Nobody())
        }
    }
}
#endif
