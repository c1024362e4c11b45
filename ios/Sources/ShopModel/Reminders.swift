import Counterpart
import Foundation

/// That somebody is about to come, and when that is to be said.
public struct Reminder: Hashable, Sendable {
    public let appointment: AppointmentRow
    public let at: Date
}

extension Desk {
    /// So long before somebody comes.
    private static let before: TimeInterval = 15 * 60
    private static let ahead: TimeInterval = 7 * 86_400
    private static let most: UInt32 = 50

    /// What the shell has to remind of within the next days: the whole list again after every change, so that what was
    /// moved or cancelled on another device is right here too.
    public func reminders() -> AsyncThrowingMapSequence<Watched<CalendarWatch>, [Reminder]> {
        let from = time.now()
        return shop.calendars(from: from, until: from.addingTimeInterval(Self.ahead)).map { [self] _ in
            let until = time.now().addingTimeInterval(Self.ahead)
            return try await shop.reminders(until: until, limit: Self.most).map {
                Reminder(appointment: $0, at: $0.slot.startsAt.addingTimeInterval(-Self.before))
            }
        }
    }
}

extension SessionState {
    /// Whose appointments the shell reminds of.
    public var reminding: Reminding {
        if let desk { .of(ObjectIdentifier(desk)) } else { opening ? .unknown : .nobody }
    }

    /// Whose appointments are reminded of: where it changes, it begins anew.
    public enum Reminding: Hashable, Sendable {
        /// The session is still being opened: what was laid stays.
        case unknown
        case nobody
        case of(ObjectIdentifier)
    }
}

extension Session {
    /// Tells what the shell has to remind of, for as long as the same person works at the same shop: nothing once nobody is
    /// signed in, and no word while that is not known.
    public func remind(_ lay: @MainActor ([Reminder], TimeZone) async throws -> Void) async throws {
        guard let desk = state.desk else {
            if state.reminding == .nobody { try await lay([], .current) }
            return
        }
        for try await reminders in desk.reminders() { try await lay(reminders, desk.zone) }
    }
}
