#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel

/// An ordinary day's records, always the same.
enum Samples {
    static let now = Date(timeIntervalSince1970: 1_773_307_800)

    /// When that day began.
    static let today = Date(timeIntervalSince1970: 1_773_270_000)

    static let meta = Meta(
        createdAt: now.addingTimeInterval(-90_000),
        createdBy: "ada",
        updatedAt: now.addingTimeInterval(-3_600),
        updatedBy: "ada",
        stamp: 7,
        deletedAt: nil
    )

    static let long =
        "Fell into the pool at the hotel on Saturday, was dried in rice for two days, then charged with a borrowed "
        + "charger; now it restarts by itself every few minutes and the picture flickers whenever it is held upright"

    /// What a technician may.
    static let bench: Set<Right> = [.useParts, .countStock]

    static let shops = [
        ShopName(id: "north", name: "Okafor Repairs"),
        ShopName(id: "south", name: "Okafor Repairs, Hamburg-Altona, am Bahnhof"),
    ]

    static let online = SyncState(
        online: true,
        reachable: true,
        syncing: false,
        progress: 0,
        pending: 0,
        failed: 0,
        conflicts: 0,
        lastSyncedAt: now.addingTimeInterval(-40),
        lastError: nil
    )

    static func line(_ change: (inout SyncState) -> Void) -> SyncState {
        var line = online
        change(&line)
        return line
    }

    static let rows = [
        BoardRow(
            row(1, "Screen cracked", "Mira Núñez", "Apple iPhone 14", .inRepair, .high),
            mark: Mark(.syncing),
            assignee: "Łukasz",
            next: .qc
        ),
        BoardRow(row(2, "Does not charge", "Jonas Weber", "Samsung Galaxy S23", .received), mark: Mark(.pending)),
        BoardRow(
            row(3, "Keyboard wet", "שירה לוי", "Lenovo ThinkPad X1", .diagnosing, .urgent),
            mark: Mark(.conflict, unread: true),
            overdue: true,
            assignee: "Ada"
        ),
        BoardRow(row(4, "Battery swells", "Ayşe Yılmaz", "Apple iPad Air", .awaitingParts), staleDays: 9),
        BoardRow(
            row(5, "Camera blurred", "أمينة حداد", "Google Pixel 8", .ready, .low),
            mark: Mark(unread: true),
            next: .pickedUp
        ),
        BoardRow(row(6, "Fan is loud", "Lena Fischer", "Dell XPS 13", .awaitingApproval), mark: Mark(.failed)),
    ]

    static let people = [
        EmployeeRow(id: "e1", name: "Ada Okafor", role: .owner, colour: nil, active: true),
        EmployeeRow(id: "e2", name: "Łukasz Wiśniewski", role: .technician, colour: nil, active: true),
        EmployeeRow(id: "e3", name: "ליאור כהן", role: .frontDesk, colour: nil, active: true),
    ]

    static func visit(
        _ index: Int,
        _ customer: String,
        hours: Double,
        _ kind: AppointmentKind = .pickUp,
        _ state: AppointmentState = .booked,
        overlaps: Bool = false
    ) -> AppointmentRow {
        let begins = now.addingTimeInterval(hours * 3_600)
        let slot = Slot(startsAt: begins, endsAt: begins.addingTimeInterval(1_800), timeZone: "Europe/Berlin")
        return AppointmentRow(
            id: AppointmentId(rawValue: "a\(index)"),
            customerId: CustomerId(rawValue: "c\(index)"),
            customer: customer,
            ticketId: nil,
            kind: kind,
            slot: slot,
            assigneeId: nil,
            state: state,
            overlaps: overlaps
        )
    }

    static func item(_ index: Int, _ name: String, _ quantity: Int64, reserved: Int64 = 0) -> ItemRow {
        ItemRow(
            id: InventoryItemId(rawValue: "i\(index)"),
            sku: "SKU-\(index)",
            name: name,
            brand: "Samsung",
            bin: "A\(index)",
            priceCents: 3_400,
            quantity: quantity,
            reserved: reserved,
            reorderLevel: 2
        )
    }

    static let longRow = BoardRow(
        row(
            7,
            long,
            "Maximiliane-Alexandra von und zu Hohenlohe-Waldenburg-Schillingsfürst",
            "Samsung Galaxy Z Fold 6 Special Edition 1 TB",
            .inRepair,
            .urgent
        ),
        mark: Mark(.failed, unread: true),
        overdue: true,
        staleDays: 41,
        assignee: "Bartholomäus"
    )

    private static func row(
        _ index: Int,
        _ subject: String,
        _ customer: String,
        _ device: String,
        _ status: TicketStatus,
        _ priority: Priority = .normal
    ) -> TicketRow {
        TicketRow(
            id: TicketId(rawValue: "t\(index)"),
            number: "\(1_040 + index)",
            subject: subject,
            status: status,
            priority: priority,
            dueAt: now.addingTimeInterval(Double(index) * 18_000),
            assigneeId: "e1",
            customer: customer,
            device: device,
            updatedAt: now.addingTimeInterval(-600)
        )
    }

    private static var ticket: Ticket {
        var ticket = blankTicket()
        ticket.id = "t1"
        ticket.number = "1041"
        ticket.subject = "Screen cracked"
        ticket.problem = "Fell on the stairs. Touch works on the left half only."
        ticket.deviceKind = "phone"
        ticket.deviceBrand = "Apple"
        ticket.deviceModel = "iPhone 14"
        ticket.imei = "490154203237518"
        ticket.priority = .high
        ticket.status = .inRepair
        ticket.meta = meta
        return ticket
    }

    private static var customer: Customer {
        var customer = blankCustomer()
        customer.firstName = "Mira"
        customer.lastName = "Núñez"
        customer.phones = [Phone(number: "+4915112345601", label: "mobile")]
        return customer
    }

    static var view: TicketView {
        TicketView(
            ticket: ticket,
            customer: customer,
            lines: [
                bill("l1", .part, "Screen iPhone 14", 18_900, .approved),
                bill("l2", .labour, "Fitting", 4_500, .pending),
            ],
            notes: [
                TicketNote(
                    id: "n1",
                    ticketId: "t1",
                    kind: .internal,
                    body: "Frame is bent at the lower left.",
                    meta: meta
                )
            ],
            events: [
                moved("v1", .received, .diagnosing),
                moved("v2", .diagnosing, .inRepair),
                moved("v3", .received, .awaitingParts, .history),
            ],
            total: Total(netCents: 23_400, taxCents: 0, grossCents: 23_400),
            hasPasscode: true
        )
    }

    static var longView: TicketView {
        var view = view
        view.ticket.subject = long
        view.ticket.problem = "\(long). \(long)"
        view.ticket.diagnosis = long
        for at in view.lines.indices { view.lines[at].description = long }
        for at in view.notes.indices { view.notes[at].body = long }
        return view
    }

    private static func bill(
        _ id: TicketLineId,
        _ kind: LineKind,
        _ what: String,
        _ cents: Int64,
        _ approval: Approval
    ) -> TicketLine {
        var line = blankTicketLine()
        line.id = id
        line.kind = kind
        line.description = what
        line.quantity = 1
        line.unitPriceCents = cents
        line.approval = approval
        return line
    }

    private static func moved(
        _ id: TicketEventId,
        _ from: TicketStatus,
        _ to: TicketStatus,
        _ outcome: EventOutcome = .applied
    ) -> TicketEvent {
        TicketEvent(id: id, ticketId: "t1", from: from, to: to, reason: nil, outcome: outcome, meta: meta)
    }
}
#endif
