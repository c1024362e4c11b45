package dev.counterpart.app

import dev.counterpart.Shop
import dev.counterpart.ShopException
import dev.counterpart.code
import dev.counterpart.model.Who
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import java.time.Instant

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
)

/** What went wrong, as the catalogue and the screen need it: a stable code and a field, never a value. */
data class Problem(
    val code: String,
    val field: String? = null,
) {
    companion object {
        fun of(error: ShopException): Problem = Problem(error.code, (error as? ShopException.Invalid)?.field)
    }
}

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
    protected val scope = CoroutineScope(job + Dispatchers.Default.limitedParallelism(1))

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
        scope.launch {
            try {
                show { with(null) }
                deed()
            } catch (wrong: ShopException) {
                show { with(Problem.of(wrong)) }
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

    override fun close() = scope.cancel()
}
