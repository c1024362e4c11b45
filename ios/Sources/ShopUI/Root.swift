#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The app: its session's place, with the models of what is shown there. Leaving a screen ends its model. `connect` stands
/// on the sign-in screen: how the platform finds a server.
public struct Root<Connect: View>: View {
    private let session: Session
    private let connect: Connect

    public init(_ session: Session, @ViewBuilder connect: () -> Connect) {
        self.session = session
        self.connect = connect()
    }

    public var body: some View {
        Group {
            if session.state.opening {
                ProgressView()
            } else if let desk = session.state.desk {
                OpenShop(desk: desk, session: session).id(ObjectIdentifier(desk))
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

    var body: some View {
        let state = session.state
        Frame(place: state.place, line: state.line, go: session.go) {
            BoardPlace(desk: desk, session: session)
        } intake: {
            IntakePlace(desk: desk, session: session)
        } sync: {
            SyncPlace(desk: desk, session: session)
        }
    }
}

private struct BoardPlace: View {
    let desk: Desk
    let session: Session
    @State private var board: Board

    init(desk: Desk, session: Session) {
        self.desk = desk
        self.session = session
        _board = State(initialValue: Board(desk))
    }

    var body: some View {
        BoardAndTicket(title: session.state.shopName, ticket: ticket) {
            BoardScreen(state: board.state, actions: board, selected: ticket) { session.go(.board(ticket: $0)) }
        } open: { ticket in
            TicketPlace(desk: desk, ticket: ticket).id(ticket)
        }
        .task { await board.live() }
    }

    private var ticket: TicketId? {
        if case .board(let ticket) = session.state.place { ticket } else { nil }
    }
}

private struct TicketPlace: View {
    @State private var ticket: OpenTicket

    init(desk: Desk, ticket: TicketId) {
        _ticket = State(initialValue: OpenTicket(desk, ticket))
    }

    var body: some View {
        TicketScreen(state: ticket.state, actions: ticket).task { await ticket.live() }
    }
}

private struct IntakePlace: View {
    let session: Session
    @State private var counter: TakingIn

    init(desk: Desk, session: Session) {
        self.session = session
        _counter = State(initialValue: TakingIn(desk))
    }

    var body: some View {
        IntakeScreen(state: counter.state, actions: counter) { session.go(.board(ticket: $0)) }
            .task { await counter.live() }
    }
}

private struct SyncPlace: View {
    let session: Session
    @State private var centre: SyncCentre

    init(desk: Desk, session: Session) {
        self.session = session
        _centre = State(initialValue: SyncCentre(desk))
    }

    var body: some View {
        let leaving = Leaving(
            unsent: session.state.unsentAtSignOut,
            signOut: session.signOut,
            stay: session.stay
        )
        SyncCentreScreen(state: centre.state, actions: centre, leaving: leaving).task { await centre.live() }
    }
}
#endif
