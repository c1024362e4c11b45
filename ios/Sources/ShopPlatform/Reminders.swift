#if canImport(UserNotifications)
import Counterpart
import Foundation
import ShopModel
import UserNotifications

/// Reminders before appointments, kept by the system: they come when the app does not run, and nothing of them leaves
/// the device.
public struct Reminders: Sendable {
    private static let prefix = "appointment/"
    /// The system keeps 64 at most.
    private static let most: UInt32 = 50
    private static let before: TimeInterval = 30 * 60
    private static let ahead: TimeInterval = 7 * 86_400

    private let words: any Words

    public init(_ words: any Words) {
        self.words = words
    }

    /// Whether the person allows it; the system asks them once.
    private func ask() async -> Bool {
        (try? await UNUserNotificationCenter.current().requestAuthorization(options: [.alert, .sound])) ?? false
    }

    /// Keeps the reminders current until the task is cancelled or the shop is closed: right after a move or a
    /// cancellation elsewhere too. The person is asked when there is something to remind of.
    public func follow(_ shop: Shop) async throws {
        var asked = false
        for try await appointments in shop.calendars(from: .now, until: .now.addingTimeInterval(Self.ahead)) {
            if !asked, !appointments.isEmpty { asked = await ask() }
            if asked { try await lay(shop) }
        }
    }

    /// Puts what is booked now in the place of what was.
    private func lay(_ shop: Shop, zone: TimeZone = .current) async throws {
        let rows = try await shop.reminders(until: .now.addingTimeInterval(Self.ahead), limit: Self.most)
        let center = UNUserNotificationCenter.current()
        let wanted = Dictionary(rows.map { (Self.prefix + $0.id.rawValue, $0) }) { $1 }
        let laid = await center.pendingNotificationRequests().map(\.identifier)
        let stale = laid.filter { $0.hasPrefix(Self.prefix) && wanted[$0] == nil }
        center.removePendingNotificationRequests(withIdentifiers: stale)
        for (id, row) in wanted {
            let seconds = row.slot.startsAt.timeIntervalSinceNow - Self.before
            guard seconds > 0 else { continue }
            let content = UNMutableNotificationContent()
            content.body = words.reminderSoon(at: words.moment(row.slot.startsAt, zone), customer: row.customer)
            content.sound = .default
            let trigger = UNTimeIntervalNotificationTrigger(timeInterval: seconds, repeats: false)
            // The same identifier takes the place of the one before.
            try await center.add(UNNotificationRequest(identifier: id, content: content, trigger: trigger))
        }
    }
}
#endif
