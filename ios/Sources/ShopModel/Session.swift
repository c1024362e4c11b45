import Counterpart
import Foundation

/// What stands on the sign-in screen.
public struct SignInForm: Hashable, Sendable {
    public var server = ""
    public var key = ""
    /// By what the server's certificate is believed, from its code; nothing for a public authority's.
    public var root: String?
    /// Where the note of who was signed in lies, if it could not be read.
    public var forgot: String?
    public var email = ""
    /// One's own or, of somebody who was invited, the one that came with the invitation.
    public var password = ""
    public var invited = false
    /// What somebody who was invited takes in its place.
    public var own = NewPassword()
    /// The shops to choose from, where the account works in several.
    public var shops: [ShopName] = []
    public var busy = false
    public var problem: Problem?

    public init() {}
}

/// What is known of the app as a whole: who is signed in, the shop, the line to the server, where one is.
public struct SessionState: ScreenState {
    public var opening = true
    public var form = SignInForm()
    public var desk: Desk?
    public var shopName = ""
    public var place = Place.board(ticket: nil)
    public var line: SyncState?
    /// On a shared tablet: whose work this is.
    public var worker: Worker?
    /// Whether one came in by a password that somebody else gave, and has not been asked yet for another.
    public var asksPassword = false
    public var unsentAtSignOut: Int?
    /// A file that is not there yet, for everything that this person sees here, while they are asked.
    public var leavingFile = ""
    /// How much happened to the device's files that the sync centre tells, until somebody goes there.
    public var found = 0
    public var problem: Problem? {
        get { form.problem }
        set { form.problem = newValue }
    }

    public init() {}

    /// How much waits for somebody at the sync centre.
    public var waiting: Int { found + (line.map(\.waiting) ?? 0) }

    mutating func move(to place: Place) {
        self.place = place
        if place == .syncCentre { found = 0 }
    }

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        form.busy = false
        opening = false
    }
}

/// Whose work it is at a shared tablet; no name while nobody has entered a PIN.
public struct Worker: Hashable, Sendable {
    public let name: String?

    public init(_ name: String?) {
        self.name = name
    }
}

/// What a person can do on the sign-in screen.
@MainActor
public protocol SignInActions: Sendable {
    func fill(_ form: SignInForm)
    func signIn()
    /// Signs in to one of several shops.
    func choose(_ shop: String)
    func dismiss()
}

/// What a person can do around every screen.
@MainActor
public protocol FrameActions: Sendable {
    /// Goes to a place, and keeps it: whatever ends the app, it opens there again.
    func go(_ place: Place)
    /// What belongs to no screen, another shop or signing out, did not work, and that was read.
    func dismiss()
}

/// The app's session: it opens where the person left, signs in and out, and keeps the place one is at.
public final class Session: ScreenModel<SessionState>, SignInActions, FrameActions {
    private static let kept = "place"

    let terminal: Terminal
    private let time: any Time
    /// Where files go that a person asks for: other apps see them there.
    public let folder: URL
    /// Whether the system lets this app speak to a server.
    private let mayReach: @Sendable (_ server: String) async -> Bool
    private var line: Task<Void, Never>?
    /// The link that opened the app, until it is known whether somebody is signed in.
    private var arrived: String?
    /// The password that somebody else gave, while another is asked for.
    private var given: String?
    #if DEBUG
    /// How good the network is made to be.
    var network = Network.well
    #endif

    public init(
        _ terminal: Terminal,
        time: any Time = SystemTime(),
        folder: URL? = nil,
        mayReach: @escaping @Sendable (_ server: String) async -> Bool = { _ in true }
    ) {
        self.terminal = terminal
        self.time = time
        self.mayReach = mayReach
        let documents = FileManager.default.urls(for: .documentDirectory, in: .userDomainMask).first
        self.folder = folder ?? documents ?? FileManager.default.temporaryDirectory
        super.init(SessionState())
    }

    override func begin() {
        work { [self] in
            let (open, forgot) = (try await terminal.shop(), try await terminal.forgot())
            if let open { return try await enter(open) }
            show { state in
                state.opening = false
                state.form.forgot = forgot
            }
            if let arrived {
                pair(arrived)
            }
        }
    }

    /// A link from outside the app, before it is open or later. Who is signed in stays where they are.
    public func arrive(by link: String) {
        if state.opening {
            arrived = link
        } else if state.desk == nil {
            pair(link)
        }
    }

    /// What a hub's code says may be typed where its address goes.
    public func fill(_ form: SignInForm) {
        show { state in
            let server = state.form.server
            state.form = form
            // Another server is believed by another certificate.
            if form.server != server { state.form.root = nil }
        }
        pair(form.server)
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
        signIn(to: nil)
    }

    public func choose(_ shop: String) {
        signIn(to: shop)
    }

    private func signIn(to shop: String?) {
        let form = state.form
        guard !form.busy else { return }
        if form.invited, let wrong = form.own.wrong() {
            return show { $0.problem = wrong }
        }
        show { $0.form.busy = true }
        work { [self] in
            do {
                let signedIn = try await comeIn(form, shop)
                given = signedIn.mustChangePassword ? form.password : nil
                try await enter(signedIn.shop)
            } catch ShopError.Invalid(_, _, "shop", _) {
                let shops = try await terminal.knownShops()
                show {
                    $0.form.shops = shops
                    $0.form.busy = false
                }
            } catch ShopError.NeedsServer(let code, let reason) {
                // The attempt is what has the system ask the person: only now is there an answer.
                if await mayReach(form.server.trimmed) { throw ShopError.NeedsServer(code: code, reason: reason) }
                show { $0.failed(Problem("local_network")) }
            }
        }
    }

    private func comeIn(_ form: SignInForm, _ shop: String?) async throws -> SignedIn {
        let server = ServerAddress(url: form.server.trimmed, anonKey: form.key.trimmed, rootSha256: form.root)
        let (email, password) = (form.email.trimmed, form.password)
        guard form.invited else {
            return try await terminal.signIn(server: server, email: email, password: password, shop: shop)
        }
        let own = form.own.password
        return try await terminal.signUp(
            server: server,
            email: email,
            invitation: password,
            password: own,
            shop: shop
        )
    }

    /// Puts another password in the place of `current`, or of the one that somebody else gave.
    func changePassword(from current: String?, to password: String) async throws {
        try await terminal.changePassword(current: current ?? given ?? "", password: password)
        keepPassword()
    }

    /// No other password is asked for, now that it is changed or for the time being.
    public func keepPassword() {
        given = nil
        show { $0.asksPassword = false }
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
                let moment = Int(time.now().timeIntervalSince1970 * 1_000)
                let file = folder.appendingPathComponent("counterpart-\(moment).jsonl").path
                show { state in
                    state.unsentAtSignOut = Int(operations ?? 0)
                    state.leavingFile = file
                }
            }
        }
    }

    public func stay() {
        show { $0.unsentAtSignOut = nil }
    }

    public func go(_ place: Place) {
        let left = state.place
        show { $0.move(to: place) }
        guard let shop = state.desk?.shop else { return }
        work {
            try await shop.saveDraft(name: Self.kept, body: place.word)
            // The others see which ticket somebody looks at, and no longer than that.
            if left.ticket != nil, place.ticket == nil { try await shop.show(ticket: nil) }
        }
    }

    /// Another shop of the account, opened here before or not.
    public func switchShop(_ shop: String) {
        work { [self] in try await enter(terminal.switchShop(shop: shop)) }
    }

    /// The shops of the account.
    func shops() async throws -> [ShopName] {
        try await terminal.knownShops()
    }

    /// Where the note of who was signed in lies, if it could not be read.
    func forgot() async throws -> String? {
        try await terminal.forgot()
    }

    /// How every shop stands that the account manages. It needs the server.
    func overview() async throws -> [ShopOverview] {
        try await terminal.overview()
    }

    /// For a trial of what happens without it: the engine is told that the network is gone, or back.
    func pretendNetwork(up: Bool) {
        work { [self] in try await terminal.network(up: up) }
    }

    /// The shop's name, its currency or its zone changed here.
    func settingsChanged() async throws {
        guard let shop = state.desk?.shop else { return }
        try await name(shop)
    }

    /// Somebody else works here now: every screen is theirs.
    public func workerChanged() async throws {
        guard let before = state.desk else { return }
        let who = try await before.shop.who()
        let desk = Desk(
            shop: before.shop,
            who: who,
            currency: before.currency,
            time: time,
            zone: before.zone,
            drafts: before.drafts
        )
        let worker = try await worker(desk)
        show { state in
            state.desk = desk
            state.worker = worker
        }
    }

    private func worker(_ desk: Desk) async throws -> Worker? {
        guard desk.who.station else { return nil }
        let actor = desk.who.actor
        return Worker(try await desk.shop.employees().first { $0.id.rawValue == actor }?.name)
    }

    private func enter(_ shop: Shop) async throws {
        let settings = try await shop.settings()
        let desk = try await desk(shop, settings)
        let worker = try await worker(desk)
        let place = Place(word: try await shop.draft(name: Self.kept)?.body)
        let (findings, forgot) = (try await shop.findings(), try await terminal.forgot())
        let found = findings.count + (forgot == nil ? 0 : 1)
        show { state in
            state.opening = false
            state.desk = desk
            state.worker = worker
            state.shopName = settings?.name ?? ""
            state.found = found
            state.move(to: place)
            state.asksPassword = given != nil
            state.form.password = ""
            state.form.invited = false
            state.form.own = NewPassword()
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
        let desk = try await desk(shop, settings)
        show { state in
            state.shopName = settings.name
            state.desk = desk
        }
    }

    private func desk(_ shop: Shop, _ settings: ShopSettings?) async throws -> Desk {
        // A zone that only a newer system knows is shown as this device's own.
        let zone = (settings?.timeZone).flatMap(TimeZone.init(identifier:)) ?? .current
        let who = try await shop.who()
        let currency = settings?.currency ?? "EUR"
        let drafts = state.desk.flatMap { $0.shop === shop ? $0.drafts : nil }
        return Desk(shop: shop, who: who, currency: currency, time: time, zone: zone, drafts: drafts)
    }
}

extension SyncState {
    /// How much of the queue waits for a person.
    public var waiting: Int { Int(failed + conflicts) }
}

extension Place {
    /// The ticket that is open.
    fileprivate var ticket: TicketId? {
        if case .board(let ticket) = self { ticket } else { nil }
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }

    var unlessEmpty: String? { isEmpty ? nil : self }
}
