#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel
import SwiftUI

#if canImport(UniformTypeIdentifiers)
import UniformTypeIdentifiers
#endif

/// Everything into a file, which can then be given to another app.
struct MovingOut: View {
    let state: MovingState
    let actions: any MovingActions
    @Environment(\.words) private var words

    var body: some View {
        let file = URL(fileURLWithPath: state.exportFile)
        Faint(text: words.settingsOutLead)
        LabeledContent(words.settingsFile, value: file.lastPathComponent)
        Button(words.settingsExport, action: actions.export).disabled(state.progress != nil)
        if let progress = state.progress {
            ProgressView(words.settingsSoFar(Int(progress.rows))).accessibilityAddTraits(.updatesFrequently)
            Button(words.settingsStop, action: actions.stop)
        }
        if let exported = state.exported {
            Text(exported.complete ? words.settingsExported(Int(exported.written.rows)) : words.settingsStopped).bold()
            ShareLink(item: file)
        }
    }
}

/// A file of another system, or an export of this one.
struct BringIn: View {
    let state: MovingState
    let actions: any MovingActions
    @State private var picking = false
    @Environment(\.words) private var words

    private static let layouts: [ImportLayout?] = [nil, .customers, .inventoryItems, .tickets]

    var body: some View {
        let form = state.form
        let field = Fields(form: form, wrong: state.problem?.field, fill: actions.fill)
        let idle = state.progress == nil && !form.file.isEmpty
        Faint(text: words.settingsInLead)
        Button(form.file.isEmpty ? words.settingsPick : line((form.file as NSString).lastPathComponent)) {
            picking = true
        }
        .fileImporter(isPresented: $picking, allowedContentTypes: [.data]) { picked in
            if case .success(let file) = picked { actions.pick(file) }
        }
        Picker(words.settingsContent, selection: Binding(form.layout) { actions.fill(form.with(\.layout, $0)) }) {
            ForEach(Self.layouts, id: \.self) { Text(words.of($0)).tag($0) }
        }
        if form.layout != nil {
            field(words.settingsSource, \.source, field: "source").asTyped()
            field(words.settingsCountry, \.countryCode).digits()
        }
        Button(words.settingsTry) { actions.bringIn(tries: true) }.disabled(!idle)
        Button(words.settingsImport) { actions.bringIn(tries: false) }.disabled(!idle)
        if let report = state.imported { Outcome(report: report, tried: state.tried) }
    }
}

extension Words {
    /// What a file is of.
    fileprivate func of(_ layout: ImportLayout?) -> String {
        switch layout {
        case nil: settingsOwnFile
        case .customers: navCustomers
        case .inventoryItems: navInventory
        case .tickets: navBoard
        }
    }
}

private struct Outcome: View {
    let report: ImportReport
    let tried: Bool
    @Environment(\.words) private var words

    var body: some View {
        if tried { Text(words.settingsTried).bold() }
        if !report.complete { Text(words.settingsStopped).bold() }
        Text(words.settingsCreated(Int(report.created))).bold()
        if report.alreadyThere > 0 { Text(words.settingsAlreadyThere(Int(report.alreadyThere))) }
        if report.refused > 0 { Text(words.settingsRefused(Int(report.refused))) }
        ForEach(report.refusals, id: \.line) { refused in
            let why = words.of(Problem(refused.code, field: refused.field))
            Faint(text: words.settingsRefusedLine(line: String(refused.line), why: why))
        }
    }
}
#endif
