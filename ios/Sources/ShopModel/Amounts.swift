import Foundation

/// Numbers as people type them; nothing where it is none.
enum Amounts {
    /// A whole number.
    static func whole(_ typed: String) -> Int64? {
        Int64(typed.trimmed)
    }

    /// An amount of money in the currency's smallest unit. A comma is a point.
    static func cents(_ typed: String, _ currency: String) -> Int64? {
        let halves = typed.trimmed.replacingOccurrences(of: ",", with: ".")
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let digits = currencyDigits(currency)
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
}

/// How many digits of a currency stand behind the point. Foundation says so only by writing them.
func currencyDigits(_ currency: String) -> Int {
    let plain = Locale(identifier: "en_US_POSIX")
    let zero = Decimal(0).formatted(.currency(code: currency).locale(plain))
    return zero.split(separator: ".").dropFirst().first?.count(where: \.isNumber) ?? 0
}
