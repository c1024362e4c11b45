import Counterpart
import Foundation
import Observation
import Testing

/// Somebody's account.
struct Account: Sendable {
    let email: String
    let password: String
}

/// The `counterpart-hub` program in a process of its own.
final class Hub: @unchecked Sendable {
    let owner: Account
    let server: ServerAddress

    private let program: URL
    private let folder: URL
    private let lock = NSLock()
    private var serving: Process?
    private var listen = "127.0.0.1:0"

    init() throws {
        let path = try #require(
            ProcessInfo.processInfo.environment["COUNTERPART_HUB"],
            "COUNTERPART_HUB says where the hub is"
        )
        program = URL(fileURLWithPath: path)
        folder = try scratch("hub")
        let made = try Hub.line(
            Hub.start(program, folder, ["init", "--shop-name", "Okafor Repairs", "--name", "Ada Okafor"])
        )
        let account = try #require(made["owner"] as? [String: Any])
        owner = Account(email: try word(account, "email"), password: try word(account, "password"))
        let key = try word(made, "anon_key")
        let process = try Hub.start(program, folder, ["serve", "--listen", listen])
        let url = try word(Hub.line(process), "url")
        serving = process
        listen = String(url.dropFirst("http://".count))
        server = ServerAddress(url: url, anonKey: key)
    }

    deinit {
        stop()
    }

    var port: UInt16 {
        get throws { UInt16(try #require(URL(string: server.url)?.port)) }
    }

    func invite(_ name: String, _ role: String, _ more: String...) throws -> Account {
        let words = ["invite", "--email", "\(name)@shop.example", "--name", name, "--role", role] + more
        let made = try Hub.line(Hub.start(program, folder, words))
        return Account(email: try word(made, "email"), password: try word(made, "password"))
    }

    /// Serves again, where it served before.
    func serve() throws {
        let process = try Hub.start(program, folder, ["serve", "--listen", listen])
        _ = try Hub.line(process)
        lock.withLock { serving = process }
    }

    func stop() {
        let process = lock.withLock {
            defer { serving = nil }
            return serving
        }
        guard let process else { return }
        // It inherits the signals that this thread holds back, and would never hear that it is asked to end.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func start(_ program: URL, _ folder: URL, _ words: [String]) throws -> Process {
        let process = Process()
        process.executableURL = program
        process.arguments =
            [words[0], "--data", folder.appendingPathComponent("data").path, "--json"] + words.dropFirst()
        process.standardOutput = Pipe()
        process.standardError = try log(folder)
        try process.run()
        return process
    }

    private static func log(_ folder: URL) throws -> FileHandle {
        let file = folder.appendingPathComponent("log")
        if !FileManager.default.fileExists(atPath: file.path) {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        }
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        return handle
    }

    /// The first line that a program says, as JSON.
    private static func line(_ process: Process) throws -> [String: Any] {
        let pipe = try #require(process.standardOutput as? Pipe)
        var line = Data()
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) {
            line += byte
        }
        return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    }
}

private func word(_ line: [String: Any], _ name: String) throws -> String {
    try #require(line[name] as? String)
}

/// A fresh folder.
func scratch(_ name: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}

/// Options under which nobody waits for the disk, or for a server that is gone.
let quick = TerminalOptions(survivesPowerCuts: false, retryDelayMs: 50)

/// One installation of the app.
final class Device: Sendable {
    let folder: URL
    let network: SwitchedReachability
    let terminal: Terminal

    init() async throws {
        folder = try scratch("device")
        network = SwitchedReachability(up: false)
        terminal = try await Terminal.open(
            folder: folder.appendingPathComponent("data"),
            storage: FolderStorage(folder: folder.appendingPathComponent("keys")),
            reachability: network,
            options: quick
        )
    }

    /// Signs in, goes online, and has everything once this returns.
    func signIn(_ hub: Hub, _ account: Account) async throws -> Shop {
        let shop = try await terminal.signIn(
            server: hub.server,
            email: account.email,
            password: account.password
        ).shop
        try await online(shop)
        try await shop.sync()
        return shop
    }

    /// A shop whose account no server has heard of.
    func alone() async throws -> Shop {
        try await terminal.enter(account: ada, shop: "north")
    }

    func online(_ shop: Shop) async throws {
        network.isUp = true
        try await until(shop) { $0.online }
    }

    func offline(_ shop: Shop) async throws {
        network.isUp = false
        try await until(shop) { !$0.online }
    }

    /// The hub stops, and a gate takes its place once no connection is left from before.
    func meetsAGate(_ shop: Shop, inPlaceOf hub: Hub, holding function: String) async throws -> Gate {
        hub.stop()
        var reason = ""
        while reason != "the server cannot be reached" {
            let gone = try await failure { try await shop.devices() }
            guard case .NeedsServer(_, let why) = gone else { throw gone }
            reason = why
        }
        return try Gate(inPlaceOf: hub, holding: [function])
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}

/// Waits until the sync is in such a state.
@discardableResult
func until(_ shop: Shop, _ wanted: @Sendable (SyncState) -> Bool) async throws -> SyncState {
    try await first(shop.states(), wanted)
}

/// Waits for the first state that is wanted.
func first<Source: Watch>(
    _ states: Watched<Source>,
    _ wanted: @Sendable (Source.State) -> Bool
) async throws -> Source.State {
    for try await state in states where wanted(state) { return state }
    throw Ended()
}

/// Waits until what models show is so.
@MainActor
func shown(_ wanted: @escaping @MainActor () -> Bool) async throws {
    let (changes, changed) = AsyncStream.makeStream(of: Void.self)
    while !withObservationTracking({ wanted() }, onChange: { changed.yield() }) {
        for await _ in changes { break }
        try Task.checkCancellation()
    }
}

/// A watch ended before what was waited for.
struct Ended: Error {}

/// The error that a call ends with.
func failure<Answer>(_ call: () async throws -> Answer) async throws -> ShopError {
    do {
        _ = try await call()
    } catch let error as ShopError {
        return error
    }
    Issue.record("it succeeded")
    throw Ended()
}

func customer(_ name: String) -> Customer {
    var customer = blankCustomer()
    customer.lastName = name
    return customer
}

func intake(_ subject: String) -> Intake {
    var ticket = blankTicket()
    ticket.subject = subject
    ticket.problem = "dark"
    return Intake(bringer: .new(customer: customer("Okafor")), ticket: ticket)
}

let everything = BoardFilter(statuses: [], assignee: nil, priority: nil, order: .updated)
