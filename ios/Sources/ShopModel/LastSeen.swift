import Counterpart
import Foundation

/// What somebody saw of a ticket when they last looked: what differs is what changed since. Of each field no more than a
/// sum is kept, in the engine's file, for the tickets that were looked at last.
@MainActor
final class LastSeen {
    private static let prefix = "seen/"
    private static let most = 100

    private let desk: Desk
    private let name: String
    private var last: [String: String]?

    init(_ desk: Desk, _ id: TicketId) {
        self.desk = desk
        name = Self.prefix + id.rawValue
    }

    /// The fields, and the tables of what belongs to it, in which it differs from what was seen before. It is seen now.
    func changes(_ view: TicketView) async throws -> [String] {
        let facts = facts(view)
        let sums = Dictionary(facts.map { ($0, sum($1)) }) { $1 }
        var before = last
        if before == nil { before = try await desk.shop.draft(name: name).map { Typed.read($0.body) } }
        last = sums
        if before != sums { try await keep(sums) }
        guard let before else { return [] }
        return facts.map(\.0).filter { before[$0] != sums[$0] }
    }

    private func keep(_ sums: [String: String]) async throws {
        try await desk.shop.saveDraft(name: name, body: Typed.write(sums))
        let kept = try await desk.shop.drafts().filter { $0.name.hasPrefix(Self.prefix) }
        for draft in kept.dropFirst(Self.most) { try await desk.shop.dropDraft(name: draft.name) }
    }

    private func facts(_ view: TicketView) -> [(String, String)] {
        let ticket = view.ticket
        let lines = view.lines.map { line in
            "\(line.id.rawValue) \(line.description ?? "") \(line.quantity) \(line.unitPriceCents) \(line.approval)"
        }
        return [
            ("ticket_events", view.events.map(\.id.rawValue).joined()),
            ("problem", ticket.problem ?? ""),
            ("diagnosis", ticket.diagnosis ?? ""),
            ("ticket_lines", lines.joined(separator: "\n")),
            ("ticket_notes", view.notes.map(\.id.rawValue).joined()),
            ("subject", ticket.subject),
            ("customer_id", ticket.customerId.rawValue),
            ("device_kind", ticket.deviceKind ?? ""),
            ("device_brand", ticket.deviceBrand ?? ""),
            ("device_model", ticket.deviceModel ?? ""),
            ("device_serial", ticket.deviceSerial ?? ""),
            ("device_colour", ticket.deviceColour ?? ""),
            ("imei", ticket.imei ?? ""),
            ("priority", ticket.priority.word),
            ("due_at", "\(ticket.dueAt?.timeIntervalSince1970 ?? 0)"),
            ("assignee_id", ticket.assigneeId?.rawValue ?? ""),
            ("estimate_cents", "\(ticket.estimateCents ?? -1)"),
            ("approved_cents", "\(ticket.approvedCents ?? -1)"),
            ("accessories", ticket.accessories.joined(separator: "\n")),
            ("tags", ticket.tags.joined(separator: "\n")),
            ("passcode", "\(view.hasPasscode)"),
        ]
    }

    /// The same on every day, which a hash of Swift's own is not.
    private func sum(_ text: String) -> String {
        String(text.utf8.reduce(UInt64(5_381)) { $0 &* 33 ^ UInt64($1) })
    }
}
