#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The calendar: a day, or a week day by day.
struct AppointmentsScreen: View {
    let state: AppointmentsState
    let actions: any AppointmentsActions
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        List {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            Section { Days(state: state, actions: actions) }
            if let older = state.older { Section { OlderDays(older: older, again: actions.fetchOlder) } }
            ForEach(state.days.filter { !$0.lines.isEmpty }) { day in
                Section(words.day(day.begins, timeZone)) {
                    ForEach(day.lines) { Visit(shown: $0, actions: actions) }
                }
            }
            if state.loading {
                ProgressView(words.appointmentsLoading)
            } else if state.older == nil, state.days.allSatisfy(\.lines.isEmpty) {
                ContentUnavailableView(words.appointmentsEmpty, systemImage: "calendar")
            }
        }
        .toolbar { Button(words.appointmentsNew, systemImage: "plus", action: actions.beginNew) }
    }
}

/// Which days are shown, and the way to others.
private struct Days: View {
    let state: AppointmentsState
    let actions: any AppointmentsActions
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        HStack {
            Button(action: actions.goEarlier) { Image(systemName: "chevron.backward") }
                .accessibilityLabel(words.appointmentsEarlier)
            VStack {
                Text(words.day(state.day, timeZone)).font(.headline).accessibilityAddTraits(.isHeader)
                if state.day == state.today { Faint(text: words.appointmentsToday) }
            }
            .frame(maxWidth: .infinity)
            Button(action: actions.goLater) { Image(systemName: "chevron.forward") }
                .accessibilityLabel(words.appointmentsLater)
        }
        // One row with several buttons: each answers to its own finger.
        .buttonStyle(.borderless)
        Picker(words.appointmentsDay, selection: Binding(state.week, actions.week)) {
            Text(words.appointmentsDay).tag(false)
            Text(words.appointmentsWeek).tag(true)
        }
        .pickerStyle(.segmented)
        if state.canFilterMine { Toggle(words.boardMine, isOn: Binding(state.onlyMine, actions.onlyMine)) }
        if state.day != state.today { Button(words.appointmentsToday, action: actions.goToday) }
        if state.undo != nil { Button(words.actionUndo, action: actions.undo) }
    }
}

/// That something of these days is on the server, and whether it comes.
private struct OlderDays: View {
    let older: Older
    let again: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        switch older {
        case .fetching: ProgressView(words.appointmentsOlderFetching)
        case .notHere:
            Label(words.appointmentsOlderNotHere, systemImage: "icloud.and.arrow.down").font(.footnote)
            Button(words.actionRetry, action: again)
        }
    }
}

private struct Visit: View {
    let shown: AppointmentLine
    let actions: any AppointmentsActions
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        let row = shown.row
        Button(action: { actions.edit(row) }) {
            VStack(alignment: .leading, spacing: 4) {
                EntryName(name: row.customer, mark: shown.mark)
                Faint(text: line(words.span(row.slot, timeZone), words.of(row.kind), shown.assignee))
                HStack {
                    Tag(text: words.of(row.state))
                    if row.overlaps { Tag(text: words.appointmentsOverlaps, ground: .attention) }
                }
            }
            .accessibilityElement(children: .combine)
        }
        .buttonStyle(.plain)
        .disabled(!shown.editable)
        .swipeActions { steps }
        .contextMenu { steps }
    }

    private var steps: some View {
        ForEach(shown.editable ? Self.next(shown.row.state) : [], id: \.self) { to in
            Button(words.of(to)) { actions.advance(shown.row, to: to) }
        }
    }

    /// How far an appointment may get from where it is, the likeliest first.
    private static func next(_ state: AppointmentState) -> [AppointmentState] {
        switch state {
        case .booked: [.arrived, .confirmed, .cancelled]
        case .confirmed: [.arrived, .noShow, .cancelled]
        case .arrived: [.done]
        case .noShow, .cancelled: [.booked]
        case .done, .other: []
        }
    }
}

/// An appointment that is being written or moved: who comes, what for, when and to whom.
struct AppointmentScreen: View {
    let form: AppointmentForm
    let state: AppointmentsState
    let actions: any AppointmentsActions
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        let field = Fields(form: form, wrong: state.problem?.field, fill: actions.fill)
        Form {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            Section(form.id == nil ? words.appointmentsNew : words.actionEdit) {
                who
                Picker(words.appointmentsKind, selection: part(\.kind)) {
                    ForEach(Appointments.kinds, id: \.self) { Text(words.of($0)).tag($0) }
                }
            }
            Section {
                if let begins = form.begins(timeZone) {
                    DatePicker(words.tableAppointments, selection: Binding(begins, pick))
                } else {
                    field(words.appointmentsDate, \.date, field: "date").asTyped()
                    field(words.appointmentsTime, \.time, field: "time").asTyped()
                }
                Picker(words.appointmentsLength, selection: part(\.minutes)) {
                    ForEach(lengths, id: \.self) { Text(words.appointmentsMinutes($0)).tag($0) }
                }
                // Who may not give appointments to others has them.
                if state.rights.contains(.appointments) {
                    Picker(words.appointmentsAssignee, selection: part(\.assignee)) {
                        Text(words.appointmentsNobody).tag(Optional<EmployeeId>.none)
                        ForEach(state.people, id: \.id) { Text($0.name).tag(Optional($0.id)) }
                    }
                }
            }
            Section {
                field(words.fieldNotes, \.notes, lines: 2)
                Button(words.actionSave, action: actions.save)
                Button(words.actionCancel, action: actions.cancel)
            }
        }
    }

    @ViewBuilder
    private var who: some View {
        let wrong = state.problem?.field == "customer_id"
        Field(label: words.appointmentsWho, text: form.words, wrong: wrong) { text in
            actions.fill(form.with(\.words, text).with(\.customer, nil))
        }
        ForEach(state.found, id: \.id) { customer in
            Button(action: { actions.choose(customer) }) {
                Label(line(customer.name, customer.phone), systemImage: "person")
            }
        }
    }

    /// An appointment that was made elsewhere may take any time.
    private var lengths: [Int] {
        Appointments.lengths.contains(form.minutes) ? Appointments.lengths : Appointments.lengths + [form.minutes]
    }

    private func pick(_ begins: Date) {
        var form = form
        form.begin(at: begins, timeZone)
        actions.fill(form)
    }

    private func part<Part: Sendable>(_ part: WritableKeyPath<AppointmentForm, Part> & Sendable) -> Binding<Part> {
        Binding(form[keyPath: part]) { actions.fill(form.with(part, $0)) }
    }
}

struct AppointmentsScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(AppointmentsState.states) { state in
            NavigationStack {
                if let form = state.shown.form {
                    AppointmentScreen(form: form, state: state.shown, actions: Nobody())
                } else {
                    AppointmentsScreen(state: state.shown, actions: Nobody())
                }
            }
        }
    }
}
#endif
