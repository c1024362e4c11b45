#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// Signing in, with what else this device has to find a server.
struct SignInPlace: View {
    private let session: Session
    @State private var connect: ConnectHub

    init(session: Session, equipment: Equipment) {
        self.session = session
        _connect = State(initialValue: ConnectHub(equipment, session))
    }

    var body: some View {
        SignInScreen(form: session.state.form, actions: session) {
            ConnectSection(state: connect.state, actions: connect)
        }
        .task { await connect.live() }
    }
}

/// Somebody else knows the password by which one came in.
struct AnotherPassword: View {
    @State private var password: ChangePassword

    init(session: Session) {
        _password = State(initialValue: ChangePassword(session, given: true))
    }

    var body: some View {
        Form { PasswordSection(state: password.state, actions: password) }.task { await password.live() }
    }
}

/// The places of an open shop, each with the models of what is shown there. Leaving a screen ends its model.
struct BoardPlace: View {
    private let desk: Desk
    private let session: Session
    @State private var board: Board
    @Environment(\.words) private var words

    init(desk: Desk, session: Session) {
        self.desk = desk
        self.session = session
        _board = State(initialValue: Board(desk))
    }

    var body: some View {
        let name = session.state.shopName
        ListAndRecord(
            title: name.isEmpty ? words.appName : name,
            open: ticket,
            pick: words.boardPick,
            symbol: "ticket",
            close: { session.go(.board(ticket: nil)) },
            items: {
                BoardScreen(state: board.state, actions: board, selected: ticket) { session.go(.board(ticket: $0)) }
            },
            record: { TicketPlace(desk: desk, ticket: $0, session: session).id($0) }
        )
        .task { await board.live() }
    }

    private var ticket: TicketId? {
        if case .board(let ticket) = session.state.place { ticket } else { nil }
    }
}

private struct TicketPlace: View {
    private let desk: Desk
    private let id: TicketId
    @State private var ticket: OpenTicket
    @State private var edit: EditTicket

    init(desk: Desk, ticket: TicketId, session: Session) {
        self.desk = desk
        id = ticket
        _ticket = State(initialValue: OpenTicket(desk, ticket))
        _edit = State(initialValue: EditTicket(desk, ticket) { session.go(.board(ticket: nil)) })
    }

    var body: some View {
        WithTrail(desk, .ticket, id.rawValue) { foot in
            let editing = Editing(state: edit.state, actions: edit)
            TicketScreen(state: ticket.state, actions: ticket, editing: editing) { foot }
        }
        .task { await ticket.live() }
        .task { await edit.live() }
    }
}

struct IntakePlace: View {
    private let session: Session
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

struct CustomersPlace: View {
    private let desk: Desk
    private let session: Session
    @State private var customers: Customers
    @Environment(\.words) private var words

    init(desk: Desk, session: Session) {
        self.desk = desk
        self.session = session
        _customers = State(initialValue: Customers(desk))
    }

    var body: some View {
        ListAndRecord(
            title: words.navCustomers,
            open: card,
            pick: words.customersPick,
            symbol: "person.2",
            close: { session.go(.customers(nil)) },
            items: {
                CustomersScreen(state: customers.state, actions: customers, selected: card) {
                    session.go(.customers($0))
                }
            },
            record: { CustomerPlace(desk: desk, card: $0, session: session).id($0) }
        )
        .task { await customers.live() }
    }

    private var card: Card<CustomerId>? {
        if case .customers(let card) = session.state.place { card } else { nil }
    }
}

private struct CustomerPlace: View {
    private let desk: Desk
    private let id: CustomerId?
    private let session: Session
    @State private var customer: OpenCustomer

    init(desk: Desk, card: Card<CustomerId>, session: Session) {
        self.desk = desk
        id = card.id
        self.session = session
        let customer = OpenCustomer(desk, card) { session.go(.customers($0.map(Card.of))) }
        _customer = State(initialValue: customer)
    }

    var body: some View {
        WithTrail(desk, .customer, id?.rawValue) { foot in
            CustomerScreen(state: customer.state, actions: customer) {
                session.go(.board(ticket: $0))
            } foot: {
                foot
            }
        }
        .task { await customer.live() }
    }
}

struct InventoryPlace: View {
    private let desk: Desk
    private let session: Session
    @State private var inventory: Inventory
    @Environment(\.words) private var words

    init(desk: Desk, session: Session, camera: (any Camera)?) {
        self.desk = desk
        self.session = session
        _inventory = State(initialValue: Inventory(desk, camera) { session.go(.inventory(.of($0))) })
    }

    var body: some View {
        ListAndRecord(
            title: words.navInventory,
            open: card,
            pick: words.inventoryPick,
            symbol: "shippingbox",
            close: { session.go(.inventory(nil)) },
            items: {
                InventoryScreen(state: inventory.state, actions: inventory, selected: card) {
                    session.go(.inventory($0))
                }
            },
            record: { ItemPlace(desk: desk, card: $0, session: session).id($0) }
        )
        .task { await inventory.live() }
    }

    private var card: Card<InventoryItemId>? {
        if case .inventory(let card) = session.state.place { card } else { nil }
    }
}

private struct ItemPlace: View {
    private let desk: Desk
    private let id: InventoryItemId?
    @State private var item: OpenItem

    init(desk: Desk, card: Card<InventoryItemId>, session: Session) {
        self.desk = desk
        id = card.id
        _item = State(initialValue: OpenItem(desk, card) { session.go(.inventory($0.map(Card.of))) })
    }

    var body: some View {
        WithTrail(desk, .inventoryItem, id?.rawValue) { foot in
            ItemScreen(state: item.state, actions: item) { foot }
        }
        .task { await item.live() }
    }
}

struct AppointmentsPlace: View {
    @State private var appointments: Appointments

    init(desk: Desk) {
        _appointments = State(initialValue: Appointments(desk))
    }

    var body: some View {
        let state = appointments.state
        Group {
            if let form = state.form {
                AppointmentScreen(form: form, state: state, actions: appointments)
            } else {
                AppointmentsScreen(state: state, actions: appointments)
            }
        }
        .task { await appointments.live() }
    }
}

struct TeamPlace: View {
    @State private var team: Team

    init(desk: Desk) {
        _team = State(initialValue: Team(desk))
    }

    var body: some View {
        TeamScreen(state: team.state, actions: team).task { await team.live() }
    }
}

struct AtWorkPlace: View {
    @State private var atWork: AtWork

    init(desk: Desk, session: Session) {
        let atWork = AtWork(desk) {
            session.go(.board(ticket: nil))
            try await session.workerChanged()
        }
        _atWork = State(initialValue: atWork)
    }

    var body: some View {
        AtWorkScreen(state: atWork.state, actions: atWork).task { await atWork.live() }
    }
}

struct SyncPlace: View {
    @State private var centre: SyncCentre

    init(desk: Desk, session: Session) {
        _centre = State(initialValue: SyncCentre(desk, session))
    }

    var body: some View {
        SyncCentreScreen(state: centre.state, actions: centre).task { await centre.live() }
    }
}

struct SettingsPlace: View {
    private let session: Session
    @State private var settings: ShopModel.Settings
    @State private var moving: Moving
    @State private var password: ChangePassword

    init(desk: Desk, session: Session) {
        self.session = session
        _password = State(initialValue: ChangePassword(session))
        _settings = State(initialValue: ShopModel.Settings(desk, session))
        _moving = State(initialValue: Moving(desk, folder: session.folder))
    }

    var body: some View {
        let (unsent, file) = (session.state.unsentAtSignOut, session.state.leavingFile)
        SettingsScreen(state: settings.state, actions: settings, moving: moving.state, movingActions: moving) {
            PasswordSection(state: password.state, actions: password)
            SignOut(unsent: unsent, file: file, signOut: session.signOut, stay: session.stay)
        }
        .task { await settings.live() }
        .task { await moving.live() }
        .task { await password.live() }
    }
}

struct OverviewPlace: View {
    @State private var overview: Overview

    init(desk: Desk, session: Session) {
        _overview = State(initialValue: Overview(desk, session))
    }

    var body: some View {
        OverviewScreen(state: overview.state, actions: overview).task { await overview.live() }
    }
}

#if DEBUG
struct DeveloperPlace: View {
    @State private var developer: Developer

    init(desk: Desk, session: Session) {
        _developer = State(initialValue: Developer(desk, session))
    }

    var body: some View {
        DeveloperScreen(state: developer.state, actions: developer).task { await developer.live() }
    }
}
#endif
#endif
