#if canImport(BackgroundTasks) && os(iOS)
import BackgroundTasks
import ShopModel
import UIKit

/// What the system lets an app do that nobody looks at.
@MainActor
public enum Background {
    /// The refresh's name, as the app's Info.plist has it.
    public static let refresh = "dev.counterpart.app.refresh"

    /// The engine rests so many seconds after the app was left at the latest.
    private static let leaving = Duration.seconds(10)

    /// Must be called before the app has finished launching.
    public static func register(_ open: @escaping @MainActor () async -> Life?) {
        BGTaskScheduler.shared.register(forTaskWithIdentifier: refresh, using: .main) { task in
            // On the main queue, as was asked for, which the types do not know.
            nonisolated(unsafe) let task = task
            MainActor.assumeIsolated { run(task, open) }
        }
    }

    /// The app was left: what is being sent gets to its end within the system's time, then the engine rests, and the next
    /// refresh is asked for.
    public static func leave(_ life: Life) {
        schedule()
        let application = UIApplication.shared
        let lease = application.beginBackgroundTask { life.hurry() }
        Task {
            _ = await life.leave(within: leaving).value
            application.endBackgroundTask(lease)
        }
    }

    /// Asks for the next refresh. The system gives it when it likes, and refuses where a person has switched it off: a
    /// bonus on which no promise rests.
    private static func schedule() {
        let request = BGAppRefreshTaskRequest(identifier: refresh)
        request.earliestBeginDate = .now.addingTimeInterval(15 * 60)
        try? BGTaskScheduler.shared.submit(request)
    }

    private static func run(_ task: BGTask, _ open: @escaping @MainActor () async -> Life?) {
        schedule()
        let work = Task {
            guard let life = await open() else { return task.setTaskCompleted(success: false) }
            // Started for the refresh alone, the app has nobody in front of it.
            let away = UIApplication.shared.applicationState == .background
            if away { life.nobodyLooks() }
            // At its expiration it is cancelled, and comes to this line all the same: the system is told once.
            task.setTaskCompleted(success: await life.refresh())
        }
        task.expirationHandler = { work.cancel() }
    }
}
#endif
