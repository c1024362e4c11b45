import Counterpart
import Foundation

/// What a field of a record was or became, as far as it has to be said in a language.
public enum TrailValue: Hashable, Sendable {
    case nothing
    case text(String)
    case answer(Bool)
    case moment(Date)
    case money(Int64)
    case step(TicketStatus)
    case urgency(Priority)
    /// What kind, how far, which role: one of the engine's words.
    case word(String)
    /// What the checklist says, item by item.
    case checked([String: CheckMark])

    /// From a field's value.
    init(_ field: String, _ value: FieldValue) {
        switch value {
        case .empty: self = .nothing
        case .truth(let yes): self = .answer(yes)
        case .whole(let number) where field == "tax_bp": self = .text(Amounts.percent(number))
        case .whole(let number): self = field.hasSuffix("_cents") ? .money(number) : .text(String(number))
        case .text(let text): self.init(field, text: text)
        case .named(let marks) where field == "intake_checklist": self.init(marks: marks)
        case .named, .number, .several: self.init(facts: value.plain)
        }
    }

    private init(_ field: String, text: String) {
        self =
            switch field {
            case _ where text.isEmpty: .nothing
            case "status", "on_hold_from", "to": .step(Self.status(text))
            case "priority": .urgency(Priority(word: text))
            // Each means the same in whichever of them it stands.
            case "kind", "approval", "state", "role": .word(text)
            default: Self.moment(field, text).map(TrailValue.moment) ?? .text(text)
            }
    }

    private init(marks: [String: FieldValue]) {
        let checked = marks.compactMapValues { $0.asText.map(Self.mark) }
        self = checked.isEmpty ? .nothing : .checked(checked)
    }

    private init(facts: String) {
        self = facts.isEmpty ? .nothing : .text(facts)
    }

    private static func moment(_ field: String, _ text: String) -> Date? {
        guard field.hasSuffix("_at") || field.hasSuffix("_until") else { return nil }
        return [true, false].lazy.compactMap { fractions in
            try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: fractions))
        }.first
    }

    private static func status(_ word: String) -> TicketStatus {
        switch word {
        case "received": .received
        case "diagnosing": .diagnosing
        case "awaiting_approval": .awaitingApproval
        case "approved": .approved
        case "awaiting_parts": .awaitingParts
        case "in_repair": .inRepair
        case "qc": .qc
        case "ready": .ready
        case "picked_up": .pickedUp
        case "on_hold": .onHold
        case "cancelled": .cancelled
        case "abandoned": .abandoned
        default: .other(word: word)
        }
    }

    private static func mark(_ word: String) -> CheckMark {
        switch word {
        case "pass": .pass
        case "fail": .fail
        case "na": .notApplicable
        case "untested": .untested
        default: .other(word: word)
        }
    }
}

extension Words {
    /// What a field was or became.
    public func of(_ value: TrailValue, currency: String, _ zone: TimeZone) -> String {
        switch value {
        case .nothing: ""
        case .text(let text): text
        case .answer(let yes): yes ? trailYes : trailNo
        case .moment(let at): moment(at, zone)
        case .money(let cents): money(cents, currency)
        case .step(let status): of(status)
        case .urgency(let priority): of(priority)
        case .word(let word): wordName(word)
        case .checked(let marks):
            marks.sorted { $0.key < $1.key }.map { "\(checkName($0.key)): \(of($0.value))" }.joined(separator: ", ")
        }
    }
}
