#if canImport(SwiftUI) && DEBUG
import Counterpart
import Foundation
import ShopModel
import SwiftUI

/// The inspector, for who builds the app: facts as the engine names them, in no language but its own. It is not compiled
/// into what is shipped.
struct DeveloperScreen: View {
    let state: DeveloperState
    let actions: any DeveloperActions
    @Environment(\.words) private var words

    var body: some View {
        Form {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            Picker(words.developerTry, selection: Binding(state.view, actions.look)) {
                ForEach(DeveloperView.allCases, id: \.self) { Text(words.of($0)).tag($0) }
            }
            switch state.view {
            case .device: DeviceFacts(state: state, actions: actions)
            case .syncLog: SyncLog(state: state, only: actions.only)
            case .network: Section(words.developerNetwork) { Calls(calls: state.calls) }
            case .analytics: Section(words.developerAnalytics) { Sums(days: state.days) }
            case .record:
                Section(words.developerRecord) { Record(state: state, actions: actions) }
                if !state.record.isEmpty {
                    Section(words.developerEditElsewhere) { Elsewhere(state: state, actions: actions) }
                }
            }
        }
    }
}

extension Words {
    fileprivate func of(_ network: ShopModel.Network) -> String {
        switch network {
        case .well: developerNetworkWell
        case .slow: developerNetworkSlow
        case .lossy: developerNetworkLossy
        }
    }

    fileprivate func of(_ view: DeveloperView) -> String {
        switch view {
        case .device: developerDevice
        case .syncLog: developerSyncLog
        case .network: developerNetwork
        case .analytics: developerAnalytics
        case .record: developerRecord
        }
    }
}

private struct DeviceFacts: View {
    let state: DeveloperState
    let actions: any DeveloperActions
    @Environment(\.words) private var words

    var body: some View {
        Section(words.developerTry) {
            Toggle(words.developerOffline, isOn: Binding(state.pretendsOffline, actions.pretendOffline))
            Picker(words.developerTry, selection: Binding(state.network, actions.simulate)) {
                ForEach(ShopModel.Network.allCases, id: \.self) { Text(words.of($0)).tag($0) }
            }
            Button(words.syncNow, action: actions.syncNow)
            Button(words.developerSeed, action: actions.seed)
            Button(words.developerEvict, action: actions.evict)
            if let evicted = state.evicted { Text(words.developerEvicted(evicted)) }
            Button(words.developerChecksum, action: actions.checksum)
            if let checksum = state.checksum { Text(line(checksum)) }
            Button(words.developerCount, action: actions.countThere)
            Button(words.developerFullSync, action: actions.fetchAnew)
            if state.purging {
                Sure(
                    asks: words.developerPurgeAsk,
                    act: words.developerPurge,
                    sure: actions.purge,
                    stay: actions.keep
                )
            } else {
                Button(words.developerPurge, action: actions.askPurge)
            }
        }
        Section(words.developerDevice) { Facts(facts: state.facts) }
        Section(words.developerRows) { Rows(state: state) }
    }
}

private struct Rows: View {
    let state: DeveloperState
    @Environment(\.words) private var words

    var body: some View {
        if let counted = state.counted {
            Faint(text: words.developerCountedAt(commit: String(counted.there), cursor: String(counted.here)))
        }
        ForEach(state.rows) { Text(line($0.table, counts($0), beyond($0))) }
    }

    private func counts(_ count: RowCount) -> String {
        let here = String(count.here)
        guard let there = count.there else { return words.developerRowsHere(here) }
        return words.developerRowsCounted(here: here, there: String(there))
    }

    private func beyond(_ count: RowCount) -> String? {
        count.beyond > 0 ? words.developerRowsBeyond(String(count.beyond)) : nil
    }
}

private struct Facts: View {
    let facts: [Fact]

    var body: some View {
        ForEach(facts) { Text(line($0.name, $0.value)) }
    }
}

private struct SyncLog: View {
    let state: DeveloperState
    let only: @MainActor (SyncKind?) -> Void
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    private static let kinds: [SyncKind] = [
        .sessionBegun, .pushed, .pulled, .ranged, .loadBegun, .reset, .failed, .retried, .parked, .joined, .left,
        .networkUp, .networkDown, .suspended, .resumed,
    ]

    var body: some View {
        Section(words.developerSyncLog) {
            Picker(words.developerSyncLog, selection: Binding(state.kind, only)) {
                Text(words.developerAllKinds).tag(SyncKind?.none)
                ForEach(Self.kinds, id: \.self) { Text(verbatim: "\($0)").tag(Optional($0)) }
            }
            ForEach(Array(state.events.enumerated()), id: \.offset) { _, event in
                let counts = event.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                VStack(alignment: .leading) {
                    Text(line("\(event.kind)", event.code)).bold()
                    Faint(text: line([words.moment(event.at, timeZone)] + counts + [event.ms.map { "\($0) ms" }]))
                }
            }
        }
    }
}

private struct Calls: View {
    let calls: [NetworkCall]
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        ForEach(Array(calls.enumerated()), id: \.offset) { _, call in
            let at = Date(timeIntervalSince1970: TimeInterval(call.at) / 1_000)
            VStack(alignment: .leading) {
                Text(line(call.call, call.status)).bold()
                Faint(text: line(words.moment(at, timeZone), "↑ \(call.up)", "↓ \(call.down)", "\(call.ms) ms"))
            }
        }
    }
}

private struct Sums: View {
    let days: [Day]
    @Environment(\.words) private var words

    var body: some View {
        ForEach(days, id: \.day) { day in
            let begins = Date(timeIntervalSince1970: TimeInterval(day.day) * 86_400)
            VStack(alignment: .leading) {
                // The engine counts by the days of UTC.
                Text(words.day(begins, .gmt)).bold()
                Faint(text: line(facts(day)))
            }
        }
    }

    private func facts(_ day: Day) -> [String?] {
        [
            "operations \(day.operations)", "applied \(day.applied)", "conflicts \(day.conflicts)",
            "rejected \(day.rejected)", "calls \(day.calls)", "failed \(day.callsFailed)",
            "offline \(day.offlineMs) ms", day.successRate.map { "success \($0)" },
            day.conflictRate.map { "conflict rate \($0)" },
            "latency \(day.latency.map(String.init).joined(separator: " "))",
        ]
    }
}

private struct Record: View {
    let state: DeveloperState
    let actions: any DeveloperActions
    @Environment(\.words) private var words

    var body: some View {
        Field(label: words.developerWanted, text: state.wanted, typed: actions.write).asTyped()
        Button(words.developerLookUp, action: actions.lookUp).disabled(state.wanted.isEmpty)
        Facts(facts: state.record)
    }
}

private struct Elsewhere: View {
    let state: DeveloperState
    let actions: any DeveloperActions
    @Environment(\.words) private var words

    var body: some View {
        let wrong = state.problem?.field
        Field(label: words.developerField, text: state.field, wrong: wrong == "field") {
            actions.writeElsewhere($0, state.value)
        }
        .asTyped()
        Field(label: words.developerValue, text: state.value, wrong: wrong == "value") {
            actions.writeElsewhere(state.field, $0)
        }
        .asTyped()
        Button(words.developerEditElsewhere, action: actions.editElsewhere)
            .disabled(state.field.isEmpty || state.value.isEmpty)
        if state.editedElsewhere { Text(words.developerEditedElsewhere) }
    }
}

struct DeveloperScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(DeveloperState.states) { state in
            DeveloperScreen(state: state.shown, actions: Nobody())
        }
    }
}
#endif
