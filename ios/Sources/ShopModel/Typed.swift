import Counterpart
import Foundation

/// Named texts as one line, for the engine's drafts; a text that is not there stays so.
public enum Typed {
    public static func write(_ texts: [String: String?]) -> String {
        texts
            .compactMap { name, text in text.map { (name, $0) } }
            .sorted { $0.0 < $1.0 }
            .map { name, text in "\(name)=\(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
            .joined(separator: "&")
    }

    public static func read(_ body: String) -> [String: String] {
        let named = body.split(separator: "&").compactMap { pair -> (String, String)? in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = halves.first, let text = halves.last, halves.count == 2 else { return nil }
            return (name, text.removingPercentEncoding ?? text)
        }
        return Dictionary(named) { $1 }
    }
}

/// What stood in a record when somebody began to type over it, and in which version: an edit is what they changed of
/// that.
struct Seen: Equatable {
    private static let stampName = "seen"
    private static let prefix = "seen."

    let texts: [String: String?]
    let stamp: Int64

    init(_ texts: [String: String?], _ stamp: Int64) {
        self.texts = texts
        self.stamp = stamp
    }

    /// From a draft; nothing where it is of a new record, or older than this.
    init?(_ kept: [String: String]) {
        guard let stamp = kept[Self.stampName].flatMap({ Int64($0) }) else { return nil }
        let names = kept.keys.filter { $0.hasPrefix(Self.prefix) }
        let texts = names.map { (String($0.dropFirst(Self.prefix.count)), kept[$0]) }
        self.init(Dictionary(texts) { $1 }, stamp)
    }

    /// What stood under a name.
    subscript(_ name: String) -> String? { texts[name] ?? nil }

    /// As a draft, beside what is typed.
    var asTyped: [String: String?] {
        let seen = texts.map { (Self.prefix + $0.key, $0.value) }
        return Dictionary(seen) { $1 }.merging([Self.stampName: String(stamp)]) { $1 }
    }
}

/// What was typed, laid over a record as it stands now: fields that nobody touched are as others made them meanwhile.
struct Resumed: Equatable {
    let typed: [String: String]
    let seen: [String: String]
    let stamp: Int64

    /// Nothing where nothing was kept. Fields that are one value go `together`.
    init?(_ kept: [String: String], over now: Seen, together: [Set<String>] = []) {
        guard !kept.isEmpty else { return nil }
        // A draft that does not say what was seen: what differs from now was typed.
        let seen = Seen(kept) ?? now
        let touched = Set(now.texts.keys.filter { kept[$0] != seen[$0] })
        let whole = together.filter { !$0.isDisjoint(with: touched) }.reduce(touched) { $0.union($1) }
        func laid(_ over: (String) -> String?) -> [String: String] {
            let texts = now.texts.keys.map { ($0, whole.contains($0) ? over($0) : now[$0]) }
            return Dictionary(texts) { $1 }.compactMapValues { $0 }
        }
        typed = laid { kept[$0] }
        self.seen = laid { seen[$0] }
        stamp = seen.stamp
    }
}

/// What carries the version of the record that it was read from.
public protocol Versioned {
    var meta: Meta { get set }
}

extension Versioned {
    /// As if it had been read in that version.
    func at(_ stamp: Int64) -> Self {
        var then = self
        then.meta.stamp = stamp
        return then
    }
}

extension Appointment: Versioned {}
extension Customer: Versioned {}
extension Employee: Versioned {}
extension InventoryItem: Versioned {}
extension ShopSettings: Versioned {}
extension Ticket: Versioned {}
extension TicketLine: Versioned {}

/// The drafts of an open shop: what is typed is there at once for whoever opens the same screen again, and soon in the
/// engine's file. One is written after the other, so that the last stays.
@MainActor
public final class Drafts {
    private let shop: Shop
    /// What is not in the file yet, by name; an empty text where a draft is to go.
    private var unsaved: [String: String] = [:]
    private var last: Task<Void, Never>?

    nonisolated init(_ shop: Shop) {
        self.shop = shop
    }

    /// What was typed last under a name; nothing where nothing was.
    func read(_ name: String) async throws -> String {
        if let body = unsaved[name] { return body }
        let body = try await inTurn { try await self.shop.draft(name: name)?.body }
        // Somebody may have typed, or saved, since it was asked for.
        return unsaved[name] ?? body ?? ""
    }

    /// Takes note of what is typed.
    func put(_ name: String, _ body: String) {
        unsaved[name] = body
    }

    /// Writes what is not in the file yet. Whether that was all.
    func write(_ name: String) async throws -> Bool {
        try await inTurn { [self] in
            guard let body = unsaved[name] else { return false }
            if body.isEmpty {
                try await shop.dropDraft(name: name)
            } else {
                try await shop.saveDraft(name: name, body: body)
            }
            // Something else may have been typed meanwhile.
            guard unsaved[name] == body else { return false }
            unsaved[name] = nil
            return true
        }
    }

    /// After all that was begun before. Whoever gives up waiting does not let the next one past.
    private func inTurn<Done: Sendable>(_ deed: @escaping @MainActor () async throws -> Done) async throws -> Done {
        let before = last
        let turn = Task {
            await before?.value
            return try await deed()
        }
        last = Task { _ = await turn.result }
        return try await turn.value
    }
}

/// What is typed on a screen and not saved yet, kept in the engine's file: soon, not with every key.
@MainActor
final class Kept {
    /// So many milliseconds after the last key.
    private static let after = 300

    private let desk: Desk
    private let name: String
    private let follow: @MainActor (@escaping Deed) -> Task<Void, Never>?
    private let kept: @MainActor () -> Void
    private var typing: Task<Void, Never>?

    /// `kept` hears that everything is kept.
    init(
        _ desk: Desk,
        _ name: String,
        follow: @escaping @MainActor (@escaping Deed) -> Task<Void, Never>?,
        kept: @escaping @MainActor () -> Void
    ) {
        self.desk = desk
        self.name = name
        self.follow = follow
        self.kept = kept
    }

    /// The texts that were kept, by name; none where nothing was.
    func read() async throws -> [String: String] {
        Typed.read(try await desk.drafts.read(name))
    }

    /// `seen` is what stood there when somebody began to type over it.
    func soon(_ texts: [String: String?], seen: Seen? = nil) {
        typing?.cancel()
        let nothing = texts.values.allSatisfy { $0 == nil }
        let all = texts.merging(seen?.asTyped ?? [:]) { typed, _ in typed }
        desk.drafts.put(name, nothing ? "" : Typed.write(all))
        typing = follow { [self] in
            try await desk.time.wait(Self.after)
            try await save()
        }
    }

    /// What is not kept yet is kept.
    func now() async throws {
        typing?.cancel()
        try await save()
    }

    private func save() async throws {
        if try await desk.drafts.write(name) { kept() }
    }

    /// It was saved, or thrown away.
    func drop() async throws {
        typing?.cancel()
        desk.drafts.put(name, "")
        _ = try await desk.drafts.write(name)
    }
}

/// What was typed on a ticket and not saved yet.
struct TypedDraft: Equatable {
    var problem: String?
    var diagnosis: String?
    var note: String?

    init(problem: String? = nil, diagnosis: String? = nil, note: String? = nil) {
        self.problem = problem
        self.diagnosis = diagnosis
        self.note = note
    }

    init(_ typed: [String: String]) {
        self.init(problem: typed["problem"], diagnosis: typed["diagnosis"], note: typed["note"])
    }

    var texts: [String: String?] {
        ["problem": problem, "diagnosis": diagnosis, "note": note]
    }

    /// A ticket as it was seen when somebody began to type over it; what they did not touch is as it is now.
    func seen(_ seen: Seen?, in now: Ticket) -> Ticket {
        guard let seen else { return now }
        var then = now.at(seen.stamp)
        if problem != nil { then.problem = seen["problem"] }
        if diagnosis != nil { then.diagnosis = seen["diagnosis"] }
        return then
    }
}
