package dev.counterpart.app

import dev.counterpart.blankCustomer
import dev.counterpart.blankEmployee
import dev.counterpart.blankItem
import dev.counterpart.blankTicket
import dev.counterpart.ids.TicketId
import dev.counterpart.model.Approval
import dev.counterpart.model.Bringer
import dev.counterpart.model.Intake
import dev.counterpart.model.LineKind
import dev.counterpart.model.Priority
import dev.counterpart.model.Role
import dev.counterpart.model.TicketView
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Instant
import java.time.ZoneId

/** A ticket and its bill, written anew through the models alone. */
class TicketTest {
    private val berlin = ZoneId.of("Europe/Berlin")

    private suspend fun Desk.takeIn(): TicketId =
        shop.intake(Intake(Bringer.New(blankCustomer().copy(lastName = "Baker")), blankTicket().copy(subject = "Glass", deviceKind = "phone")), null).ticket

    private suspend fun OpenTicket.bill(wanted: (TicketView) -> Boolean) = checkNotNull(until { state -> state.view?.let(wanted) == true }.view)

    @Test
    fun `what was agreed is written anew, and nothing that somebody else changed meanwhile is taken back`() =
        story {
            alone { open ->
                val desk = Desk(open.shop, open.who, "EUR", zone = berlin)
                val (id, tess) = desk.takeIn() to desk.shop.createEmployee(blankEmployee().copy(firstName = "Tess", role = Role.Technician, active = true))
                EditTicket(desk, id) {}.use { edit ->
                    edit.until { it.people.isNotEmpty() }
                    edit.edit()
                    val form = checkNotNull(edit.until { it.form != null }.form)
                    val before = checkNotNull(desk.shop.ticket(id))
                    desk.shop.editTicket(before, before.copy(deviceColour = "blue"))
                    edit.fill(
                        form.copy(
                            subject = "Glass broken", brand = "Apple", serial = "F2LX", priority = Priority.Urgent,
                            date = "2026-03-13", time = "9:05", assignee = tess.value, estimate = "189,00",
                        ),
                    )
                    edit.save()
                    edit.until { it.form == null }
                }
                val saved = checkNotNull(desk.shop.ticket(id))
                assertEquals(listOf("Glass broken", "Apple", "F2LX", "blue", "phone"), with(saved) { listOf(subject, deviceBrand, deviceSerial, deviceColour, deviceKind) })
                assertEquals(listOf<Any?>(Priority.Urgent, tess, 18_900L), with(saved) { listOf(priority, assigneeId, estimateCents) })
                assertEquals(Instant.parse("2026-03-13T08:05:00Z"), saved.dueAt)
                assertTrue(desk.shop.drafts().none { it.name.startsWith("ticket-form/") })
            }
        }

    @Test
    fun `what is wrong is said beside its field, and what was typed outlives the screen`() =
        story {
            alone { desk ->
                val id = desk.takeIn()
                EditTicket(desk, id) {}.use { edit ->
                    edit.edit()
                    val form = checkNotNull(edit.until { it.form != null }.form)
                    for ((typed, field) in listOf(form.copy(date = "soon") to "date", form.copy(date = "2026-03-13") to "time", form.copy(estimate = "much") to "estimate_cents")) {
                        edit.fill(typed)
                        edit.save()
                        assertEquals(field, edit.until { it.problem != null }.problem?.field)
                        edit.dismiss()
                    }
                    edit.fill(form.copy(imei = "12"))
                    edit.save()
                    assertEquals("imei", edit.until { it.problem != null }.problem?.field)
                    edit.fill(form.copy(subject = "Half-typed"))
                    edit.fillLine(LineForm(kind = LineKind.Fee, description = "Half a line"))
                }
                while (desk.shop.draft("ticket-line/${id.value}")?.body?.contains("Half") != true) yield()
                EditTicket(desk, id) {}.use { edit ->
                    val kept = edit.until { it.form != null && it.line != null }
                    assertEquals("Half-typed", kept.form?.subject)
                    assertEquals(LineForm(kind = LineKind.Fee, description = "Half a line"), kept.line)
                    edit.fillLine(null)
                    edit.save()
                    edit.until { it.form == null }
                }
                assertEquals("Half-typed" to "phone", desk.shop.ticket(id)?.let { it.subject to it.deviceKind })
            }
        }

    @Test
    fun `work and parts are counted and priced, and what is taken off comes back`() =
        story {
            alone { desk ->
                val id = desk.takeIn()
                val item = desk.shop.createItem(blankItem().copy(name = "Port", priceCents = 3_400))
                desk.shop.receive(item, 9, null)
                OpenTicket(desk, id).use { ticket ->
                    EditTicket(desk, id) {}.use { edit ->
                        edit.fillLine(LineForm(description = "Fitting"))
                        edit.saveLine()
                        assertEquals(Problem("number", "unit_price_cents"), edit.until { it.problem != null }.problem)
                        val fitting = LineForm(description = "Fitting", price = "45", tax = "8,5")
                        for ((tax, code) in listOf("a lot" to "number", "101" to "range")) {
                            edit.dismiss()
                            edit.fillLine(fitting.copy(tax = tax))
                            edit.saveLine()
                            assertEquals(Problem(code, "tax_bp"), edit.until { it.problem != null }.problem)
                        }
                        edit.dismiss()
                        edit.fillLine(fitting)
                        edit.saveLine()
                        val bill = ticket.bill { it.lines.size == 1 }
                        val work = bill.lines.single()
                        assertEquals(850L to 383L, work.taxBp to bill.total.taxCents)
                        assertEquals("8.5", LineForm.of(work, desk.currency).tax)
                        assertEquals(LineKind.Labour to 4_500L, work.kind to work.unitPriceCents)
                        edit.until { it.line == null }

                        ticket.findPart("port")
                        ticket.until { it.parts.isNotEmpty() }
                        ticket.countParts("few")
                        ticket.usePart(item)
                        assertEquals(Problem("number", "quantity"), ticket.until { it.problem != null }.problem)
                        ticket.countParts("3")
                        ticket.usePart(item)
                        val part = ticket.bill { it.lines.size == 2 }.lines.last()
                        assertEquals(3L to 6L, part.quantity to desk.shop.item(item)?.quantity)

                        edit.editLine(part)
                        edit.fillLine(checkNotNull(edit.until { it.line != null }.line).copy(quantity = "2", price = "30.00", tax = "19"))
                        edit.saveLine()
                        ticket.bill { view -> view.lines.last().let { it.quantity == 2L && it.unitPriceCents == 3_000L && it.taxBp == 1_900L } }
                        assertEquals(7L, desk.shop.item(item)?.quantity)

                        ticket.approve(work.id, Approval.Declined)
                        ticket.bill { it.lines.first().approval == Approval.Declined }
                        ticket.approve(work.id, Approval.Pending)
                        ticket.bill { it.lines.first().approval == Approval.Pending }
                    }
                    for (line in ticket.bill { true }.lines) {
                        ticket.takeOff(line)
                        ticket.until { it.takenOff == line && it.view?.lines?.size == 1 }
                        assertEquals(if (line.inventoryItemId == null) 7L else 9L, desk.shop.item(item)?.quantity)
                        ticket.putBack()
                        ticket.until { it.takenOff == null && it.view?.lines?.size == 2 }
                    }
                    assertEquals(listOf("Fitting" to 1L, "Port" to 2L), ticket.bill { true }.lines.map { it.description to it.quantity })
                    assertEquals(7L, desk.shop.item(item)?.quantity)
                }
            }
        }

    @Test
    fun `a ticket is deleted by who leads, once they are sure`() =
        story {
            alone { desk ->
                val (id, gone) = desk.takeIn() to CompletableDeferred<Unit>()
                EditTicket(desk, id) { gone.complete(Unit) }.use { edit ->
                    assertTrue(edit.state.value.leads)
                    edit.askDelete(true)
                    edit.until { it.deleting }
                    edit.delete()
                    gone.await()
                }
                assertNull(desk.shop.ticket(id))
            }
            alone("technician") { desk ->
                EditTicket(desk, desk.takeIn()) {}.use { edit -> assertFalse(edit.state.value.leads) }
            }
        }
}
