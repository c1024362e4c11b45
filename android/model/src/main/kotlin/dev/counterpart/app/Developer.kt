package dev.counterpart.app

import dev.counterpart.Inspection
import dev.counterpart.RecordKind
import dev.counterpart.ServerCounts
import dev.counterpart.SyncEvent
import dev.counterpart.blankCustomer
import dev.counterpart.blankTicket
import dev.counterpart.model.Bringer
import dev.counterpart.model.Day
import dev.counterpart.model.Intake
import dev.counterpart.model.NetworkCall
import dev.counterpart.model.SyncKind
import dev.counterpart.model.SyncLogFilter

/** What the developer looks at. */
enum class DeveloperView { DEVICE, SYNC_LOG, NETWORK, ANALYTICS, RECORD }

/** How many rows of a table are here, how many of those beyond the windows, and how many the server has, if it was asked. */
data class RowCount(
    val table: String,
    val here: Long,
    val beyond: Long,
    val there: Long? = null,
)

/** What the developer's screen shows. */
data class DeveloperState(
    val loading: Boolean = true,
    val view: DeveloperView = DeveloperView.DEVICE,
    /** How the device stands, fact by fact. */
    val facts: List<Pair<String, String>> = emptyList(),
    val rows: List<RowCount> = emptyList(),
    /** The commit at which the server counted its rows, and how far this device has seen them. */
    val counted: Pair<Long, Long>? = null,
    val events: List<SyncEvent> = emptyList(),
    val kind: SyncKind? = null,
    val calls: List<NetworkCall> = emptyList(),
    val days: List<Day> = emptyList(),
    /** The ticket number or id that is looked up, and its record as the file holds it. */
    val wanted: String = "",
    val record: List<Pair<String, String>> = emptyList(),
    val pretendsOffline: Boolean = false,
    /** Whether the library lets an inspector do more than look. */
    val canInterfere: Boolean = false,
    val network: Network = Network.WELL,
    /** Whether starting over waits for a yes. */
    val purging: Boolean = false,
    /** What another device is to write into the ticket that was looked up. */
    val field: String = "",
    val value: String = "",
    val editedElsewhere: Boolean = false,
    /** One hash over what every member sees, and the commit that it is of. */
    val checksum: String? = null,
    val evicted: Long? = null,
    val problem: Problem? = null,
)

/** What a developer can do. */
interface DeveloperActions {
    fun look(view: DeveloperView)

    fun only(kind: SyncKind?)

    fun write(wanted: String)

    fun lookUp()

    fun pretendOffline(offline: Boolean)

    fun simulate(network: Network)

    fun askPurge()

    fun purge()

    fun keep()

    fun fetchAnew()

    fun writeElsewhere(
        field: String,
        value: String,
    )

    fun editElsewhere()

    fun syncNow()

    fun checksum()

    fun countThere()

    fun evict()

    fun seed()

    fun dismiss()
}

/** The inspector: never in a build that is shipped. What it changes, it changes as anybody would. */
class Developer(
    private val desk: Desk,
    private val session: Session,
) : ScreenModel<DeveloperState>(DeveloperState(canInterfere = session.inspector != null, network = session.network)),
    DeveloperActions {
    private val shop = desk.shop
    private val inspector = session.inspector

    /** The ticket that was looked up. */
    private var ticket: String? = null

    /** What the server said when it was asked last. */
    private var server: ServerCounts? = null

    init {
        follow { shop.changes().collect { read() } }
    }

    override fun DeveloperState.with(problem: Problem?) = copy(problem = problem)

    private suspend fun read() {
        val asked = now.kind
        val filter = SyncLogFilter(listOfNotNull(asked), null, null, SHOWN)
        val device = shop.inspect()
        val (events, calls, days) = Triple(shop.syncLog(filter), shop.networkLog(SHOWN), shop.analytics())
        show { copy(loading = false, facts = facts(device), rows = beside(device), counted = counted(device), events = if (kind == asked) events else this.events, calls = calls, days = days) }
    }

    /** The rows here with those of the server, where it was asked and has any of that table for this device. */
    private fun beside(device: Inspection) =
        device.rows.map { (table, here, beyond) -> RowCount(table, here.toLong(), beyond.toLong(), server?.rows?.get(table)?.toLong()) }

    private fun counted(device: Inspection) = server?.let { it.cursor to device.cursor }

    override fun countThere() {
        work {
            server = shop.serverCounts()
            read()
        }
    }

    override fun look(view: DeveloperView) {
        show { copy(view = view) }
        work { read() }
    }

    override fun only(kind: SyncKind?) {
        show { copy(kind = kind) }
        work { read() }
    }

    override fun write(wanted: String) = show { copy(wanted = wanted) }

    override fun lookUp() {
        val wanted = now.wanted.trim()
        work {
            val id = shop.ticketByNumber(wanted)?.id?.value ?: wanted
            val record = facts(shop.rawRecord(RecordKind.TICKET, id))
            ticket = id
            show { copy(record = record, editedElsewhere = false) }
        }
    }

    override fun writeElsewhere(
        field: String,
        value: String,
    ) = show { copy(field = field, value = value, editedElsewhere = false) }

    override fun editElsewhere() {
        val (id, shown) = (ticket ?: return) to now
        work {
            inspector?.editElsewhere(RecordKind.TICKET, id, shown.field.trim(), shown.value)
            show { copy(editedElsewhere = true) }
        }
    }

    override fun simulate(network: Network) {
        work {
            session.simulate(network)
            show { copy(network = network) }
        }
    }

    override fun askPurge() = show { copy(purging = true) }

    override fun keep() = show { copy(purging = false) }

    override fun purge() {
        show { copy(purging = false) }
        work {
            inspector?.purge()
            read()
        }
    }

    override fun fetchAnew() {
        work {
            inspector?.forceFullSync()
            read()
        }
    }

    override fun pretendOffline(offline: Boolean) {
        show { copy(pretendsOffline = offline) }
        session.pretendNetwork(!offline)
    }

    override fun syncNow() {
        work {
            shop.sync()
            read()
        }
    }

    override fun checksum() {
        work {
            val sum = shop.checksum()
            show { copy(checksum = "${sum.hash} @ ${sum.cursor}") }
        }
    }

    override fun evict() {
        work {
            val rows = shop.evict(null).toLong()
            show { copy(evicted = rows) }
            read()
        }
    }

    /** A morning's worth of tickets, to have something to look at. */
    override fun seed() {
        work {
            for (index in 1..SEEDED) {
                val customer = blankCustomer().copy(lastName = "Seeded $index")
                val ticket = blankTicket().copy(subject = "Seeded ticket $index", deviceKind = "phone")
                shop.intake(Intake(Bringer.New(customer), ticket), null)
            }
            read()
        }
    }

    private companion object {
        const val SHOWN = 100u
        const val SEEDED = 20
    }
}
