import Counterpart
import Foundation

/// What a hub's QR code says: where it is, the key of every device, and by what its certificate is believed.
public struct Pairing: Hashable, Sendable {
    public let server: ServerAddress

    /// From the code's link, `counterpart://hub?…`; nothing where it is another one.
    public init?(_ link: String) {
        guard let parts = URLComponents(string: link.trimmed), parts.scheme == "counterpart", parts.host == "hub" else {
            return nil
        }
        let named = Dictionary((parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { first, _ in first }
        guard let url = named["url"]?.unlessEmpty, let key = named["anon_key"]?.unlessEmpty else { return nil }
        server = ServerAddress(url: url, anonKey: key, rootSha256: named["root_sha256"]?.unlessEmpty)
    }
}
