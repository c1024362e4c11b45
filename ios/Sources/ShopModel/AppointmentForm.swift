import Counterpart
import Foundation

/// What is typed of an appointment.
public struct AppointmentForm: Hashable, Sendable {
    /// The customer by id and by name, and when they come: each is one value.
    static let together: [Set<String>] = [["customer", "words"], ["date", "time", "minutes"]]

    /// The one that is changed; nothing for a new one.
    public var id: AppointmentId?
    public var customer: CustomerId?
    /// The customer's name, or what is typed to find one.
    public var words = ""
    public var kind = AppointmentKind.dropOff
    public var date = ""
    public var time = ""
    public var minutes = 30
    public var assignee: EmployeeId?
    public var notes = ""

    public init() {}

    init(_ appointment: Appointment, _ customer: String, _ zone: TimeZone) {
        id = appointment.id
        self.customer = appointment.customerId
        words = customer
        kind = appointment.kind
        minutes = Int(appointment.endsAt.timeIntervalSince(appointment.startsAt) / 60)
        assignee = appointment.assigneeId
        notes = appointment.notes ?? ""
        begin(at: appointment.startsAt, zone)
    }

    /// From a draft.
    init(_ typed: [String: String]) {
        id = typed["id"].map(AppointmentId.init(rawValue:))
        customer = typed["customer"].map(CustomerId.init(rawValue:))
        words = typed["words"] ?? ""
        kind = AppointmentKind(word: typed["kind"] ?? "")
        date = typed["date"] ?? ""
        time = typed["time"] ?? ""
        minutes = typed["minutes"].flatMap { Int($0) } ?? 30
        assignee = typed["assignee"].map(EmployeeId.init(rawValue:))
        notes = typed["notes"] ?? ""
    }

    /// As a draft.
    var texts: [String: String?] {
        [
            "id": id?.rawValue, "customer": customer?.rawValue, "words": words, "kind": kind.word, "date": date,
            "time": time, "minutes": String(minutes), "assignee": assignee?.rawValue, "notes": notes,
        ]
    }

    /// When it begins, where a day and a time are typed.
    public func begins(_ zone: TimeZone) -> Date? {
        guard let (year, month, day) = typedDay, let (hour, minute) = typedTime else { return nil }
        let parts = DateComponents(year: year, month: month, day: day, hour: hour, minute: minute)
        return Calendar.of(zone).date(from: parts)
    }

    /// A day and a time were picked.
    public mutating func begin(at begins: Date, _ zone: TimeZone) {
        let calendar = Calendar.of(zone)
        let parts = calendar.dateComponents([.hour, .minute], from: begins)
        date = calendar.typed(begins)
        time = "\(parts.hour ?? 0):\(padded(parts.minute ?? 0, 2))"
    }

    /// What has to be put right before it can be saved.
    func wrong() -> Problem? {
        if customer == nil { return Problem("required", field: "customer_id") }
        if typedDay == nil { return Problem("date", field: "date") }
        if typedTime == nil { return Problem("time", field: "time") }
        return nil
    }

    /// A record with what was typed in the place of what it says; nothing where something is wrong.
    func on(_ before: Appointment, _ zone: TimeZone) -> Appointment? {
        guard let customer, let begins = begins(zone) else { return nil }
        var after = before
        after.customerId = customer
        after.kind = kind
        after.startsAt = begins
        after.endsAt = begins.addingTimeInterval(TimeInterval(minutes) * 60)
        after.timeZone = zone.identifier
        after.assigneeId = assignee
        after.notes = notes.trimmed.unlessEmpty
        if id == nil { after.state = .booked }
        return after
    }

    /// Year, month and day, as 2026-03-12.
    private var typedDay: (Int, Int, Int)? {
        guard let parts = numbers(date, "-", [4, 2, 2]) else { return nil }
        let day = DateComponents(year: parts[0], month: parts[1], day: parts[2])
        return day.isValidDate(in: Calendar(identifier: .gregorian)) ? (parts[0], parts[1], parts[2]) : nil
    }

    /// Hour and minute, as 9:05.
    private var typedTime: (Int, Int)? {
        guard let parts = numbers(time, ":", [2, 2]) ?? numbers(time, ":", [1, 2]) else { return nil }
        return parts[0] < 24 && parts[1] < 60 ? (parts[0], parts[1]) : nil
    }

    private func numbers(_ typed: String, _ between: Character, _ digits: [Int]) -> [Int]? {
        let parts = typed.trimmed.split(separator: between, omittingEmptySubsequences: false)
        guard parts.map(\.count) == digits, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == digits.count ? numbers : nil
    }
}

extension AppointmentKind {
    init(word: String) {
        self = Appointments.kinds.first { $0.word == word } ?? .other(word: word)
    }

    var word: String {
        switch self {
        case .dropOff: "drop_off"
        case .pickUp: "pick_up"
        case .consultation: "consultation"
        case .onSite: "on_site"
        case .other(let word): word
        }
    }
}

extension Calendar {
    /// As people of a zone count their days: in weeks from Monday.
    static func of(_ zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        calendar.firstWeekday = 2
        return calendar
    }

    /// The months in which days lie, each from its beginning to its end.
    func months(of days: Range<Date>) -> [Range<Date>] {
        var months: [Range<Date>] = []
        var at = days.lowerBound
        while at < days.upperBound, let month = dateInterval(of: .month, for: at) {
            months.append(month.start..<month.end)
            at = month.end
        }
        return months
    }

    /// A day as somebody would type it.
    func typed(_ at: Date) -> String {
        let parts = dateComponents([.year, .month, .day], from: at)
        return [(parts.year, 4), (parts.month, 2), (parts.day, 2)].map { padded($0 ?? 0, $1) }.joined(separator: "-")
    }
}

private func padded(_ number: Int, _ digits: Int) -> String {
    let plain = String(number)
    return String(repeating: "0", count: max(0, digits - plain.count)) + plain
}
