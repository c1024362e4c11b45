import CounterpartFacade
import Foundation

#if canImport(Network)
import Network

/// Tells the engine of the network as the system sees it. A network counts also where it does not lead to the internet:
/// a shop's hub may stand beside the device.
public final class NetworkReachability: Reachability, @unchecked Sendable {
    private let lock = NSLock()
    private var monitor: NWPathMonitor?

    public init() {}

    public func start(listener: NetworkListener) throws {
        // One that was cancelled does not start again.
        let monitor = NWPathMonitor()
        replace(with: monitor)
        monitor.pathUpdateHandler = { path in
            listener.networkChanged(up: path.status == .satisfied || !path.availableInterfaces.isEmpty)
        }
        monitor.start(queue: DispatchQueue(label: "counterpart.reachability"))
    }

    public func stop() throws {
        replace(with: nil)
    }

    private func replace(with new: NWPathMonitor?) {
        let old = lock.withLock {
            defer { monitor = new }
            return monitor
        }
        old?.cancel()
    }
}
#endif

#if canImport(Security)
import Security

/// Secure storage in the keychain: on this device only, and readable once it was unlocked after a start, so that a
/// background task finds it.
public final class KeychainStorage: SecureStorage {
    private let service: String

    public init(service: String = "counterpart") {
        self.service = service
    }

    public func get(name: String) throws -> String? {
        var wanted = item(name)
        wanted[kSecReturnData as String] = true
        var found: CFTypeRef?
        let status = SecItemCopyMatching(wanted as CFDictionary, &found)
        if status == errSecItemNotFound { return nil }
        try check(status)
        guard let data = found as? Data, let value = String(data: data, encoding: .utf8) else {
            throw AdapterError.Failed
        }
        return value
    }

    public func set(name: String, value: String) throws {
        let content = [kSecValueData as String: Data(value.utf8)]
        let status = SecItemUpdate(item(name) as CFDictionary, content as CFDictionary)
        guard status == errSecItemNotFound else { return try check(status) }
        var new = item(name).merging(content) { $1 }
        new[kSecAttrAccessible as String] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        try check(SecItemAdd(new as CFDictionary, nil))
    }

    public func remove(name: String) throws {
        let status = SecItemDelete(item(name) as CFDictionary)
        if status != errSecItemNotFound { try check(status) }
    }

    private func item(_ name: String) -> [String: Any] {
        [
            kSecClass as String: kSecClassGenericPassword,
            kSecAttrService as String: service,
            kSecAttrAccount as String: name,
        ]
    }

    private func check(_ status: OSStatus) throws {
        switch status {
        case errSecSuccess: return
        case errSecInteractionNotAllowed: throw AdapterError.Locked
        default: throw AdapterError.Failed
        }
    }
}
#endif

/// Secure storage where there is no keychain: a file per name, in a folder that only its owner may read.
public final class FolderStorage: SecureStorage {
    private let folder: URL

    public init(folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    public func get(name: String) throws -> String? {
        let file = file(name)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard let value = try? String(contentsOf: file, encoding: .utf8) else { throw AdapterError.Locked }
        return value
    }

    public func set(name: String, value: String) throws {
        do {
            try Data(value.utf8).write(to: file(name), options: .atomic)
        } catch {
            throw AdapterError.Failed
        }
    }

    public func remove(name: String) throws {
        let file = file(name)
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        do {
            try FileManager.default.removeItem(at: file)
        } catch {
            throw AdapterError.Failed
        }
    }

    private func file(_ name: String) -> URL {
        let plain = name.map { letter in
            letter.isASCII && (letter.isLetter || letter.isNumber || letter == "-") ? letter : "_"
        }
        return folder.appendingPathComponent(String(plain))
    }
}

/// Reachability where no system tells of it, or a person decides: it says what it is told.
public final class SwitchedReachability: Reachability, @unchecked Sendable {
    private let lock = NSLock()
    private var up: Bool
    private var listener: NetworkListener?

    public init(up: Bool = true) {
        self.up = up
    }

    /// Whether there is a network.
    public var isUp: Bool {
        get { lock.withLock { up } }
        set {
            // Told outside the lock, so that nobody who is told can wait for it.
            let heard = lock.withLock {
                up = newValue
                return listener
            }
            heard?.networkChanged(up: newValue)
        }
    }

    public func start(listener: NetworkListener) throws {
        let up = lock.withLock {
            self.listener = listener
            return self.up
        }
        listener.networkChanged(up: up)
    }

    public func stop() throws {
        lock.withLock { listener = nil }
    }
}
