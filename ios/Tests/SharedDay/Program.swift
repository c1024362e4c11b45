// The iPad of the day that it shares with an Android phone. `cargo xtask test day` starts both and asks for the story's
// steps, one after the other: a line names the step and the word that was said last, the answer says that it is done.
import Foundation
import ShopModel
import ShopTrial

/// What the story says and is not so.
struct Untrue: Error {
    let what: String
}

func check(_ isSo: Bool, _ what: String) throws {
    guard isSo else { throw Untrue(what: what) }
}

func say(_ line: String) throws {
    try FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
}

func given(_ name: String) throws -> String {
    try needed(ProcessInfo.processInfo.environment["COUNTERPART_\(name)"], name)
}

extension ScreenModel {
    /// Waits until the screen shows what is wanted, and says so meanwhile.
    @discardableResult
    func shows(_ what: String, _ wanted: (Shown) -> Bool) async throws -> Shown {
        try say("waits for \(what)")
        return try await until(wanted)
    }

    /// Waits until there is something on the screen, says so meanwhile, and gives it.
    func finds<Found>(_ what: String, _ found: (Shown) -> Found?) async throws -> Found {
        try needed(found(try await shows(what) { found($0) != nil }), what)
    }
}

/// What is asked for, a line at a time. Where nobody can ask any more, the program ends.
private func asked() -> AsyncStream<String> {
    let (lines, tell) = AsyncStream<String>.makeStream()
    Thread.detachNewThread {
        // Not by readLine: while that waits, nothing else can end the program.
        var read = Data()
        while case let more = FileHandle.standardInput.availableData, !more.isEmpty {
            read += more
            while let end = read.firstIndex(of: UInt8(ascii: "\n")) {
                tell.yield(String(decoding: read[..<end], as: UTF8.self))
                read = Data(read[(end + 1)...])
            }
        }
        exit(1)
    }
    return lines
}

@MainActor
private func work() async throws {
    var lines = asked().makeAsyncIterator()
    let frontDesk = try await FrontDesk.open()
    for (name, does) in frontDesk.steps {
        let line = try needed(await lines.next(), "somebody who asks")
        let words = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
        try check(words.count == 2 && words[0] == name, "“\(line)” is asked for, and “\(name)” is next")
        frontDesk.word = String(words[1])
        try await does()
        try say("done \(frontDesk.word)")
    }
}

@main
enum Program {
    static func main() async {
        do {
            try await work()
        } catch {
            FileHandle.standardError.write(Data("The iPad: \(error)\n".utf8))
            exit(1)
        }
        exit(0)
    }
}
