package dev.counterpart.app

import dev.counterpart.NoHandle
import dev.counterpart.Shop
import dev.counterpart.ShopException
import dev.counterpart.Terminal
import dev.counterpart.model.ShopSettings
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

/** What the app does before anybody sees a shop. */
class SessionTest {
    /** Opens, and cannot be read. */
    private class Unreadable : Shop(NoHandle) {
        override suspend fun settings(): ShopSettings? = throw ShopException.Storage("damaged")
    }

    private class Opened(
        private val shop: Shop,
    ) : Terminal(NoHandle) {
        override suspend fun shop(): Shop = shop

        override suspend fun forgot(): String? = null
    }

    @Test
    fun `a shop that opens and cannot be entered ends the opening, and says why`() =
        story {
            Session(Opened(Unreadable())).use { session ->
                val shown = session.until { !it.opening }
                assertNull(shown.desk)
                assertEquals(Problem("damaged"), shown.problem)
                assertEquals(shown.problem, shown.form.problem, "the sign-in, which is shown then, says it")
            }
        }
}
