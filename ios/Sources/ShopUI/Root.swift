#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The app: its session's place, with the models of what is shown there. Leaving a screen ends its model.
public struct Root: View {
    private let session: Session
    private let developer: Bool
    private let equipment: Equipment

    /// `developer` says whether this is a build with the developer's screen, `equipment` what this device has.
    public init(_ session: Session, developer: Bool = false, equipment: Equipment = Equipment()) {
        self.session = session
        self.developer = developer
        self.equipment = equipment
    }

    public var body: some View {
        Group {
            if session.state.opening {
                ProgressView()
            } else if session.state.asksPassword {
                AnotherPassword(session: session)
            } else if let desk = session.state.desk {
                OpenShop(desk: desk, session: session, developer: developer, equipment: equipment)
                    .id(ObjectIdentifier(desk))
            } else {
                SignInPlace(session: session, equipment: equipment)
            }
        }
        .spoken()
        .task { await session.live() }
    }
}

private struct OpenShop: View {
    let desk: Desk
    let session: Session
    let developer: Bool
    let equipment: Equipment
    @Environment(\.words) private var words

    var body: some View {
        let state = session.state
        Frame(
            place: state.place,
            line: state.line,
            worker: state.worker,
            developer: developer,
            problem: state.problem,
            waiting: state.waiting,
            actions: session
        ) { way in
            switch way {
            case .board: BoardPlace(desk: desk, session: session)
            case .intake: Whole(title: words.intakeTitle) { IntakePlace(desk: desk, session: session) }
            case .customers: CustomersPlace(desk: desk, session: session)
            case .inventory: InventoryPlace(desk: desk, session: session, camera: equipment.camera)
            case .appointments: Whole(title: words.navAppointments) { AppointmentsPlace(desk: desk) }
            case .team: Whole(title: words.navTeam) { TeamPlace(desk: desk) }
            case .syncCentre: Whole(title: words.syncTitle) { SyncPlace(desk: desk, session: session) }
            case .settings:
                if state.place == .overview {
                    let back = Back(to: words.navSettings) { session.go(.settings) }
                    Whole(title: words.overviewTitle, back: back) { OverviewPlace(desk: desk, session: session) }
                } else {
                    Whole(title: words.navSettings) { SettingsPlace(desk: desk, session: session) }
                }
            case .developer:
                #if DEBUG
                if developer { Whole(title: words.navDeveloper) { DeveloperPlace(desk: desk, session: session) } }
                #else
                EmptyView()
                #endif
            case .more: EmptyView()
            }
        }
        .sheet(isPresented: Binding(state.place == .atWork, asksWho)) {
            NavigationStack {
                AtWorkPlace(desk: desk, session: session).navigationTitle(words.atWorkTitle)
                    .toolbar { Button(words.actionClose) { asksWho(false) } }
            }
        }
        .environment(\.timeZone, desk.zone)
    }

    private func asksWho(_ asks: Bool) {
        if !asks, session.state.place == .atWork { session.go(.board(ticket: nil)) }
    }
}
#endif
