import Counterpart
import ShopModel

/// What is typed at the counter.
package func form(_ lastName: String, _ subject: String) -> IntakeForm {
    var form = IntakeForm()
    form.lastName = lastName
    form.subject = subject
    return form
}

/// Takes a device in, and says which ticket it became.
@MainActor
package func takeIn(_ desk: Desk, _ form: IntakeForm) async throws -> Taken {
    let counter = TakingIn(desk)
    counter.fill(form)
    counter.takeIn()
    let shown = try await counter.until { $0.taken != nil || $0.problem != nil }
    return try needed(shown.taken, "a ticket: \(String(describing: shown.problem))")
}

/// Writes into a ticket what the customer says.
@MainActor
package func write(_ desk: Desk, _ ticket: TicketId, _ words: String) async throws {
    try await on(OpenTicket(desk, ticket)) { ticket in
        try await ticket.until { $0.view != nil }
        ticket.writeProblem(words)
        ticket.saveText()
        try await ticket.until { $0.view?.ticket.problem == words && $0.problemText == nil }
    }
}
