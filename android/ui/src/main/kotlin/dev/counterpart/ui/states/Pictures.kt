package dev.counterpart.ui.states

import androidx.compose.runtime.Composable
import dev.counterpart.app.BoardState
import dev.counterpart.app.IntakeState
import dev.counterpart.app.Place
import dev.counterpart.app.SignInForm
import dev.counterpart.app.SyncCentreState
import dev.counterpart.app.TicketState
import dev.counterpart.model.SyncState
import dev.counterpart.ui.BoardAndTicket
import dev.counterpart.ui.BoardScreen
import dev.counterpart.ui.Frame
import dev.counterpart.ui.IntakeScreen
import dev.counterpart.ui.SignInScreen
import dev.counterpart.ui.SignOut
import dev.counterpart.ui.SyncCentreScreen
import dev.counterpart.ui.TicketScreen
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.ui.Modifier

/** A screen in one of its states: a preview, a picture and a test in one. */
class Picture(
    val screen: String,
    val state: String,
    val content: @Composable () -> Unit,
)

private const val SHOP = "Okafor Repairs"

@Composable
private fun Framed(
    place: Place,
    line: SyncState,
    content: @Composable (Boolean) -> Unit,
) = Frame(SHOP, place, line, {}, content)

@Composable
private fun Boarded(
    board: BoardState,
    ticket: TicketState?,
    line: SyncState,
) {
    val id = ticket?.let { it.view?.ticket?.id?.value ?: "t1" }
    Framed(Place.Board(id), line) { wide ->
        BoardAndTicket(
            wide,
            id,
            board = { BoardScreen(board, nobody(), id) {} },
            open = { TicketScreen(ticket ?: TicketState(), nobody()) },
        )
    }
}

/** Every screen in every state. */
val pictures: List<Picture> =
    signInStates.map { (state, form) -> Picture("sign-in", state) { Alone { SignInScreen(form, nobody()) } } } +
        boardStates.map { (state, shown) -> Picture("board", state) { Boarded(shown.first, null, shown.second) } } +
        ticketStates.map { (state, shown) -> Picture("ticket", state) { Boarded(boardStates.getValue("full").first, shown, Samples.online) } } +
        intakeStates.map { (state, shown) ->
            Picture("intake", state) { Framed(Place.Intake, if (state == "taken-offline") Samples.offline else Samples.online) { IntakeScreen(shown, nobody()) {} } }
        } +
        syncStates.map { (state, shown) ->
            Picture("sync", state) {
                Framed(Place.SyncCentre, shown.line ?: Samples.online) {
                    SyncCentreScreen(shown, nobody()) { SignOut(if (state == "leaving") 4 else null, {}, {}) }
                }
            }
        }

@Composable
private fun Alone(content: @Composable () -> Unit) =
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background, content = content)

internal typealias SignIns = Map<String, SignInForm>
internal typealias Boards = Map<String, Pair<BoardState, SyncState>>
internal typealias Tickets = Map<String, TicketState>
internal typealias Intakes = Map<String, IntakeState>
internal typealias Syncs = Map<String, SyncCentreState>
