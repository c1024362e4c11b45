import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// The audit trail on a card, through the models, against a live hub.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct AuditTrailTests {
        let hub: Hub

        init() async throws {
            hub = try await Hub.shared()
        }

        @Test("Who leads sees who changed what from what to what, when and on which device; nobody else does")
        func changes() async throws {
            let (ada, second) = (try await Person(), try await Person())
            defer { for person in [ada, second] { person.leave() } }
            let front = try await ada.signIn(hub, hub.owner)
            let bench = try await second.signIn(hub, hub.invite("Bo Trail", "technician"))
            let id = try await takeIn(front, form("Weber", "Does not charge")).ticket
            for desk in [front, bench] { try await desk.shop.sync() }
            let before = try #require(try await bench.shop.ticket(id: id))
            let after = with(before) {
                $0.diagnosis = "Dead since Monday"
                $0.priority = .urgent
            }
            try await bench.shop.editTicket(before: before, after: after)
            try await bench.shop.sync()

            let trail = AuditTrail(front, .ticket, id.rawValue)
            #expect(trail.state.deeds == nil, "nobody is asked before somebody asks")
            let deeds = try await told(trail)
            let (edit, intake) = (try #require(deeds.first), try #require(deeds.last))
            #expect(edit.by == "Bo Trail" && intake.by == "Ada Okafor" && intake.device == .this)
            let account: String? = if case .other(_, let person) = edit.device { person } else { nil }
            #expect(account == "Bo Trail")
            #expect(
                Set(edit.changes) == [
                    TrailChange("diagnosis", from: .nothing, to: .text("Dead since Monday")),
                    TrailChange("priority", from: .urgency(.normal), to: .urgency(.urgent)),
                ]
            )
            let taken = Dictionary(intake.changes.map { ($0.field, $0.to) }) { $1 }
            #expect(taken["subject"] == .text("Does not charge"))
            #expect(taken["customer_id"] == .text("Weber"), "a customer is called by name")
            #expect(!intake.changes.map(\.to).contains(.nothing), "what was left empty is not told")

            let refused = AuditTrail(bench, .ticket, id.rawValue)
            refused.ask()
            let problem = try await refused.there { $0.problem }
            #expect(problem.code == "denied" && refused.state.deeds == nil && !refused.state.asking)
            #expect(English().ofTrail(problem) == English().trailDenied)
        }

        @Test("A long trail comes page by page")
        func pages() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            let id = try await takeIn(desk, form("Long", "Comes back")).ticket
            try await desk.shop.sync()
            for turn in 1...40 {
                let before = try #require(try await desk.shop.ticket(id: id))
                let after = with(before) { $0.diagnosis = "Try \(turn)" }
                try await desk.shop.editTicket(before: before, after: after)
                try await desk.shop.sync()
            }
            let trail = AuditTrail(desk, .ticket, id.rawValue)
            let first = try await told(trail)
            #expect(trail.state.more && first.count < 41)
            trail.showMore()
            let whole = try await trail.until { !$0.asking && !$0.more }
            let deeds = try #require(whole.deeds)
            let subjects = deeds.flatMap(\.changes).filter { $0.field == "diagnosis" }
            #expect(subjects.count == 40 && subjects.first?.to == .text("Try 40") && subjects.last?.from == .nothing)
        }

        @Test("Without the server it says so, and what was told before stays")
        func offline() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let alone = try await Hub.alone()
            let desk = try await ada.signIn(alone, alone.owner)
            let id = try await takeIn(desk, form("Offline", "Asked again")).ticket
            try await desk.shop.sync()
            let trail = AuditTrail(desk, .ticket, id.rawValue)
            let before = try await told(trail)
            await Task.detached { alone.end() }.value
            trail.ask()
            let shown = try await trail.until { !$0.asking }
            #expect(shown.problem == Problem("needs_server") && shown.deeds == before && !before.isEmpty)
        }

        private func told(_ trail: AuditTrail) async throws -> [TrailDeed] {
            trail.ask()
            let shown = try await trail.until { !$0.asking }
            return try #require(shown.deeds, "\(String(describing: shown.problem))")
        }
    }
}

/// What a trail says of a value, and how.
@Suite
struct TrailValueTests {
    @Test("Values are told as what they are, and what the app does not know as it stands")
    func values() throws {
        #expect(TrailValue("status", .text(text: "qc")) == .step(.qc))
        #expect(TrailValue("status", .text(text: "paused")) == .step(.other(word: "paused")))
        #expect(TrailValue("priority", .text(text: "urgent")) == .urgency(.urgent))
        #expect(TrailValue("role", .text(text: "front_desk")) == .word("front_desk"))
        #expect(TrailValue("estimate_cents", .whole(number: 1_250)) == .money(1_250))
        #expect(TrailValue("quantity", .whole(number: 3)) == .text("3"))
        let at = Date(timeIntervalSince1970: 1_773_307_800)
        #expect(TrailValue("due_at", .text(text: "2026-03-12T09:30:00.000Z")) == .moment(at))
        #expect(TrailValue("due_at", .text(text: "2026-03-12T09:30:00Z")) == .moment(at))
        #expect(TrailValue("subject", .text(text: "2026-03-12T09:30:00Z")) == .text("2026-03-12T09:30:00Z"))
        #expect(TrailValue("sms_opt_out", .truth(truth: true)) == .answer(true))
        let phones = [("mobile", "+49"), ("work", "+30")].map { label, number in
            FieldValue.named(values: ["number": .text(text: number), "label": .text(text: label)])
        }
        #expect(TrailValue("phones", .several(values: phones)) == .text("mobile +49, work +30"))
        let marks = FieldValue.named(values: ["screen": .text(text: "fail"), "sound": .text(text: "pass")])
        #expect(TrailValue("intake_checklist", marks) == .checked(["screen": .fail, "sound": .pass]))
        for nothing in [FieldValue.empty, .text(text: ""), .several(values: []), .named(values: [:])] {
            #expect(TrailValue("tags", nothing) == .nothing)
        }
    }

    @Test("A change says what was and what became, and only one of them where there is no other")
    func sentences() {
        let words = English()
        let said = { (change: TrailChange) in
            words.of(change, currency: "EUR", .gmt).filter { !"\u{2068}\u{2069}".contains($0) }
        }
        let priority = TrailChange("priority", from: .urgency(.normal), to: .urgency(.urgent))
        let priced = TrailChange("estimate_cents", from: .nothing, to: .money(18_900))
        let emptied = TrailChange("device_serial", from: .text("C39"), to: .nothing)
        #expect(said(priority) == "Priority: from Normal to Urgent" && said(priced) == "Estimate: €189.00")
        #expect(said(emptied) == "Serial number: emptied, was C39")
        let device = words.of(TrailDevice.other(code: "B", of: "Bo"))
        #expect(device == "on device B, Bo" && words.of(TrailDevice.gone) == words.trailGoneDevice)
        #expect(words.fieldName("newer_field") == "newer field")
    }
}
