package dev.counterpart.app

import dev.counterpart.DeviceStanding
import dev.counterpart.ShopOverview
import dev.counterpart.model.MemberStanding
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.time.Instant

/** Every shop that an account manages, through the model, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OverviewTest {
    private val hub = Hub()
    private val bo = hub.invite("Bo Lindqvist", "technician")
    private val tablet = hub.invite("Counter tablet", "front_desk", "--station")

    @AfterAll
    fun close() = hub.close()

    private suspend fun Overview.lines() = (until { it.shops is Shops.Here }.shops as Shops.Here).lines

    @Test
    fun `who manages a shop sees how it stands, as long as the server can be asked`() =
        story {
            val (ada, second, third) = List(3) { Person(Device.open()) }
            val front = ada.signIn(hub, hub.owner)
            val bench = second.signIn(hub, bo)
            third.signIn(hub, tablet)
            Overview(front, ada.session).use { overview ->
                val line = overview.lines().single()
                assertEquals("Okafor Repairs" to front.shop.id(), line.name to line.id)
                assertEquals(listOf(2L, 3L, 0L, 0L), listOf(line.people, line.devices, line.unsent, line.conflicts))
                assertTrue(line.open)
                hub.stop()
                overview.ask()
                assertEquals(null, overview.until { it.shops == Shops.Unreachable }.problem)
                hub.serve()
                overview.ask()
                overview.lines()
            }
            Overview(bench, second.session).use { assertEquals(emptyList<ShopLine>(), it.lines(), "a technician manages none") }
            Settings(front, ada.session).use { settings -> assertFalse(settings.until { !it.loading }.hasOverview, "there is one shop only") }
            for (person in listOf(ada, second, third)) person.leave()
        }

    @Test
    fun `a shop's line counts who works there, and names the device that is silent for longest`() {
        val now = Instant.parse("2026-03-12T12:00:00Z")

        fun member(
            name: String,
            station: Boolean = false,
            active: Boolean = true,
        ) = MemberStanding(name, "$name@shop.example", "technician", station, active)

        fun device(
            code: String,
            unsent: ULong,
            hours: Long,
        ) = DeviceStanding(code, code, null, unsent, now.minusSeconds(3_600 * hours))
        val members = listOf(member("ada"), member("bo"), member("tablet", station = true), member("left", active = false))
        val north = ShopOverview("n", "North", members, listOf(device("B", 0u, 1), device("C", 4u, 30), device("D", 1u, 2)), 3u)
        assertEquals(ShopLine("n", "North", 2, 3, 2, Silent("C", 30 * 60), 3, open = true), ShopLine.of(north, "n", now))
        val none = north.copy(devices = emptyList())
        assertEquals(null to 0L, ShopLine.of(none, "s", now).let { it.silent to it.devices })
    }
}
