package dev.counterpart.app

import dev.counterpart.Shop
import dev.counterpart.ShopException
import dev.counterpart.code
import dev.counterpart.model.Who
import dev.counterpart.states
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.util.concurrent.ConcurrentHashMap

/** The time as the models see it, so that a test need not wait for it. */
interface Clock {
    fun now(): Instant

    suspend fun wait(ms: Long)

    /** The system's. */
    object System : Clock {
        override fun now(): Instant = Instant.now()

        override suspend fun wait(ms: Long) = delay(ms)
    }
}

/** What every screen of an open shop works on. */
class Desk(
    val shop: Shop,
    val who: Who,
    val currency: String,
    val clock: Clock = Clock.System,
    /** Where the shop is: its days begin and end there. */
    val zone: ZoneId = ZoneId.systemDefault(),
    /** What is typed and not saved yet; the same for every desk of a shop. */
    val drafts: Drafts = Drafts(shop),
) {
    val today: LocalDate get() = clock.now().atZone(zone).toLocalDate()

    /** When a day of the shop begins. */
    fun startOf(day: LocalDate): Instant = day.atStartOfDay(zone).toInstant()
}

/** Whether somebody leads the shop: screens leave out what the engine would refuse them anyway. */
val Who.leads: Boolean get() = !station && (actorRole ?: role) in setOf("manager", "admin", "owner")

/** Whenever the queue moved on or something came: what has no watch of its own is read again then. */
fun Shop.changes(): Flow<Unit> =
    states().map { listOf(it.pending, it.failed, it.conflicts, it.syncing, it.lastSyncedAt) }.distinctUntilChanged().map { }

/** So many whole windows that who asked for more still sees what they see. */
internal fun UInt.holding(shown: Int): UInt = maxOf(this, (shown.toUInt() + this - 1u) / this * this)

/** What went wrong, as the catalogue and the screen need it: a stable code and a field, never a value. */
data class Problem(
    val code: String,
    val field: String? = null,
) {
    companion object {
        fun of(error: ShopException): Problem = Problem(error.code, (error as? ShopException.Invalid)?.field)
    }
}

/** Whether nothing else is wrong than that the server cannot be asked now. */
val ShopException.needsServer: Boolean get() = code == "needs_server"

/**
 * A screen: a state that it shows, and methods named after what a person does. Methods return at once; the state tells
 * what came of them. What goes wrong becomes the state's problem and ends nothing.
 */
abstract class ScreenModel<S : Any>(
    first: S,
) : AutoCloseable {
    private val shown = MutableStateFlow(first)
    private val job: Job = SupervisorJob()

    /** One thing at a time, never on the thread that draws. */
    private val lane = Dispatchers.Default.limitedParallelism(1)
    protected val scope = CoroutineScope(job + lane)

    /** What a person asked for is done to its end, also when they leave the screen meanwhile. */
    private val deeds = CoroutineScope(SupervisorJob() + lane)

    private val busy = ConcurrentHashMap.newKeySet<String>()

    val state: StateFlow<S> = shown.asStateFlow()

    protected val now: S get() = shown.value

    /** Changes what is shown. */
    protected fun show(change: S.() -> S) {
        while (true) {
            val before = shown.value
            if (shown.compareAndSet(before, before.change())) return
        }
    }

    /** Puts a problem on the screen, or takes the last one off it. */
    protected abstract fun S.with(problem: Problem?): S

    /** Does what a person asked for. */
    protected fun work(deed: suspend () -> Unit): Job =
        deeds.launch {
            try {
                show { with(null) }
                deed()
            } catch (wrong: ShopException) {
                show { with(Problem.of(wrong)) }
            } catch (gone: IllegalStateException) {
                // The shop was closed behind a screen that was left.
                if (job.isActive) throw gone
            }
        }

    /**
     * Does what a person asked for, and nothing of the kind a second time meanwhile: a nervous finger makes one record.
     * Reading it again afterwards is no part of it.
     */
    protected fun workOnce(
        kind: String = "",
        deed: suspend () -> Unit,
    ) = changeOnce(kind) {
        deed()
        return@changeOnce { this }
    }

    /** The same, where what came of it is shown once the next of the kind may be asked for. */
    protected fun changeOnce(
        kind: String = "",
        deed: suspend () -> S.() -> S,
    ) {
        if (!busy.add(kind)) return
        work {
            val came =
                try {
                    deed()
                } finally {
                    busy.remove(kind)
                }
            show(came)
        }
    }

    /** Follows something for as long as the screen is there. */
    protected fun follow(watch: suspend () -> Unit): Job =
        scope.launch {
            try {
                watch()
            } catch (wrong: ShopException) {
                show { with(Problem.of(wrong)) }
            }
        }

    /** The problem was read. */
    fun dismiss() = show { with(null) }

    /** Whoever leaves the screen may have typed a moment before: that is kept. */
    protected open suspend fun keepTyped() {}

    override fun close() {
        scope.cancel()
        work { keepTyped() }
    }
}
