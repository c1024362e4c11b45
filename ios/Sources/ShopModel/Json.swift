import Foundation

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

/// The engine's JSON as people read and write it.
public enum Json {
    /// The text that a value is, if it is one.
    public static func text(of json: String) -> String? {
        if case .text(let text) = parsed(json) { text } else { nil }
    }

    /// A text as a value.
    public static func value(_ text: String) -> String {
        written(.text(text))
    }

    /// A record's change of one field.
    public static func of(_ field: String, _ text: String) -> String {
        written(.object([field: .text(text)]))
    }

    /// What the fields of a waiting operation should become; of those that are sets, what should go in.
    static func wanted(_ fields: String) -> [String: String] {
        guard case .object(let named) = parsed(fields) else { return [:] }
        return named.mapValues { written(wanted($0)) }
    }

    private static func wanted(_ edit: Value) -> Value {
        guard case .object(let edit) = edit else { return edit }
        if let to = edit["to"] { return to }
        guard case .object(let elements) = edit["elements"] else { return .nothing }
        return elements["add"] ?? .nothing
    }

    /// An object as a list of facts: the names on the way to a value, and the value.
    public static func facts(_ json: String) -> [Fact] {
        facts("", parsed(json))
    }

    private static func facts(_ name: String, _ value: Value) -> [Fact] {
        switch value {
        case .object(let named):
            named.sorted { $0.key < $1.key }.flatMap { facts(name.isEmpty ? $0.key : "\(name).\($0.key)", $0.value) }
        case .list(let values): values.enumerated().flatMap { facts("\(name).\($0.offset)", $0.element) }
        case .nothing, .truth, .whole, .number, .text: [Fact(name, plain(value))]
        }
    }

    /// What is not JSON reads as nothing: the engine writes it, and a screen cannot mend it.
    static func parsed(_ json: String) -> Value {
        (try? JSONDecoder().decode(Value.self, from: Data(json.utf8))) ?? .nothing
    }

    private static func written(_ value: Value) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and objects of texts can always be written.
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    static func plain(_ value: Value) -> String {
        switch value {
        case .nothing: ""
        case .truth(let truth): String(truth)
        case .whole(let number): String(number)
        case .number(let number): String(number)
        case .text(let text): text
        case .list(let values): values.map(plain).joined(separator: ", ")
        case .object(let named):
            named.sorted { $0.key < $1.key }.map { "\($0.key): \(plain($0.value))" }.joined(separator: ", ")
        }
    }

    /// A value as it was read.
    enum Value: Codable {
        case nothing
        case truth(Bool)
        case whole(Int64)
        case number(Double)
        case text(String)
        case list([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .nothing
            } else if let truth = try? container.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? container.decode(Int64.self) {
                self = .whole(number)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let values = try? container.decode([Value].self) {
                self = .list(values)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .nothing: try container.encodeNil()
            case .truth(let truth): try container.encode(truth)
            case .whole(let number): try container.encode(number)
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            case .list(let values): try container.encode(values)
            case .object(let named): try container.encode(named)
            }
        }
    }
}
