package dev.counterpart.app

import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.model.Bringer
import dev.counterpart.model.Intake
import dev.counterpart.model.TicketStatus
import org.junit.jupiter.api.Assertions.assertEquals
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
