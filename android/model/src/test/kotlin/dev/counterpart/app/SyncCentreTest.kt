package dev.counterpart.app

import dev.counterpart.blankItem
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.model.Role
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

/** What could not be sent, through the model, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncCentreTest {
    private val hub = Hub()
    private val bo = hub.invite("Bo Lindqvist", "manager")

    @AfterAll
    fun close() = hub.close()

    private suspend fun Desk.becomes(role: Role) {
        val bo = checkNotNull(shop.employee(shop.employees().first { it.name == "Bo Lindqvist" }.id))
        shop.editEmployee(bo, bo.copy(role = role))
        shop.sync()
    }

    private suspend fun Desk.price(
        item: InventoryItemId,
        cents: Long,
    ) {
        val before = checkNotNull(shop.item(item))
        shop.editItem(before, before.copy(priceCents = cents))
    }

    @Test
    fun `what the server refuses waits for a person, who tries again or takes it back`() =
        story {
            val (ada, second) = listOf(Person(Device.open()), Person(Device.open()))
            val (front, bench) = listOf(ada.signIn(hub, hub.owner), second.signIn(hub, bo))
            val (port, screen) = listOf("Charging port", "Screen").map { front.shop.createItem(ItemForm(it, price = "34,50").on(blankItem(), "EUR")) }
            front.shop.sync()
            bench.shop.sync()
            second.device.network.isUp = false
            second.session.until { it.line?.online == false }
            for (item in listOf(port, screen)) bench.price(item, 9_900)
            // Meanwhile they lead nobody any more.
            front.becomes(Role.Technician)
            second.device.network.isUp = true
            SyncCentre(bench).use { centre ->
                val failed = centre.until { it.failed.size == 2 }.failed
                assertEquals(setOf("inventory_items" to "denied"), failed.map { it.parked.table to it.parked.code }.toSet())
                val (again, back) = listOf(port, screen).map { item -> failed.first { it.parked.id == item.value }.parked.operation }
                centre.askDiscard(back)
                assertEquals(back, centre.until { it.discarding != null }.discarding)
                centre.discard(back)
                centre.until { it.failed.size == 1 }
                assertEquals(3_450L, bench.shop.item(screen)?.priceCents, "it is as the server has it")
                front.becomes(Role.Manager)
                bench.shop.sync()
                centre.retry(again)
                centre.until { it.failed.isEmpty() }
            }
            bench.shop.sync()
            front.shop.sync()
            assertEquals(listOf(9_900L, 3_450L), listOf(port, screen).map { front.shop.item(it)?.priceCents })
            ada.leave()
            second.leave()
        }
}
