import Foundation

/// Whether this server stands in the shop's own network: by its address, or a name that only such a network knows. A
/// name that has to be looked up elsewhere counts as outside.
public func isNearby(_ server: String) -> Bool {
    guard let written = URLComponents(string: server.trimmed)?.host else { return false }
    // An address of IPv6 may stand in brackets, and name its interface.
    let host = written.filter { $0 != "[" && $0 != "]" }.prefix { $0 != "%" }
    if host.hasSuffix(".local") { return true }
    if host.contains(":") {
        let first = UInt16(host.prefix { $0 != ":" }, radix: 16) ?? 0
        return first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
    }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4, !parts.contains(nil) else { return false }
    switch (parts[0], parts[1]) {
    case (10, _), (192, 168), (169, 254): return true
    case (172, let second?): return (16...31).contains(second)
    default: return false
    }
}
