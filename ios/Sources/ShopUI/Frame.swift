#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The ways through the app.
private enum Way: Hashable {
    case board, intake, syncCentre

    init(_ place: Place) {
        switch place {
        case .board: self = .board
        case .intake: self = .intake
        case .syncCentre: self = .syncCentre
        }
    }

    var place: Place {
        switch self {
        case .board: .board(ticket: nil)
        case .intake: .intake
        case .syncCentre: .syncCentre
        }
    }
}

/// What stands around every screen: the ways, and whether the line is up.
struct Frame<Board: View, Intake: View, Sync: View>: View {
    let place: Place
    let line: SyncState?
    let go: @MainActor (Place) -> Void
    @ViewBuilder let board: Board
    @ViewBuilder let intake: Intake
    @ViewBuilder let sync: Sync
    @Environment(\.words) private var words

    var body: some View {
        let waiting = Int((line?.failed ?? 0) + (line?.conflicts ?? 0))
        TabView(selection: Binding(Way(place)) { go($0.place) }) {
            board.tabItem { Label(words.navBoard, systemImage: "ticket") }.tag(Way.board)
            NavigationStack { intake.navigationTitle(words.intakeTitle) }
                .tabItem { Label(words.navIntake, systemImage: "plus.square") }.tag(Way.intake)
            NavigationStack { sync.navigationTitle(words.syncTitle) }
                .tabItem { Label(words.navSync, systemImage: "arrow.triangle.2.circlepath") }.tag(Way.syncCentre)
                .badge(waiting)
        }
        .safeAreaInset(edge: .top) { LineBanner(line: line) }
    }
}

/// The board, and the ticket that is open on it: side by side where there is room.
struct BoardAndTicket<Board: View, Open: View>: View {
    let title: String
    let ticket: TicketId?
    @ViewBuilder let board: Board
    @ViewBuilder let open: @MainActor (TicketId) -> Open
    @Environment(\.words) private var words

    var body: some View {
        NavigationSplitView {
            board.navigationTitle(title.isEmpty ? words.appName : title)
        } detail: {
            if let ticket {
                open(ticket)
            } else {
                ContentUnavailableView(words.boardPick, systemImage: "ticket")
            }
        }
    }
}
#endif
