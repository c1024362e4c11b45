#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The sync centre.
struct SyncCentreScreen: View {
    let state: SyncCentreState
    let actions: any SyncCentreActions
    @Environment(\.words) private var words

    var body: some View {
        Form {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            if !state.findings.isEmpty || state.forgot != nil {
                Section(words.foundTitle) { Findings(findings: state.findings, forgot: state.forgot) }
            }
            if let line = state.line {
                Section(words.syncTitle) { TheLine(line: line, busy: state.busy, syncNow: actions.syncNow) }
            }
            if !state.failed.isEmpty {
                Section(words.syncFailed) { Failed(state: state, actions: actions) }
            }
            if !state.conflicts.isEmpty {
                Section(words.syncConflicts) { Conflicts(state: state, actions: actions) }
            }
            if state.failed.isEmpty && state.conflicts.isEmpty {
                Label(words.syncNothing, systemImage: "checkmark.icloud")
            }
            Section(words.syncNews) { News(notices: state.notices, seen: actions.newsSeen) }
        }
    }
}

/// What happened to the file: it is told first, and needs nobody's work.
private struct Findings: View {
    let findings: [Finding]
    let forgot: String?
    @Environment(\.words) private var words

    var body: some View {
        ForEach(findings, id: \.self) { finding in
            switch finding {
            case .damaged(let aside, let operations, _, let complete):
                Text(words.foundDamaged(Int(operations))).bold()
                if !complete { Label(words.foundIncomplete, systemImage: "exclamationmark.triangle") }
                Faint(text: words.foundAside(aside))
            case .copied: Text(words.foundCopied).bold()
            }
        }
        if let forgot { Text(words.foundForgot(forgot)) }
    }
}

/// What something is about; a press opens it where it is here.
private struct About: View {
    let record: ShownRecord
    var field: String?
    let open: @MainActor (Place) -> Void
    @Environment(\.words) private var words

    var body: some View {
        let table = words.tableName(record.table)
        let name = line(record.facts)
        Text(field.map { "\(table): \(words.fieldName($0))" } ?? table).font(.headline)
        if let place = record.place {
            Button(name.isEmpty ? table : name) { open(place) }
        } else if !name.isEmpty {
            Text(name)
        }
    }
}

private struct TheLine: View {
    let line: SyncState
    let busy: Bool
    let syncNow: @MainActor () -> Void
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        Label(words.of(line), systemImage: line.online && line.reachable ? "checkmark.icloud" : "icloud.slash")
            .font(.headline)
        if line.syncing { ProgressView(value: line.progress) }
        Text(line.pending == 0 ? words.syncAllSent : words.syncPending(Int(line.pending)))
        Faint(text: line.lastSyncedAt.map { words.syncLast(words.moment($0, timeZone)) } ?? words.syncNever)
        Button(words.syncNow, action: syncNow).disabled(busy || !line.online)
    }
}

private struct Failed: View {
    let state: SyncCentreState
    let actions: any SyncCentreActions
    @Environment(\.words) private var words

    var body: some View {
        Faint(text: words.syncFailedLead)
        ForEach(state.failed) { FailedCard(failed: $0, state: state, actions: actions) }
        if state.failed.count > 1 { Button(words.actionRetryAll, action: actions.retryAll) }
    }
}

private struct FailedCard: View {
    let failed: FailedOperation
    let state: SyncCentreState
    let actions: any SyncCentreActions
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        let parked = failed.parked
        VStack(alignment: .leading) {
            About(record: failed.record, open: actions.open)
            Text(words.of(Problem(parked.code, field: parked.field))).foregroundStyle(.error)
            ForEach(failed.wanted.sorted { $0.key < $1.key }, id: \.key) { name, value in
                Text(verbatim: "\(words.fieldName(name)): \(words.of(value, currency: state.currency, timeZone))")
            }
            if state.editing == failed.id, let field = failed.field {
                Field(label: words.syncNewValue(words.fieldName(field)), text: state.text) {
                    actions.edit(failed.id, $0)
                }
                Button(words.actionSave) { actions.resend(failed.id, field) }
                Button(words.actionCancel) { actions.edit(nil, "") }
            } else if state.discarding == failed.id {
                Text(words.syncDiscardWarning).bold()
                Button(words.actionDiscard, role: .destructive) { actions.discard(failed.id) }
                Button(words.actionCancel) { actions.askDiscard(nil) }
            } else {
                Button(words.actionRetry) { actions.retry(failed.id) }
                if failed.field != nil {
                    Button(words.actionEdit) { actions.edit(failed.id, failed.text) }
                }
                Button(words.actionDiscard, role: .destructive) { actions.askDiscard(failed.id) }
            }
        }
        .buttonStyle(.borderless)
    }
}

private struct Conflicts: View {
    let state: SyncCentreState
    let actions: any SyncCentreActions
    @Environment(\.words) private var words

    var body: some View {
        Faint(text: words.syncConflictsLead)
        ForEach(state.conflicts) { ConflictCard(shown: $0, state: state, actions: actions) }
    }
}

private struct ConflictCard: View {
    let shown: ShownConflict
    let state: SyncCentreState
    let actions: any SyncCentreActions
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        let conflict = shown.conflict
        let by = conflict.by.flatMap { state.names[$0] } ?? words.syncSomebody
        VStack(alignment: .leading) {
            About(record: shown.record, field: conflict.field, open: actions.open)
            Version(whose: words.syncMine, text: said(shown.mine))
            Version(whose: "\(words.syncTheirs) (\(by))", text: said(shown.theirs))
            if state.editing == shown.id {
                Field(label: words.syncOwnValue, text: state.text, lines: 2) { actions.edit(shown.id, $0) }
                Button(words.actionSave) { actions.keepOwn(conflict) }
                Button(words.actionCancel) { actions.edit(nil, "") }
            } else {
                Button(words.syncKeepMine) { actions.keepMine(conflict) }
                Button(words.syncKeepTheirs) { actions.keepTheirs(conflict) }
                if let both = shown.both {
                    Button(words.syncWriteOwn) { actions.edit(shown.id, both) }
                }
            }
        }
        .buttonStyle(.borderless)
    }

    private func said(_ version: TrailValue) -> String {
        words.of(version, currency: state.currency, timeZone)
    }
}

private struct Version: View {
    let whose: String
    let text: String
    @Environment(\.words) private var words

    var body: some View {
        Faint(text: whose)
        Text(text.isEmpty ? words.syncEmptyValue : text)
    }
}

private struct News: View {
    let notices: Notices?
    let seen: @MainActor () -> Void
    @Environment(\.words) private var words

    private static let shown = 20

    var body: some View {
        let newest = (notices?.newest ?? []).prefix(Self.shown)
        if newest.isEmpty { Faint(text: words.syncNoNews) }
        ForEach(newest, id: \.id) { NoticeLine(notice: $0) }
        if (notices?.unseen ?? 0) > 0 { Button(words.actionSeen, action: seen) }
    }
}

/// What somebody did.
struct NoticeLine: View {
    let notice: Notice
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        let who = notice.you ? words.syncYou : notice.authorName ?? words.syncSomebody
        VStack(alignment: .leading) {
            Faint(text: line(who, words.moment(notice.lastAt, timeZone)))
            Text(line(notice.parts.map { words.of($0) })).fontWeight(notice.seen ? .regular : .medium)
        }
    }
}

struct SyncCentreScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(SyncCentreState.states) { state in
            SyncCentreScreen(state: state.shown, actions: Nobody())
        }
    }
}
#endif
