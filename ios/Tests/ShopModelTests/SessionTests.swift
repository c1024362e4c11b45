import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

/// What the app does before anybody sees a shop.
@MainActor
@Suite(.timeLimit(.minutes(1)))
struct SessionTests {
    /// Opens, and cannot be read.
    private final class Unreadable: Shop, @unchecked Sendable {
        override func settings() async throws -> ShopSettings? {
            throw ShopError.Storage(code: "damaged")
        }
    }

    private final class Opened: Terminal, @unchecked Sendable {
        override func shop() async throws -> Shop? { Unreadable(noHandle: Shop.NoHandle()) }
        override func forgot() async throws -> String? { nil }
    }

    @Test("A shop that opens and cannot be entered ends the opening, and says why")
    func unreadable() async throws {
        try await on(Session(Opened(noHandle: Terminal.NoHandle()))) { session in
            let shown = try await session.until { !$0.opening }
            #expect(shown.desk == nil && shown.problem == Problem("damaged"))
        }
    }
}
