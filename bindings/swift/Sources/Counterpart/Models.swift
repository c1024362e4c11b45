import CounterpartFacade
import Foundation
import Observation

/// The sync as a view shows it. `follow` belongs in the view's task: leaving the screen ends it.
@MainActor @Observable
public final class SyncModel {
    /// What a person sees of the sync; nothing before the first look.
    public private(set) var state: SyncState?

    public init() {}

    /// Shows the shop's state until the task is cancelled, the shop is closed, or looking fails, which is thrown.
    public func follow(_ shop: Shop) async throws {
        for try await state in shop.states() {
            self.state = state
        }
    }
}

/// The ticket board as a view shows it: the first window live, further ones as somebody scrolls.
@MainActor @Observable
public final class BoardModel {
    /// The rows that are shown.
    public private(set) var rows: [TicketRow] = []
    /// Whether there are more.
    public private(set) var hasMore = false
    /// What the board shows.
    public let filter: BoardFilter

    private var further: [TicketRow] = []
    private var next: Key?
    private let window: UInt32

    public init(filter: BoardFilter, window: UInt32 = 50) {
        self.filter = filter
        self.window = window
    }

    /// Shows the board until the task is cancelled, the shop is closed, or looking fails, which is thrown.
    public func follow(_ shop: Shop) async throws {
        for try await page in shop.boards(filter, limit: window) {
            // Whatever was read further down may have moved: it is read again when somebody scrolls there.
            further = []
            next = page.next
            show(page.rows)
        }
    }

    /// Reads the window after what is shown.
    public func more(_ shop: Shop) async throws {
        guard let after = next else { return }
        let first = rows.count - further.count
        let page = try await shop.board(filter: filter, after: after, limit: window)
        // The first window changed meanwhile: what came belongs to a board that is no longer shown.
        guard next == after, rows.count - further.count == first else { return }
        further += page.rows
        next = page.next
        show(Array(rows.prefix(first)))
    }

    private func show(_ first: [TicketRow]) {
        rows = first + further
        hasMore = next != nil
    }
}

/// A ticket as its screen shows it.
@MainActor @Observable
public final class TicketModel {
    /// The ticket with all that belongs to it; nothing while it is not here.
    public private(set) var view: TicketView?

    public init() {}

    /// Shows a ticket until the task is cancelled, the shop is closed, or looking fails, which is thrown.
    public func follow(_ ticket: TicketId, of shop: Shop) async throws {
        for try await watched in shop.tickets(ticket) {
            view = watched.view
        }
    }
}
