package dev.counterpart

import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.EmployeeId
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.ids.TicketId
import dev.counterpart.model.AppointmentRow
import dev.counterpart.model.Badges
import dev.counterpart.model.BoardFilter
import dev.counterpart.model.Customer
import dev.counterpart.model.EmployeeRow
import dev.counterpart.model.InventoryItem
import dev.counterpart.model.ItemRow
import dev.counterpart.model.Notices
import dev.counterpart.model.OpenConflict
import dev.counterpart.model.Parked
import dev.counterpart.model.Present
import dev.counterpart.model.SyncState
import dev.counterpart.model.TicketView
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.stateIn
import java.time.Instant

/** What a person sees of the sync, as it changes. */
fun Shop.states(): Flow<SyncState> = watching(::watchState, { it.next() }, { it.end() })

/** The same as a state that always has a value, shared by whoever collects it. */
suspend fun Shop.stateIn(scope: CoroutineScope): StateFlow<SyncState> =
    states().stateIn(scope, SharingStarted.WhileSubscribed(5_000), state())

/** The first window of the board, as it changes. */
fun Shop.boards(
    filter: BoardFilter,
    limit: UInt = 50u,
): Flow<BoardPage> = watching({ watchBoard(filter, limit) }, { it.next() }, { it.end() })

/** A ticket with all that its screen shows, as it changes; null while it is not here. */
fun Shop.tickets(id: TicketId): Flow<TicketView?> = watching({ watchTicket(id) }, { it.next() }, { it.end() }).map { it.view }

/** A customer, as somebody here or elsewhere changes it; null while it is not here. */
fun Shop.customers(id: CustomerId): Flow<Customer?> = watching({ watchCustomer(id) }, { it.next() }, { it.end() }).map { it.customer }

/** An item of the shelf with its quantity, as it changes; null while it is not here. */
fun Shop.items(id: InventoryItemId): Flow<InventoryItem?> = watching({ watchItem(id) }, { it.next() }, { it.end() }).map { it.item }

/** The employees by name, those who left last, as they change. */
fun Shop.staff(): Flow<List<EmployeeRow>> = watching(::watchEmployees, { it.next() }, { it.end() })

/** Items to order, by name, as they change. */
fun Shop.itemsToOrder(limit: UInt = 50u): Flow<List<ItemRow>> = watching({ watchLowStock(limit) }, { it.next() }, { it.end() })

/**
 * How often something of these kinds changed: a reason to read again what a search, or any list without a flow of its
 * own, shows.
 */
fun Shop.changes(vararg kinds: RecordKind): Flow<ULong> = watching({ watchChanges(kinds.asList()) }, { it.next() }, { it.end() })

/** The appointments of a range of time, as they change. */
fun Shop.calendars(
    from: Instant,
    until: Instant,
    assignee: EmployeeId? = null,
): Flow<List<AppointmentRow>> = watching({ watchCalendar(from, until, assignee) }, { it.next() }, { it.end() })

/** The numbers on the badges, as they change. */
fun Shop.badgeCounts(
    day: Instant,
    nextDay: Instant,
): Flow<Badges> = watching({ watchBadges(day, nextDay) }, { it.next() }, { it.end() })

/** What others did, the newest first, as it changes. */
fun Shop.news(limit: UInt = 50u): Flow<Notices> = watching({ watchNotices(limit) }, { it.next() }, { it.end() })

/** What waits for a person, as it changes. */
fun Shop.parkedOperations(): Flow<List<Parked>> = watching(::watchParked, { it.next() }, { it.end() })

/** The conflicts that wait for a person, as they change. */
fun Shop.openConflicts(): Flow<List<OpenConflict>> = watching(::watchConflicts, { it.next() }, { it.end() })

/** Who is there and what they look at, as it changes. */
fun Shop.team(): Flow<List<Present>> = watching(::watchPresence, { it.next() }, { it.end() })

/** A watch as a cold flow: it begins with the collection, ends with it, and completes when the shop is closed. */
private fun <W : AutoCloseable, T : Any> watching(
    begin: () -> W,
    next: suspend (W) -> T?,
    end: (W) -> Unit,
): Flow<T> =
    flow {
        begin().use { watch ->
            try {
                while (true) emit(next(watch) ?: break)
            } finally {
                end(watch)
            }
        }
    }
