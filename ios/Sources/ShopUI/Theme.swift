#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel
import SwiftUI

private struct WordsKey: EnvironmentKey {
    static let defaultValue: any Words = English()
}

extension EnvironmentValues {
    /// What the screens say.
    public var words: any Words {
        get { self[WordsKey.self] }
        set { self[WordsKey.self] = newValue }
    }
}

extension Binding where Value: Sendable {
    /// What a field shows and what it does with what is typed: a model's state, and a deed of the person.
    @MainActor
    init(_ shown: Value, _ typed: @escaping @MainActor (Value) -> Void) {
        self.init(get: { shown }, set: { @MainActor new in typed(new) })
    }
}

extension Mark {
    /// A shape of its own for each state: never colour alone.
    var symbol: String {
        switch status {
        case .synced: "checkmark.icloud"
        case .pending: "clock"
        case .syncing: "arrow.triangle.2.circlepath"
        case .failed: "xmark.circle"
        case .conflict: "arrow.triangle.branch"
        }
    }

    var colour: Color {
        switch status {
        case .synced: .green
        case .pending: .secondary
        case .syncing: .accentColor
        case .failed: .red
        case .conflict: .orange
        }
    }
}

extension TicketStatus {
    /// Ready stands out, and so does what waits for somebody.
    var colour: Color {
        switch self {
        case .ready: .green
        case .awaitingApproval, .awaitingParts, .onHold: .orange
        case .received, .diagnosing, .approved, .inRepair, .qc, .pickedUp, .cancelled, .abandoned, .other: .secondary
        }
    }
}

/// What is typed on a screen.
protocol Written {}

extension Written {
    /// The same with one part written anew.
    func with<Part>(_ part: WritableKeyPath<Self, Part>, _ value: Part) -> Self {
        var form = self
        form[keyPath: part] = value
        return form
    }
}

extension IntakeForm: Written {}
extension CustomerForm: Written {}
extension ItemForm: Written {}
extension AppointmentForm: Written {}
extension TicketForm: Written {}
extension LineForm: Written {}
extension EmployeeForm: Written {}
extension SettingsForm: Written {}
extension MovingIn: Written {}

extension View {
    /// In the words of the language in which the system runs the app, so that both read in one direction.
    func spoken() -> some View {
        environment(\.words, words(for: Bundle.main.preferredLocalizations))
    }

    /// A keyboard of digits, where there is one.
    func digits() -> some View {
        #if os(macOS)
        self
        #else
        keyboardType(.numbersAndPunctuation)
        #endif
    }

    /// What is typed is taken as it is: addresses, numbers, names.
    func asTyped() -> some View {
        #if os(macOS)
        autocorrectionDisabled()
        #else
        autocorrectionDisabled().textInputAutocapitalization(.never)
        #endif
    }
}
#endif
