import Counterpart

/// Somebody who works here.
public struct Colleague: Hashable, Identifiable, Sendable {
    public var row: EmployeeRow
    public var mark: Mark
    public var here: Bool
    /// The ticket that they look at: its number, or what it is about.
    public var looksAt: String?
    /// Whether this person may change what stands there, and who may set the PIN.
    public var editable: Bool
    public var pinIsMine: Bool

    public var id: EmployeeId { row.id }

    public init(
        _ row: EmployeeRow,
        mark: Mark = Mark(),
        here: Bool = false,
        looksAt: String? = nil,
        editable: Bool = false,
        pinIsMine: Bool = false
    ) {
        self.row = row
        self.mark = mark
        self.here = here
        self.looksAt = looksAt
        self.editable = editable
        self.pinIsMine = pinIsMine
    }
}

/// What is typed of an employee.
public struct EmployeeForm: Hashable, Sendable {
    public var id: EmployeeId?
    public var firstName = ""
    public var lastName = ""
    public var email = ""
    public var phone = ""
    public var role = Role.technician
    public var active = true

    public init() {}

    init(_ employee: Employee) {
        id = employee.id
        firstName = employee.firstName ?? ""
        lastName = employee.lastName ?? ""
        email = employee.email ?? ""
        phone = employee.phone ?? ""
        role = employee.role
        active = employee.active
    }

    /// From a draft.
    init(_ typed: [String: String]) {
        let text = { (name: String) in typed[name] ?? "" }
        id = typed["id"].map(EmployeeId.init(rawValue:))
        firstName = text("first")
        lastName = text("last")
        email = text("email")
        phone = text("phone")
        role = Ranks.role(text("role"))
        active = text("active") == "true"
    }

    /// As a draft.
    var texts: [String: String?] {
        [
            "id": id?.rawValue, "first": firstName, "last": lastName, "email": email, "phone": phone,
            "role": Ranks.word(role), "active": String(active),
        ]
    }

    /// A record with what was typed in the place of what it says.
    func on(_ employee: Employee) -> Employee {
        var after = employee
        after.firstName = firstName.trimmed.unlessEmpty
        after.lastName = lastName.trimmed.unlessEmpty
        after.email = email.trimmed.unlessEmpty
        after.phone = phone.digits.unlessEmpty
        after.role = role
        after.active = active
        return after
    }
}

/// A PIN that is being set. It is kept nowhere.
public struct NewPin: Hashable, Sendable {
    public let employee: EmployeeId
    public let name: String
    public var pin = ""

    public init(_ employee: EmployeeId, _ name: String, pin: String = "") {
        self.employee = employee
        self.name = name
        self.pin = pin
    }
}

/// What the team's screen shows.
public struct TeamState: ScreenState {
    public var loading = true
    public var people: [Colleague] = []
    /// Devices that are there and do not say whose they are.
    public var otherDevices = 0
    public var leads = false
    /// The roles that this person may give.
    public var roles: [Role] = []
    /// What the others did, for who leads.
    public var activity: [Notice] = []
    /// How the shop's devices stand, for who leads.
    public var devices: Devices?
    public var form: EmployeeForm?
    public var newPin: NewPin?
    public var problem: Problem?

    public init() {}
}

/// What a person can do with the team.
@MainActor
public protocol TeamActions: Sendable {
    func beginNew()
    func edit(_ employee: EmployeeId)
    func fill(_ form: EmployeeForm)
    func save()
    func cancel()
    func setPin(_ colleague: Colleague)
    func writePin(_ pin: String)
    func savePin()
    func dismiss()
}

/// The team: who works here, who is there and what they look at and, for who leads, what they did.
public final class Team: ScreenModel<TeamState>, TeamActions {
    private let desk: Desk
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "employee")
    private lazy var late = LateFailure(desk.time) { [weak self] in self?.mark($0) }
    private var present: [Present] = []
    private var began: Employee?

    public init(_ desk: Desk) {
        self.desk = desk
        var first = TeamState()
        first.leads = desk.who.leads
        first.roles = Ranks.below(desk.who)
        first.devices = desk.who.leads ? .asking : nil
        super.init(first)
    }

    override func begin() {
        follow { [self] in try await shop.atChanges(look) }
        follow { [self] in
            for try await there in shop.team() {
                present = there
                try await look()
            }
        }
        guard desk.who.leads else { return }
        follow(readDraft)
        follow(followDevices)
        follow { [self] in
            for try await notices in shop.news() {
                show { $0.activity = notices.newest.filter { $0.kind == .work && !$0.you } }
            }
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    private func readDraft() async throws {
        let typed = try await kept.read()
        var record: Employee?
        if let id = EmployeeForm(typed).id { record = try await shop.employee(id: id) }
        // Who was quicker to type than the disk to read keeps what they typed.
        guard !typed.isEmpty, state.form == nil, state.newPin == nil else { return }
        let resumed = record.flatMap { Resumed(typed, over: seen($0)) }
        let form = EmployeeForm(resumed?.typed ?? typed)
        if form.id == nil {
            began = blankEmployee()
        } else {
            began = record.flatMap { record in resumed.map { EmployeeForm($0.seen).on(record).at($0.stamp) } }
        }
        show { $0.form = form }
    }

    private func seen(_ employee: Employee) -> Seen {
        Seen(EmployeeForm(employee).texts, employee.meta.stamp)
    }

    /// A sync that has ended is when the server may say something else.
    private func followDevices() async throws {
        var seen: SyncState?
        for try await line in shop.states()
        where seen == nil || line.lastSyncedAt != seen?.lastSyncedAt || line.reachable != seen?.reachable {
            seen = line
            do {
                let lines = try await shop.deviceLines(desk.time.now())
                show { $0.devices = .here(lines) }
            } catch let wrong as ShopError {
                show { $0.devices = .unreachable }
                if !wrong.isWithoutServer { show { $0.problem = Problem(wrong) } }
            }
        }
    }

    private func look() async throws {
        let rows = try await shop.employees()
        let own = try await shop.device()
        let marks = try await shop.marks(.employee, rows.map(\.id.rawValue))
        let shown = present.filter { $0.device != own }.map(\.showing)
        var titles: [String: String] = [:]
        for ticket in shown.compactMap(\.ticket) {
            let record = try await shop.ticket(id: TicketId(rawValue: ticket))
            titles[ticket] = record.map { $0.number ?? $0.subject }
        }
        show { state in
            state.loading = false
            state.people = rows.map { colleague($0, shown, titles) }
            state.otherDevices = shown.count { $0.employee == nil }
        }
        late.tell(marks)
    }

    private func colleague(_ row: EmployeeRow, _ shown: [Showing], _ titles: [String: String]) -> Colleague {
        let theirs = shown.filter { $0.employee == row.id.rawValue }
        let own = row.id.rawValue == desk.who.actor
        return Colleague(
            row,
            mark: late.marks[row.id.rawValue] ?? Mark(),
            here: own || !theirs.isEmpty,
            looksAt: theirs.compactMap(\.ticket).first.flatMap { titles[$0] },
            editable: Ranks.below(desk.who).contains(row.role),
            pinIsMine: own || Ranks.setsPins(desk.who)
        )
    }

    private func mark(_ marks: [String: Mark]) {
        show { state in
            for at in state.people.indices {
                if let mark = marks[state.people[at].id.rawValue] { state.people[at].mark = mark }
            }
        }
    }

    public func beginNew() {
        guard let lowest = state.roles.first else { return }
        began = blankEmployee()
        var form = EmployeeForm()
        form.role = lowest
        show { state in
            state.form = form
            state.newPin = nil
        }
    }

    public func edit(_ employee: EmployeeId) {
        work { [self] in
            guard let before = try await shop.employee(id: employee) else { return }
            began = before
            show { state in
                state.form = EmployeeForm(before)
                state.newPin = nil
            }
        }
    }

    public func fill(_ form: EmployeeForm) {
        show { $0.form = form }
        kept.soon(form.texts, seen: form.id == nil ? nil : began.map(seen))
    }

    public func save() {
        guard let before = began, let form = state.form else { return }
        workOnce { [self] in
            if form.id == nil {
                _ = try await shop.createEmployee(record: form.on(before))
            } else {
                try await shop.editEmployee(before: before, after: form.on(before))
            }
            try await kept.drop()
            show { $0.form = nil }
            follow(look)
        }
    }

    public func cancel() {
        show { state in
            state.form = nil
            state.newPin = nil
        }
        work { [self] in try await kept.drop() }
    }

    public func setPin(_ colleague: Colleague) {
        show { state in
            state.newPin = NewPin(colleague.id, colleague.row.name)
            state.form = nil
        }
        work { [self] in try await kept.drop() }
    }

    public func writePin(_ pin: String) {
        show { $0.newPin?.pin = pin }
    }

    public func savePin() {
        guard let new = state.newPin else { return }
        workOnce { [self] in
            try await shop.setPin(employee: new.employee, pin: new.pin)
            show { $0.newPin = nil }
        }
    }
}
