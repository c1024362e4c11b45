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

    init(_ body: String) {
        let typed = Typed.read(body)
        self.init(problem: typed["problem"], diagnosis: typed["diagnosis"], note: typed["note"])
    }

    var body: String {
        Typed.write(["problem": problem, "diagnosis": diagnosis, "note": note])
    }
}
