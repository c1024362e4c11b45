package dev.counterpart.app

import dev.counterpart.model.Status
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.first
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Instant

class MarksTest {
    /** Time that passes when the test says so. */
    private class Still : Clock {
        val passed = CompletableDeferred<Unit>()
        var waits = 0

        override fun now(): Instant = Instant.EPOCH

        override suspend fun wait(ms: Long) {
            assertEquals(FAILURE_SHOWN_AFTER_MS, ms)
            waits += 1
            passed.await()
        }
    }

    private fun marks(status: Status) = mapOf("t" to Mark(status))

    @Test
    fun `a failure that a retry mends in time is never shown`() =
        story {
            val clock = Still()
            val late = LateFailure(CoroutineScope(Dispatchers.Unconfined), clock)
            late.tell(marks(Status.FAILED))
            assertEquals(marks(Status.SYNCING), late.marks.value)
            late.tell(marks(Status.SYNCED))
            clock.passed.complete(Unit)
            assertEquals(marks(Status.SYNCED), late.marks.value)
        }

    @Test
    fun `a failure that stays is shown`() =
        story {
            val clock = Still()
            val late = LateFailure(CoroutineScope(Dispatchers.Unconfined), clock)
            late.tell(marks(Status.FAILED))
            clock.passed.complete(Unit)
            late.marks.first { it == marks(Status.FAILED) }
            late.tell(marks(Status.FAILED))
            assertEquals(marks(Status.FAILED), late.marks.value, "once shown, it does not blink")
        }

    @Test
    fun `a failure is shown in time however often it is told`() =
        story {
            val clock = Still()
            val late = LateFailure(CoroutineScope(Dispatchers.Unconfined), clock)
            repeat(3) { late.tell(marks(Status.FAILED)) }
            assertEquals(1, clock.waits)
            clock.passed.complete(Unit)
            assertEquals(marks(Status.FAILED), late.marks.value)
        }
}
