package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.Shop
import dev.counterpart.model.Status
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

/** What stands beside a record: where it is between this device and the server, and whether somebody changed it. */
data class Mark(
    val status: Status = Status.SYNCED,
    val unread: Boolean = false,
)

/** The marks of these records, by id. */
suspend fun Shop.marks(
    kind: RecordKind,
    ids: List<String>,
): Map<String, Mark> = standings(kind, ids).associate { it.id to Mark(it.status, it.unread) }

/** For so long a failure is not shown: a retry that works in the meantime is not a flash. */
const val FAILURE_SHOWN_AFTER_MS = 700L

/** Shows what it is given, but "failed" only once it has stayed so for a while. */
class LateFailure(
    private val scope: CoroutineScope,
    private val clock: Clock,
) {
    private val shown = MutableStateFlow<Map<String, Mark>>(emptyMap())
    private val waiting = mutableMapOf<String, Job>()
    private var newest: Map<String, Mark> = emptyMap()

    val marks: StateFlow<Map<String, Mark>> = shown.asStateFlow()

    /** New marks. Must be called from the scope's own thread of work. */
    fun tell(marks: Map<String, Mark>) {
        newest = marks
        val known = shown.value
        val late = marks.filter { (id, mark) -> mark.status == Status.FAILED && known[id]?.status != Status.FAILED }
        shown.value = marks.mapValues { (id, mark) -> if (id in late) mark.copy(status = Status.SYNCING) else mark }
        (waiting.keys - late.keys).forEach { waiting.remove(it)?.cancel() }
        (late.keys - waiting.keys).forEach(::showLater)
    }

    /** However often it is told meanwhile, it waits once. */
    private fun showLater(id: String) {
        val wait =
            scope.launch(start = CoroutineStart.LAZY) {
                clock.wait(FAILURE_SHOWN_AFTER_MS)
                waiting.remove(id)
                newest[id]?.let { mark -> shown.value += id to mark }
            }
        waiting[id] = wait
        wait.start()
    }
}

/** Collects in the scope. */
fun <T> Flow<T>.collectIn(
    scope: CoroutineScope,
    heard: suspend (T) -> Unit,
): Job = scope.launch { collect { heard(it) } }
