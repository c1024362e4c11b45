import Counterpart
import Foundation
import Observation
import Testing

@testable import ShopModel

/// Somebody's account.
struct Account: Sendable {
    let email: String
    let password: String
}

/// The stories that need a hub, one after the other: they share it, and a machine of two cores.
@Suite(.serialized)
enum AgainstAHub {}

/// The `counterpart-hub` program in a process of its own, over a folder of its own. Both end with the value.
final class Hub: Sendable {
    let owner: Account
    let server: ServerAddress

    private let program: URL
    private let folder: URL
    private let serving: Process

    /// The one of every test that does not need a shop for itself alone.
    static func shared() async throws -> Hub {
        try await first.value
    }

    // A program is waited for: never on the thread that draws.
    private static let first = Task.detached { try Hub() }

    /// A hub with an empty shop.
    static func alone() async throws -> Hub {
        try await Task.detached { try Hub() }.value
    }

    private init() throws {
        let path = try #require(
            ProcessInfo.processInfo.environment["COUNTERPART_HUB"],
            "COUNTERPART_HUB says where the hub is"
        )
        program = URL(fileURLWithPath: path)
        folder = try scratch("hub")
        let founded = try Hub.start(program, folder, ["init", "--shop-name", "Okafor Repairs", "--name", "Ada Okafor"])
        let made = try Hub.said(founded)
        let account = try #require(made["owner"] as? [String: Any])
        owner = Account(email: try Hub.word(account, "email"), password: try Hub.word(account, "password"))
        serving = try Hub.start(program, folder, ["serve", "--listen", "127.0.0.1:0"])
        server = ServerAddress(
            url: try Hub.word(Hub.said(serving), "url"),
            anonKey: try Hub.word(made, "anon_key")
        )
    }

    deinit {
        end()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Nobody answers any more where it was.
    func end() {
        // It inherits the signals that this thread holds back, and would never hear that it is asked to end.
        kill(serving.processIdentifier, SIGKILL)
        serving.waitUntilExit()
    }

    /// Somebody new, with an account of their own: a hub slows down who signs in over and over.
    func manager() async throws -> Account {
        try await invite("m-\(UUID().uuidString.lowercased())", "manager")
    }

    /// Gives somebody an account, or a shared tablet.
    func invite(_ name: String, _ role: String, station: Bool = false) async throws -> Account {
        try await Task.detached { [self] in try invited(name, role, station) }.value
    }

    private func invited(_ name: String, _ role: String, _ station: Bool) throws -> Account {
        let address = name.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "-" }
        let words = ["invite", "--email", "\(address)@shop.example", "--name", name, "--role", role]
        let made = try Hub.said(Hub.start(program, folder, words + (station ? ["--station"] : [])))
        return Account(email: try Hub.word(made, "email"), password: try Hub.word(made, "password"))
    }

    private static func start(_ program: URL, _ folder: URL, _ words: [String]) throws -> Process {
        let log = folder.appendingPathComponent("log-\(UUID().uuidString)")
        try Data().write(to: log)
        let process = Process()
        process.executableURL = program
        process.arguments =
            [words[0], "--data", folder.appendingPathComponent("data").path, "--json"] + words.dropFirst()
        process.standardOutput = Pipe()
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        return process
    }

    /// The first line that a program says, as JSON.
    private static func said(_ process: Process) throws -> [String: Any] {
        let pipe = try #require(process.standardOutput as? Pipe)
        var line = Data()
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) {
            line += byte
        }
        return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    }

    private static func word(_ line: [String: Any], _ name: String) throws -> String {
        try #require(line[name] as? String)
    }
}

/// A fresh folder.
func scratch(_ name: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}

/// One installation of the app, in a folder of its own.
final class Device: Sendable {
    let network: SwitchedReachability
    let terminal: Terminal
    let folder: URL

    init() async throws {
        folder = try scratch("device")
        network = SwitchedReachability(up: false)
        terminal = try await Terminal.open(
            folder: folder.appendingPathComponent("data"),
            storage: FolderStorage(folder: folder.appendingPathComponent("keys")),
            reachability: network,
            // For trials nobody waits for the disk, or long for a server that is gone.
            options: TerminalOptions(survivesPowerCuts: false, retryDelayMs: 50)
        )
    }

    func throwAway() {
        try? FileManager.default.removeItem(at: folder)
    }
}

/// A device with the models on it, as the app puts them together.
@MainActor
final class Person {
    let device: Device
    let session: Session
    private let living: Task<Void, Never>

    init() async throws {
        let device = try await Device()
        let session = Session(device.terminal, folder: device.folder)
        self.device = device
        self.session = session
        living = Task { await session.live() }
    }

    /// Said at a test's end: until then the device is needed, whoever else still names it.
    func leave() {
        living.cancel()
        device.throwAway()
    }

    func signIn(_ hub: Hub, _ account: Account) async throws -> Desk {
        try await session.until { !$0.opening }
        session.fill(form(hub, account))
        session.signIn()
        let shown = try await session.until { $0.desk != nil || $0.problem != nil }
        let desk = try #require(shown.desk, "\(String(describing: shown.problem))")
        device.network.isUp = true
        for try await line in desk.shop.states() where line.online { break }
        try await desk.shop.sync()
        return desk
    }

    func form(_ hub: Hub, _ account: Account) -> SignInForm {
        var form = SignInForm()
        form.server = hub.server.url
        form.key = hub.server.anonKey
        form.email = account.email
        form.password = account.password
        return form
    }

    func goOffline() async throws {
        device.network.isUp = false
        try await session.until { $0.line?.online == false }
    }

    func goOnline() async throws {
        device.network.isUp = true
        try await session.until { $0.line?.online == true }
    }
}

extension ScreenModel {
    /// Waits until the screen shows what is wanted. A cancelled test ends the wait.
    @discardableResult
    func until(_ wanted: (Shown) -> Bool) async throws -> Shown {
        while true {
            let (changed, tell) = AsyncStream<Void>.makeStream()
            let shown = withObservationTracking {
                state
            } onChange: {
                tell.finish()
            }
            if wanted(shown) { return shown }
            for await _ in changed {}
            try Task.checkCancellation()
        }
    }

    /// Waits until there is something on the screen, and gives it.
    func there<Found>(_ what: (Shown) -> Found?) async throws -> Found {
        let shown = try await until { what($0) != nil }
        return try #require(what(shown))
    }
}

/// A screen that somebody looks at, and leaves.
@MainActor @discardableResult
func on<Shown, Model: ScreenModel<Shown>, Seen: Sendable>(
    _ model: Model,
    _ look: @MainActor (Model) async throws -> Seen
) async throws -> Seen {
    let living = Task { await model.live() }
    do {
        let seen = try await look(model)
        await leave(living)
        return seen
    } catch {
        await leave(living)
        throw error
    }
}

/// A shop on one device that no server was asked about, worked in as somebody of a role.
@MainActor
func alone(_ role: String = "owner", _ body: @MainActor (Desk) async throws -> Void) async throws {
    let device = try await Device()
    defer { device.throwAway() }
    let account = Counterpart.Account(id: "lee", role: role, station: false, employee: nil)
    let shop = try await device.terminal.enter(account: account, shop: "north")
    try await body(Desk(shop: shop, who: shop.who(), currency: "EUR"))
}

private func leave(_ living: Task<Void, Never>) async {
    living.cancel()
    await living.value
}

/// Changes a copy.
func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
}
