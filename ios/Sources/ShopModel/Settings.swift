import Counterpart

/// What is typed of the shop's settings.
public struct SettingsForm: Hashable, Sendable {
    public var name = ""
    public var timeZone = ""
    public var currency = ""
    public var ticketDays = ""
    public var appointmentDays = ""

    public init() {}

    public init(_ settings: ShopSettings) {
        name = settings.name
        timeZone = settings.timeZone
        currency = settings.currency
        ticketDays = settings.ticketWindowDays.map { String($0) } ?? ""
        appointmentDays = settings.appointmentWindowDays.map { String($0) } ?? ""
    }

    /// From a draft.
    init(_ typed: [String: String]) {
        let text = { (name: String) in typed[name] ?? "" }
        name = text("name")
        timeZone = text("zone")
        currency = text("currency")
        ticketDays = text("ticket_days")
        appointmentDays = text("appointment_days")
    }

    /// As a draft.
    var texts: [String: String?] {
        [
            "name": name, "zone": timeZone, "currency": currency, "ticket_days": ticketDays,
            "appointment_days": appointmentDays,
        ]
    }

    /// A record with what was typed in the place of what it says.
    func on(_ settings: ShopSettings) -> ShopSettings {
        var after = settings
        after.name = name.trimmed
        after.timeZone = timeZone.trimmed
        after.currency = currency.trimmed.uppercased()
        after.ticketWindowDays = Amounts.whole(ticketDays)
        after.appointmentWindowDays = Amounts.whole(appointmentDays)
        return after
    }

    /// The field that should be a number and is none.
    func wrong() -> String? {
        [("ticket_window_days", ticketDays), ("appointment_window_days", appointmentDays)]
            .first { _, typed in !typed.trimmed.isEmpty && Amounts.whole(typed) == nil }?.0
    }
}

/// Something that the shop tries out: on how many percent of its devices, and whether on this one.
public struct FlagLine: Hashable, Identifiable, Sendable {
    public var name: String
    public var percent: Int64
    public var onHere: Bool

    public var id: String { name }

    public init(_ name: String, _ percent: Int64, onHere: Bool) {
        self.name = name
        self.percent = percent
        self.onHere = onHere
    }
}

/// What the settings show.
public struct SettingsState: ScreenState {
    public var loading = true
    /// Nothing before this device has heard of the shop's.
    public var settings: ShopSettings?
    public var me: EmployeeRow?
    public var station = false
    public var shop = ""
    /// The shops of the account.
    public var shops: [ShopName] = []
    public var leads = false
    /// Whether the account leads where there is more than one shop to look at.
    public var hasOverview = false
    public var form: SettingsForm?
    public var flags: [FlagLine] = []
    public var newFlag = ""
    public var space: Space?
    public var numbersLeft = 0
    public var problem: Problem?

    public init() {}
}

/// What a person can do in the settings.
@MainActor
public protocol SettingsActions: Sendable {
    func edit()
    func fill(_ form: SettingsForm)
    func save()
    func cancel()
    func writeFlag(_ name: String)
    func addFlag()
    func setFlag(_ name: String, _ percent: Int64)
    func switchShop(_ shop: String)
    func openOverview()
    func dismiss()
}

/// The settings: who is signed in, the shop's own, what it tries out, and how much room is left.
public final class Settings: ScreenModel<SettingsState>, SettingsActions {
    /// On how many percent of a shop's devices something is tried out, step by step.
    nonisolated public static let steps: [Int64] = [0, 10, 50, 100]

    private let desk: Desk
    private let session: Session
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "settings")
    private lazy var keptFlag = keeping(desk, "flag")
    private var began: ShopSettings?

    public init(_ desk: Desk, _ session: Session) {
        self.desk = desk
        self.session = session
        var first = SettingsState()
        first.leads = desk.who.leads
        first.station = desk.who.station
        super.init(first)
    }

    override func begin() {
        if desk.who.leads { follow(readDraft) }
        follow { [self] in try await shop.atChanges(look) }
    }

    override func keepTyped() async throws {
        try await kept.now()
        try await keptFlag.now()
    }

    private func readDraft() async throws {
        let flag = try await keptFlag.read()["name"] ?? ""
        let typed = try await kept.read()
        let settings = try await shop.settings()
        // Who was quicker to type than the disk to read keeps what they typed.
        if state.newFlag.isEmpty { show { $0.newFlag = flag } }
        guard let settings, state.form == nil, let resumed = Resumed(typed, over: seen(settings)) else { return }
        began = SettingsForm(resumed.seen).on(settings).at(resumed.stamp)
        show { $0.form = SettingsForm(resumed.typed) }
    }

    private func seen(_ settings: ShopSettings) -> Seen {
        Seen(SettingsForm(settings).texts, settings.meta.stamp)
    }

    private func look() async throws {
        let settings = try await shop.settings()
        let me = try await shop.employees().first { $0.id.rawValue == desk.who.actor }
        var flags: [FlagLine] = []
        for (name, percent) in (settings?.featureFlags ?? [:]).sorted(by: { $0.key < $1.key }) {
            // A role's share of a flag stands behind its name.
            let flag = name.split(separator: "/").first.map(String.init) ?? name
            flags.append(FlagLine(name, percent, onHere: try await shop.flag(name: flag)))
        }
        let found = flags
        let (id, shops) = (try await shop.id(), try await session.shops())
        let (space, left) = (try await shop.space(), try await shop.numbersLeft())
        show { state in
            state.loading = false
            state.settings = settings
            state.me = me
            state.shop = id
            state.shops = shops
            state.hasOverview = state.leads && shops.count > 1
            state.flags = found
            state.space = space
            state.numbersLeft = Int(left)
        }
    }

    public func edit() {
        guard let settings = state.settings else { return }
        began = settings
        show { $0.form = SettingsForm(settings) }
    }

    public func fill(_ form: SettingsForm) {
        show { $0.form = form }
        kept.soon(form.texts, seen: began.map(seen))
    }

    public func save() {
        guard let before = began, let form = state.form else { return }
        if let wrong = form.wrong() {
            return show { $0.problem = Problem("number", field: wrong) }
        }
        workOnce { [self] in
            try await shop.editSettings(before: before, after: form.on(before))
            try await kept.drop()
            try await session.settingsChanged()
            show { $0.form = nil }
            follow(look)
        }
    }

    public func cancel() {
        show { $0.form = nil }
        work { [self] in try await kept.drop() }
    }

    public func writeFlag(_ name: String) {
        show { $0.newFlag = name }
        keptFlag.soon(["name": name.unlessEmpty])
    }

    public func addFlag() {
        let name = state.newFlag.trimmed
        writeFlag("")
        if !name.isEmpty { setFlag(name, 0) }
    }

    public func setFlag(_ name: String, _ percent: Int64) {
        work { [self] in
            guard let before = try await shop.settings() else { return }
            var after = before
            after.featureFlags[name] = percent
            try await shop.editSettings(before: before, after: after)
            try await look()
        }
    }

    public func switchShop(_ shop: String) {
        session.switchShop(shop)
    }

    public func openOverview() {
        session.go(.overview)
    }
}
