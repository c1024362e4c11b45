package dev.counterpart.app

import dev.counterpart.blankCustomer
import dev.counterpart.blankEmployee
import dev.counterpart.blankTicket
import dev.counterpart.model.Account
import dev.counterpart.model.Bringer
import dev.counterpart.model.Intake
import dev.counterpart.model.Role
import dev.counterpart.model.TicketStatus
import dev.counterpart.trial.Device
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

class BoardTest {
    private suspend fun Desk.takeIn() = shop.intake(Intake(Bringer.New(blankCustomer().copy(lastName = "Baker")), blankTicket().copy(subject = "Glass broken")), null)

    @Test
    fun `a ticket goes one step on from the board, and back where the engine lets it`() =
        story {
            alone { desk ->
                desk.takeIn()
                Board(desk).use { board ->
                    suspend fun standing(status: TicketStatus) = board.until { it.rows.singleOrNull()?.ticket?.status == status }.rows.single()
                    board.advance(standing(TicketStatus.Received))
                    standing(TicketStatus.Diagnosing)
                    assertEquals(false, board.until { it.swiped != null }.swiped?.canUndo)

                    board.advance(standing(TicketStatus.Diagnosing))
                    board.advance(standing(TicketStatus.InRepair))
                    standing(TicketStatus.Qc)
                    assertEquals(true, board.until { it.swiped?.to == TicketStatus.Qc }.swiped?.canUndo)
                    board.undo()
                    standing(TicketStatus.InRepair)
                    board.until { it.swiped == null }
                }
            }
        }

    @Test
    fun `what is searched keeps to the filters and follows what happens to it`() =
        story {
            alone { desk ->
                val (one, other) = desk.takeIn().ticket to desk.takeIn().ticket
                desk.shop.transition(other, TicketStatus.Diagnosing, null)
                Board(desk).use { board ->
                    board.filter(TicketStatus.Received)
                    board.search("glass")
                    board.advance(board.until { it.words == "glass" && it.rows.map { row -> row.ticket.id } == listOf(one) }.rows.single())
                    board.until { it.rows.isEmpty() && it.swiped != null }
                    board.filter(null)
                    val found = board.until { it.rows.size == 2 }.rows.first { it.ticket.id == one }
                    board.advance(found)
                    val moved = board.until { state -> state.rows.any { it.ticket.id == one && it.ticket.status == TicketStatus.InRepair } }
                    board.advance(moved.rows.first { it.ticket.id == one })
                    board.until { state -> state.rows.any { it.ticket.id == one && it.ticket.status == TicketStatus.Qc } }
                    assertNull(board.state.value.problem)
                }
            }
        }

    @Test
    fun `who searches their own tickets finds no others`() =
        story {
            val device = Device.open()
            val owner = device.terminal.enter(Account("lee", "owner", false, null), "north")
            val tess = owner.createEmployee(blankEmployee().copy(firstName = "Tess", role = Role.Technician, active = true))
            val front = Desk(owner, owner.who(), "EUR")
            val mine = front.takeIn().ticket
            front.takeIn()
            owner.assign(mine, tess)
            val shop = device.terminal.enter(Account("lee", "technician", false, tess.value), "north")
            Board(Desk(shop, shop.who(), "EUR")).use { board ->
                board.search("glass")
                board.until { it.rows.size == 2 }
                board.onlyMine(true)
                board.until { it.rows.map { row -> row.ticket.id } == listOf(mine) }
            }
            device.close()
        }

    @Test
    fun `what is swiped away is gone in further windows too, and a window that comes late brings nothing else`() =
        story {
            alone { desk ->
                val last = desk.takeIn().ticket
                for (to in listOf(TicketStatus.Diagnosing, TicketStatus.Ready)) desk.shop.transition(last, to, null)
                val others = List(59) { desk.takeIn().ticket }
                Board(desk).use { board ->
                    board.until { it.rows.size == 50 && it.more }
                    board.showMore()
                    board.showMore()
                    val rows = board.until { it.rows.size == 60 && !it.more }.rows
                    assertEquals(last, rows.last().ticket.id)
                    board.advance(rows.last())
                    board.until { it.rows.size == 59 && it.swiped?.to == TicketStatus.PickedUp }

                    board.search("")
                    board.until { it.rows.size == 50 && it.more }
                    board.showMore()
                    board.filter(TicketStatus.Diagnosing)
                    board.until { it.rows.isEmpty() }
                    desk.shop.transition(others.first(), TicketStatus.Diagnosing, null)
                    assertEquals(listOf(others.first()), board.until { it.rows.isNotEmpty() }.rows.map { it.ticket.id })
                }
            }
        }

    @Test
    fun `what the board offers as the next step is the first that the ticket offers`() =
        story {
            alone { desk ->
                val taken = desk.takeIn()
                for (to in listOf(TicketStatus.Diagnosing, TicketStatus.InRepair, TicketStatus.Qc, TicketStatus.Ready, TicketStatus.PickedUp)) {
                    val ticket = checkNotNull(desk.shop.ticket(taken.ticket))
                    assertEquals(Steps.of(ticket, desk.who, desk.clock.now()).first(), Steps.likeliest(ticket.status, desk.who))
                    desk.shop.transition(taken.ticket, to, null)
                }
            }
        }
}
