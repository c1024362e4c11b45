import Counterpart
import Foundation

/// The app's life as the system tells of it, and what the engine does then.
///
/// What is wanted is kept and worked towards, one step at a time: a suspension that comes late cannot strand a person who
/// is back already, and what is told while the device's folder is still being opened counts once it is open.
@MainActor
public final class Life {
    /// What a background refresh is given.
    public static let refreshTime = Duration.seconds(20)

    private let open: @MainActor () async -> Terminal?
    private var inFront = true
    /// Whether the engine works; nothing where that is not known.
    private var awake: Bool? = true
    private var stepping: Task<Void, Never>?
    private var finishing: Task<Bool, Never>?

    /// What opens the folder, or waits until it is open; it comes to nothing where it cannot be opened.
    public init(_ open: @escaping @MainActor () async -> Terminal?) {
        self.open = open
    }

    /// The person is back. Returns once the engine works.
    public func comeBack() async {
        inFront = true
        hurry()
        _ = await finishing?.value
        await settle()
    }

    /// The app was left: what is here is sent within this time, then the engine rests. The person may come back meanwhile.
    @discardableResult
    public func leave(within: Duration) -> Task<Bool, Never> {
        inFront = false
        return finish(within)
    }

    /// The app was started for a refresh alone: afterwards the engine rests.
    public func nobodyLooks() {
        inFront = false
    }

    /// The system gives no more time: what is being sent is let go, and the engine rests at once.
    public func hurry() {
        finishing?.cancel()
    }

    /// A sync while nobody looks; cancelling the task ends it, and afterwards the engine rests unless somebody is there.
    /// Whether everything was sent.
    public func refresh(within: Duration = refreshTime) async -> Bool {
        let finishing = finish(within)
        return await withTaskCancellationHandler {
            await finishing.value
        } onCancel: {
            finishing.cancel()
        }
    }

    /// One sync at a time: who asks for another waits for the same.
    private func finish(_ within: Duration) -> Task<Bool, Never> {
        if let finishing { return finishing }
        let task = Task {
            let done = await sync(within)
            finishing = nil
            // A sync that is given up may leave the engine in either state: it is told again.
            awake = nil
            await settle()
            return done
        }
        finishing = task
        return task
    }

    private func sync(_ within: Duration) async -> Bool {
        guard let terminal = await open() else { return false }
        do {
            try await terminal.shop()?.syncOnce(within: within)
            return true
        } catch {
            // What could not be sent stays in the queue, and goes when somebody looks.
            return false
        }
    }

    private func settle() async {
        if stepping == nil {
            stepping = Task {
                while awake != inFront { await step(inFront) }
                stepping = nil
            }
        }
        await stepping?.value
    }

    private func step(_ wanted: Bool) async {
        let terminal = await open()
        do {
            if wanted { try await terminal?.resume() } else { try await terminal?.suspend() }
        } catch {
            // The terminal is shut: nothing works, and nothing has to rest.
        }
        awake = wanted
    }
}
