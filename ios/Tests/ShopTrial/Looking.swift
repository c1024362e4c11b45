import Observation
import ShopModel

/// What a story goes on with was not there.
package struct Missing: Error {
    /// What was missing.
    package let what: String
}

/// What has to be there.
package func needed<Value>(_ value: Value?, _ what: String) throws -> Value {
    guard let value else { throw Missing(what: what) }
    return value
}

extension ScreenModel {
    /// Waits until the screen shows what is wanted. A cancelled test ends the wait.
    @discardableResult
    package func until(_ wanted: (Shown) -> Bool) async throws -> Shown {
        while true {
            let (changed, tell) = AsyncStream<Void>.makeStream()
            let shown = withObservationTracking {
                state
            } onChange: {
                tell.finish()
            }
            if wanted(shown) { return shown }
            for await _ in changed {}
            try Task.checkCancellation()
        }
    }

    /// Waits until there is something on the screen, and gives it.
    package func there<Found>(_ what: (Shown) -> Found?) async throws -> Found {
        let shown = try await until { what($0) != nil }
        return try needed(what(shown), "what was there a moment ago")
    }
}

/// A screen that somebody looks at, and leaves.
@MainActor @discardableResult
package func on<Shown, Model: ScreenModel<Shown>, Seen: Sendable>(
    _ model: Model,
    _ look: @MainActor (Model) async throws -> Seen
) async throws -> Seen {
    let living = Task { await model.live() }
    do {
        let seen = try await look(model)
        await leave(living)
        return seen
    } catch {
        await leave(living)
        throw error
    }
}

private func leave(_ living: Task<Void, Never>) async {
    living.cancel()
    await living.value
}
