#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The ways through the app.
enum Way: Hashable {
    case board, intake, customers, inventory, appointments, team, syncCentre, settings, developer, more

    /// In the order of a day.
    static func all(developer: Bool) -> [Way] {
        let all: [Way] = [
            .board, .intake, .customers, .inventory, .appointments, .team, .syncCentre, .settings,
        ]
        return developer ? all + [.developer] : all
    }

    /// What has room at the foot of a phone.
    static let atFoot: [Way] = [.board, .intake, .syncCentre]

    /// The way that leads to a place.
    init(_ place: Place) {
        switch place {
        // Who works here is asked over the board.
        case .board, .atWork: self = .board
        case .intake: self = .intake
        case .customers: self = .customers
        case .inventory: self = .inventory
        case .appointments: self = .appointments
        case .team: self = .team
        case .syncCentre: self = .syncCentre
        // The way to the overview lies in them.
        case .settings, .overview: self = .settings
        case .developer: self = .developer
        case .more: self = .more
        }
    }

    var place: Place {
        switch self {
        case .board: .board(ticket: nil)
        case .intake: .intake
        case .customers: .customers(nil)
        case .inventory: .inventory(nil)
        case .appointments: .appointments
        case .team: .team
        case .syncCentre: .syncCentre
        case .settings: .settings
        case .developer: .developer
        case .more: .more
        }
    }

    var symbol: String {
        switch self {
        case .board: "ticket"
        case .intake: "plus.square"
        case .customers: "person.2"
        case .inventory: "shippingbox"
        case .appointments: "calendar"
        case .team: "person.3"
        case .syncCentre: "arrow.triangle.2.circlepath"
        case .settings: "gearshape"
        case .developer: "ladybug"
        case .more: "line.3.horizontal"
        }
    }
}

extension Words {
    /// What a way is called.
    func of(_ way: Way) -> String {
        switch way {
        case .board: navBoard
        case .intake: navIntake
        case .customers: navCustomers
        case .inventory: navInventory
        case .appointments: navAppointments
        case .team: navTeam
        case .syncCentre: navSync
        case .settings: navSettings
        case .developer: navDeveloper
        case .more: navMore
        }
    }
}

/// What stands around every screen: the ways, whose work it is, and whether the line is up. On a phone some stand at the
/// foot, and what leads back to the others is in the environment of what lies behind them.
struct Frame<Content: View>: View {
    let place: Place
    let line: SyncState?
    /// On a shared tablet: whose work this is.
    let worker: Worker?
    /// Whether this is a build with the developer's screen.
    let developer: Bool
    /// What went wrong with what belongs to no screen: another shop, signing out.
    var problem: Problem?
    /// How much waits for somebody at the sync centre.
    var waiting = 0
    let actions: any FrameActions
    @ViewBuilder let content: @MainActor (Way) -> Content
    @Environment(\.words) private var words
    @Environment(\.horizontalSizeClass) private var width

    var body: some View {
        TabView(selection: Binding(tab) { actions.go($0.place) }) {
            ForEach(isPhone ? Way.atFoot + [.more] : Way.all(developer: developer), id: \.self) { way in
                Group {
                    if way == .more { behindMore } else { content(way) }
                }
                .tabItem { Label(words.of(way), systemImage: way.symbol) }
                .tag(way)
                .badge(way == .syncCentre ? waiting : 0)
            }
        }
        .safeAreaInset(edge: .top, spacing: 0) {
            VStack(spacing: 0) {
                if let worker { WorkerBar(worker: worker) { actions.go(.atWork) } }
                LineBanner(line: line)
                ProblemBar(problem: problem, dismiss: actions.dismiss)
            }
        }
    }

    private var isPhone: Bool { width == .compact }

    /// A build without the developer's screen may open where one with it was left.
    private var way: Way {
        let way = Way(place)
        return way == .developer && !developer ? .board : way
    }

    private var tab: Way {
        isPhone ? (Way.atFoot.contains(way) ? way : .more) : (way == .more ? .board : way)
    }

    @ViewBuilder
    private var behindMore: some View {
        if way == .more || Way.atFoot.contains(way) {
            NavigationStack { MoreScreen(developer: developer, go: actions.go).navigationTitle(words.navMore) }
        } else {
            content(way).environment(\.backToMore, { actions.go(.more) })
        }
    }
}

/// On a phone: the ways that have no room at its foot.
struct MoreScreen: View {
    let developer: Bool
    let go: @MainActor (Place) -> Void
    @Environment(\.words) private var words

    var body: some View {
        List {
            ForEach(Way.all(developer: developer).filter { !Way.atFoot.contains($0) }, id: \.self) { way in
                Button(action: { go(way.place) }) { Label(words.of(way), systemImage: way.symbol) }
            }
        }
    }
}

private struct BackToMoreKey: EnvironmentKey {
    static let defaultValue: (@MainActor @Sendable () -> Void)? = nil
}

extension EnvironmentValues {
    /// On a phone: from a screen that has no place at the foot back to the other ways.
    var backToMore: (@MainActor @Sendable () -> Void)? {
        get { self[BackToMoreKey.self] }
        set { self[BackToMoreKey.self] = newValue }
    }
}

/// The arrow back to the other ways, where there is one.
private struct WayBack: View {
    @Environment(\.words) private var words
    @Environment(\.backToMore) private var back

    var body: some View {
        if let back { Button(words.navMore, systemImage: "chevron.backward", action: back) }
    }
}

/// The arrow back to the screen that a screen was reached from.
struct Back {
    let to: String
    let go: @MainActor () -> Void
}

/// A screen that fills its place.
struct Whole<Content: View>: View {
    let title: String
    /// Where it was reached from, if that is another screen than the ways.
    var back: Back?
    @ViewBuilder let content: Content

    var body: some View {
        NavigationStack {
            content.navigationTitle(title).toolbar {
                ToolbarItem(placement: .navigation) {
                    if let back {
                        Button(back.to, systemImage: "chevron.backward", action: back.go)
                    } else {
                        WayBack()
                    }
                }
            }
        }
    }
}

/// A list, and the record of it that is open: side by side where there is room, else one over the other.
struct ListAndRecord<Id: Sendable, Items: View, Record: View>: View {
    let title: String
    let open: Id?
    /// Said where no record is open.
    let pick: String
    let symbol: String
    let close: @MainActor () -> Void
    @ViewBuilder let items: Items
    @ViewBuilder let record: @MainActor (Id) -> Record

    var body: some View {
        let column = Binding(open == nil ? NavigationSplitViewColumn.sidebar : .detail) { shown in
            if shown == .sidebar, open != nil { close() }
        }
        NavigationSplitView(preferredCompactColumn: column) {
            items.navigationTitle(title).toolbar { ToolbarItem(placement: .navigation) { WayBack() } }
        } detail: {
            if let open { record(open) } else { ContentUnavailableView(pick, systemImage: symbol) }
        }
    }
}

struct Frame_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(Around.states) { state in
            let around = state.shown
            Frame(
                place: .board(ticket: nil),
                line: around.line,
                worker: around.worker,
                developer: false,
                problem: around.problem,
                waiting: around.waiting,
                actions: Nobody()
            ) { way in
                Whole(title: "Okafor Repairs") {
                    if way == .board { BoardScreen(state: BoardState(), actions: Nobody(), selected: nil) { _ in } }
                }
            }
        }
        NavigationStack { MoreScreen(developer: true) { _ in } }.previewDisplayName("more")
    }
}
#endif
