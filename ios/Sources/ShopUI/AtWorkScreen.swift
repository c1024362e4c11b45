#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// Who works here now, at a shared tablet.
struct AtWorkScreen: View {
    let state: AtWorkState
    let actions: any AtWorkActions
    @Environment(\.words) private var words

    var body: some View {
        List {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            if let person = state.chosen {
                PinPad(person: person, state: state, actions: actions)
            } else {
                people
            }
        }
    }

    @ViewBuilder
    private var people: some View {
        ForEach(state.people, id: \.id) { person in
            Button(action: { actions.choose(person) }) {
                VStack(alignment: .leading) {
                    Text(person.name).font(.headline)
                    Faint(text: words.of(person.role))
                }
            }
        }
        if state.somebody { Button(words.atWorkLeave, action: actions.leave) }
        Faint(text: words.atWorkFirstTime)
    }
}

private struct PinPad: View {
    let person: EmployeeRow
    let state: AtWorkState
    let actions: any AtWorkActions
    @Environment(\.words) private var words

    private static let rows = ["123", "456", "789"]

    var body: some View {
        let typed = state.pin.count
        VStack(spacing: 12) {
            Text(words.teamPinOf(person.name)).font(.title2).accessibilityAddTraits(.isHeader)
            Text(typed == 0 ? words.atWorkPin : String(repeating: "•", count: typed)).font(.title2)
                .accessibilityLabel(words.atWorkTyped(typed))
                .accessibilityAddTraits(.updatesFrequently)
            if let seconds = state.lockedSeconds { Text(words.atWorkLocked(seconds)).foregroundStyle(.error) }
            keys
            Button(words.intakeSomebodyElse) { actions.choose(nil) }.buttonStyle(.borderless)
        }
        .multilineTextAlignment(.center)
        .frame(maxWidth: .infinity)
    }

    private var keys: some View {
        VStack(spacing: 8) {
            ForEach(Self.rows, id: \.self) { row in
                HStack {
                    ForEach(Array(row), id: \.self) { key($0) }
                }
            }
            HStack {
                Button(action: actions.rubOut) { Key { Image(systemName: "delete.backward") } }
                    .accessibilityLabel(words.atWorkRubOut)
                key("0")
                Button(action: actions.enter) { Key { Image(systemName: "checkmark") } }
                    .accessibilityLabel(words.atWorkEnter)
                    .disabled(state.pin.isEmpty || state.busy)
            }
        }
        .buttonStyle(.bordered)
        // Digits stand as on every telephone, whichever way the language runs.
        .environment(\.layoutDirection, .leftToRight)
        .frame(maxWidth: 360)
    }

    private func key(_ digit: Character) -> some View {
        let press: @MainActor () -> Void = { actions.press(digit) }
        return Button(action: press) { Key { Text(String(digit)).font(.title2) } }
    }
}

/// A key, a third of the pad wide.
private struct Key<Face: View>: View {
    @ViewBuilder let face: Face

    var body: some View {
        face.frame(maxWidth: .infinity, minHeight: 48)
    }
}

/// Whose work this is: always there on a shared tablet, and the way to somebody else.
struct WorkerBar: View {
    let worker: Worker
    let change: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        HStack {
            Label(says, systemImage: worker.name == nil ? "person.slash" : "person.fill")
                .frame(maxWidth: .infinity, alignment: .leading)
            Button(action: change) { Text(words.atWorkSwitch).bold().foregroundStyle(ground.ink) }
        }
        .foregroundStyle(ground.ink)
        .font(.subheadline)
        .padding(.horizontal)
        .padding(.vertical, 8)
        .background(ground.colour)
    }

    private var ground: Ground { worker.name == nil ? .attention : .person }

    private var says: String {
        worker.name.map(words.atWorkIs) ?? words.atWorkNobody
    }
}

struct AtWorkScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(AtWorkState.states) { state in
            AtWorkScreen(state: state.shown, actions: Nobody())
        }
        WorkerBar(worker: Worker("Ada Okafor")) {}.previewDisplayName("somebody")
        WorkerBar(worker: Worker(nil)) {}.previewDisplayName("nobody")
    }
}
#endif
