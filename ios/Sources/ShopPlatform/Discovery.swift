#if canImport(Network)
import Foundation
import Network

/// A hub that makes itself known in the shop's network.
public struct FoundHub: Hashable, Sendable {
    /// What it is called there.
    public let name: String
    /// By what its certificate is believed; nothing where it has none of its own.
    public let rootSha256: String?

    private let scheme: String
    private let endpoint: NWEndpoint

    fileprivate init?(_ result: NWBrowser.Result) {
        guard case .service(let name, _, _, _) = result.endpoint, case .bonjour(let facts) = result.metadata else {
            return nil
        }
        self.name = name
        endpoint = result.endpoint
        scheme = facts["scheme"] ?? "http"
        rootSha256 = facts["root_sha256"]
    }

    /// Where it is, as the engine takes it; nothing where it does not answer.
    public func url() async -> String? {
        let parameters = NWParameters.tcp
        (parameters.defaultProtocolStack.internetProtocol as? NWProtocolIP.Options)?.version = .v4
        let connection = NWConnection(to: endpoint, using: parameters)
        let (states, tell) = AsyncStream<NWConnection.State>.makeStream()
        connection.stateUpdateHandler = { tell.yield($0) }
        connection.start(queue: .main)
        defer { connection.cancel() }
        for await state in states {
            switch state {
            case .ready: return connection.currentPath?.remoteEndpoint.flatMap(address)
            case .waiting, .failed, .cancelled: return nil
            case .setup, .preparing: continue
            @unknown default: continue
            }
        }
        return nil
    }

    private func address(_ endpoint: NWEndpoint) -> String? {
        guard case .hostPort(let host, let port) = endpoint else { return nil }
        // An address is written with the interface behind it.
        let plain = "\(host)".prefix { $0 != "%" }
        return "\(scheme)://\(plain):\(port.rawValue)"
    }
}

/// What a look into the shop's network came to.
public enum Discovery: Hashable, Sendable {
    case found([FoundHub])
    /// The person, or somebody for them, does not let this app look into the network.
    case refused

    /// Whatever is there, as it changes; ends with the task. The first look asks the person for permission.
    public static func look() -> AsyncStream<Discovery> {
        AsyncStream { looks in
            let browser = NWBrowser(for: .bonjourWithTXTRecord(type: "_counterpart._tcp", domain: nil), using: .tcp)
            browser.browseResultsChangedHandler = { results, _ in
                looks.yield(.found(results.compactMap(FoundHub.init).sorted { $0.name < $1.name }))
            }
            browser.stateUpdateHandler = { state in
                if case .waiting(.dns(let code)) = state, code == refusal { looks.yield(.refused) }
            }
            looks.onTermination = { _ in browser.cancel() }
            browser.start(queue: .main)
        }
    }

    /// `kDNSServiceErr_PolicyDenied`, which Swift does not see by its name.
    private static let refusal: Int32 = -65_570
}
#endif
