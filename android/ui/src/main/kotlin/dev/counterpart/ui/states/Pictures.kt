package dev.counterpart.ui.states

import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.ConfirmationNumber
import androidx.compose.material.icons.outlined.Event
import androidx.compose.material.icons.outlined.Inventory2
import androidx.compose.material.icons.outlined.People
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import dev.counterpart.app.AppointmentsState
import dev.counterpart.app.BoardState
import dev.counterpart.app.CustomerState
import dev.counterpart.app.CustomersState
import dev.counterpart.app.EditTicketState
import dev.counterpart.app.InventoryState
import dev.counterpart.app.ItemState
import dev.counterpart.app.Place
import dev.counterpart.app.Problem
import dev.counterpart.app.TicketState
import dev.counterpart.app.Worker
import dev.counterpart.app.waiting
import dev.counterpart.model.SyncState
import dev.counterpart.ui.AppointmentScreen
import dev.counterpart.ui.AppointmentsScreen
import dev.counterpart.ui.AtWorkScreen
import dev.counterpart.ui.BoardScreen
import dev.counterpart.ui.CannotOpen
import dev.counterpart.ui.ConnectCard
import dev.counterpart.ui.CustomerScreen
import dev.counterpart.ui.CustomersScreen
import dev.counterpart.ui.DeveloperScreen
import dev.counterpart.ui.Editing
import dev.counterpart.ui.Frame
import dev.counterpart.ui.FrameState
import dev.counterpart.ui.IntakeScreen
import dev.counterpart.ui.InventoryScreen
import dev.counterpart.ui.ItemScreen
import dev.counterpart.ui.ListAndRecord
import dev.counterpart.ui.LocalWords
import dev.counterpart.ui.MoreScreen
import dev.counterpart.ui.OverviewScreen
import dev.counterpart.ui.Page
import dev.counterpart.ui.PasswordCard
import dev.counterpart.ui.SettingsScreen
import dev.counterpart.ui.SignInScreen
import dev.counterpart.ui.SignOut
import dev.counterpart.ui.SyncCentreScreen
import dev.counterpart.ui.TeamScreen
import dev.counterpart.ui.TicketScreen
import dev.counterpart.ui.TrailCard

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
    line: SyncState = Samples.online,
    worker: Worker? = null,
    problem: Problem? = null,
    waiting: Long = line.waiting,
    content: @Composable (Boolean) -> Unit,
) = Frame(FrameState(SHOP, place, line, worker, developer = true, problem, waiting), nobody(), content)

@Composable
private fun Boarded(
    board: BoardState,
    ticket: TicketState?,
    line: SyncState,
    edit: EditTicketState = EditTicketState(),
) {
    val id = ticket?.let { it.view?.ticket?.id?.value ?: "t1" }
    Framed(Place.Board(id), line) { wide ->
        ListAndRecord(
            wide,
            id != null,
            Icons.Outlined.ConfirmationNumber,
            LocalWords.current.boardPick,
            list = { BoardScreen(board, nobody(), id) {} },
            record = { TicketScreen(ticket ?: TicketState(), nobody(), Editing(edit, nobody())) },
        )
    }
}

@Composable
private fun Listed(
    customers: CustomersState,
    customer: CustomerState?,
) = Framed(Place.Customers(customer?.let { "c1" })) { wide ->
    ListAndRecord(
        wide,
        customer != null,
        Icons.Outlined.People,
        LocalWords.current.customersPick,
        list = { CustomersScreen(customers, nobody(), customer?.let { "c1" }) {} },
        record = { CustomerScreen(customer ?: CustomerState(), nobody(), openTicket = {}) },
    )
}

@Composable
private fun Shelved(
    inventory: InventoryState,
    item: ItemState?,
) = Framed(Place.Inventory(item?.let { "i1" })) { wide ->
    ListAndRecord(
        wide,
        item != null,
        Icons.Outlined.Inventory2,
        LocalWords.current.inventoryPick,
        list = { InventoryScreen(inventory, nobody(), item?.let { "i1" }) {} },
        record = { ItemScreen(item ?: ItemState(), nobody()) },
    )
}

private fun <S> Map<String, S>.of(
    screen: String,
    content: @Composable (String, S) -> Unit,
): List<Picture> = map { (state, shown) -> Picture(screen, state) { content(state, shown) } }

private val tickets: List<Picture> =
    cannotOpenStates.of("cannot-open") { _, problem -> CannotOpen(problem) { asked += "retry" } } +
        signInStates.of("sign-in") { _, form -> Alone { SignInScreen(form, nobody()) } } +
        passwordStates.of("password") { _, shown -> Alone { Page { PasswordCard(shown, nobody()) } } } +
        connectStates.of("connect") { state, shown -> Alone { SignInScreen(signInStates.getValue(if (state == "found") "found" else "empty"), nobody()) { ConnectCard(shown, nobody()) } } } +
        boardStates.of("board") { _, (board, line) -> Boarded(board, null, line) } +
        ticketStates.of("ticket") { _, shown -> Boarded(boardStates.getValue("full").first, shown, Samples.online) } +
        editTicketStates.of("ticket") { _, edit -> Boarded(boardStates.getValue("full").first, ticketStates.getValue("open"), Samples.online, edit) } +
        intakeStates.of("intake") { state, shown ->
            Framed(Place.Intake, if (state == "taken-offline") Samples.offline else Samples.online) { IntakeScreen(shown, nobody()) {} }
        }

private val records: List<Picture> =
    customersStates.of("customers") { _, shown -> Listed(shown, null) } +
        customerStates.of("customer") { _, shown -> Listed(customersStates.getValue("list"), shown) } +
        inventoryStates.of("inventory") { _, shown -> Shelved(shown, null) } +
        itemStates.of("item") { _, shown -> Shelved(inventoryStates.getValue("low"), shown) } +
        trailStates.of("trail") { _, shown -> Framed(Place.Board("t1")) { Page { TrailCard(shown, nobody()) } } }

@Composable
private fun Planned(state: AppointmentsState) =
    Framed(Place.Appointments) { wide ->
        ListAndRecord(
            wide,
            state.form != null,
            Icons.Outlined.Event,
            LocalWords.current.appointmentsPick,
            list = { AppointmentsScreen(state, nobody()) },
            record = { AppointmentScreen(state, nobody()) },
        )
    }

private val shop: List<Picture> =
    appointmentsStates.of("appointments") { _, shown -> Planned(shown) } +
        teamStates.of("team") { _, shown -> Framed(Place.Team) { TeamScreen(shown, nobody()) } } +
        atWorkStates.of("at-work") { _, shown ->
            Framed(Place.AtWork, worker = Worker("Łukasz Wiśniewski".takeIf { shown.somebody })) { AtWorkScreen(shown, nobody()) }
        }

private val device: List<Picture> =
    syncStates.of("sync") { _, shown -> Framed(Place.SyncCentre, shown.line ?: Samples.online) { SyncCentreScreen(shown, nobody()) } } +
        settingsStates.of("settings") { state, (settings, moving) ->
            Framed(Place.Settings) {
                SettingsScreen(settings, nobody(), moving, nobody()) { SignOut(4L.takeIf { state == "leaving" }, moving.exportFile, {}, {}) }
            }
        } +
        overviewStates.of("overview") { _, shown -> Framed(Place.Overview) { OverviewScreen(shown, nobody()) } } +
        developerStates.of("developer") { _, shown -> Framed(Place.Developer) { DeveloperScreen(shown, nobody()) } } +
        mapOf("ways" to Place.More).of("more") { _, place -> Framed(place) { MoreScreen(developer = true) {} } } +
        mapOf("problem" to Problem("needs_server")).of("around") { _, problem -> Framed(Place.More, problem = problem) { MoreScreen(developer = true) {} } } +
        mapOf("found" to 1L).of("around") { _, found -> Framed(Place.More, waiting = found) { MoreScreen(developer = true) {} } }

/** Every screen in every state. */
val pictures: List<Picture> = tickets + records + shop + device

@Composable
private fun Alone(content: @Composable () -> Unit) =
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background, content = content)
