import Counterpart
import Foundation

/// An appointment in the calendar.
public struct AppointmentLine: Hashable, Identifiable, Sendable {
    public var row: AppointmentRow
    public var mark: Mark
    public var assignee: String?
    /// Whether this person may move it, or say how far it got.
    public var editable: Bool

    public var id: AppointmentId { row.id }

    public init(_ row: AppointmentRow, mark: Mark = Mark(), assignee: String? = nil, editable: Bool = true) {
        self.row = row
        self.mark = mark
        self.assignee = assignee
        self.editable = editable
    }
}

/// One day of the calendar, by the moment at which it begins.
public struct CalendarDay: Hashable, Identifiable, Sendable {
    public var begins: Date
    public var lines: [AppointmentLine]

    public var id: Date { begins }

    public init(_ begins: Date, _ lines: [AppointmentLine]) {
        self.begins = begins
        self.lines = lines
    }
}

/// An appointment as it was before somebody changed how far it got.
public struct AppointmentUndo: Hashable, Sendable {
    public var id: AppointmentId
    public var state: AppointmentState

    public init(_ id: AppointmentId, _ state: AppointmentState) {
        self.id = id
        self.state = state
    }
}

/// What of the days that are shown lies further back than this device keeps.
public enum Older: Hashable, Sendable {
    /// The server is asked for it.
    case fetching
    /// The server cannot be asked now.
    case notHere
}

/// What the calendar shows. A day is the moment at which it begins in the shop.
public struct AppointmentsState: ScreenState {
    public var loading = true
    public var today: Date
    public var day: Date
    public var week = false
    public var days: [CalendarDay] = []
    public var onlyMine = false
    public var canFilterMine = false
    public var people: [EmployeeRow] = []
    public var rights: Set<Right> = []
    public var form: AppointmentForm?
    public var found: [CustomerRow] = []
    public var undo: AppointmentUndo?
    /// Nothing where all of these days is on this device.
    public var older: Older?
    public var problem: Problem?

    public init(today: Date) {
        self.today = today
        day = today
    }
}

/// What a person can do with the calendar.
@MainActor
public protocol AppointmentsActions: Sendable {
    func goEarlier()
    func goLater()
    func goToday()
    func week(_ week: Bool)
    func onlyMine(_ mine: Bool)
    func beginNew()
    func edit(_ row: AppointmentRow)
    func fill(_ form: AppointmentForm)
    func choose(_ customer: CustomerRow)
    func save()
    func cancel()
    func advance(_ row: AppointmentRow, to: AppointmentState)
    func undo()
    /// Asks the server once more for what is not here.
    func fetchOlder()
    func dismiss()
}

/// The calendar: a day or a week of the shop, kept current.
public final class Appointments: ScreenModel<AppointmentsState>, AppointmentsActions {
    private static let found: UInt32 = 5

    /// For how long somebody comes, in minutes.
    nonisolated public static let lengths = [15, 30, 60, 120]

    /// What somebody may come for.
    nonisolated public static let kinds: [AppointmentKind] = [.dropOff, .pickUp, .consultation, .onSite]

    private let desk: Desk
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "appointment")
    private lazy var late = LateFailure(desk.time) { [weak self] in self?.mark($0) }
    private var watching: Task<Void, Never>?
    /// While it is looked whether these days are here, and they are fetched where they are not.
    private(set) var fetching: Task<Void, Never>?
    private var began: Appointment?
    private var seen: Seen?

    public init(_ desk: Desk) {
        self.desk = desk
        var first = AppointmentsState(today: desk.today)
        first.canFilterMine = desk.who.actor != nil
        first.rights = Rights.of(desk.who)
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            let people = try await shop.employees().filter(\.active)
            show { $0.people = people }
            watch()
            try await readDraft()
        }
        follow { [self] in
            try await shop.atChanges { [self] in
                try await tellMarks()
                try await seeWhatCame()
            }
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    private func readDraft() async throws {
        let typed = try await kept.read()
        var record: Appointment?
        if let id = AppointmentForm(typed).id { record = try await shop.appointment(id: id) }
        let resumed = try await resumed(typed, record)
        // Who was quicker to type than the disk to read keeps what they typed.
        guard !typed.isEmpty, state.form == nil else { return }
        seen = resumed.map { Seen($0.seen, $0.stamp) }
        began = record.flatMap { record in
            resumed.flatMap { AppointmentForm($0.seen).on(record, desk.zone)?.at($0.stamp) }
        }
        show { $0.form = AppointmentForm(resumed?.typed ?? typed) }
    }

    private func resumed(_ typed: [String: String], _ record: Appointment?) async throws -> Resumed? {
        guard let record else { return nil }
        let customer = try await shop.customer(id: record.customerId)?.called ?? ""
        let now = Seen(AppointmentForm(record, customer, desk.zone).texts, record.meta.stamp)
        return Resumed(typed, over: now, together: AppointmentForm.together)
    }

    public func goEarlier() {
        move(-1)
    }

    public func goLater() {
        move(1)
    }

    public func goToday() {
        look(at: desk.today)
    }

    private func move(_ by: Int) {
        let days = state.week ? 7 * by : by
        look(at: desk.calendar.date(byAdding: .day, value: days, to: state.day) ?? state.day)
    }

    private func look(at day: Date) {
        show { state in
            state.today = desk.today
            state.day = desk.calendar.startOfDay(for: day)
        }
        watch()
    }

    public func week(_ week: Bool) {
        show { $0.week = week }
        watch()
    }

    public func onlyMine(_ mine: Bool) {
        show { $0.onlyMine = mine }
        watch()
    }

    /// Looks at other days: what was watched before is let go.
    private func watch() {
        watching?.cancel()
        lookBack()
        let (begins, days) = (begins(), shown)
        let assignee = state.onlyMine ? desk.who.actor.map(EmployeeId.init(rawValue:)) : nil
        watching = follow { [self] in
            for try await rows in shop.calendars(from: days.lowerBound, until: days.upperBound, assignee: assignee) {
                try await lay(rows, begins)
            }
        }
    }

    /// When each of the days begins, and where the last of them ends.
    private func begins() -> [Date] {
        let calendar = desk.calendar
        let week = calendar.dateInterval(of: .weekOfYear, for: state.day)?.start
        let first = state.week ? week ?? state.day : state.day
        return (0...(state.week ? 7 : 1)).compactMap { calendar.date(byAdding: .day, value: $0, to: first) }
    }

    /// From when until when the days go that are shown.
    private var shown: Range<Date> {
        let begins = begins()
        let first = begins.first ?? state.day
        return first..<max(first, begins.last ?? first)
    }

    public func fetchOlder() {
        show { $0.older = .fetching }
        lookBack()
    }

    private func lookBack() {
        fetching?.cancel()
        let days = shown
        fetching = follow { [self] in
            let months = try await missing(days)
            try Task.checkCancellation()
            show { $0.older = months.isEmpty ? nil : .fetching }
            do {
                for month in months { try await shop.fetch(kind: .appointment, between: month) }
                // Somebody may look at other days by now.
                try Task.checkCancellation()
                show { $0.older = nil }
            } catch let wrong as ShopError {
                try Task.checkCancellation()
                show { $0.older = .notHere }
                if !wrong.isWithoutServer { throw wrong }
            }
        }
    }

    /// What was asked for in vain comes with a later sync.
    private func seeWhatCame() async throws {
        guard state.older == .notHere else { return }
        let days = shown
        if try await missing(days).isEmpty, days == shown { show { $0.older = nil } }
    }

    /// The months of which days are shown that are not all on this device. A month is asked for as a whole, so that it is
    /// once.
    private func missing(_ days: Range<Date>) async throws -> [Range<Date>] {
        var missing: [Range<Date>] = []
        for month in desk.calendar.months(of: days) {
            let shown = days.clamped(to: month)
            if try await !shop.hasBetween(kind: .appointment, from: shown.lowerBound, until: shown.upperBound) {
                missing.append(month)
            }
        }
        return missing
    }

    private func lay(_ rows: [AppointmentRow], _ begins: [Date]) async throws {
        let marks = try await shop.marks(.appointment, rows.map(\.id.rawValue))
        // What was watched before may still have had something under way.
        try Task.checkCancellation()
        let names = Dictionary(state.people.map { ($0.id, $0.name) }) { $1 }
        let lines = rows.map { row in
            let mark = late.marks[row.id.rawValue] ?? Mark()
            let editable = Rights.appointment(desk.who, of: row.assigneeId)
            return AppointmentLine(row, mark: mark, assignee: row.assigneeId.flatMap { names[$0] }, editable: editable)
        }
        // What began before midnight stands on both days.
        let days = zip(begins, begins.dropFirst()).map { from, until in
            CalendarDay(from, lines.filter { $0.row.slot.startsAt < until && $0.row.slot.endsAt > from })
        }
        show { state in
            state.loading = false
            state.days = days
        }
        late.tell(marks)
    }

    private func tellMarks() async throws {
        let ids = state.days.flatMap { $0.lines.map(\.id.rawValue) }
        late.tell(try await shop.marks(.appointment, ids.once(\.self)))
    }

    private func mark(_ marks: [String: Mark]) {
        show { state in
            for day in state.days.indices {
                for at in state.days[day].lines.indices {
                    if let mark = marks[state.days[day].lines[at].id.rawValue] { state.days[day].lines[at].mark = mark }
                }
            }
        }
    }

    public func beginNew() {
        began = nil
        seen = nil
        var form = AppointmentForm()
        form.begin(at: desk.nextHalfHour(on: state.day), desk.zone)
        form.assignee = desk.who.actor.map(EmployeeId.init(rawValue:))
        show { state in
            state.form = form
            state.found = []
        }
    }

    public func edit(_ row: AppointmentRow) {
        work { [self] in
            guard let before = try await shop.appointment(id: row.id) else { return }
            try await shop.view(kind: .appointment, id: row.id.rawValue)
            let form = AppointmentForm(before, row.customer, desk.zone)
            began = before
            seen = Seen(form.texts, before.meta.stamp)
            show { state in
                state.form = form
                state.found = []
            }
        }
    }

    public func fill(_ form: AppointmentForm) {
        let before = state.form
        show { $0.form = form }
        kept.soon(form.texts, seen: seen)
        if before?.words != form.words { follow { [self] in try await look(form.words) } }
    }

    private func look(_ words: String) async throws {
        let typed = words.trimmed
        let found =
            if typed.isEmpty {
                [CustomerRow]()
            } else if typed.isNumber {
                try await shop.customersByPhone(typed: typed, limit: Self.found)
            } else {
                try await shop.customersByName(prefix: typed, limit: Self.found)
            }
        // An answer to an older question is of no use, nor one after somebody was chosen.
        show { if $0.form?.words == words, $0.form?.customer == nil { $0.found = found } }
    }

    public func choose(_ customer: CustomerRow) {
        guard var form = state.form else { return }
        form.customer = customer.id
        form.words = customer.name
        show { state in
            state.form = form
            state.found = []
        }
        kept.soon(form.texts, seen: seen)
    }

    public func save() {
        guard let form = state.form else { return }
        let before = began
        guard form.wrong() == nil, let after = form.on(before ?? blankAppointment(), desk.zone) else {
            return show { $0.problem = form.wrong() ?? Problem("time", field: "time") }
        }
        workOnce { [self] in
            if let before {
                try await shop.editAppointment(before: before, after: after)
            } else {
                _ = try await shop.createAppointment(record: after)
            }
            try await leaveForm()
        }
    }

    public func cancel() {
        work { [self] in try await leaveForm() }
    }

    private func leaveForm() async throws {
        try await kept.drop()
        show { state in
            state.form = nil
            state.found = []
        }
    }

    public func advance(_ row: AppointmentRow, to: AppointmentState) {
        work { [self] in
            try await set(row.id, to)
            show { $0.undo = AppointmentUndo(row.id, row.state) }
        }
    }

    public func undo() {
        guard let undo = state.undo else { return }
        work { [self] in
            try await set(undo.id, undo.state)
            show { $0.undo = nil }
        }
    }

    private func set(_ id: AppointmentId, _ state: AppointmentState) async throws {
        guard let before = try await shop.appointment(id: id) else { return }
        var after = before
        after.state = state
        try await shop.editAppointment(before: before, after: after)
    }
}

extension Desk {
    var calendar: Calendar { .of(zone) }

    /// When today began in the shop.
    public var today: Date { calendar.startOfDay(for: time.now()) }

    /// A day of the shop, at the time of the next half hour.
    fileprivate func nextHalfHour(on day: Date) -> Date {
        let halfHour: TimeInterval = 1_800
        let since = (time.now().timeIntervalSince(today) / halfHour).rounded(.up) * halfHour
        return calendar.startOfDay(for: day).addingTimeInterval(min(since, 86_400 - halfHour))
    }
}
