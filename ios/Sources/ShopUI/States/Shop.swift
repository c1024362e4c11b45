#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel

extension AppointmentsState {
    static var states: [Shown<AppointmentsState>] {
        let (today, tomorrow) = (Samples.today, Samples.today.addingTimeInterval(86_400))
        var calendar = AppointmentsState(today: today)
        calendar.loading = false
        calendar.days = [CalendarDay(today, visits)]
        calendar.canFilterMine = true
        calendar.people = Samples.people
        calendar.rights = Set(Right.allCases)
        return [
            Shown("day", calendar),
            Shown("week", calendar) {
                $0.week = true
                $0.days = [
                    CalendarDay(today, Array(visits.prefix(2))), CalendarDay(tomorrow, Array(visits.dropFirst(2))),
                ]
                $0.undo = AppointmentUndo("a1", .booked)
            },
            Shown("empty", calendar) {
                $0.day = tomorrow
                $0.days = [CalendarDay(tomorrow, [])]
            },
            Shown("bench", calendar) {
                $0.days = [CalendarDay(today, visits.map { visit in with(visit) { $0.editable = false } })]
                $0.rights = Samples.bench
            },
            Shown("loading", AppointmentsState(today: today)),
            Shown("older-fetching", calendar) { state in
                state.day = today.addingTimeInterval(-200 * 86_400)
                state.days = [CalendarDay(state.day, [])]
                state.older = .fetching
            },
            Shown("older-not-here", calendar) { state in
                state.day = today.addingTimeInterval(-61 * 86_400)
                state.days = [CalendarDay(state.day, Array(visits.dropFirst(2)))]
                state.older = .notHere
            },
            Shown("typing", calendar) {
                $0.form = with(writing) { form in
                    form.customer = nil
                    form.words = "mi"
                }
                $0.found = [
                    CustomerRow(id: "c1", name: "Mira Núñez", company: nil, phone: "+4915112345601", email: nil)
                ]
            },
            Shown("wrong", calendar) {
                $0.form = with(writing) { form in form.time = "soon" }
                $0.problem = Problem("time", field: "time")
            },
        ]
    }

    private static let visits = [
        AppointmentLine(Samples.visit(1, "Mira Núñez", hours: 1), mark: Mark(.pending), assignee: "Ada Okafor"),
        AppointmentLine(
            Samples.visit(2, "Jonas Weber", hours: 4, .dropOff, .confirmed, overlaps: true),
            assignee: "Łukasz Wiśniewski"
        ),
        AppointmentLine(
            Samples.visit(3, "أمينة حداد", hours: 4, .onSite, overlaps: true),
            mark: Mark(.conflict),
            assignee: "Łukasz Wiśniewski"
        ),
        AppointmentLine(
            Samples.visit(
                4,
                "Maximiliane-Alexandra von und zu Hohenlohe-Waldenburg-Schillingsfürst",
                hours: 6,
                .consultation,
                .cancelled
            )
        ),
    ]

    private static var writing: AppointmentForm {
        var form = AppointmentForm()
        form.customer = "c1"
        form.words = "Mira Núñez"
        form.kind = .pickUp
        form.date = "2026-03-13"
        form.time = "14:30"
        form.assignee = "e1"
        return form
    }
}

extension TeamState {
    static var states: [Shown<TeamState>] {
        var team = TeamState()
        team.loading = false
        team.people = [
            Colleague(Samples.people[0], here: true, pinIsMine: true),
            Colleague(
                Samples.people[1],
                mark: Mark(.pending),
                here: true,
                looksAt: "1041",
                editable: true,
                pinIsMine: true
            ),
            Colleague(Samples.people[2], editable: true, pinIsMine: true),
            Colleague(
                EmployeeRow(id: "e4", name: "Tom Okoro", role: .technician, colour: nil, active: false),
                editable: true
            ),
        ]
        team.otherDevices = 1
        team.leads = true
        team.roles = [.frontDesk, .technician, .manager, .admin, .owner]
        team.activity = SyncCentreState.news.newest.filter { !$0.you }
        team.devices = .here([
            DeviceLine("C", of: "Łukasz Wiśniewski", unsent: 3, silentMinutes: 2_400),
            DeviceLine("E", of: Samples.long, unsent: 1, silentMinutes: 7),
            DeviceLine("D", shared: true, silentMinutes: 12_960),
            DeviceLine("B", of: "Ada Okafor", own: true),
        ])
        return [
            Shown("leads", team),
            Shown("bench", team) { state in
                state.leads = false
                state.devices = nil
                state.roles = []
                for at in state.people.indices {
                    state.people[at].editable = false
                    state.people[at].pinIsMine = at == 1
                }
            },
            Shown("loading", TeamState()),
            Shown("devices-asking", team) { $0.devices = .asking },
            Shown("devices-unreachable", team) { $0.devices = .unreachable },
            Shown("typing", team) { $0.form = with(EmployeeForm()) { form in form.firstName = "Nia" } },
            Shown("leaving", team) {
                $0.form = with(EmployeeForm()) { form in
                    form.id = "e2"
                    form.firstName = "Łukasz"
                    form.lastName = "Wiśniewski"
                    form.active = false
                }
            },
            Shown("pin", team) {
                $0.newPin = NewPin("e2", "Łukasz Wiśniewski", pin: "258")
                $0.problem = Problem("four_to_eight_digits", field: "pin")
            },
        ]
    }
}

extension AtWorkState {
    static var states: [Shown<AtWorkState>] {
        var pad = AtWorkState()
        pad.people = Samples.people
        pad.chosen = Samples.people[1]
        return [
            Shown("who", pad) {
                $0.chosen = nil
                $0.somebody = true
            },
            Shown("pin", pad) { $0.pin = "258" },
            Shown("wrong", pad) { $0.problem = Problem("wrong_pin") },
            Shown("locked", pad) { $0.lockedSeconds = 30 },
            Shown("first-time", pad) { $0.problem = Problem("needs_server") },
        ]
    }
}

/// The settings, with what moves in or out below them.
struct SettingsAndMoving {
    var settings = SettingsState()
    var moving = MovingState()
}

extension SettingsState {
    static var states: [Shown<SettingsAndMoving>] {
        var calm = SettingsAndMoving()
        calm.settings.loading = false
        calm.settings.settings = okafor
        calm.settings.me = Samples.people[0]
        calm.settings.shop = "north"
        calm.settings.shops = Array(Samples.shops.prefix(1))
        calm.settings.leads = true
        calm.settings.flags = [FlagLine("realtime", 100, onHere: true), FlagLine("signatures", 10, onHere: false)]
        calm.settings.space = Space(used: 48_000_000, free: 12_400_000_000, low: false)
        calm.settings.numbersLeft = 87
        calm.moving.exportFile = "/exports/counterpart-2026-03-12.jsonl"
        return [
            Shown("calm", calm),
            Shown("bench", calm) {
                $0.settings.leads = false
                $0.settings.me = Samples.people[1]
                $0.settings.shops = Samples.shops
            },
            Shown("shops", calm) {
                $0.settings.shops = Samples.shops
                $0.settings.hasOverview = true
            },
            Shown("loading", SettingsAndMoving()),
            Shown("typing", calm) {
                $0.settings.form = SettingsForm(okafor)
                $0.settings.newFlag = "photos"
            },
            Shown("full-disk", calm) {
                $0.settings.space = Space(used: 480_000_000, free: 40_000_000, low: true)
            },
            Shown("exporting", calm) { $0.moving.progress = Counterpart.Progress(rows: 1_200, bytes: 400_000) },
            Shown("exported", calm) {
                let written = Counterpart.Progress(rows: 3_417, bytes: 900_000)
                $0.moving.exported = ExportReport(written: written, complete: true, leftOut: ["ticket_secrets"])
            },
            Shown("imported", calm, imported),
            Shown("leaving", calm),
        ]
    }

    private static func imported(_ state: inout SettingsAndMoving) {
        state.moving.form.file = "/exports/old.csv"
        state.moving.form.layout = .customers
        state.moving.form.source = "RepairDesk"
        state.moving.form.countryCode = "49"
        let why = "customers.phones: must be a phone number in E.164"
        state.moving.imported = ImportReport(
            created: 118,
            alreadyThere: 2,
            refused: 1,
            refusals: [RefusedLine(line: 14, code: "phone", field: "phones", message: why)],
            ignoredColumns: [],
            read: Counterpart.Progress(rows: 121, bytes: 9_000),
            complete: true
        )
        state.moving.tried = true
    }

    private static let okafor = ShopSettings(
        id: "s1",
        name: "Okafor Repairs",
        timeZone: "Europe/Berlin",
        currency: "EUR",
        statusLabels: [:],
        ticketWindowDays: 90,
        appointmentWindowDays: 60,
        featureFlags: ["signatures": 10],
        meta: Samples.meta
    )
}

extension OverviewState {
    static var states: [Shown<OverviewState>] {
        let silent = Silent("C", minutes: 2_400)
        let north = ShopLine(
            "north",
            "Okafor Repairs",
            people: 4,
            devices: 6,
            unsent: 2,
            silent: silent,
            conflicts: 1,
            open: true
        )
        let south = ShopLine("south", Samples.shops[1].name, people: 2, devices: 3, silent: Silent("A", minutes: 12))
        let large = with(north) { shop in
            shop.id = "west"
            shop.name = Samples.long
            (shop.people, shop.devices, shop.unsent, shop.conflicts) = (118, 41, 17, 23)
            shop.open = false
        }
        let here = { (lines: [ShopLine]) in with(OverviewState()) { $0.shops = .here(lines) } }
        return [
            Shown("shops", here([north, south, ShopLine("east", "ورشة حداد", people: 1, devices: 0)])),
            Shown("loading", OverviewState()),
            Shown("none", here([])),
            Shown("unreachable", OverviewState()) { $0.shops = .unreachable },
            Shown("long", here([north, large])),
        ]
    }
}

#if DEBUG
extension DeveloperState {
    static var states: [Shown<DeveloperState>] {
        var inspected = DeveloperState()
        inspected.loading = false
        inspected.facts = [
            Fact("phase", "idle"), Fact("channel", "joined"), Fact("cursor", "412"),
        ]
        inspected.rows = [RowCount("customers", here: 31), RowCount("tickets", here: 37, beyond: 2)]
        inspected.events = [
            SyncEvent(at: Samples.now, kind: .pushed, code: nil, counts: ["applied": 2], ms: 41),
            SyncEvent(at: Samples.now, kind: .failed, code: "unreachable", counts: [:], ms: 5_003),
        ]
        let at = Int64(Samples.now.timeIntervalSince1970 * 1_000)
        inspected.calls = [
            NetworkCall(at: at, call: "sync_push", status: "200", up: 812, down: 344, ms: 38),
            NetworkCall(at: at, call: "sync_pull", status: "timeout", up: 120, down: 0, ms: 5_003),
        ]
        inspected.days = [day]
        return [
            Shown("device", inspected) {
                $0.pretendsOffline = true
                $0.evicted = 12
                $0.checksum = "9f31c2 @ 412"
            },
            Shown("counted", inspected) {
                $0.rows = [
                    RowCount("customers", here: 31, there: 31), RowCount("tickets", here: 37, beyond: 2, there: 36),
                ]
                $0.counted = DeveloperState.Counted(there: 413, here: 412)
            },
            Shown("purging", inspected) {
                $0.purging = true
                $0.network = .lossy
            },
            Shown("sync-log", inspected) {
                $0.view = .syncLog
                $0.kind = .pushed
            },
            Shown("network", inspected) { $0.view = .network },
            Shown("analytics", inspected) { $0.view = .analytics },
            Shown("record", inspected) {
                $0.view = .record
                $0.wanted = "1041"
                $0.record = [Fact("shown.subject", "Screen cracked"), Fact("stamp", "398")]
            },
            Shown("elsewhere", inspected) {
                $0.view = .record
                $0.wanted = "1041"
                $0.record = [Fact("shown.subject", "Screen cracked")]
                $0.field = "problem"
                $0.value = "\"Fell into the sink\""
                $0.editedElsewhere = true
            },
        ]
    }

    private static let day = Day(
        day: 20_524,
        operations: 61,
        applied: 58,
        merged: 2,
        conflicts: 1,
        rejected: 0,
        voided: 0,
        latency: [3, 40, 10, 8, 0, 0, 0, 0, 0],
        calls: 204,
        callsFailed: 3,
        offlineMs: 840_000,
        successRate: 0.985,
        conflictRate: 0.016
    )
}
#endif
#endif
