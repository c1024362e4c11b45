package dev.counterpart.app

import dev.counterpart.ShopException
import dev.counterpart.Terminal
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** The device's folder: its session once it is open, or why it cannot be. */
data class DeviceState(
    val session: Session? = null,
    val problem: Problem? = null,
)

/** Opens the device's folder once, for the person and for a sync in the background, whoever comes first. */
class OpenDevice(
    private val opening: suspend () -> Terminal,
    private val begin: (Terminal) -> Session = { Session(it) },
) {
    private val turn = Mutex()
    private val shown = MutableStateFlow(DeviceState())
    private var open: Terminal? = null

    val state: StateFlow<DeviceState> = shown.asStateFlow()

    /** For the person, who is shown what came of it. Where it failed, for a locked device say, it is tried again. */
    suspend fun open() {
        try {
            terminal()
        } catch (_: ShopException) {
            // The state says why.
        }
    }

    /** The terminal, opened now if it is not yet. */
    suspend fun terminal(): Terminal = turn.withLock { open ?: withContext(NonCancellable) { tryToOpen() } }

    /** The session, once somebody has opened the folder. */
    suspend fun session(): Session = checkNotNull(state.first { it.session != null }.session)

    private suspend fun tryToOpen(): Terminal {
        try {
            val terminal = opening()
            shown.value = DeviceState(begin(terminal))
            open = terminal
            return terminal
        } catch (wrong: ShopException) {
            shown.value = DeviceState(problem = Problem.of(wrong))
            throw wrong
        } catch (gone: CancellationException) {
            throw gone
        } catch (wrong: Exception) {
            val defect = ShopException.Defect("defect", wrong.javaClass.name)
            shown.value = DeviceState(problem = Problem.of(defect))
            throw defect
        }
    }
}
