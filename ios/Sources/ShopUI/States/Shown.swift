#if canImport(SwiftUI)
import Counterpart
import ShopModel

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

/// A person who does nothing: a screen's actions in a preview.
struct Nobody: SignInActions, BoardActions, TicketActions, IntakeActions, SyncCentreActions {
    func fill(_ form: SignInForm) {}
    func signIn() {}
    func dismiss() {}

    func search(_ words: String) {}
    func filter(_ status: TicketStatus?) {}
    func onlyMine(_ mine: Bool) {}
    func showMore() {}
    func advance(_ ticket: TicketId, to: TicketStatus) {}

    func move(to: TicketStatus) {}
    func undoMove() {}
    func writeProblem(_ text: String) {}
    func writeDiagnosis(_ text: String) {}
    func saveText() {}
    func writeNote(_ text: String) {}
    func addNote(_ kind: NoteKind) {}
    func findPart(_ words: String) {}
    func usePart(_ item: InventoryItemId) {}
    func approve(_ line: TicketLineId, _ approval: Approval) {}
    func takeOff(_ line: TicketLineId) {}
    func revealPasscode() {}
    func hidePasscode() {}
    func askSafe() {}

    func fill(_ form: IntakeForm) {}
    func passcode(_ passcode: String) {}
    func choose(_ customer: CustomerRow?) {}
    func takeIn() {}
    func nextCustomer() {}

    func syncNow() {}
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
#endif
