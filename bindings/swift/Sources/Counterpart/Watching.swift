import CounterpartFacade
import CounterpartIds
import Foundation

/// What is asked for the next state of something, and tells nothing after its end.
public protocol Watch: AnyObject, Sendable {
    /// What it shows.
    associatedtype State: Sendable
    /// Waits for the next state. Nothing comes once the watch or the shop has ended.
    func next() async throws -> State?
    /// Ends it: whoever waits is told.
    func end()
}

extension StateWatch: Watch {}
extension BoardWatch: Watch {}
extension TicketWatch: Watch {}
extension CustomerWatch: Watch {}
extension ItemWatch: Watch {}
extension EmployeesWatch: Watch {}
extension LowStockWatch: Watch {}
extension ChangesWatch: Watch {}
extension CalendarWatch: Watch {}
extension BadgesWatch: Watch {}
extension NoticesWatch: Watch {}
extension ParkedWatch: Watch {}
extension ConflictsWatch: Watch {}
extension PresenceWatch: Watch {}

/// States as they change: every loop over them begins a watch of its own, which ends with the loop, with its task, or
/// with the shop, and with an error that looking made, which is thrown. States in between are skipped.
public struct Watched<Source: Watch>: AsyncSequence, Sendable {
    public typealias Element = Source.State

    let begin: @Sendable () -> Source

    public func makeAsyncIterator() -> Iterator {
        Iterator(watch: Held(begin()))
    }

    public struct Iterator: AsyncIteratorProtocol {
        let watch: Held<Source>

        public func next() async throws -> Source.State? {
            let watch = watch.watch
            return try await withTaskCancellationHandler {
                try await watch.next()
            } onCancel: {
                watch.end()
            }
        }
    }

    /// Ends the watch when nobody iterates any more.
    final class Held<Kept: Watch>: Sendable {
        let watch: Kept
        init(_ watch: Kept) { self.watch = watch }
        deinit { watch.end() }
    }
}

extension Shop {
    /// What a person sees of the sync, as it changes.
    public func states() -> Watched<StateWatch> {
        Watched { self.watchState() }
    }

    /// The first window of the board, as it changes.
    public func boards(_ filter: BoardFilter, limit: UInt32 = 50) -> Watched<BoardWatch> {
        Watched { self.watchBoard(filter: filter, limit: limit) }
    }

    /// A ticket with all that its screen shows, as it changes.
    public func tickets(_ id: TicketId) -> Watched<TicketWatch> {
        Watched { self.watchTicket(ticket: id) }
    }

    /// A customer, as somebody here or elsewhere changes it.
    public func customers(_ id: CustomerId) -> Watched<CustomerWatch> {
        Watched { self.watchCustomer(customer: id) }
    }

    /// An item of the shelf with its quantity, as it changes.
    public func items(_ id: InventoryItemId) -> Watched<ItemWatch> {
        Watched { self.watchItem(item: id) }
    }

    /// The employees by name, those who left last, as they change.
    public func staff() -> Watched<EmployeesWatch> {
        Watched { self.watchEmployees() }
    }

    /// Items to order, by name, as they change.
    public func itemsToOrder(limit: UInt32 = 50) -> Watched<LowStockWatch> {
        Watched { self.watchLowStock(limit: limit) }
    }

    /// How often something of these kinds changed: a reason to read again what a search, or any list without a sequence
    /// of its own, shows.
    public func changes(of kinds: [RecordKind]) -> Watched<ChangesWatch> {
        Watched { self.watchChanges(kinds: kinds) }
    }

    /// The appointments of a range of time, as they change.
    public func calendars(
        from: Date,
        until: Date,
        assignee: EmployeeId? = nil
    ) -> Watched<CalendarWatch> {
        Watched { self.watchCalendar(from: from, until: until, assignee: assignee) }
    }

    /// The numbers on the badges, as they change.
    public func badgeCounts(day: Date, nextDay: Date) -> Watched<BadgesWatch> {
        Watched { self.watchBadges(day: day, nextDay: nextDay) }
    }

    /// What others did, the newest first, as it changes.
    public func news(limit: UInt32 = 50) -> Watched<NoticesWatch> {
        Watched { self.watchNotices(limit: limit) }
    }

    /// What waits for a person, as it changes.
    public func parkedOperations() -> Watched<ParkedWatch> {
        Watched { self.watchParked() }
    }

    /// The conflicts that wait for a person, as they change.
    public func openConflicts() -> Watched<ConflictsWatch> {
        Watched { self.watchConflicts() }
    }

    /// Who is there and what they look at, as it changes.
    public func team() -> Watched<PresenceWatch> {
        Watched { self.watchPresence() }
    }
}
