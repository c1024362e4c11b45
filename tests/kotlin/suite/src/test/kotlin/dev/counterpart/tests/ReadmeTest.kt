package dev.counterpart.tests

import dev.counterpart.blankCustomer
import dev.counterpart.boards
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.BoardOrder
import dev.counterpart.model.TicketRow
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** The README's sample, word for word. */
class ReadmeTest {
    @Test
    fun `the sample in the README works`() =
        story {
            Hub().use { hub ->
                Device.open().use { device ->
                    val (terminal, server) = device.terminal to hub.server
                    val (email, password) = hub.owner
                    val filter = BoardFilter(emptyList(), null, null, BoardOrder.DUE)
                    val shown = kotlinx.coroutines.CompletableDeferred<List<TicketRow>>()
                    val show = { rows: List<TicketRow> -> shown.complete(rows) }
                    val screen =
                        launch {
                            val shop = terminal.signIn(server, email, password).shop
                            val id = shop.createCustomer(blankCustomer().copy(lastName = "Núñez"))
                            assertEquals("Núñez", shop.customer(id)?.lastName)
                            shop.boards(filter).collect { page -> show(page.rows) }
                        }
                    assertEquals(emptyList<TicketRow>(), shown.await())
                    screen.cancelAndJoin()
                }
            }
        }
}
