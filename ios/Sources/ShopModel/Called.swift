import Counterpart

/// A record by what people know it by, and the way to it; nothing of either where it is not on this device.
public struct ShownRecord: Hashable, Sendable {
    public var table: String
    public var facts: [String]
    public var place: Place?

    public init(_ table: String, _ facts: [String] = [], place: Place? = nil) {
        self.table = table
        self.facts = facts
        self.place = place
    }
}

/// Records by their names, where no more than an id is known.
struct Called: Sendable {
    let shop: Shop
    private let people: [String: String]

    init(_ shop: Shop) async throws {
        self.shop = shop
        people = Dictionary(try await shop.employees().map { ($0.id.rawValue, $0.name) }) { $1 }
    }

    /// What an employee is called.
    func person(_ id: String) -> String? {
        people[id]
    }

    /// What the record behind a field is called.
    func behind(_ field: String, _ id: String) async throws -> String? {
        switch field {
        case "assignee_id", "employee_id": person(id)
        case "customer_id": try await shop.customer(id: CustomerId(rawValue: id))?.called
        case "warranty_of", "ticket_id":
            try await shop.ticket(id: TicketId(rawValue: id)).map { $0.number ?? $0.subject }
        case "inventory_item_id", "item_id": try await shop.item(id: InventoryItemId(rawValue: id))?.name
        default: nil
        }
    }

    /// What a field was or became, with the names of other records.
    func value(_ field: String, _ value: FieldValue) async throws -> TrailValue {
        guard let id = value.asText?.unlessEmpty else { return TrailValue(field, value) }
        return try await behind(field, id).map(TrailValue.text) ?? TrailValue(field, value)
    }

    /// A record, and where it is opened; of what hangs on another, that one. `texts` are the fields of one that is not
    /// sent.
    func record(_ table: String, _ id: String, _ texts: [String: String] = [:]) async throws -> ShownRecord {
        let found: ([String], Place)? =
            switch table {
            case "tickets": try await ticket(TicketId(rawValue: id))
            case "customers": try await customer(CustomerId(rawValue: id))
            case "inventory_items": try await item(InventoryItemId(rawValue: id))
            case "appointments": try await appointment(AppointmentId(rawValue: id))
            case "ticket_lines": try await line(TicketLineId(rawValue: id))
            case "ticket_notes", "ticket_events": try await ticket(texts["ticket_id"].map(TicketId.init(rawValue:)))
            case "stock_movements": try await item(texts["item_id"].map(InventoryItemId.init(rawValue:)))
            case "employees": person(id).map { ([$0], .team) }
            case "shop_settings": ([], .settings)
            default: nil
            }
        return ShownRecord(table, found?.0 ?? [], place: found?.1)
    }

    private func ticket(_ id: TicketId?) async throws -> ([String], Place)? {
        guard let id, let ticket = try await shop.ticket(id: id) else { return nil }
        return ([ticket.number, ticket.subject].compactMap { $0 }, .board(ticket: id))
    }

    private func line(_ id: TicketLineId) async throws -> ([String], Place)? {
        try await ticket(shop.ticketLine(id: id)?.ticketId)
    }

    private func customer(_ id: CustomerId) async throws -> ([String], Place)? {
        try await shop.customer(id: id).map { ([$0.called], .customers(.of(id))) }
    }

    private func item(_ id: InventoryItemId?) async throws -> ([String], Place)? {
        guard let id, let item = try await shop.item(id: id) else { return nil }
        return ([item.name, item.sku].compactMap { $0 }, .inventory(.of(id)))
    }

    private func appointment(_ id: AppointmentId) async throws -> ([String], Place)? {
        guard let visit = try await shop.appointment(id: id) else { return nil }
        let customer = try await shop.customer(id: visit.customerId)?.called
        return (customer.map { [$0] } ?? [], .appointments)
    }
}
