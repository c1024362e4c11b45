package dev.counterpart.ui

import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.ConfirmationNumber
import androidx.compose.material.icons.outlined.Inventory2
import androidx.compose.material.icons.outlined.People
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import dev.counterpart.RecordKind
import dev.counterpart.app.AuditTrail
import dev.counterpart.app.Board
import dev.counterpart.app.ChangePassword
import dev.counterpart.app.ConnectHub
import dev.counterpart.app.Customers
import dev.counterpart.app.Desk
import dev.counterpart.app.EditTicket
import dev.counterpart.app.Equipment
import dev.counterpart.app.Inventory
import dev.counterpart.app.OpenCustomer
import dev.counterpart.app.OpenItem
import dev.counterpart.app.OpenTicket
import dev.counterpart.app.Place
import dev.counterpart.app.Session
import dev.counterpart.app.SessionState
import dev.counterpart.app.TakingIn
import dev.counterpart.app.leads
import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.ids.TicketId

/**
 * The app: its session's place, with the models of what is shown there. Leaving a screen closes its model. [developer] says
 * whether this is a build with the developer's screen, [equipment] what this device has.
 */
@Composable
fun App(
    session: Session,
    developer: Boolean = false,
    equipment: Equipment = Equipment(),
) {
    val state by session.state.collectAsState()
    val desk = state.desk
    when {
        state.opening -> Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {}
        desk == null ->
            Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
                SignInScreen(state.form, session) {
                    val connect = model(session) { ConnectHub(equipment, session) }
                    val shown by connect.state.collectAsState()
                    ConnectCard(shown, connect)
                }
            }
        state.asksPassword -> AnotherPassword(session)
        else ->
            CompositionLocalProvider(LocalZone provides desk.zone) {
                Frame(FrameState(state.shopName, state.place, state.line, state.worker, developer, state.problem, state.waiting), session) { wide ->
                    At(state, desk, wide, developer, equipment, session)
                }
            }
    }
}

/** Somebody else knows the password by which one came in. */
@Composable
private fun AnotherPassword(session: Session) {
    val password = model(session) { ChangePassword(session, given = true) }
    val shown by password.state.collectAsState()
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) { Page { PasswordCard(shown, password) } }
}

@Composable
private fun At(
    state: SessionState,
    desk: Desk,
    wide: Boolean,
    developer: Boolean,
    equipment: Equipment,
    session: Session,
) {
    when (val place = state.place) {
        is Place.Board -> BoardPlace(desk, place, wide, session)
        Place.Intake -> IntakePlace(desk, session)
        is Place.Customers -> CustomersPlace(desk, place, wide, session)
        is Place.Inventory -> InventoryPlace(desk, place, wide, equipment, session)
        Place.Appointments -> AppointmentsPlace(desk, wide)
        Place.Team -> TeamPlace(desk)
        Place.AtWork -> AtWorkPlace(desk, session)
        Place.SyncCentre -> SyncPlace(desk, session)
        Place.Settings -> SettingsPlace(desk, state, session)
        Place.Overview -> OverviewPlace(desk, session)
        Place.Developer -> if (developer) DeveloperPlace(desk, session)
        Place.More -> MoreScreen(developer, session::go)
    }
}

@Composable
internal fun <M : AutoCloseable> model(
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
    ListAndRecord(
        wide,
        place.ticket != null,
        Icons.Outlined.ConfirmationNumber,
        LocalWords.current.boardPick,
        list = { BoardScreen(shown, board, place.ticket) { session.go(Place.Board(it)) } },
        record = {
            place.ticket?.let { id ->
                val ticket = model(desk, id) { OpenTicket(desk, TicketId(id)) }
                val edit = model(desk, id) { EditTicket(desk, TicketId(id)) { session.go(Place.Board()) } }
                val state by ticket.state.collectAsState()
                val editing by edit.state.collectAsState()
                TicketScreen(state, ticket, Editing(editing, edit)) { Trail(desk, RecordKind.TICKET, id) }
            }
        },
    )
}

@Composable
private fun CustomersPlace(
    desk: Desk,
    place: Place.Customers,
    wide: Boolean,
    session: Session,
) {
    val customers = model(desk) { Customers(desk) }
    val shown by customers.state.collectAsState()
    ListAndRecord(
        wide,
        place.customer != null,
        Icons.Outlined.People,
        LocalWords.current.customersPick,
        list = { CustomersScreen(shown, customers, place.customer) { session.go(Place.Customers(it)) } },
        record = {
            place.customer?.let { word ->
                val id = CustomerId(word).takeIf { word != Place.NEW }
                val customer = model(desk, word) { OpenCustomer(desk, id) { session.go(Place.Customers(it?.value)) } }
                val state by customer.state.collectAsState()
                CustomerScreen(state, customer, { session.go(Place.Board(it)) }) { Trail(desk, RecordKind.CUSTOMER, word) }
            }
        },
    )
}

@Composable
private fun InventoryPlace(
    desk: Desk,
    place: Place.Inventory,
    wide: Boolean,
    equipment: Equipment,
    session: Session,
) {
    val inventory = model(desk) { Inventory(desk, equipment.codes) { session.go(Place.Inventory(it)) } }
    val shown by inventory.state.collectAsState()
    ListAndRecord(
        wide,
        place.item != null,
        Icons.Outlined.Inventory2,
        LocalWords.current.inventoryPick,
        list = { InventoryScreen(shown, inventory, place.item) { session.go(Place.Inventory(it)) } },
        record = {
            place.item?.let { word ->
                val id = InventoryItemId(word).takeIf { word != Place.NEW }
                val item = model(desk, word) { OpenItem(desk, id) { session.go(Place.Inventory(it?.value)) } }
                val state by item.state.collectAsState()
                ItemScreen(state, item) { Trail(desk, RecordKind.INVENTORY_ITEM, word) }
            }
        },
    )
}

/** Below a record, for who leads: the server tells nobody else. */
@Composable
private fun Trail(
    desk: Desk,
    kind: RecordKind,
    id: String,
) {
    if (!desk.who.leads) return
    val trail = model(desk, kind, id) { AuditTrail(desk, kind, id) }
    val state by trail.state.collectAsState()
    TrailCard(state, trail)
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
