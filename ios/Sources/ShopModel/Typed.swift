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
    private var unsaved: [String: String?]?
    private var writing: Task<Void, any Error>?
    private var changes = 0

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

    /// The texts that were kept, by name; none where nothing was, or where somebody has typed since.
    func read() async throws -> [String: String] {
        let before = changes
        let body = try await desk.shop.draft(name: name)?.body
        return unsaved == nil && changes == before ? body.map(Typed.read) ?? [:] : [:]
    }

    func soon(_ texts: [String: String?]) {
        typing?.cancel()
        unsaved = texts
        changes += 1
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
        guard let texts = unsaved else { return }
        let write = Task { [shop = desk.shop, name] in
            if texts.values.allSatisfy({ $0 == nil }) {
                try await shop.dropDraft(name: name)
            } else {
                try await shop.saveDraft(name: name, body: Typed.write(texts))
            }
        }
        writing = write
        try await write.value
        // Something else may have been typed meanwhile.
        guard unsaved == texts else { return }
        unsaved = nil
        kept()
    }

    /// It was saved, or thrown away.
    func drop() async throws {
        typing?.cancel()
        unsaved = nil
        changes += 1
        // What is being written just now comes first.
        _ = await writing?.result
        try await desk.shop.dropDraft(name: name)
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
}
