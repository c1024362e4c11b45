import Counterpart
import Foundation

/// How one of the shop's devices stands, as the server last heard of it.
public struct DeviceLine: Hashable, Identifiable, Sendable {
    /// As on the tickets that it numbers itself.
    public var code: String
    /// Whose account is signed in on it, as far as this device knows their name.
    public var of: String?
    /// Whether it is a shared tablet: nobody's own.
    public var shared: Bool
    /// How much it said it had not sent.
    public var unsent: Int
    /// For how many minutes nothing was heard of it.
    public var silentMinutes: Int
    public var own: Bool

    public var id: String { code }

    public init(
        _ code: String,
        of: String? = nil,
        shared: Bool = false,
        unsent: Int = 0,
        silentMinutes: Int = 0,
        own: Bool = false
    ) {
        self.code = code
        self.of = of
        self.shared = shared
        self.unsent = unsent
        self.silentMinutes = silentMinutes
        self.own = own
    }
}

/// The shop's devices: the server alone knows of all.
public enum Devices: Hashable, Sendable {
    case asking
    case here([DeviceLine])
    case unreachable
}

extension DeviceStanding {
    /// For how many minutes nothing was heard of it; a clock that is behind the server's says none.
    func silentMinutes(_ now: Date) -> Int {
        max(0, Int(now.timeIntervalSince(seenAt) / 60))
    }
}

extension Shop {
    /// How the shop's devices stand: those with unsent work first, and of these the longest silent. It needs the server.
    func deviceLines(_ now: Date) async throws -> [DeviceLine] {
        let own = try await device()
        let people = Dictionary(try await employees().map { ($0.id.rawValue, $0.name) }) { $1 }
        return Devices.lines(try await devices(), own: own, people: people, now)
    }
}

extension Devices {
    static func lines(
        _ standings: [DeviceStanding],
        own: String,
        people: [String: String],
        _ now: Date
    ) -> [DeviceLine] {
        let lines = standings.map { standing in
            DeviceLine(
                standing.code,
                of: standing.employee.flatMap { people[$0] },
                shared: standing.employee == nil,
                unsent: Int(standing.unsent),
                silentMinutes: standing.silentMinutes(now),
                own: standing.device == own
            )
        }
        return lines.sorted { one, other in
            (one.unsent > 0 ? 0 : 1, -one.silentMinutes, one.code)
                < (other.unsent > 0 ? 0 : 1, -other.silentMinutes, other.code)
        }
    }
}
