import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

/// The stories that need a hub, one after the other: they share it, and a machine of two cores.
@Suite(.serialized)
enum AgainstAHub {}

/// The `counterpart-hub` program in a process of its own, over a folder of its own. Both end with the value.
final class Hub: Sendable {
    let owner: Login
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
        owner = Login(email: try Hub.word(account, "email"), password: try Hub.word(account, "password"))
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
    func manager() async throws -> Login {
        try await invite("m-\(UUID().uuidString.lowercased())", "manager")
    }

    /// Gives somebody an account, or a shared tablet.
    func invite(_ name: String, _ role: String, station: Bool = false) async throws -> Login {
        try await Task.detached { [self] in try invited(name, role, station) }.value
    }

    private func invited(_ name: String, _ role: String, _ station: Bool) throws -> Login {
        let address = name.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "-" }
        let words = ["invite", "--email", "\(address)@shop.example", "--name", name, "--role", role]
        let made = try Hub.said(Hub.start(program, folder, words + (station ? ["--station"] : [])))
        return Login(email: try Hub.word(made, "email"), password: try Hub.word(made, "password"))
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

extension Person {
    func signIn(_ hub: Hub, _ login: Login) async throws -> Desk {
        try await signIn(hub.server, login)
    }

    func form(_ hub: Hub, _ login: Login) -> SignInForm {
        form(hub.server, login)
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

/// Changes a copy.
func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
}
