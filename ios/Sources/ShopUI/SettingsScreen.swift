#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The settings; `foot` stands below everything.
struct SettingsScreen<Foot: View>: View {
    let state: SettingsState
    let actions: any SettingsActions
    let moving: MovingState
    let movingActions: any MovingActions
    @ViewBuilder let foot: Foot
    @Environment(\.words) private var words

    var body: some View {
        if state.loading {
            ProgressView(words.settingsLoading)
        } else {
            Form {
                ProblemBar(problem: state.problem, dismiss: actions.dismiss)
                ProblemBar(problem: moving.problem, dismiss: movingActions.dismiss)
                Section(words.settingsAccount) { AccountFacts(state: state, actions: actions) }
                if let settings = state.settings {
                    Section(words.settingsShop) { TheShop(state: state, settings: settings, actions: actions) }
                    if state.leads { Section(words.settingsFlags) { Flags(state: state, actions: actions) } }
                }
                Section(words.settingsOut) { MovingOut(state: moving, actions: movingActions) }
                if state.leads { Section(words.settingsIn) { BringIn(state: moving, actions: movingActions) } }
                Section(words.settingsDevice) { Room(space: state.space, numbersLeft: state.numbersLeft) }
                foot
            }
        }
    }
}

private struct AccountFacts: View {
    let state: SettingsState
    let actions: any SettingsActions
    @Environment(\.words) private var words

    var body: some View {
        if state.station { Tag(text: words.roleStation) }
        if let me = state.me {
            Text(me.name).font(.headline)
            Faint(text: words.of(me.role))
        }
        if state.shops.count > 1 {
            Text(words.settingsShops)
            ForEach(state.shops, id: \.id) { shop in
                if shop.id == state.shop {
                    Text(line(shop.name, words.settingsThisShop))
                } else {
                    Button(action: { actions.switchShop(shop.id) }) { Text(shop.name) }
                }
            }
        }
        if state.hasOverview {
            Button(words.settingsOverview, systemImage: "building.2", action: actions.openOverview)
        }
    }
}

private struct TheShop: View {
    let state: SettingsState
    let settings: ShopSettings
    let actions: any SettingsActions
    @Environment(\.words) private var words

    var body: some View {
        if let form = state.form {
            let field = Fields(form: form, wrong: state.problem?.field, fill: actions.fill)
            field(words.settingsName, \.name, field: "name")
            field(words.settingsZone, \.timeZone, field: "time_zone").asTyped()
            field(words.settingsCurrency, \.currency, field: "currency").asTyped()
            field(words.settingsTicketDays, \.ticketDays, field: "ticket_window_days").digits()
            field(words.settingsAppointmentDays, \.appointmentDays, field: "appointment_window_days").digits()
            Faint(text: words.settingsWindows)
            Button(words.actionSave, action: actions.save)
            Button(words.actionCancel, action: actions.cancel)
        } else {
            Text(settings.name).font(.headline)
            Faint(text: line(settings.timeZone, settings.currency))
            if state.leads { Button(words.actionEdit, action: actions.edit) }
        }
    }
}

private struct Flags: View {
    let state: SettingsState
    let actions: any SettingsActions
    @Environment(\.words) private var words

    var body: some View {
        Faint(text: words.settingsFlagsLead)
        ForEach(state.flags) { flag in
            let name = line(flag.name, flag.onHere ? words.settingsOnHere : words.settingsOffHere)
            Picker(name, selection: Binding(flag.percent) { actions.setFlag(flag.name, $0) }) {
                ForEach(Self.steps(flag), id: \.self) { Text(verbatim: "\($0) %").tag($0) }
            }
        }
        Field(label: words.settingsNewFlag, text: state.newFlag, typed: actions.writeFlag).asTyped()
        if !state.newFlag.isEmpty { Button(words.actionAdd, action: actions.addFlag) }
    }

    /// A share that somebody gave elsewhere stands among them.
    private static func steps(_ flag: FlagLine) -> [Int64] {
        Set(ShopModel.Settings.steps + [flag.percent]).sorted()
    }
}

private struct Room: View {
    let space: Space?
    let numbersLeft: Int
    @Environment(\.words) private var words

    var body: some View {
        if let space {
            Text(words.settingsUsed(free: words.megabytes(space.free), used: words.megabytes(space.used)))
            if space.low { Text(words.settingsRoomLow).foregroundStyle(.error) }
        }
        Text(words.settingsNumbersLeft(numbersLeft))
    }
}

/// Leaving the shop; with unsent work it asks what becomes of it. `file` is where all of it may go.
struct SignOut: View {
    let unsent: Int?
    let file: String
    let signOut: @MainActor (Unsent?) -> Void
    let stay: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        Section(words.signOutTitle) {
            if let unsent {
                Text(words.signOutUnsent(unsent))
                Button(words.signOutSendFirst) { signOut(.sendFirst) }
                Button(words.signOutKeep) { signOut(.keep) }
                Button(words.signOutExport) { signOut(.export(path: file)) }
                Faint(text: line(file))
                Button(words.signOutDiscard, role: .destructive) { signOut(.discard) }
                Button(words.actionCancel, action: stay)
            } else {
                Button(words.signOutTitle) { signOut(nil) }
            }
        }
    }
}

struct SettingsScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(SettingsState.states) { state in
            let (settings, moving) = (state.shown.settings, state.shown.moving)
            SettingsScreen(state: settings, actions: Nobody(), moving: moving, movingActions: Nobody()) {
                let unsent = state.name == "leaving" ? 4 : nil
                SignOut(unsent: unsent, file: "counterpart-1.jsonl", signOut: { _ in }, stay: {})
            }
        }
    }
}
#endif
