package dev.counterpart.app

import dev.counterpart.Finding
import dev.counterpart.blankCustomer
import dev.counterpart.blankEmployee
import dev.counterpart.blankItem
import dev.counterpart.blankTicket
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.model.Account
import dev.counterpart.model.Role
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

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
            SyncCentre(bench, second.session).use { centre ->
                val failed = centre.until { it.failed.size == 2 }.failed
                assertEquals(setOf("inventory_items" to "denied"), failed.map { it.parked.table to it.parked.code }.toSet())
                assertEquals(setOf("Charging port", "Screen").map(::listOf).toSet(), failed.map { it.record.facts }.toSet())
                assertEquals(setOf<TrailValue>(TrailValue.Money(9_900)), failed.flatMap { it.wanted.values }.toSet())
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

    @Test
    fun `a file that was damaged and a note that cannot be read are told`() =
        story {
            val first = Device.open()
            val data = first.folder.resolve("data")
            val shop = first.terminal.enter(Account("lee", "owner", false, null), "north")
            shop.createCustomer(blankCustomer().copy(lastName = "Weber"))
            first.terminal.shutDown()
            data.listDirectoryEntries("*.db").single().damage()
            val second = Person(Device.open(first.folder))
            val opened = second.session.until { it.desk != null && it.line != null }
            assertEquals(1L, opened.waiting, "the way to the sync centre says so")
            second.session.go(Place.SyncCentre)
            assertEquals(0L, second.session.until { it.place == Place.SyncCentre }.waiting, "and no longer")
            SyncCentre(checkNotNull(opened.desk), second.session).use { centre ->
                val shown = centre.until { it.findings.isNotEmpty() }
                assertTrue(shown.findings.single() is Finding.Damaged)
                assertNull(shown.forgot)
            }
            second.session.close()
            second.device.terminal.shutDown()
            data.resolve("terminal.json").writeText("{")
            val third = Person(Device.open(first.folder))
            assertNotNull(third.session.until { !it.opening }.form.forgot)
            third.leave()
        }

    /** As a disk does it that forgot its beginning. */
    private fun Path.damage() {
        val bytes = readBytes()
        bytes.fill(0x5A, 0, 64)
        writeBytes(bytes)
    }

    @Test
    fun `what waits is shown by its record and in people's words`() =
        story {
            alone { desk ->
                val shop = desk.shop
                val called = Called(shop)
                val tess = shop.createEmployee(blankEmployee().copy(firstName = "Tess", role = Role.Technician, active = true))
                val mira = shop.createCustomer(blankCustomer().copy(firstName = "Mira", lastName = "Weber"))
                val ticket = shop.createTicket(blankTicket().copy(customerId = mira, subject = "Wet"))
                val item = shop.createItem(blankItem().copy(name = "Screen", sku = "SCR"))
                val line = shop.usePart(ticket, item, 1)
                val number = shop.ticket(ticket)?.number
                val ofTicket = listOfNotNull(number, "Wet")
                val records =
                    listOf(
                        called.record("customers", mira.value) to ShownRecord("customers", listOf("Mira Weber"), Place.Customers(mira.value)),
                        called.record("inventory_items", item.value) to ShownRecord("inventory_items", listOf("Screen", "SCR"), Place.Inventory(item.value)),
                        called.record("ticket_lines", line.value) to ShownRecord("ticket_lines", ofTicket, Place.Board(ticket.value)),
                        called.record("ticket_notes", "n", mapOf("ticket_id" to ticket.value)) to ShownRecord("ticket_notes", ofTicket, Place.Board(ticket.value)),
                        called.record("employees", tess.value) to ShownRecord("employees", listOf("Tess"), Place.Team),
                        called.record("tickets", "gone") to ShownRecord("tickets"),
                        called.record("of a newer server", "1") to ShownRecord("of a newer server"),
                    )
                for ((shown, expected) in records) assertEquals(expected, shown)
                assertEquals("Tess", called.behind("assignee_id", tess.value))
                assertNull(called.behind("subject", "Wet"))
            }
        }
}
