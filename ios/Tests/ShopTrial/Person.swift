import Counterpart
import Foundation
import ShopModel

/// By what somebody signs in.
package struct Login: Sendable {
    package let email: String
    package let password: String

    package init(email: String, password: String) {
        self.email = email
        self.password = password
    }
}

/// A fresh folder.
package func scratch(_ name: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}

/// One installation of the app, in a folder of its own.
package final class Device: Sendable {
    package let network: SwitchedReachability
    package let terminal: Terminal
    package let folder: URL

    package init() async throws {
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

    package func throwAway() {
        try? FileManager.default.removeItem(at: folder)
    }
}

/// A device with the models on it, as the app puts them together.
@MainActor
package final class Person {
    package let device: Device
    package let session: Session
    private let living: Task<Void, Never>

    package init() async throws {
        let device = try await Device()
        let session = Session(device.terminal, folder: device.folder)
        self.device = device
        self.session = session
        living = Task { await session.live() }
    }

    /// Said at a test's end: until then the device is needed, whoever else still names it.
    package func leave() {
        living.cancel()
        device.throwAway()
    }

    /// Signs in, goes online, and has everything once this returns.
    package func signIn(_ server: ServerAddress, _ login: Login) async throws -> Desk {
        try await session.until { !$0.opening }
        session.fill(form(server, login))
        session.signIn()
        let shown = try await session.until { $0.desk != nil || $0.problem != nil }
        let desk = try needed(shown.desk, "signing in: \(String(describing: shown.problem))")
        device.network.isUp = true
        for try await line in desk.shop.states() where line.online { break }
        try await desk.shop.sync()
        return desk
    }

    package func form(_ server: ServerAddress, _ login: Login) -> SignInForm {
        var form = SignInForm()
        form.server = server.url
        form.key = server.anonKey
        form.email = login.email
        form.password = login.password
        return form
    }

    package func goOffline() async throws {
        device.network.isUp = false
        try await session.until { $0.line?.online == false }
    }

    package func goOnline() async throws {
        device.network.isUp = true
        try await session.until { $0.line?.online == true }
    }
}
