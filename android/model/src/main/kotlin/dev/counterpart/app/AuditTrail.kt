package dev.counterpart.app

import dev.counterpart.DeviceStanding
import dev.counterpart.RecordKind
import dev.counterpart.TrailEntry
import java.time.Instant

/** On which device something was done. */
sealed interface TrailDevice {
    data object This : TrailDevice

    /** Another of the shop's, by the code on its tickets, and whose account it is signed in with. */
    data class Other(
        val code: String,
        val of: String?,
    ) : TrailDevice

    /** One that the shop does not have any more. */
    data object Gone : TrailDevice

    /** None: it was done where the server is. */
    data object Server : TrailDevice
}

/** One field: what it was, and what it became, or should have. */
data class TrailChange(
    val field: String,
    val from: TrailValue,
    val to: TrailValue,
    /** Whether it did: what somebody else had set later stands. */
    val kept: Boolean,
)

/** What one person did to a record at one moment. */
data class TrailDeed(
    val at: Instant,
    /** Nothing where it was no employee. */
    val by: String?,
    val device: TrailDevice,
    val changes: List<TrailChange>,
)

/** What a record's audit trail shows. */
data class TrailState(
    val currency: String = "EUR",
    /** The newest first; nothing until somebody has asked. */
    val deeds: List<TrailDeed>? = null,
    val asking: Boolean = false,
    val more: Boolean = false,
    val problem: Problem? = null,
)

/** What a person can do with it. */
interface TrailActions {
    fun ask()

    fun showMore()
}

/** Who changed what of a record, when and on which device, for whoever leads. The server alone knows: it is asked. */
class AuditTrail(
    private val desk: Desk,
    private val kind: RecordKind,
    private val id: String,
) : ScreenModel<TrailState>(TrailState(currency = desk.currency)),
    TrailActions {
    private val shop = desk.shop
    private var called = Called(shop)
    private var devices: Map<String, DeviceStanding> = emptyMap()
    private var next: Long? = null

    override fun TrailState.with(problem: Problem?) = copy(problem = problem, asking = false)

    override fun ask() {
        if (now.asking) return
        work {
            show { copy(asking = true) }
            called = Called(shop)
            devices = shop.devices().associateBy { it.device }
            val deeds = page(null)
            show { copy(deeds = deeds, asking = false, more = next != null) }
        }
    }

    override fun showMore() {
        val before = next ?: return
        if (now.asking) return
        work {
            show { copy(asking = true) }
            val older = page(before)
            show { copy(deeds = deeds.orEmpty() + older, asking = false, more = next != null) }
        }
    }

    private suspend fun page(before: Long?): List<TrailDeed> {
        val own = shop.device()
        val page = shop.trail(kind, id, WINDOW, before)
        next = page.next
        return page.entries
            .groupBy { Triple(it.at, it.actor, it.device) }
            .map { (deed, entries) ->
                val (at, by, device) = deed
                TrailDeed(at, by?.let { called.person(it) }, device(device, own), entries.map { change(it) }.filter { it.from != it.to })
            }.filter { it.changes.isNotEmpty() }
    }

    private suspend fun device(
        id: String,
        own: String,
    ): TrailDevice {
        val other = devices[id]
        return when {
            id.isEmpty() -> TrailDevice.Server
            id == own -> TrailDevice.This
            other == null -> TrailDevice.Gone
            else -> TrailDevice.Other(other.code, other.employee?.let { called.person(it) })
        }
    }

    private suspend fun change(entry: TrailEntry): TrailChange {
        val (from, to) = listOf(entry.from, entry.to).map { value -> TrailValue.of(entry.field, value) { called.behind(entry.field, it) } }
        return TrailChange(entry.field, from, to, entry.kept)
    }

    private companion object {
        const val WINDOW = 30u
    }
}
