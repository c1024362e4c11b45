package dev.counterpart.app

import dev.counterpart.ShopException
import dev.counterpart.Terminal
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.time.Duration

/**
 * The app's life as the system tells of it, and what the engine does then.
 *
 * What is wanted is kept and worked towards, one step at a time: a suspension that comes late cannot strand a person who
 * is back already, and what is told while the [terminal] is still being opened counts once it is open.
 */
class Life(
    private val terminal: suspend () -> Terminal,
) {
    private val lane = Dispatchers.Default.limitedParallelism(1)
    private val scope = CoroutineScope(SupervisorJob() + lane)

    /** A process may be started for a job alone: somebody looks once the system says so. */
    private val looked = MutableStateFlow(false)

    /** Whether somebody looks at the app. */
    val inFront: StateFlow<Boolean> = looked.asStateFlow()

    /** Whether the engine works; nothing where that is not known. It does so from its opening on. */
    private var awake: Boolean? = true
    private var stepping: Job? = null
    private var finishing: Finishing? = null

    /** The person is there. Ends once the engine works. */
    fun comeBack(): Job {
        looked.value = true
        return scope.launch {
            finishing?.hurry()
            finishing?.done?.await()
            settle()
        }
    }

    /** The app was left: what is here is sent within this time, then the engine rests. The person may come back meanwhile. */
    fun leave(within: Duration = LEAVING): Deferred<Boolean> {
        looked.value = false
        return scope.async { finish(within).done.await() }
    }

    /**
     * A sync while nobody looks; cancelling it ends it, and afterwards the engine rests unless somebody is there. Whether
     * everything was sent.
     */
    suspend fun refresh(within: Duration = REFRESH): Boolean {
        val finishing = withContext(lane) { finish(within) }
        try {
            return finishing.done.await()
        } catch (given: CancellationException) {
            finishing.hurry()
            withContext(NonCancellable) { finishing.done.join() }
            throw given
        }
    }

    /** One sync at a time: who asks for another waits for the same. */
    private fun finish(within: Duration): Finishing = finishing ?: Finishing(within).also { finishing = it }

    /** The last sync before the engine rests. */
    private inner class Finishing(
        within: Duration,
    ) {
        private val syncing = scope.async { sync(within) }

        val done: Deferred<Boolean> =
            scope.async {
                syncing.join()
                finishing = null
                // A sync that is given up may leave the engine in either state: it is told again.
                awake = null
                settle()
                !syncing.isCancelled && syncing.await()
            }

        /** There is no more time: what is being sent is let go. */
        fun hurry() = syncing.cancel()
    }

    private suspend fun sync(within: Duration): Boolean =
        try {
            terminal().shop()?.syncOnce(within)
            true
        } catch (_: ShopException) {
            // What could not be sent stays in the queue, and goes when somebody looks.
            false
        }

    private suspend fun settle() {
        val steps =
            stepping ?: scope.launch {
                while (awake != looked.value) step(looked.value)
                stepping = null
            }
        stepping = steps
        steps.join()
    }

    private suspend fun step(wanted: Boolean) {
        try {
            if (wanted) terminal().resume() else terminal().suspend()
        } catch (_: ShopException) {
            // The terminal is shut or cannot be opened: nothing works, and nothing has to rest.
        }
        awake = wanted
    }

    companion object {
        /** What is here is sent within this time after the app was left. */
        val LEAVING: Duration = Duration.ofSeconds(10)

        /** What a sync in the background is given. */
        val REFRESH: Duration = Duration.ofSeconds(60)
    }
}
