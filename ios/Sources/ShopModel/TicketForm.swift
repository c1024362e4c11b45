import Counterpart
import Foundation

/// What is typed of a ticket, beside its texts.
public struct TicketForm: Hashable, Sendable {
    /// How urgent a ticket may be.
    public static let priorities: [Priority] = [.low, .normal, .high, .urgent]

    public var subject = ""
    public var kind = ""
    public var brand = ""
    public var model = ""
    public var serial = ""
    public var imei = ""
    public var colour = ""
    public var priority = Priority.normal
    /// When it was promised, if it was.
    public var due: Date?
    public var assignee: EmployeeId?
    public var estimate = ""

    public init() {}

    init(_ ticket: Ticket, _ currency: String) {
        subject = ticket.subject
        kind = ticket.deviceKind ?? ""
        brand = ticket.deviceBrand ?? ""
        model = ticket.deviceModel ?? ""
        serial = ticket.deviceSerial ?? ""
        imei = ticket.imei ?? ""
        colour = ticket.deviceColour ?? ""
        priority = ticket.priority
        due = ticket.dueAt
        assignee = ticket.assigneeId
        estimate = ticket.estimateCents.map { Amounts.typed($0, currency) } ?? ""
    }

    /// From a draft.
    init(_ typed: [String: String]) {
        let text = { (name: String) in typed[name] ?? "" }
        subject = text("subject")
        kind = text("kind")
        brand = text("brand")
        model = text("model")
        serial = text("serial")
        imei = text("imei")
        colour = text("colour")
        priority = Priority(word: text("priority"))
        due = typed["due"].flatMap(Double.init).map(Date.init(timeIntervalSince1970:))
        assignee = typed["assignee"].map(EmployeeId.init(rawValue:))
        estimate = text("estimate")
    }

    /// As a draft.
    var texts: [String: String?] {
        [
            "subject": subject, "kind": kind, "brand": brand, "model": model, "serial": serial, "imei": imei,
            "colour": colour, "priority": priority.word, "due": due.map { String($0.timeIntervalSince1970) },
            "assignee": assignee?.rawValue, "estimate": estimate,
        ]
    }

    /// What has to be put right before it can be saved.
    func wrong(_ currency: String) -> Problem? {
        if estimate.trimmed.isEmpty || Amounts.cents(estimate, currency) != nil { return nil }
        return Problem("number", field: "estimate_cents")
    }

    /// A record with what was typed in the place of what it says: where the form says the same, it stays to the letter.
    func on(_ ticket: Ticket, _ currency: String) -> Ticket {
        let before = TicketForm(ticket, currency)
        var after = ticket
        if subject != before.subject { after.subject = subject.trimmed }
        if kind != before.kind { after.deviceKind = kind.trimmed.unlessEmpty }
        if brand != before.brand { after.deviceBrand = brand.trimmed.unlessEmpty }
        if model != before.model { after.deviceModel = model.trimmed.unlessEmpty }
        if serial != before.serial { after.deviceSerial = serial.trimmed.unlessEmpty }
        if imei != before.imei { after.imei = imei.filter(\.isNumber).unlessEmpty }
        if colour != before.colour { after.deviceColour = colour.trimmed.unlessEmpty }
        if priority != before.priority { after.priority = priority }
        if due != before.due { after.dueAt = due }
        if assignee != before.assignee { after.assigneeId = assignee }
        if estimate != before.estimate { after.estimateCents = Amounts.cents(estimate, currency) }
        return after
    }
}

extension Priority {
    init(word: String) {
        self = TicketForm.priorities.first { $0.word == word } ?? .other(word: word)
    }

    var word: String {
        switch self {
        case .low: "low"
        case .normal: "normal"
        case .high: "high"
        case .urgent: "urgent"
        case .other(let word): word
        }
    }
}

/// What is typed of a line of the bill.
public struct LineForm: Hashable, Sendable {
    /// What somebody writes onto the bill; a part comes from the shelf.
    public static let kinds: [LineKind] = [.labour, .fee, .discount]
    private static let words: [String: LineKind] =
        ["labour": .labour, "fee": .fee, "discount": .discount, "part": .part]

    /// The one that is changed; nothing for a new one.
    public var id: TicketLineId?
    public var kind = LineKind.labour
    public var description = ""
    public var quantity = "1"
    public var price = ""
    /// In percent.
    public var tax = "0"

    public init() {}

    public init(_ line: TicketLine, _ currency: String) {
        id = line.id
        kind = line.kind
        description = line.description ?? ""
        quantity = String(line.quantity)
        price = Amounts.typed(line.unitPriceCents, currency)
        tax = Amounts.percent(line.taxBp)
    }

    /// From a draft.
    init(_ typed: [String: String]) {
        id = typed["id"].map(TicketLineId.init(rawValue:))
        kind = typed["kind"].flatMap { Self.words[$0] } ?? .labour
        description = typed["description"] ?? ""
        quantity = typed["quantity"] ?? ""
        price = typed["price"] ?? ""
        tax = typed["tax"] ?? ""
    }

    /// As a draft.
    var texts: [String: String?] {
        let word = Self.words.first { $0.value == kind }?.key
        return [
            "id": id?.rawValue, "kind": word, "description": description, "quantity": quantity, "price": price,
            "tax": tax,
        ]
    }

    /// What has to be put right before it can be saved.
    func wrong(_ currency: String) -> Problem? {
        if Amounts.whole(quantity) == nil { return Problem("number", field: "quantity") }
        if Amounts.cents(price, currency) == nil { return Problem("number", field: "unit_price_cents") }
        return Amounts.basisPoints(tax) == nil ? Problem("number", field: "tax_bp") : nil
    }

    /// A line with what was typed in the place of what it says, and where that is the same as it was; how many left out.
    func on(_ line: TicketLine, _ currency: String) -> TicketLine {
        var after = line
        after.kind = kind
        if description != line.description ?? "" { after.description = description.trimmed.unlessEmpty }
        after.unitPriceCents = Amounts.cents(price, currency) ?? line.unitPriceCents
        after.taxBp = Amounts.basisPoints(tax) ?? line.taxBp
        return after
    }
}
