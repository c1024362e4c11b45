import Counterpart

extension FieldValue {
    /// The text that it is, if it is one.
    var asText: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The facts inside, one after another: what they are called inside is nobody's word.
    var plain: String {
        switch self {
        case .empty: ""
        case .truth(let truth): String(truth)
        case .whole(let number): String(number)
        case .number(let number): String(number)
        case .text(let text): text
        case .several(let values): values.map(\.plain).filter { !$0.isEmpty }.joined(separator: ", ")
        case .named(let values):
            values.sorted { $0.key < $1.key }.map(\.value.plain).filter { !$0.isEmpty }.joined(separator: " ")
        }
    }
}

#if DEBUG
/// A fact of the engine's, under its own name.
public struct Fact: Hashable, Identifiable, Sendable {
    public var name: String
    public var value: String

    public var id: String { name }

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension FieldValue {
    /// Itself as a list of facts: the names on the way to each, and what stands there.
    func facts(_ name: String) -> [Fact] {
        switch self {
        case .several(let values): values.enumerated().flatMap { $0.element.facts("\(name).\($0.offset)") }
        case .named(let values):
            values.sorted { $0.key < $1.key }.flatMap { $0.value.facts("\(name).\($0.key)") }
        case .empty, .truth, .whole, .number, .text: [Fact(name, plain)]
        }
    }
}

extension Inspection {
    /// How a device stands, but for its rows.
    var facts: [Fact] {
        let known = [
            Fact("online", String(state.online)), Fact("reachable", String(state.reachable)),
            Fact("awake", String(awake)), Fact("session", session), Fact("opened", String(opened)),
            Fact("phase", phase), Fact("failures", String(failures)), Fact("channel", channel),
            Fact("last_error", state.lastError ?? ""), Fact("epoch", epoch), Fact("cursor", String(cursor)),
            Fact("settled", String(settled)), Fact("staged_pages", String(stagedPages)),
            Fact("missing_ranges", String(missingRanges)),
        ]
        let queued = queue.sorted { $0.key < $1.key }.map { Fact("queue.\($0.key)", String($0.value)) }
        let unread = unread.sorted { $0.key < $1.key }.map { Fact("unread.\($0.key)", String($0.value)) }
        return known + queued + unread + file.sorted { $0.key < $1.key }.map { Fact("file.\($0.key)", $0.value) }
    }
}

extension RawRecord {
    /// A record as the file holds it.
    var facts: [Fact] {
        let own = [Fact("stamp", String(stamp)), Fact("deleted", String(deleted))]
        let queued = operations.enumerated().flatMap { index, operation in
            let name = "operations.\(index)"
            return [
                Fact("\(name).operation", operation.operation), Fact("\(name).kind", operation.kind),
                Fact("\(name).state", operation.state), Fact("\(name).tries", String(operation.tries)),
                Fact("\(name).commit", operation.commit.map { String($0) } ?? ""),
            ] + operation.body.facts("\(name).body")
        }
        return (shown?.facts("shown") ?? []) + own + (base?.facts("base") ?? []) + queued
    }
}
#endif
