/// What a device has besides the engine, if it has it. What that takes is the platform's.
public struct Equipment: Sendable {
    public var discovery: (any Discovery)?
    public var camera: (any Camera)?

    public init(discovery: (any Discovery)? = nil, camera: (any Camera)? = nil) {
        self.discovery = discovery
        self.camera = camera
    }
}

/// Looks for hubs in the shop's network. The engine opens no such socket itself.
public protocol Discovery: Sendable {
    /// Whatever is there, as it changes; ends with the task. The first look asks the person for permission.
    func look() -> AsyncStream<Look>

    /// Where a hub is, as the engine takes it; nothing where it does not answer.
    func address(of hub: FoundHub) async -> String?
}

/// A hub that makes itself known in the network.
public struct FoundHub: Hashable, Sendable {
    /// What it is called there.
    public let name: String
    /// By what its certificate is believed; nothing where it has none of its own.
    public let root: String?

    public init(_ name: String, root: String?) {
        self.name = name
        self.root = root
    }

    /// Where a hub is that makes itself known, as the engine takes it. One that does not say how is spoken to securely.
    public static func url(_ scheme: String?, host: String, port: UInt16) -> String {
        // An address may be written with the interface behind it.
        let plain = String(host.prefix { $0 != "%" })
        let host = plain.contains(":") ? "[\(plain)]" : plain
        return "\(scheme?.unlessEmpty ?? "https")://\(host):\(port)"
    }
}

/// What a look into the shop's network came to.
public enum Look: Hashable, Sendable {
    case found([FoundHub])
    /// The person, or somebody for them, does not let this app look into the network.
    case refused
    /// The system could not look.
    case failed
}

/// Reads codes: the parts' own, and what connects a new device.
public protocol Camera: Sendable {
    /// What keeps it from reading; nothing where it can. The first time the person is asked for permission.
    func ask() async -> CameraTrouble?
}

/// Why the camera reads nothing.
public enum CameraTrouble: Hashable, Sendable {
    /// The person does not allow it.
    case refused
    /// There is no camera that reads codes.
    case missing
}

/// What of reading a code is seen.
public enum Scan: Hashable, Sendable {
    case closed
    case reading
    case trouble(CameraTrouble)
    /// What was read is not what was asked for.
    case foreign
}

/// What a person can do with the camera.
@MainActor
public protocol ScanActions: Sendable {
    func scan()
    /// The camera read a code.
    func read(_ code: String)
    func stopScanning()
}

extension Camera {
    /// Asks for the camera: it reads, or there is a reason why it does not.
    func begin() async -> Scan {
        await ask().map(Scan.trouble) ?? .reading
    }
}
