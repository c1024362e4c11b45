#if canImport(Network)
import Foundation
import Network
import ShopModel

/// Hubs that make themselves known in the shop's network, by the system's own search.
public final class HubDiscovery: Discovery {
    /// Where each of the hubs that were seen is, and how it is spoken to.
    private struct Seen {
        let endpoint: NWEndpoint
        let scheme: String?
    }

    private let seen = LockedHubs<Seen>()

    public init() {}

    public func look() -> AsyncStream<Look> {
        AsyncStream { [seen] looks in
            let browser = NWBrowser(for: .bonjourWithTXTRecord(type: "_counterpart._tcp", domain: nil), using: .tcp)
            browser.browseResultsChangedHandler = { results, _ in
                let hubs = results.compactMap { result -> FoundHub? in
                    guard case .service(let name, _, _, _) = result.endpoint,
                        case .bonjour(let facts) = result.metadata
                    else { return nil }
                    let hub = FoundHub(name, root: facts["root_sha256"])
                    seen.put(hub, Seen(endpoint: result.endpoint, scheme: facts["scheme"]))
                    return hub
                }
                looks.yield(.found(hubs.sorted { $0.name < $1.name }))
            }
            browser.stateUpdateHandler = { state in
                switch state {
                case .waiting(.dns(Self.refusal)), .failed(.dns(Self.refusal)): looks.yield(.refused)
                case .failed: looks.yield(.failed)
                case .ready: looks.yield(.found([]))
                case .setup, .cancelled, .waiting: break
                @unknown default: break
                }
            }
            looks.onTermination = { _ in browser.cancel() }
            browser.start(queue: .main)
        }
    }

    /// Whether the person lets this app speak to a server, which may stand outside the shop's network.
    public func mayReach(_ server: String) async -> Bool {
        guard isNearby(server) else { return true }
        for await look in look() { return look != .refused }
        return true
    }

    public func address(of hub: FoundHub) async -> String? {
        guard let seen = seen.of(hub) else { return nil }
        let parameters = NWParameters.tcp
        (parameters.defaultProtocolStack.internetProtocol as? NWProtocolIP.Options)?.version = .v4
        let connection = NWConnection(to: seen.endpoint, using: parameters)
        let (states, tell) = AsyncStream<NWConnection.State>.makeStream()
        connection.stateUpdateHandler = { tell.yield($0) }
        connection.start(queue: .main)
        defer { connection.cancel() }
        for await state in states {
            switch state {
            case .ready: return connection.currentPath?.remoteEndpoint.flatMap { url($0, seen.scheme) }
            case .waiting, .failed, .cancelled: return nil
            case .setup, .preparing: continue
            @unknown default: continue
            }
        }
        return nil
    }

    private func url(_ endpoint: NWEndpoint, _ scheme: String?) -> String? {
        guard case .hostPort(let host, let port) = endpoint else { return nil }
        return FoundHub.url(scheme, host: "\(host)", port: port.rawValue)
    }

    /// `kDNSServiceErr_PolicyDenied`, which Swift does not see by its name.
    private static let refusal: Int32 = -65_570
}

/// What is known of the hubs that were seen, whoever asks.
private final class LockedHubs<Known: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var known: [FoundHub: Known] = [:]

    func put(_ hub: FoundHub, _ what: Known) {
        lock.withLock { known[hub] = what }
    }

    func of(_ hub: FoundHub) -> Known? {
        lock.withLock { known[hub] }
    }
}
#endif
