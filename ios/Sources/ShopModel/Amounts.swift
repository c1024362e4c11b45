import Foundation

/// Numbers as people type them; nothing where it is none.
enum Amounts {
    /// A whole number.
    static func whole(_ typed: String) -> Int64? {
        Int64(typed.trimmed)
    }

    /// An amount of money in the currency's smallest unit. A comma is a point.
    static func cents(_ typed: String, _ currency: String) -> Int64? {
        smallest(typed, currencyDigits(currency))
    }

    /// A number with so many digits behind its point, without the point.
    private static func smallest(_ typed: String, _ digits: Int) -> Int64? {
        let halves = typed.trimmed.replacingOccurrences(of: ",", with: ".")
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let behind = halves.count == 2 ? halves[1] : ""
        guard let whole = halves.first, behind.count <= digits, behind.allSatisfy({ $0.isASCII && $0.isNumber }),
            halves.count == 1 || !behind.isEmpty, !(whole + behind).isEmpty
        else { return nil }
        return Int64(whole + behind + String(repeating: "0", count: digits - behind.count))
    }

    /// The same as somebody would type it.
    static func typed(_ cents: Int64, _ currency: String) -> String {
        let digits = currencyDigits(currency)
        guard digits > 0 else { return String(cents) }
        let plain = String(cents.magnitude)
        let filled = String(repeating: "0", count: max(0, digits + 1 - plain.count)) + plain
        return "\(cents < 0 ? "-" : "")\(filled.dropLast(digits)).\(filled.suffix(digits))"
    }

    /// A share in percent, in hundredths of a percent; none where nothing is typed.
    static func basisPoints(_ typed: String) -> Int64? {
        typed.trimmed.isEmpty ? 0 : smallest(typed, 2)
    }

    /// The same as somebody would type it.
    static func percent(_ basisPoints: Int64) -> String {
        let behind = basisPoints % 100
        let digits = behind % 10 == 0 ? String(behind / 10) : (behind < 10 ? "0" : "") + String(behind)
        return String(basisPoints / 100) + (behind == 0 ? "" : "." + digits)
    }
}

/// How many digits of a currency stand behind the point. Foundation says so only by writing them.
func currencyDigits(_ currency: String) -> Int {
    let plain = Locale(identifier: "en_US_POSIX")
    let zero = Decimal(0).formatted(.currency(code: currency).locale(plain))
    return zero.split(separator: ".").dropFirst().first?.count(where: \.isNumber) ?? 0
}
