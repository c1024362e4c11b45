#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The app: its session's place, with the models of what is shown there. Leaving a screen ends its model. `connect` stands
/// on the sign-in screen: how the platform finds a server.
public struct Root<Connect: View>: View {
    private let session: Session
    private let developer: Bool
    private let connect: Connect

    /// `developer` says whether this is a build with the developer's screen.
    public init(_ session: Session, developer: Bool = false, @ViewBuilder connect: () -> Connect) {
        self.session = session
        self.developer = developer
        self.connect = connect()
    }

    public var body: some View {
        Group {
            if session.state.opening {
                ProgressView()
            } else if let desk = session.state.desk {
                OpenShop(desk: desk, session: session, developer: developer).id(ObjectIdentifier(desk))
            } else {
                SignInScreen(form: session.state.form, actions: session) { connect }
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
    @Environment(\.words) private var words

    var body: some View {
        let state = session.state
        Frame(place: state.place, line: state.line, worker: state.worker, developer: developer, go: session.go) { way in
            switch way {
            case .board: BoardPlace(desk: desk, session: session)
            case .intake: Whole(title: words.intakeTitle) { IntakePlace(desk: desk, session: session) }
            case .customers: CustomersPlace(desk: desk, session: session)
            case .inventory: InventoryPlace(desk: desk, session: session)
            case .appointments: Whole(title: words.navAppointments) { AppointmentsPlace(desk: desk) }
            case .team: Whole(title: words.navTeam) { TeamPlace(desk: desk) }
            case .syncCentre: Whole(title: words.syncTitle) { SyncPlace(desk: desk) }
            case .settings: Whole(title: words.navSettings) { SettingsPlace(desk: desk, session: session) }
            case .developer:
                if developer { Whole(title: words.navDeveloper) { DeveloperPlace(desk: desk, session: session) } }
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
