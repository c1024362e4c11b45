import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

/// A ticket and its bill, written anew through the models alone.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct TicketTests {
    @Test("What was agreed is written anew, and nothing that somebody else changed meanwhile is taken back")
    func agreed() async throws {
        try await alone { desk in
            let id = try await takeIn(desk)
            let tess = with(blankEmployee()) {
                $0.firstName = "Tess"
                $0.role = .technician
                $0.active = true
            }
            let assignee = try await desk.shop.createEmployee(record: tess)
            try await on(EditTicket(desk, id) {}) { edit in
                edit.edit()
                var form = try await edit.there { $0.form }
                let before = try #require(try await desk.shop.ticket(id: id))
                try await desk.shop.editTicket(before: before, after: with(before) { $0.deviceColour = "blue" })
                form.subject = "Glass broken"
                form.brand = "Apple"
                form.priority = .urgent
                form.assignee = assignee
                form.estimate = "189,00"
                edit.fill(form)
                edit.promise()
                edit.save()
                try await edit.until { $0.form == nil }
            }
            let saved = try #require(try await desk.shop.ticket(id: id))
            #expect([saved.subject, saved.deviceBrand, saved.deviceColour] == ["Glass broken", "Apple", "blue"])
            #expect(saved.deviceKind == "phone" && saved.priority == .urgent && saved.assigneeId == assignee)
            #expect(saved.estimateCents == 18_900)
            #expect(try #require(saved.dueAt) > Date())
            let draft = try await desk.shop.draft(name: "ticket-form/\(id.rawValue)")
            #expect(draft == nil)
        }
    }

    @Test("What is wrong is said beside its field, and what was typed outlives the screen")
    func wrong() async throws {
        try await alone { desk in
            let id = try await takeIn(desk)
            try await on(EditTicket(desk, id) {}) { edit in
                edit.edit()
                let form = try await edit.there { $0.form }
                edit.fill(with(form) { $0.estimate = "much" })
                edit.save()
                #expect(edit.state.problem == Problem("number", field: "estimate_cents"))
                edit.dismiss()
                edit.fill(with(form) { $0.imei = "12" })
                edit.save()
                let problem = try await edit.there { $0.problem }
                #expect(problem.field == "imei")
                edit.fill(with(form) { $0.subject = "Half-typed" })
                edit.fillLine(with(LineForm()) { $0.kind = .fee })
            }
            try await on(EditTicket(desk, id) {}) { edit in
                let form = try await edit.there { $0.form }
                let line = try await edit.there { $0.line }
                #expect(form.subject == "Half-typed" && line.kind == .fee && line.quantity == "1")
                edit.fillLine(nil)
                edit.save()
                try await edit.until { $0.form == nil }
            }
            let saved = try #require(try await desk.shop.ticket(id: id))
            #expect(saved.subject == "Half-typed" && saved.deviceKind == "phone")
        }
    }

    @Test("Work and parts are counted and priced, and what is taken off comes back")
    func bill() async throws {
        try await alone { desk in
            let id = try await takeIn(desk)
            let port = with(blankItem()) {
                $0.name = "Port"
                $0.priceCents = 3_400
            }
            let item = try await desk.shop.createItem(record: port)
            _ = try await desk.shop.receive(item: item, quantity: 9, reason: nil)
            try await on(OpenTicket(desk, id)) { ticket in
                try await on(EditTicket(desk, id) {}) { edit in
                    let work = try await addWork(edit, ticket)
                    try await usePart(desk, edit, ticket, item)
                    ticket.approve(work, .declined)
                    try await ticket.until { $0.view?.lines.first?.approval == .declined }
                    ticket.approve(work, .pending)
                    try await ticket.until { $0.view?.lines.first?.approval == .pending }
                }
                for line in try await ticket.there({ $0.view?.lines }) {
                    ticket.takeOff(line)
                    try await ticket.until { $0.takenOff == line && $0.view?.lines.count == 1 }
                    let left: Int64 = line.inventoryItemId == nil ? 7 : 9
                    #expect(try await desk.shop.item(id: item)?.quantity == left)
                    ticket.putBack()
                    try await ticket.until { $0.takenOff == nil && $0.view?.lines.count == 2 }
                }
                let lines = try await ticket.there { $0.view?.lines }
                #expect(lines.map(\.description) == ["Fitting", "Port"] && lines.map(\.quantity) == [1, 2])
                #expect(try await desk.shop.item(id: item)?.quantity == 7)
            }
        }
    }

    private func addWork(_ edit: EditTicket, _ ticket: OpenTicket) async throws -> TicketLineId {
        var form = LineForm()
        form.description = "Fitting"
        edit.fillLine(form)
        edit.saveLine()
        #expect(edit.state.problem == Problem("number", field: "unit_price_cents"))
        form.price = "45"
        for (tax, code) in [("a lot", "number"), ("101", "range")] {
            edit.dismiss()
            edit.fillLine(with(form) { $0.tax = tax })
            edit.saveLine()
            let problem = try await edit.there { $0.problem }
            #expect(problem.code == code && problem.field == "tax_bp")
        }
        edit.dismiss()
        form.tax = "8,5"
        edit.fillLine(form)
        edit.saveLine()
        edit.saveLine()
        try await edit.until { $0.line == nil }
        let lines = try await ticket.there { $0.view?.lines.isEmpty == false ? $0.view?.lines : nil }
        #expect(lines.count == 1 && lines[0].kind == .labour && lines[0].unitPriceCents == 4_500)
        #expect(lines[0].taxBp == 850 && LineForm(lines[0], "EUR").tax == "8.5")
        return lines[0].id
    }

    private func usePart(
        _ desk: Desk,
        _ edit: EditTicket,
        _ ticket: OpenTicket,
        _ item: InventoryItemId
    ) async throws {
        ticket.findPart("port")
        try await ticket.until { !$0.parts.isEmpty }
        ticket.countParts("few")
        ticket.usePart(item)
        #expect(ticket.state.problem == Problem("number", field: "quantity"))
        ticket.countParts("3")
        ticket.usePart(item)
        ticket.usePart(item)
        let part = try await ticket.there { $0.view?.lines.count == 2 ? $0.view?.lines.last : nil }
        #expect(try await desk.shop.item(id: item)?.quantity == 6)
        edit.editLine(part)
        var form = try #require(edit.state.line)
        form.quantity = "2"
        form.price = "30.00"
        form.tax = "19"
        edit.fillLine(form)
        edit.saveLine()
        try await ticket.until { $0.view?.lines.last?.quantity == 2 && $0.view?.lines.last?.unitPriceCents == 3_000 }
        try await ticket.until { $0.view?.lines.last?.taxBp == 1_900 }
        #expect(try await desk.shop.item(id: item)?.quantity == 7)
    }

    @Test("A ticket is deleted by who leads, once they are sure")
    func delete() async throws {
        try await alone { desk in
            let id = try await takeIn(desk)
            let (left, tell) = AsyncStream<Void>.makeStream()
            try await on(EditTicket(desk, id) { tell.finish() }) { edit in
                #expect(edit.state.leads)
                edit.askDelete(true)
                #expect(edit.state.deleting)
                edit.delete()
                for await _ in left {}
            }
            #expect(try await desk.shop.ticket(id: id) == nil)
        }
        try await alone("technician") { desk in
            let edit = EditTicket(desk, try await takeIn(desk)) {}
            #expect(!edit.state.leads)
        }
    }

    private func takeIn(_ desk: Desk) async throws -> TicketId {
        let customer = with(blankCustomer()) { $0.lastName = "Baker" }
        let ticket = with(blankTicket()) {
            $0.subject = "Glass"
            $0.deviceKind = "phone"
        }
        let intake = Intake(bringer: .new(customer: customer), ticket: ticket)
        return try await desk.shop.intake(intake: intake, passcode: nil).ticket
    }
}
