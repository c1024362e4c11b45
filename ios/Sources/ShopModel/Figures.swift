import Counterpart
import Foundation

/// Numbers and times as a language writes them, in digits that everybody in the shop reads.
extension Words {
    /// A sum of money, as the currency writes it.
    public func money(_ cents: Int64, _ currency: String) -> String {
        let sign: FloatingPointSign = cents < 0 ? .minus : .plus
        let amount = Decimal(sign: sign, exponent: -currencyDigits(currency), significand: Decimal(cents.magnitude))
        return amount.formatted(.currency(code: currency).locale(locale))
    }

    /// A moment, as a clock in that zone shows it.
    public func moment(_ at: Date, _ zone: TimeZone) -> String {
        at.formatted(Date.FormatStyle(date: .abbreviated, time: .shortened, locale: locale, timeZone: zone))
    }

    /// A day of the calendar, which begins at this moment.
    public func day(_ begins: Date, _ zone: TimeZone) -> String {
        begins.formatted(Date.FormatStyle(date: .complete, time: .omitted, locale: locale, timeZone: zone))
    }

    /// A date within a sentence.
    public func date(_ at: Date, _ zone: TimeZone) -> String {
        at.formatted(Date.FormatStyle(date: .long, time: .omitted, locale: locale, timeZone: zone))
    }

    /// For how long, in the largest unit that is whole.
    public func age(_ minutes: Int) -> String {
        switch minutes {
        case ..<60: ageMinutes(minutes)
        case ..<1_440: ageHours(minutes / 60)
        default: ageDays(minutes / 1_440)
        }
    }

    /// From when to when.
    public func span(_ slot: Slot, _ zone: TimeZone) -> String {
        let time = Date.FormatStyle(date: .omitted, time: .shortened, locale: locale, timeZone: zone)
        return "\(slot.startsAt.formatted(time)) – \(slot.endsAt.formatted(time))"
    }

    /// So much room on a disk.
    public func megabytes(_ bytes: UInt64) -> String {
        (bytes / 1_000_000).formatted(.number.locale(locale))
    }

    private var locale: Locale {
        // Ticket numbers and prices stand beside each other: both in the same digits.
        Locale(identifier: rtl ? "\(language)-u-nu-latn" : "\(language)-GB")
    }
}
