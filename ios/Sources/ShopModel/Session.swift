import Counterpart
import Foundation

/// What stands on the sign-in screen.
public struct SignInForm: Hashable, Sendable {
    public var server = ""
    public var key = ""
    /// By what the server's certificate is believed, from its code; nothing for a public authority's.
    public var root: String?
    public var email = ""
    public var password = ""
    public var shop = ""
    public var asksShop = false
    public var busy = false
    public var problem: Problem?

    public init() {}
}

/// Where a person is.
public enum Place: Hashable, Sendable {
    /// The ticket board, with the ticket that is open on it.
    case board(ticket: TicketId?)
    case intake
    case syncCentre

    /// From what is kept in the engine's file.
    init(word: String?) {
        switch word {
        case "intake": self = .intake
        case "sync": self = .syncCentre
        case let word? where word.hasPrefix("board/"):
            self = .board(ticket: TicketId(rawValue: String(word.dropFirst("board/".count))))
        default: self = .board(ticket: nil)
        }
    }

    /// As it is kept in the engine's file.
    var word: String {
        switch self {
        case .board(let ticket): ticket.map { "board/\($0.rawValue)" } ?? "board"
        case .intake: "intake"
        case .syncCentre: "sync"
        }
    }
}

/// What is known of the app as a whole: who is signed in, the shop, the line to the server, where one is.
public struct SessionState: ScreenState {
    public var opening = true
    public var form = SignInForm()
    public var desk: Desk?
    public var shopName = ""
    public var place = Place.board(ticket: nil)
    public var line: SyncState?
    public var unsentAtSignOut: Int?
    public var problem: Problem? {
        get { form.problem }
        set { form.problem = newValue }
    }

    public init() {}

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        form.busy = false
        opening = false
    }
}

/// What a person can do on the sign-in screen.
@MainActor
public protocol SignInActions: Sendable {
    func fill(_ form: SignInForm)
    func signIn()
    func dismiss()
}

/// The app's session: it opens where the person left, signs in and out, and keeps the place one is at.
public final class Session: ScreenModel<SessionState>, SignInActions {
    private static let kept = "place"

    private let terminal: Terminal
    private let time: any Time
    private var line: Task<Void, Never>?

    public init(_ terminal: Terminal, time: any Time = SystemTime()) {
        self.terminal = terminal
        self.time = time
        super.init(SessionState())
    }

    override func begin() {
        work { [self] in
            if let open = try await terminal.shop() {
                try await enter(open)
            } else {
                show { $0.opening = false }
            }
        }
    }

    public func fill(_ form: SignInForm) {
        show { state in
            let server = state.form.server
            state.form = form
            // Another server is believed by another certificate.
            if form.server != server { state.form.root = nil }
        }
    }

    /// Takes over what a hub's code says. Whether it was one.
    @discardableResult
    public func pair(_ link: String) -> Bool {
        guard let server = Pairing(link)?.server else { return false }
        reach(server.url, root: server.rootSha256)
        show { $0.form.key = server.anonKey }
        return true
    }

    /// Takes over where a server was found, and by what its certificate is believed.
    public func reach(_ url: String, root: String?) {
        show { state in
            state.form.server = url
            state.form.root = root
        }
    }

    public func signIn() {
        let form = state.form
        guard !form.busy else { return }
        show { $0.form.busy = true }
        work { [self] in
            let server = ServerAddress(
                url: form.server.trimmed,
                anonKey: form.key.trimmed,
                rootSha256: form.root
            )
            do {
                let shop = form.shop.trimmed.unlessEmpty
                let email = form.email.trimmed
                try await enter(
                    terminal.signIn(server: server, email: email, password: form.password, shop: shop).shop
                )
            } catch ShopError.Invalid(_, _, "shop", _) {
                show {
                    $0.form.asksShop = true
                    $0.form.busy = false
                }
            }
        }
    }

    /// Asks what becomes of unsent work; without any, it signs out.
    public func signOut(_ unsent: Unsent? = nil) {
        work { [self] in
            do {
                try await terminal.signOut(unsent: unsent)
                line?.cancel()
                show { state in
                    let form = state.form
                    state = SessionState()
                    state.opening = false
                    state.form.server = form.server
                    state.form.key = form.key
                    state.form.root = form.root
                    state.form.email = form.email
                }
            } catch ShopError.NotNow("unsent", _, let operations) {
                show { $0.unsentAtSignOut = Int(operations ?? 0) }
            }
        }
    }

    public func stay() {
        show { $0.unsentAtSignOut = nil }
    }

    /// Goes to a place, and keeps it: whatever ends the app, it opens there again.
    public func go(_ place: Place) {
        show { $0.place = place }
        guard let shop = state.desk?.shop else { return }
        work { try await shop.saveDraft(name: Self.kept, body: place.word) }
    }

    private func enter(_ shop: Shop) async throws {
        let settings = try await shop.settings()
        let who = try await shop.who()
        let desk = Desk(shop: shop, who: who, currency: settings?.currency ?? "EUR", time: time)
        let place = Place(word: try await shop.draft(name: Self.kept)?.body)
        show { state in
            state.opening = false
            state.desk = desk
            state.shopName = settings?.name ?? ""
            state.place = place
            state.form.password = ""
            state.form.busy = false
        }
        line?.cancel()
        line = follow { [self] in
            for try await line in shop.states() {
                show { $0.line = line }
                if line.lastSyncedAt != nil, state.shopName.isEmpty { try await name(shop) }
            }
        }
    }

    /// A new device learns the shop's name and its currency with its first sync.
    private func name(_ shop: Shop) async throws {
        guard let settings = try await shop.settings() else { return }
        let who = try await shop.who()
        let desk = Desk(shop: shop, who: who, currency: settings.currency, time: time)
        show { state in
            state.shopName = settings.name
            state.desk = desk
        }
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }

    var unlessEmpty: String? { isEmpty ? nil : self }
}
