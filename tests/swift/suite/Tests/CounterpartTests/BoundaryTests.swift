import Counterpart
import Foundation
import Testing

/// What crosses between Swift and the engine, and what does not get across.
@Suite(.timeLimit(.minutes(2)))
struct BoundaryTests {
    @Test("Every kind of error arrives as its own, with its code and without a customer's data")
    func errors() async throws {
        let device = try await Device()
        let shop = try await device.alone()
        var long = blankCustomer()
        long.notes = String(repeating: "x", count: 9_000)
        let unmade = long
        let invalid = try await failure { try await shop.createCustomer(record: unmade) }
        guard case .Invalid("length", "customers", "notes", _) = invalid else { throw invalid }
        let missing = try await failure { try await shop.deleteTicket(id: "none") }
        guard case .Missing("not_found", _) = missing else { throw missing }
        let denied = try await failure { try await shop.switchOff() }
        guard case .Denied("denied", _, _) = denied else { throw denied }
        let signedOut = try await failure { try await shop.sync() }
        guard case .SignedOut("signed_out", _) = signedOut else { throw signedOut }
        let folder = device.folder.appendingPathComponent("data")
        let inUse = try await failure { try await Terminal.open(folder: folder, storage: Forgetful()) }
        guard case .NotNow("in_use", nil, nil) = inUse else { throw inUse }
        #expect(!"\(invalid)\(missing)\(denied)\(signedOut)\(inUse)".contains("xxx"))

        let other = try scratch("newer")
        try Data("{\"form\":99}".utf8).write(to: other.appendingPathComponent("terminal.json"))
        let newer = try await failure { try await Terminal.open(folder: other, storage: Forgetful()) }
        guard case .Storage("newer_file") = newer else { throw newer }

        let garbled = try await Terminal.open(folder: scratch("garbled"), storage: Garbled())
        let defect = try await failure { try await garbled.enter(account: ada, shop: "north") }
        guard case .Defect("defect", let detail) = defect else { throw defect }
        #expect(!detail.contains("Okafor"))

        let hub = try Hub()
        let away = try await Device()
        let behind = try await away.signIn(hub, hub.owner)
        try await away.offline(behind)
        let unreached = try await failure { try await behind.sync() }
        guard case .NeedsServer("needs_server", _) = unreached else { throw unreached }
    }

    @Test("What an adapter throws is an error of the call that needed it")
    func adapters() async throws {
        for thrown in [AdapterError.Locked as any Error, AdapterError.Failed, Ended()] {
            let terminal = try await Terminal.open(folder: scratch("throwing"), storage: Throwing(thrown: thrown))
            let withheld = try await failure { try await terminal.enter(account: ada, shop: "north") }
            #expect(withheld.code == "device_locked")
            try await terminal.shutDown()
        }
    }

    @Test("Reachability that throws is logged, and harms nothing")
    func logs() async throws {
        let sink = Sink()
        setLogSink(sink: sink, level: .debug)
        defer { setLogSink(sink: nil, level: .error) }
        let terminal = try await Terminal.open(
            folder: scratch("broken"),
            storage: Forgetful(),
            reachability: Broken()
        )
        let shop = try await terminal.enter(account: ada, shop: "north")
        _ = try await shop.createCustomer(record: customer("Okafor"))
        #expect(await sink.heard().level == .error)
        try await terminal.shutDown()
    }

    @Test("A task that is cancelled ends its wait, and what was saved stays")
    func cancellation() async throws {
        let hub = try Hub()
        let device = try await Device()
        let shop = try await device.signIn(hub, hub.owner)
        let gate = try await device.meetsAGate(shop, inPlaceOf: hub, holding: "sync_standing")
        let id = try await shop.createCustomer(record: customer("Okafor"))
        // What the gate holds is under way, and has no answer.
        let waiting = Task { try await shop.devices() }
        _ = try await gate.next()
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let token = CancelToken()
        let asking = Task { try await failure { try await shop.devices(cancel: token) } }
        _ = try await gate.next()
        token.cancel()
        #expect(try await asking.value.code == "cancelled")
        #expect(try await shop.customer(id: id) != nil)
        gate.leave()
        try hub.serve()
        try await shop.retryAll()
        try await shop.idle(within: .seconds(60))
        #expect(try await shop.standings(kind: .customer, ids: [id.rawValue]).map(\.status) == [.synced])
    }

    @Test("A loop over states ends with its task, and with its shop")
    func watching() async throws {
        let device = try await Device()
        let shop = try await device.alone()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let looping = Task {
            var seen = 0
            for try await _ in shop.boards(everything) {
                seen += 1
                begin.yield()
            }
            return seen
        }
        for await _ in begun { break }
        looping.cancel()
        #expect(try await looping.value == 1)

        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let following = Task {
            for try await _ in shop.states() { start.yield() }
        }
        for await _ in started { break }
        try await device.terminal.shutDown()
        try await following.value
    }

    @Test("A board's model shows the first window live, and further ones as somebody scrolls")
    @MainActor
    func models() async throws {
        let device = try await Device()
        let shop = try await device.alone()
        for at in 0..<25 { _ = try await shop.intake(intake: intake("No. \(at)"), passcode: nil) }
        let model = BoardModel(filter: everything, window: 10)
        let following = Task { try await model.follow(shop) }
        try await shown { !model.rows.isEmpty }
        #expect(model.rows.count == 10 && model.hasMore)
        try await model.more(shop)
        try await model.more(shop)
        #expect(model.rows.count == 25 && !model.hasMore)
        #expect(Set(model.rows.map(\.id)).count == 25)
        _ = try await shop.intake(intake: intake("The newest"), passcode: nil)
        try await shown { model.rows.first?.subject == "The newest" }
        #expect(model.rows.count == 10)
        following.cancel()
        try await following.value
    }

    @Test("A model has the latest state of the sync")
    @MainActor
    func syncModel() async throws {
        let device = try await Device()
        let shop = try await device.alone()
        let model = SyncModel()
        let following = Task { try await model.follow(shop) }
        try await shown { model.state?.pending == 0 }
        _ = try await shop.createCustomer(record: customer("Okafor"))
        try await shown { model.state?.pending == 1 }
        following.cancel()
        try await following.value
    }

    @Test("What comes after the end is heard by nobody, and breaks nothing")
    func afterTheEnd() async throws {
        let shell = Kept()
        let terminal = try await Terminal.open(folder: scratch("ended"), storage: Forgetful(), reachability: shell)
        let shop = try await terminal.enter(account: ada, shop: "north")
        let watch = shop.watchState()
        #expect(try await watch.next() != nil)
        try await terminal.shutDown()
        shell.tell(up: true)
        #expect(try await watch.next() == nil)
        watch.end()
        let late = try await failure { try await shop.state() }
        #expect(late.code == "closed")
        shell.tell(up: false)
        #expect(shell.stops.count == 1)
    }

    @available(macOS 15, *)
    @Test("Hundreds of calls from many threads are all answered")
    func many() async throws {
        let device = try await Device()
        let shop = try await device.alone()
        let names = try await withThrowingTaskGroup(of: String?.self) { group in
            for at in 0..<400 {
                group.addTask(executorPreference: Threads()) {
                    let id = try await shop.createCustomer(record: customer("No. \(at)"))
                    return try await shop.customer(id: id)?.lastName
                }
            }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(names.count == 400)
        #expect(try await shop.state().pending == 400)
    }

    @Test("An export tells how far it is, and stops when what hears it says so or throws")
    func export() async throws {
        let device = try await Device()
        let shop = try await device.alone()
        for at in 0..<600 { _ = try await shop.createCustomer(record: customer("No. \(at)")) }
        let file = device.folder.appendingPathComponent("export.jsonl")
        let sink = Listening()
        let report = try await shop.exportTo(path: file.path, progress: sink)
        #expect(report.complete && report.written.rows >= 600)
        #expect(!sink.heard.isEmpty && sink.heard == sink.heard.sorted())
        #expect(sink.heard.allSatisfy((1...report.written.rows).contains))
        #expect(try String(contentsOf: file, encoding: .utf8).contains("No. 599"))
        let second = device.folder.appendingPathComponent("second.jsonl")
        for sink in [Deaf(), Listening(stops: true)] as [any ProgressSink] {
            #expect(try await shop.exportTo(path: second.path, progress: sink).complete == false)
            #expect(!FileManager.default.fileExists(atPath: second.path))
        }
    }
}

/// Of its own, because a busy machine takes longer over it than a suite's test may.
@Test(
    "A thousand terminals that came and went leave neither files nor threads nor anything of the shell's held",
    .timeLimit(.minutes(5))
)
func cycles() async throws {
    let folder = try scratch("cycles")
    let (storage, held) = (Forgetful(), Tally())
    let threadsBefore = threads()
    for _ in 0..<1_000 {
        let lent = Lent(storage, held)
        let terminal = try await Terminal.open(folder: folder, storage: lent, options: quick)
        let shop = try await terminal.enter(account: ada, shop: "north")
        _ = try await first(shop.boards(everything)) { _ in true }
        try await terminal.shutDown()
    }
    #if os(Linux)
    let handles = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    let open = handles.compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
    }
    let ours = open.filter { $0.hasPrefix(folder.path) }
    #expect(ours == [])
    #endif
    // The last of the engine's threads lets go in its own time.
    for await left in held.counts where left == 0 { break }
    #expect(held.count == 0)
    // Threads end in theirs, and tests beside this one have some: what counts is that they do not add up.
    #expect(threads() < threadsBefore + 500)
}

/// How many threads this process has, where the system tells.
private func threads() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
}

/// Whose shop no server has heard of.
let ada = CounterpartFacade.Account(id: "ada", role: "owner", station: false, employee: nil)

/// Forgets everything with the test.
final class Forgetful: SecureStorage, @unchecked Sendable {
    private let lock = NSLock()
    private var entries: [String: String] = [:]

    func get(name: String) throws -> String? { lock.withLock { entries[name] } }
    func set(name: String, value: String) throws { lock.withLock { entries[name] = value } }
    func remove(name: String) throws { lock.withLock { _ = entries.removeValue(forKey: name) } }
}

/// Storage that somebody else has written over.
final class Garbled: SecureStorage {
    func get(name: String) throws -> String? { "Okafor" }
    func set(name: String, value: String) throws {}
    func remove(name: String) throws {}
}

/// How many of something there are.
final class Tally: @unchecked Sendable {
    /// The count as it changes, and nothing of what it was before.
    let counts: AsyncStream<Int>
    private let changed: AsyncStream<Int>.Continuation
    private let lock = NSLock()
    private var number = 0

    init() {
        (counts, changed) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
    }

    var count: Int { lock.withLock { number } }
    func add(_ more: Int) {
        lock.withLock {
            number += more
            changed.yield(number)
        }
    }
}

/// Does every piece of work on a thread of its own.
@available(macOS 15, *)
final class Threads: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Another's storage, for as long as the engine holds on to it.
final class Lent: SecureStorage {
    private let storage: Forgetful
    private let held: Tally

    init(_ storage: Forgetful, _ held: Tally) {
        (self.storage, self.held) = (storage, held)
        held.add(1)
    }

    deinit { held.add(-1) }
    func get(name: String) throws -> String? { try storage.get(name: name) }
    func set(name: String, value: String) throws { try storage.set(name: name, value: value) }
    func remove(name: String) throws { try storage.remove(name: name) }
}

/// Storage that is never there.
final class Throwing: SecureStorage {
    let thrown: any Error
    init(thrown: any Error) { self.thrown = thrown }
    func get(name: String) throws -> String? { throw thrown }
    func set(name: String, value: String) throws { throw thrown }
    func remove(name: String) throws { throw thrown }
}

/// Reachability that cannot be used.
final class Broken: Reachability {
    func start(listener: NetworkListener) throws { throw Ended() }
    func stop() throws { throw Ended() }
}

/// Reachability that a test tells through, also when it should not.
final class Kept: Reachability, @unchecked Sendable {
    private let lock = NSLock()
    private var listener: NetworkListener?
    let stops = Tally()

    func start(listener: NetworkListener) throws { lock.withLock { self.listener = listener } }
    func stop() throws { stops.add(1) }
    func tell(up: Bool) { lock.withLock { listener }?.networkChanged(up: up) }
}

/// Hears how many rows there are so far.
final class Listening: ProgressSink, @unchecked Sendable {
    private let lock = NSLock()
    private var rows: [UInt64] = []
    private let stops: Bool

    init(stops: Bool = false) { self.stops = stops }

    var heard: [UInt64] { lock.withLock { rows } }
    func progress(progress: CounterpartFacade.Progress) throws -> Flow {
        lock.withLock { rows.append(progress.rows) }
        return stops ? .stop : .goOn
    }
}

/// Hears nothing.
final class Deaf: ProgressSink {
    func progress(progress: CounterpartFacade.Progress) throws -> Flow { throw Ended() }
}

/// A log that waits for what is said of reachability, and fails at every line.
final class Sink: LogSink {
    private let (lines, line) = AsyncStream.makeStream(of: LogLine.self)

    func log(line: LogLine) throws {
        if line.message.contains("reachability") { self.line.yield(line) }
        throw Ended()
    }

    func heard() async -> LogLine {
        for await line in lines { return line }
        return LogLine(level: .debug, target: "", message: "")
    }
}
