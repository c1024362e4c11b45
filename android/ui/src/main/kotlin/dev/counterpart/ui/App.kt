package dev.counterpart.ui

import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import dev.counterpart.app.Board
import dev.counterpart.app.Desk
import dev.counterpart.app.OpenTicket
import dev.counterpart.app.Place
import dev.counterpart.app.Session
import dev.counterpart.app.SessionState
import dev.counterpart.app.SyncCentre
import dev.counterpart.app.TakingIn
import dev.counterpart.ids.TicketId
import dev.counterpart.model.Unsent

/** The app: its session's place, with the models of what is shown there. Leaving a screen closes its model. */
@Composable
fun App(session: Session) {
    val state by session.state.collectAsState()
    val desk = state.desk
    when {
        state.opening -> Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {}
        desk == null ->
            Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) { SignInScreen(state.form, session) }
        else ->
            Frame(state.shopName, state.place, state.line, session::go) { wide ->
                when (val place = state.place) {
                    is Place.Board -> BoardPlace(desk, place, wide, session)
                    Place.Intake -> IntakePlace(desk, session)
                    Place.SyncCentre -> SyncPlace(desk, state, session)
                }
            }
    }
}

@Composable
private fun <M : AutoCloseable> model(
    vararg of: Any?,
    make: () -> M,
): M {
    val model = remember(*of) { make() }
    DisposableEffect(model) { onDispose { model.close() } }
    return model
}

@Composable
private fun BoardPlace(
    desk: Desk,
    place: Place.Board,
    wide: Boolean,
    session: Session,
) {
    val board = model(desk) { Board(desk) }
    val shown by board.state.collectAsState()
    BoardAndTicket(
        wide,
        place.ticket,
        board = { BoardScreen(shown, board, place.ticket) { session.go(Place.Board(it)) } },
        open = {
            place.ticket?.let { id ->
                val ticket = model(desk, id) { OpenTicket(desk, TicketId(id)) }
                val state by ticket.state.collectAsState()
                TicketScreen(state, ticket)
            }
        },
    )
}

@Composable
private fun IntakePlace(
    desk: Desk,
    session: Session,
) {
    val counter = model(desk) { TakingIn(desk) }
    val state by counter.state.collectAsState()
    IntakeScreen(state, counter) { session.go(Place.Board(it)) }
}

@Composable
private fun SyncPlace(
    desk: Desk,
    session: SessionState,
    actions: Session,
) {
    val centre = model(desk) { SyncCentre(desk) }
    val state by centre.state.collectAsState()
    SyncCentreScreen(state, centre) { SignOut(session.unsentAtSignOut, actions::signOut, actions::stay) }
}

/** Leaving; with unsent work it asks what becomes of it. */
@Composable
fun SignOut(
    unsent: Long?,
    signOut: (Unsent?) -> Unit,
    stay: () -> Unit,
) {
    val words = LocalWords.current
    if (unsent == null) {
        TextButton({ signOut(null) }) { Text(words.signOutTitle) }
        return
    }
    Section(words.signOutTitle) {
        Text(words.signOutUnsent(unsent))
        OutlinedButton({ signOut(Unsent.SendFirst) }) { Text(words.signOutSendFirst) }
        OutlinedButton({ signOut(Unsent.Keep) }) { Text(words.signOutKeep) }
        OutlinedButton({ signOut(Unsent.Discard) }) { Text(words.signOutDiscard) }
        TextButton(stay) { Text(words.actionCancel) }
    }
}
