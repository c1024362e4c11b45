#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel
import SwiftUI

/// A screen's state with a name: a preview, and what is looked at before a release.
struct Shown<Screen>: Identifiable {
    let name: String
    let shown: Screen

    var id: String { name }

    init(_ name: String, _ shown: Screen, _ change: (inout Screen) -> Void = { _ in }) {
        self.name = name
        var shown = shown
        change(&shown)
        self.shown = shown
    }
}

/// Previews of a screen in each of its states, and of its first as others see it: in a language that is read from the right,
/// in the dark, in the largest letters.
@MainActor @ViewBuilder
func everyLook<Screen, Content: View>(
    _ states: [Shown<Screen>],
    @ViewBuilder _ screen: @escaping (Shown<Screen>) -> Content
) -> some View {
    ForEach(states) { screen($0).previewDisplayName($0.name) }
    if let usual = states.first {
        screen(usual)
            .environment(\.words, Arabic())
            .environment(\.layoutDirection, .rightToLeft)
            .previewDisplayName("right-to-left")
        screen(usual).preferredColorScheme(.dark).previewDisplayName("dark")
        screen(usual).dynamicTypeSize(.accessibility5).previewDisplayName("largest-letters")
    }
}

/// A copy with something changed.
func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
}

/// A person who does nothing: a screen's actions in a preview.
struct Nobody: SignInActions, FrameActions, BoardActions, TicketActions, IntakeActions, SyncCentreActions {
    func edit() {}
    func save() {}
    func cancel() {}
    func merge() {}

    func fill(_ form: SignInForm) {}
    func signIn() {}
    func choose(_ shop: String) {}
    func dismiss() {}
    func go(_ place: Place) {}

    func search(_ words: String) {}
    func filter(_ status: TicketStatus?) {}
    func onlyMine(_ mine: Bool) {}
    func onlyLow(_ only: Bool) {}
    func showMore() {}
    func fetchOlder() {}
    func advance(_ row: BoardRow) {}
    func take(_ row: BoardRow) {}
    func refresh() async {}

    func move(to: TicketStatus) {}
    func undoMove() {}
    func writeProblem(_ text: String) {}
    func writeDiagnosis(_ text: String) {}
    func saveText() {}
    func writeNote(_ text: String) {}
    func addNote(_ kind: NoteKind) {}
    func findPart(_ words: String) {}
    func countParts(_ count: String) {}
    func usePart(_ item: InventoryItemId) {}
    func approve(_ line: TicketLineId, _ approval: Approval) {}
    func takeOff(_ line: TicketLine) {}
    func putBack() {}
    func revealPasscode() {}
    func hidePasscode() {}
    func askSafe() {}

    func fill(_ form: IntakeForm) {}
    func passcode(_ passcode: String) {}
    func choose(_ customer: CustomerRow?) {}
    func takeIn() {}
    func nextCustomer() {}

    func fill(_ form: CustomerForm) {}
    func showMoreTickets() {}
    func askMerge(_ duplicate: CustomerRow?) {}
    func askDelete(_ asks: Bool) {}
    func delete() {}

    func enter() {}
    func writeAmount(_ amount: String) {}
    func writeReason(_ reason: String) {}
    func receive() {}
    func count() {}
    func adjust() {}
    func writeOff() {}
    func fill(_ form: ItemForm) {}
    func askMerge(_ duplicate: ItemRow?) {}

    func goEarlier() {}
    func goLater() {}
    func goToday() {}
    func week(_ week: Bool) {}
    func beginNew() {}
    func edit(_ row: AppointmentRow) {}
    func fill(_ form: AppointmentForm) {}
    func choose(_ customer: CustomerRow) {}
    func advance(_ row: AppointmentRow, to: AppointmentState) {}
    func undo() {}

    func edit(_ employee: EmployeeId) {}
    func fill(_ form: EmployeeForm) {}
    func setPin(_ colleague: Colleague) {}
    func writePin(_ pin: String) {}
    func savePin() {}

    func choose(_ person: EmployeeRow?) {}
    func press(_ digit: Character) {}
    func rubOut() {}
    func leave() {}

    func fill(_ form: SettingsForm) {}
    func writeFlag(_ name: String) {}
    func addFlag() {}
    func setFlag(_ name: String, _ percent: Int64) {}
    func switchShop(_ shop: String) {}
    func openOverview() {}

    func export() {}
    func fill(_ form: MovingIn) {}
    func pick(_ file: URL) {}
    func bringIn(tries: Bool) {}
    func stop() {}

    func syncNow() {}
    func open(_ place: Place) {}
    func retry(_ operation: String) {}
    func retryAll() {}
    func askDiscard(_ operation: String?) {}
    func discard(_ operation: String) {}
    func edit(_ id: String?, _ text: String) {}
    func resend(_ operation: String, _ field: String) {}
    func keepMine(_ conflict: OpenConflict) {}
    func keepTheirs(_ conflict: OpenConflict) {}
    func keepOwn(_ conflict: OpenConflict) {}
    func newsSeen() {}
}

extension Nobody: EditTicketActions {
    func fill(_ form: TicketForm) {}
    func promise() {}
    func editLine(_ line: TicketLine) {}
    func fillLine(_ form: LineForm?) {}
    func saveLine() {}
    func writePasscode(_ passcode: String?) {}
    func savePasscode() {}
}

extension Nobody: TrailActions, ConnectActions, PasswordActions {
    func change() {}
    func fill(_ form: PasswordForm) {}

    func ask() {}

    func look() {}
    func choose(_ hub: FoundHub) {}
    func scan() {}
    func read(_ code: String) {}
    func stopScanning() {}
}

extension Nobody: CustomersActions, CustomerActions, InventoryActions, ItemActions, AppointmentsActions, TeamActions,
    AtWorkActions, SettingsActions, MovingActions, OverviewActions
{}

#if DEBUG
extension Nobody: DeveloperActions {
    func look(_ view: DeveloperView) {}
    func only(_ kind: SyncKind?) {}
    func write(_ wanted: String) {}
    func lookUp() {}
    func pretendOffline(_ offline: Bool) {}
    func simulate(_ network: ShopModel.Network) {}
    func askPurge() {}
    func purge() {}
    func keep() {}
    func fetchAnew() {}
    func writeElsewhere(_ field: String, _ value: String) {}
    func editElsewhere() {}
    func checksum() {}
    func countThere() {}
    func evict() {}
    func seed() {}
}
#endif
#endif
