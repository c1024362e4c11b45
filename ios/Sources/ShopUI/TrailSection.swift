#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// Who changed what of a record: at the foot of its card, for who leads.
struct TrailSection: View {
    let state: TrailState
    let actions: any TrailActions
    @Environment(\.words) private var words

    var body: some View {
        Section(words.trailTitle) {
            if let problem = state.problem {
                Label(words.ofTrail(problem), systemImage: "exclamationmark.triangle").foregroundStyle(.error)
            }
            if state.deeds?.isEmpty == true { Faint(text: words.trailEmpty) }
            ForEach(state.deeds ?? [], id: \.self) { DeedLine(deed: $0, currency: state.currency) }
            if state.asking { ProgressView(words.trailAsking) }
            if state.more { Button(words.actionMore, action: actions.showMore).disabled(state.asking) }
            Button(state.deeds == nil ? words.trailShow : words.trailAgain, action: actions.ask).disabled(state.asking)
        }
    }
}

/// What one person did at one moment.
private struct DeedLine: View {
    let deed: TrailDeed
    let currency: String
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Faint(text: line(deed.by ?? words.syncSomebody, words.of(deed.device), words.moment(deed.at, timeZone)))
            ForEach(deed.changes, id: \.self) { change in
                Text(words.of(change, currency: currency, timeZone))
                if !change.kept { Label(words.trailNotKept, systemImage: "arrow.uturn.backward") }
            }
        }
        .accessibilityElement(children: .combine)
    }
}

/// A record's card with its trail at the foot, for who leads: the server tells nobody else. A card that is being written for
/// the first time has none.
struct WithTrail<Record: View>: View {
    private let shows: Bool
    @State private var trail: AuditTrail
    private let record: @MainActor (TrailFoot) -> Record

    init(
        _ desk: Desk,
        _ kind: RecordKind,
        _ id: String?,
        @ViewBuilder record: @escaping @MainActor (TrailFoot) -> Record
    ) {
        shows = desk.who.leads && id != nil
        _trail = State(initialValue: AuditTrail(desk, kind, id ?? ""))
        self.record = record
    }

    var body: some View {
        record(TrailFoot(state: shows ? trail.state : nil, actions: trail)).task { await trail.live() }
    }
}

/// The trail below a card, where there is one.
struct TrailFoot: View {
    let state: TrailState?
    let actions: any TrailActions

    var body: some View {
        if let state { TrailSection(state: state, actions: actions) }
    }
}

struct TrailSection_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(TrailState.states) { state in
            Form { TrailSection(state: state.shown, actions: Nobody()) }
        }
    }
}
#endif
