package dev.counterpart.tests

import dev.counterpart.ServerAddress
import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.boards
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.BoardOrder
import dev.counterpart.model.Bringer
import dev.counterpart.model.Intake
import dev.counterpart.model.TicketRow
import dev.counterpart.model.TicketStatus
import dev.counterpart.states
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.time.Duration
import kotlin.system.exitProcess

private fun given(name: String) = System.getenv("COUNTERPART_$name") ?: error("COUNTERPART_$name is not set")

/**
 * The Kotlin device of the meeting with a Swift one: `cargo xtask test meeting` runs it. It takes a ticket in, moves the
 * other's, and sees its own moved.
 */
fun main() {
    val met = runCatching { meet() }.onFailure { it.printStackTrace() }
    // Whatever of a device that failed is still at work ends with it.
    exitProcess(if (met.isSuccess) 0 else 1)
}

private fun meet() =
    runBlocking {
        withTimeout(Duration.ofMinutes(5).toMillis()) {
            Device.open().use { device ->
                val server = ServerAddress(given("URL"), given("KEY"))
                val shop = device.terminal.signIn(server, given("EMAIL"), given("PASSWORD")).shop
                device.network.isUp = true
                shop.states().first { it.online }
                shop.sync()
                val ticket = blankTicket().copy(subject = "From Kotlin")
                shop.intake(Intake(Bringer.New(blankCustomer().copy(lastName = "Kotlin")), ticket), null)
                val board = BoardFilter(emptyList(), null, null, BoardOrder.UPDATED)

                suspend fun shown(wanted: (TicketRow) -> Boolean) =
                    shop.boards(board).first { page -> page.rows.any(wanted) }.rows.first(wanted)
                shop.transition(shown { it.subject == "From Swift" }.id, TicketStatus.Diagnosing, null)
                shown { it.subject == "From Kotlin" && it.status == TicketStatus.Diagnosing }
                shop.idle(Duration.ofMinutes(1))
                shop.close()
            }
        }
    }
