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

/// One of the shop's colours, in the light or in the dark.
struct Shade: ShapeStyle {
    private let part: KeyPath<Palette, UInt32> & Sendable

    init(_ part: KeyPath<Palette, UInt32> & Sendable) {
        self.part = part
    }

    func resolve(in environment: EnvironmentValues) -> Color {
        let palette = environment.colorScheme == .dark ? Palette.dark : .light
        return Color(palette[keyPath: part])
    }
}

extension ShapeStyle where Self == Shade {
    static var good: Shade { Shade(\.good) }
    static var attention: Shade { Shade(\.attention) }
    static var error: Shade { Shade(\.error) }
    /// What stands beside or below something.
    static var faint: Shade { Shade(\.onSurfaceVariant) }
}

extension Color {
    init(_ number: UInt32) {
        let part = { (shift: UInt32) in Double(number >> shift & 0xFF) / 255 }
        self.init(red: part(16), green: part(8), blue: part(0))
    }
}

/// A ground, and what is written on it.
struct Ground {
    static let plain = Ground(Shade(\.secondaryContainer), Shade(\.onSecondaryContainer))
    static let ready = Ground(Shade(\.primary), Shade(\.onPrimary))
    static let person = Ground(Shade(\.primaryContainer), Shade(\.onPrimaryContainer))
    static let attention = Ground(Shade(\.attentionGround), Shade(\.onAttentionGround))
    static let error = Ground(Shade(\.errorContainer), Shade(\.onErrorContainer))

    let colour: Shade
    let ink: Shade

    private init(_ colour: Shade, _ ink: Shade) {
        self.colour = colour
        self.ink = ink
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

    var colour: Shade {
        switch status {
        case .synced: .good
        case .pending: .faint
        case .syncing: Shade(\.primary)
        case .failed: .error
        case .conflict: .attention
        }
    }
}

extension TicketStatus {
    /// Ready stands out, and so does what waits for somebody.
    var ground: Ground {
        switch self {
        case .ready: .ready
        case .awaitingApproval, .awaitingParts, .onHold: .attention
        case .received, .diagnosing, .approved, .inRepair, .qc, .pickedUp, .cancelled, .abandoned, .other: .plain
        }
    }

    /// Behind the white words of what is swiped, which are white in the dark too.
    var tint: Color {
        switch self {
        case .ready: Color(Palette.light.good)
        case .awaitingApproval, .awaitingParts, .onHold: Color(Palette.light.attention)
        case .received, .diagnosing, .approved, .inRepair, .qc, .pickedUp, .cancelled, .abandoned, .other:
            Color(Palette.light.onSurfaceVariant)
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
