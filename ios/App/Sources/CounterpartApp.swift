import Counterpart
import ShopModel
import ShopPlatform
import ShopUI
import SwiftUI

/// The app: the device's folder, opened once, and the engine told of the app's life.
@main
struct CounterpartApp: App {
    @Environment(\.scenePhase) private var phase

    init() {
        Background.register { await OpenDevice.shared.open().map { _ in OpenDevice.shared.life } }
    }

    var body: some Scene {
        WindowGroup {
            Opened(device: .shared)
                .onOpenURL { OpenDevice.shared.arrive(by: $0.absoluteString) }
        }
        .onChange(of: phase) { _, phase in
            // Also while the folder is still being opened: it counts once it is open.
            let life = OpenDevice.shared.life
            switch phase {
            case .active: Task { await life.comeBack() }
            case .background: Background.leave(life)
            case .inactive: break
            @unknown default: break
            }
        }
    }
}

#if DEBUG
private let isForDevelopers = true
#else
private let isForDevelopers = false
#endif

extension Equipment {
    /// What a phone or a tablet has.
    fileprivate static let ofThisDevice = Equipment(discovery: HubDiscovery(), camera: BarcodeCamera())
}

/// The device's folder, while it is opened, when it is open, and when it cannot be.
private struct Opened: View {
    let device: OpenDevice

    var body: some View {
        Group {
            if let session = device.session {
                Root(session, developer: isForDevelopers, equipment: .ofThisDevice)
                    .environment(\.codeReader, CodeReader { Barcodes(read: $0) })
                    .task(id: session.state.reminding) { await remind(session) }
            } else if let problem = device.problem {
                CannotOpen(problem: problem) { Task { await device.open() } }
            } else {
                ProgressView()
            }
        }
        .task { _ = await device.open() }
    }

    private func remind(_ session: Session) async {
        // Without reminders everything else works: the next look at the app begins anew.
        try? await Reminders(words(for: Bundle.main.preferredLocalizations)).follow(session)
    }
}

/// Opens the device's folder once, for the person and for a refresh in the background, whoever comes first.
@MainActor @Observable
final class OpenDevice {
    static let shared = OpenDevice()

    private(set) var session: Session?
    private(set) var problem: Problem?
    let life = Life { await OpenDevice.shared.open() }
    private var terminal: Terminal?
    private var opening: Task<Void, Never>?
    /// The link that started the app, until there is a session that takes it.
    private var link: String?

    func arrive(by link: String) {
        if let session { session.arrive(by: link) } else { self.link = link }
    }

    @discardableResult
    func open() async -> Terminal? {
        if opening == nil {
            opening = Task {
                do {
                    let terminal = try await Terminal.open()
                    let mayReach: @Sendable (String) async -> Bool = { await HubDiscovery().mayReach($0) }
                    let session = Session(terminal, folder: try Terminal.exports(), mayReach: mayReach)
                    (self.session, self.terminal, problem) = (session, terminal, nil)
                    if let link { session.arrive(by: link) }
                } catch {
                    // Before the first unlock, say: it is tried again when somebody looks.
                    problem = (error as? ShopError).map(Problem.init) ?? Problem("defect")
                    opening = nil
                }
            }
        }
        await opening?.value
        return terminal
    }
}
