#if canImport(UserNotifications)
import Counterpart
import Foundation
import ShopModel
import UserNotifications

/// Reminders before appointments, kept by the system: they come when the app does not run, and nothing of them leaves
/// the device.
public struct Reminders: Sendable {
    private static let prefix = "appointment/"

    private let words: any Words

    public init(_ words: any Words) {
        self.words = words
    }

    /// Whether the person allows it; the system asks them once.
    private func ask() async -> Bool {
        (try? await UNUserNotificationCenter.current().requestAuthorization(options: [.alert, .sound])) ?? false
    }

    /// Keeps the reminders current until the task is cancelled or the shop is closed: right after a move or a
    /// cancellation elsewhere too. The person is asked when there is something to remind of; once nobody is signed in,
    /// nothing of theirs stays.
    @MainActor
    public func follow(_ session: Session) async throws {
        var allowed = false
        try await session.remind { reminders, zone in
            if !allowed, !reminders.isEmpty { allowed = await ask() }
            try await lay(allowed ? reminders : [], zone)
        }
    }

    /// Puts what is booked now in the place of what was.
    private func lay(_ reminders: [Reminder], _ zone: TimeZone) async throws {
        let center = UNUserNotificationCenter.current()
        let wanted = Dictionary(reminders.map { (Self.prefix + $0.appointment.id.rawValue, $0) }) { $1 }
        let laid = await center.pendingNotificationRequests().map(\.identifier)
        let stale = laid.filter { $0.hasPrefix(Self.prefix) && wanted[$0] == nil }
        center.removePendingNotificationRequests(withIdentifiers: stale)
        for (id, reminder) in wanted {
            // Somebody else may be signed in meanwhile.
            try Task.checkCancellation()
            let seconds = reminder.at.timeIntervalSinceNow
            guard seconds > 0 else { continue }
            let row = reminder.appointment
            let content = UNMutableNotificationContent()
            let begins = words.moment(row.slot.startsAt, zone)
            content.body = words.appointmentsReminder(at: begins, customer: row.customer)
            content.sound = .default
            let trigger = UNTimeIntervalNotificationTrigger(timeInterval: seconds, repeats: false)
            // The same identifier takes the place of the one before.
            try await center.add(UNNotificationRequest(identifier: id, content: content, trigger: trigger))
        }
    }
}
#endif
