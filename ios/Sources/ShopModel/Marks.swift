import Counterpart

/// What stands beside a record: where it is between this device and the server, and whether somebody changed it.
public struct Mark: Hashable, Sendable {
    public var status: Status
    public var unread: Bool

    public init(_ status: Status = .synced, unread: Bool = false) {
        self.status = status
        self.unread = unread
    }
}

extension Shop {
    /// The marks of these records, by id.
    func marks(_ kind: RecordKind, _ ids: [String]) async throws -> [String: Mark] {
        let standings = try await standings(kind: kind, ids: ids)
        return Dictionary(standings.map { ($0.id, Mark($0.status, unread: $0.unread)) }) { $1 }
    }
}

extension SyncState {
    /// What of the queue shows in the marks of records.
    var queue: [UInt64] { [pending, failed, syncing ? 1 : 0] }
}

/// For so many milliseconds a failure is not shown: a retry that works in the meantime is not a flash.
public let failureShownAfter = 700

/// Shows what it is given, but "failed" only once it has stayed so for a while.
@MainActor
final class LateFailure {
    /// What is shown, by the records' ids.
    private(set) var marks: [String: Mark] = [:]

    private let time: any Time
    private let shown: @MainActor ([String: Mark]) -> Void
    private var newest: [String: Mark] = [:]
    private var waiting: [String: Task<Void, any Error>] = [:]

    init(_ time: any Time, shown: @escaping @MainActor ([String: Mark]) -> Void) {
        self.time = time
        self.shown = shown
    }

    /// New marks.
    func tell(_ marks: [String: Mark]) {
        newest = marks
        var next = marks
        for (id, mark) in marks {
            if mark.status == .failed, self.marks[id]?.status != .failed {
                next[id]?.status = .syncing
                wait(id)
            } else {
                waiting.removeValue(forKey: id)?.cancel()
            }
        }
        change(next)
    }

    private func wait(_ id: String) {
        // Told again, it has already been waited for.
        guard waiting[id] == nil else { return }
        waiting[id] = Task { [weak self, time] in
            try await time.wait(failureShownAfter)
            self?.waited(id)
        }
    }

    private func waited(_ id: String) {
        waiting[id] = nil
        var next = marks
        next[id] = newest[id]
        change(next)
    }

    private func change(_ next: [String: Mark]) {
        marks = next
        shown(next)
    }
}
