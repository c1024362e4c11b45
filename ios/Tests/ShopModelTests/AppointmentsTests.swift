import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

/// The calendar, through its model alone.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct AppointmentsTests {
    @Test("Two appointments of one person at once are flagged, and one is moved")
    func overlaps() async throws {
        try await alone { desk in
            for name in ["Weber", "Okoro"] {
                _ = try await desk.shop.createCustomer(record: with(blankCustomer()) { $0.lastName = name })
            }
            let tess = try await tess(desk)
            try await on(Appointments(desk)) { calendar in
                try await calendar.until { !$0.loading && !$0.people.isEmpty }
                calendar.goLater()
                try await book(calendar, "web", "14:30", tess)
                try await book(calendar, "oko", "14:45", tess)
                let lines = try await calendar.until { $0.days.first?.lines.count == 2 }.days[0].lines
                #expect(lines.map(\.row.customer) == ["Weber", "Okoro"] && lines.allSatisfy(\.row.overlaps))
                calendar.edit(lines[1].row)
                let form = try await calendar.there { $0.form }
                #expect(form.time == "14:45" && form.minutes == 30)
                calendar.fill(with(form) { $0.time = "16:00" })
                calendar.save()
                try await calendar.until { $0.days.first?.lines.allSatisfy { !$0.row.overlaps } == true }
                calendar.week(true)
                let week = try await calendar.until { $0.days.count == 7 }.days
                #expect(desk.calendar.component(.weekday, from: week[0].begins) == 2, "a week begins on Monday")
            }
        }
    }

    @Test("What the shell reminds of follows a cancellation, and a cancellation is undone")
    func reminders() async throws {
        try await alone { desk in
            _ = try await desk.shop.createCustomer(record: with(blankCustomer()) { $0.lastName = "Weber" })
            let tess = try await tess(desk)
            try await on(Appointments(desk)) { calendar in
                try await calendar.until { !$0.loading && !$0.people.isEmpty }
                calendar.goLater()
                try await book(calendar, "web", "9:00", tess)
                let day = try await calendar.until { $0.days[0].lines.count == 1 }.days[0]
                let row = try #require(day.lines.first?.row)
                for try await reminders in desk.reminders() where !reminders.isEmpty {
                    #expect(reminders.map(\.appointment.id) == [row.id])
                    #expect(reminders[0].at == row.slot.startsAt.addingTimeInterval(-15 * 60))
                    break
                }
                calendar.advance(row, to: .cancelled)
                try await calendar.until { $0.undo != nil }
                for try await reminders in desk.reminders() where reminders.isEmpty { break }
                calendar.undo()
                try await calendar.until { $0.undo == nil && $0.days[0].lines.first?.row.state == .booked }
            }
        }
    }

    @Test("The shell is told what to remind of once the shop is open, and of nothing once somebody has signed out")
    func reminding() async throws {
        let device = try await Device()
        defer { device.throwAway() }
        let account = Counterpart.Account(id: "lee", role: "owner", station: false, employee: nil)
        _ = try await device.terminal.enter(account: account, shop: "north")
        let session = Session(device.terminal, folder: device.folder)
        try await session.remind { _, _ in Issue.record("nothing before it is known") }
        #expect(session.state.reminding == .unknown)
        try await on(session) { session in
            let desk = try await session.there { $0.desk }
            _ = try await desk.shop.createCustomer(record: with(blankCustomer()) { $0.lastName = "Weber" })
            let tess = try await tess(desk)
            try await on(Appointments(desk)) { calendar in
                try await calendar.until { !$0.loading && !$0.people.isEmpty }
                calendar.goLater()
                try await book(calendar, "web", "9:00", tess)
            }
            let before = session.state.reminding
            let (told, tell) = AsyncStream<[String]>.makeStream()
            let following = Task {
                try await session.remind { reminders, _ in tell.yield(reminders.map(\.appointment.customer)) }
            }
            for await customers in told where customers == ["Weber"] { break }
            session.signOut(.discard)
            try await session.until { $0.desk == nil }
            following.cancel()
            #expect(session.state.reminding == .nobody && before != .nobody)
            var laid: [Reminder]?
            try await session.remind { reminders, _ in laid = reminders }
            #expect(laid == [])
        }
    }

    @Test("What cannot be a time is said beside the field, and nothing is written")
    func times() async throws {
        let form = with(AppointmentForm()) {
            $0.customer = "c"
            $0.date = "2026-03-12"
            $0.time = "soon"
        }
        #expect(form.wrong() == Problem("time", field: "time"))
        for day in ["12.3.", "2026-02-30", "2026-3-12", "٢٠٢٦-٠٣-1x"] {
            let other = with(form) { $0.date = day }
            #expect(other.wrong() == Problem("date", field: "date"))
        }
        let nobody = with(form) { $0.customer = nil }
        #expect(nobody.wrong() == Problem("required", field: "customer_id"))
        let (early, never) = (with(form) { $0.time = "9:05" }, with(form) { $0.time = "24:00" })
        #expect(early.wrong() == nil && never.wrong() != nil)
        try await alone { desk in
            try await on(Appointments(desk)) { calendar in
                calendar.beginNew()
                try await calendar.until { $0.form != nil }
                calendar.fill(form)
                calendar.save()
                try await calendar.until { $0.problem != nil }
            }
        }
    }

    @Test("A day and a time that are picked are what is typed, also where the clock is turned back")
    func picked() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        for moment in [1_773_307_800.0, 1_792_886_400, 1_774_744_200] {
            let at = Date(timeIntervalSince1970: moment)
            let form = with(AppointmentForm()) { $0.begin(at: at, berlin) }
            #expect(form.begins(berlin) == at)
            #expect(AppointmentForm(Typed.read(Typed.write(form.texts))) == form)
        }
        let form = with(AppointmentForm()) { $0.begin(at: Date(timeIntervalSince1970: 1_773_307_800), berlin) }
        #expect(form.date == "2026-03-12" && form.time == "10:30")
    }

    private func tess(_ desk: Desk) async throws -> EmployeeId {
        let tess = with(blankEmployee()) {
            $0.firstName = "Tess"
            $0.role = .technician
            $0.active = true
        }
        return try await desk.shop.createEmployee(record: tess)
    }

    private func book(_ calendar: Appointments, _ words: String, _ time: String, _ who: EmployeeId) async throws {
        calendar.beginNew()
        let form = try #require(calendar.state.form)
        calendar.fill(
            with(form) {
                $0.words = words
                $0.time = time
                $0.assignee = who
            }
        )
        calendar.choose(try await calendar.there { $0.found.first })
        calendar.save()
        let shown = try await calendar.until { $0.form == nil || $0.problem != nil }
        #expect(shown.problem == nil)
    }
}
