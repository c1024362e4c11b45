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
        Background.register { await OpenDevice.shared.open() }
    }

    var body: some Scene {
        WindowGroup {
            Opened(device: .shared)
                .onOpenURL { OpenDevice.shared.session?.pair($0.absoluteString) }
        }
        .onChange(of: phase) { _, phase in
            guard let life = OpenDevice.shared.life else { return }
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
                    .task(id: session.state.desk.map(ObjectIdentifier.init)) { await remind(session) }
            } else if let problem = device.problem {
                CannotOpen(problem: problem) { Task { await device.open() } }
            } else {
                ProgressView()
            }
        }
        .task { _ = await device.open() }
    }

    private func remind(_ session: Session) async {
        guard let desk = session.state.desk else { return }
        // Without reminders everything else works: the next look at the app begins anew.
        try? await Reminders(words(for: Bundle.main.preferredLocalizations)).follow(desk)
    }
}

/// Opens the device's folder once, for the person and for a refresh in the background, whoever comes first.
@MainActor @Observable
final class OpenDevice {
    static let shared = OpenDevice()

    private(set) var session: Session?
    private(set) var life: Life?
    private(set) var problem: Problem?
    private var opening: Task<Void, Never>?

    @discardableResult
    func open() async -> Life? {
        if opening == nil {
            opening = Task {
                do {
                    let terminal = try await Terminal.open()
                    let session = Session(terminal, folder: try Terminal.exports())
                    (self.session, life, problem) = (session, Life(terminal), nil)
                } catch {
                    // Before the first unlock, say: it is tried again when somebody looks.
                    problem = (error as? ShopError).map(Problem.init) ?? Problem("defect")
                    opening = nil
                }
            }
        }
        await opening?.value
        return life
    }
}
