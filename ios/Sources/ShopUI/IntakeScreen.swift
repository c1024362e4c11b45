#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// Taking a device in, at the counter.
struct IntakeScreen: View {
    let state: IntakeState
    let actions: any IntakeActions
    let open: @MainActor (TicketId) -> Void
    @Environment(\.words) private var words

    var body: some View {
        if let taken = state.taken {
            TakenNumber(taken: taken, actions: actions, open: open)
        } else {
            Form {
                ProblemBar(problem: state.problem, dismiss: actions.dismiss)
                Section(words.intakeCustomer) { WhoBrings(state: state, actions: actions) }
                Section(words.intakeDevice) { WhatComes(form: state.form, problem: state.problem, fill: actions.fill) }
                Section(words.ticketTexts) { texts }
                Section(words.intakeChecklist) {
                    ForEach(TakingIn.checklist, id: \.self) { item in
                        Check(item: item, form: state.form, fill: actions.fill)
                    }
                }
                Section {
                    Button(words.intakeTake, action: actions.takeIn).disabled(state.busy)
                } footer: {
                    if state.kept { Text(words.intakeKept) }
                }
            }
        }
    }

    @ViewBuilder
    private var texts: some View {
        let form = state.form
        Field(label: words.intakeSubject, text: form.subject, wrong: state.problem?.field == "subject") { text in
            actions.fill(form.with(\.subject, text))
        }
        Field(label: words.intakeProblem, text: form.problem, lines: 3) { text in
            actions.fill(form.with(\.problem, text))
        }
        Field(label: words.intakePasscode, text: state.passcode, typed: actions.passcode).asTyped()
    }
}

/// The number, to be written on the label: large enough to read from the other side of the counter.
private struct TakenNumber: View {
    let taken: Taken
    let actions: any IntakeActions
    let open: @MainActor (TicketId) -> Void
    @Environment(\.words) private var words

    var body: some View {
        VStack(spacing: 16) {
            Text(words.intakeTaken).foregroundStyle(.faint)
            Text(taken.number ?? words.boardNoNumber).font(.largeTitle).bold().minimumScaleFactor(0.5)
                .accessibilityAddTraits(.isHeader)
            Button(words.intakeNext, action: actions.nextCustomer).buttonStyle(.borderedProminent)
            Button(words.intakeOpen) { open(taken.ticket) }.buttonStyle(.bordered)
        }
        .multilineTextAlignment(.center)
        .padding()
    }
}

/// The customer: by phone digits, or new.
private struct WhoBrings: View {
    let state: IntakeState
    let actions: any IntakeActions
    @Environment(\.words) private var words

    var body: some View {
        let form = state.form
        if let known = state.known {
            Text(line(known.name, known.company, known.phone)).font(.headline)
            Button(words.intakeSomebodyElse) { actions.choose(nil) }
        } else {
            Field(label: words.intakePhone, text: form.phone, wrong: state.problem?.field == "phones") { text in
                actions.fill(form.with(\.phone, text))
            }
            .digits()
            Faint(text: words.intakePhoneHint)
            ForEach(state.found, id: \.id) { customer in
                Button(action: { actions.choose(customer) }) {
                    Label(line(customer.name, customer.phone), systemImage: "person")
                }
            }
            Field(label: words.intakeFirstName, text: form.firstName) { actions.fill(form.with(\.firstName, $0)) }
            Field(label: words.intakeLastName, text: form.lastName) { actions.fill(form.with(\.lastName, $0)) }
        }
    }
}

/// The device.
private struct WhatComes: View {
    let form: IntakeForm
    let problem: Problem?
    let fill: @MainActor (IntakeForm) -> Void
    @Environment(\.words) private var words

    private static let kinds = ["phone", "laptop", "tablet", "other"]

    var body: some View {
        Picker(words.intakeKind, selection: Binding(form.kind) { fill(form.with(\.kind, $0)) }) {
            ForEach(Self.kinds, id: \.self) { kind in Text(words.kindName(kind)).tag(kind) }
        }
        Field(label: words.intakeBrand, text: form.brand) { fill(form.with(\.brand, $0)) }
        Field(label: words.intakeModel, text: form.model) { fill(form.with(\.model, $0)) }
        if form.kind == "phone" {
            Field(label: words.intakeImei, text: form.imei, wrong: problem?.field == "imei") { text in
                fill(form.with(\.imei, text))
            }
            .digits()
        }
    }
}

/// One thing that is looked at.
private struct Check: View {
    let item: String
    let form: IntakeForm
    let fill: @MainActor (IntakeForm) -> Void
    @Environment(\.words) private var words

    private static let marks: [CheckMark] = [.untested, .pass, .fail, .notApplicable]

    var body: some View {
        let shown = Binding(form.checklist[item] ?? .untested) { mark in
            fill(form.with(\.checklist, form.checklist.merging([item: mark]) { $1 }))
        }
        Picker(words.checkName(item), selection: shown) {
            ForEach(Self.marks, id: \.self) { mark in Text(words.of(mark)).tag(mark) }
        }
    }
}

struct IntakeScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(IntakeState.states) { state in
            IntakeScreen(state: state.shown, actions: Nobody()) { _ in }
        }
    }
}
#endif
