package dev.counterpart.app

import dev.counterpart.states
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

/** The app's life as the system tells of it, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LifeTest {
    private val hub = Hub()

    @AfterAll
    fun close() = hub.close()

    private suspend fun signedIn(body: suspend (Person, Desk) -> Unit) {
        val ada = Person(Device.open())
        body(ada, ada.signIn(hub, hub.owner))
        ada.leave()
    }

    private suspend fun takeIn(
        desk: Desk,
        name: String,
    ) = TakingIn(desk).use { counter ->
        counter.fill(IntakeForm(lastName = name, subject = "Screen cracked"))
        counter.takeIn()
        counter.until { it.taken != null }
    }

    /** Work that is made now is not sent. */
    private suspend fun rests(desk: Desk) {
        takeIn(desk, "Asleep")
        assertTrue(desk.shop.state().pending > 0u)
    }

    private suspend fun sent(desk: Desk) = desk.shop.states().first { it.pending == 0uL }

    @Test
    fun `who comes back before the app is asleep finds it awake, and a refresh sends while it sleeps`() =
        story {
            signedIn { ada, desk ->
                val life = Life { ada.device.terminal }
                life.comeBack().join()
                val left = life.leave()
                life.comeBack().join()
                left.await()
                assertTrue(life.inFront.value)
                takeIn(desk, "Awake")
                sent(desk)
                life.leave().await()
                rests(desk)
                assertTrue(life.refresh())
                assertTrue(desk.shop.state().pending == 0uL)
                rests(desk)
                life.comeBack().join()
                sent(desk)
            }
        }

    @Test
    fun `what was made a moment before the app is left is sent before it rests`() =
        story {
            signedIn { ada, desk ->
                val life = Life { ada.device.terminal }
                life.leave().await()
                takeIn(desk, "Hurry")
                assertTrue(life.leave().await())
                assertTrue(desk.shop.state().pending == 0uL)
                rests(desk)
            }
        }

    @Test
    fun `a refresh that is given up leaves what waits in the queue, and the engine at rest`() =
        story {
            signedIn { ada, desk ->
                val life = Life { ada.device.terminal }
                life.leave().await()
                takeIn(desk, "Waits")
                launch(start = CoroutineStart.UNDISPATCHED) { life.refresh() }.cancelAndJoin()
                rests(desk)
                life.comeBack().join()
                sent(desk)
            }
        }

    @Test
    fun `a refresh without the server says so, and nobody waits for it`() =
        story {
            signedIn { ada, desk ->
                val life = Life { ada.device.terminal }
                ada.device.network.isUp = false
                ada.session.until { it.line?.online == false }
                takeIn(desk, "Offline")
                assertFalse(life.refresh())
                life.comeBack().join()
                ada.device.network.isUp = true
                sent(desk)
            }
        }

    @Test
    fun `whoever leaves while the folder is still being opened has left, and who comes back is there`() =
        story {
            signedIn { ada, desk ->
                for (back in listOf(false, true)) {
                    val opening = CompletableDeferred<Unit>()
                    val life =
                        Life {
                            opening.await()
                            ada.device.terminal
                        }
                    life.comeBack().join()
                    val left = life.leave()
                    val there = if (back) life.comeBack() else null
                    opening.complete(Unit)
                    left.await()
                    there?.join()
                    if (back) sent(desk) else rests(desk)
                }
            }
        }
}
