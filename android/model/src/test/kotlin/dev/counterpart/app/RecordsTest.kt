package dev.counterpart.app

import dev.counterpart.blankCustomer
import dev.counterpart.blankItem
import dev.counterpart.blankTicket
import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.model.MovementKind
import kotlinx.coroutines.CompletableDeferred
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Customers and the shelf, through the models alone. */
class RecordsTest {
    private suspend fun write(
        desk: Desk,
        form: CustomerForm,
    ): CustomerId {
        val made = CompletableDeferred<CustomerId?>()
        OpenCustomer(desk, null) { made.complete(it) }.use { card ->
            card.until { !it.loading }
            card.fill(form)
            repeat(2) { card.save() }
            return checkNotNull(made.await())
        }
    }

    /** Waits until this is what the list shows for these words. */
    private suspend fun Customers.finds(
        words: String,
        vararg names: String,
    ) {
        search(words)
        until { !it.loading && it.words == words && it.rows.map { line -> line.row.name } == names.toList() }
    }

    @Test
    fun `a customer is found by whatever people type`() =
        story {
            alone { desk ->
                write(desk, CustomerForm("Mira", "Núñez", phones = "+49 151 123456\n+49 30 7654321", emails = "mira@nunez.example", notes = "rings twice"))
                write(desk, CustomerForm("Jonas", "Weber"))
                Customers(desk).use { list ->
                    list.finds("nobody")
                    for (words in listOf("nun", "mira", "123456", "mira@", "twice")) {
                        list.finds(words, "Mira Núñez")
                        list.finds("web", "Jonas Weber")
                    }
                    list.finds("", "Jonas Weber", "Mira Núñez")
                }
            }
        }

    @Test
    fun `an edit changes what was typed and nothing else, and a duplicate goes into the one that stays`() =
        story {
            alone { desk ->
                val stays = write(desk, CustomerForm("Mira", "Núñez", phones = "+49151123456"))
                val other = write(desk, CustomerForm("M.", "Nunez", phones = "+49151123456", emails = "m@nunez.example"))
                OpenCustomer(desk, stays) {}.use { card ->
                    val alike = card.until { it.alike.isNotEmpty() }.alike.single()
                    assertEquals(other, alike.id)
                    card.edit()
                    val form = checkNotNull(card.until { it.form != null }.form)
                    card.fill(form.copy(city = "Berlin", noTexts = true))
                    card.save()
                    val saved = checkNotNull(card.until { it.form == null && it.customer?.address != null }.customer)
                    assertEquals("Berlin" to "Núñez", saved.address?.city to saved.lastName)
                    assertTrue(saved.smsOptOut)
                    assertNull(saved.notes)
                    card.askMerge(alike)
                    card.merge()
                    assertEquals(listOf("m@nunez.example"), card.until { it.customer?.emails?.isNotEmpty() == true }.customer?.emails)
                }
                assertNull(desk.shop.customer(other))
            }
        }

    @Test
    fun `what was typed on a card outlives it, and is gone once it is saved`() =
        story {
            alone { desk ->
                val id = write(desk, CustomerForm("Mira", "Núñez"))
                OpenCustomer(desk, id) {}.use { card ->
                    card.until { it.customer != null }
                    card.edit()
                    card.fill(CustomerForm("Mira", "Half-typed"))
                    desk.kept("customer/${id.value}")
                }
                OpenCustomer(desk, id) {}.use { card ->
                    assertEquals("Half-typed", card.until { it.form != null && it.customer != null }.form?.lastName)
                    card.save()
                    card.until { it.form == null }
                }
                assertEquals("Half-typed", desk.shop.customer(id)?.lastName)
                assertTrue(desk.shop.drafts().none { it.name.startsWith("customer/") })
            }
        }

    @Test
    fun `who asked for more still sees it when something changes`() =
        story {
            alone { desk ->
                val id = write(desk, CustomerForm("Mira", "Núñez"))
                val item = desk.shop.createItem(blankItem().copy(name = "Port"))
                repeat(25) { desk.shop.createTicket(blankTicket().copy(customerId = id, subject = "Phone")) }
                repeat(35) { desk.shop.receive(item, 1, null) }
                OpenCustomer(desk, id) {}.use { card ->
                    card.until { it.tickets.size == 20 && it.moreTickets }
                    card.moreTickets()
                    card.until { it.tickets.size == 25 && !it.moreTickets }
                    desk.shop.createTicket(blankTicket().copy(customerId = id, subject = "Tablet"))
                    assertEquals(26, card.until { it.tickets.first().subject == "Tablet" }.tickets.size)
                }
                OpenItem(desk, item) {}.use { card ->
                    card.until { it.movements.size == 30 && it.more }
                    card.showMore()
                    card.until { it.movements.size == 35 && !it.more }
                    desk.shop.receive(item, 2, null)
                    assertEquals(36, card.until { it.item?.quantity == 37L }.movements.size)
                }
            }
        }

    /** Waits until a draft is in the engine's file. */
    private suspend fun Desk.kept(name: String) {
        while (shop.draft(name) == null) kotlinx.coroutines.yield()
    }

    @Test
    fun `a customer without a name is refused beside the field`() =
        story {
            alone { desk ->
                OpenCustomer(desk, null) {}.use { card ->
                    card.until { !it.loading }
                    card.fill(CustomerForm(phones = "+49151123456"))
                    card.save()
                    assertEquals(Problem("needs_a_name", "last_name"), card.until { it.problem != null }.problem)
                }
            }
        }

    @Test
    fun `stock is what happened to it, and a scanner opens what it reads`() =
        story {
            alone { desk ->
                val made = CompletableDeferred<InventoryItemId?>()
                OpenItem(desk, null) { made.complete(it) }.use { card ->
                    card.until { !it.loading }
                    card.fill(ItemForm("Charging port", "PRT", "4006381333931", price = "34,50", reorderLevel = "3"))
                    repeat(2) { card.save() }
                    val id = checkNotNull(made.await())
                    assertEquals(3_450L, desk.shop.item(id)?.priceCents)
                    OpenItem(desk, id) {}.use { moves(it) }
                }
                val opened = CompletableDeferred<String>()
                Inventory(desk) { opened.complete(it) }.use { shelf ->
                    assertEquals(listOf("Charging port"), shelf.until { it.rows.isNotEmpty() }.rows.map { it.row.name }, "it has to be ordered")
                    shelf.search("4006381333931")
                    shelf.enter()
                    assertEquals(made.await()?.value, opened.await())
                }
            }
        }

    @Test
    fun `all customers and all items are there by name, window after window, and stay when something changes`() =
        story {
            alone { desk ->
                repeat(60) {
                    desk.shop.createItem(blankItem().copy(name = "Screw $it"))
                    desk.shop.createCustomer(blankCustomer().copy(lastName = "Weber $it"))
                }
                Inventory(desk) {}.use { shelf ->
                    shelf.until { !it.loading && it.rows.isEmpty() }
                    shelf.onlyLow(false)
                    shelf.until { it.rows.size == 50 && it.more }
                    shelf.showMore()
                    val all = shelf.until { it.rows.size == 60 && !it.more }.rows.map { it.row.name }
                    assertEquals("Screw 0" to "Screw 9", all.first() to all.last())
                }
                Customers(desk).use { list ->
                    list.until { it.rows.size == 50 && it.more }
                    list.showMore()
                    list.until { it.rows.size == 60 && !it.more }
                    desk.shop.createCustomer(blankCustomer().copy(lastName = "Abel"))
                    list.until { it.rows.size == 61 && it.rows.first().row.name == "Abel" }
                }
            }
        }

    private suspend fun moves(card: OpenItem) {
        card.until { it.item != null }
        card.writeAmount("five")
        card.receive()
        assertEquals(Problem("number", "quantity"), card.until { it.problem != null }.problem)
        card.writeAmount("5")
        card.writeReason("Delivery")
        repeat(2) { card.receive() }
        card.until { it.item?.quantity == 5L && it.amount.isEmpty() }
        card.writeAmount("3")
        card.count()
        card.until { it.item?.quantity == 3L && it.amount.isEmpty() }
        card.writeAmount("-1")
        card.adjust()
        card.until { it.item?.quantity == 2L && it.amount.isEmpty() }
        card.writeAmount("1")
        card.writeOff()
        val shown = card.until { it.item?.quantity == 1L && it.amount.isEmpty() }
        assertEquals(listOf(-1L, -1L, -2L, 5L), shown.movements.map { it.row.quantity })
        assertEquals(MovementKind.Receive to "Delivery", shown.movements.last().row.let { it.kind to it.reason })
    }

    @Test
    fun `amounts are read as people type them`() {
        assertEquals(listOf(1_250L, 1_250L, 1_200L, null, null), listOf("12.50", "12,50", " 12 ", "12.505", "twelve").map { Amounts.cents(it, "EUR") })
        assertEquals(1_200L, Amounts.cents("1200", "JPY"))
        assertEquals("12.50", Amounts.typed(1_250, "EUR"))
        assertEquals(listOf(1_900L, 850L, 5L, 0L, null, null), listOf("19", "8,5", "0.05", " ", "8.555", "a lot").map(Amounts::basisPoints))
        assertEquals(listOf("19", "8.5", "0.05", "10", "0"), listOf(1_900L, 850L, 5L, 1_000L, 0L).map(Amounts::percent))
        assertFalse(ItemForm(price = "12,50", reorderLevel = "2").wrong("EUR") != null)
        assertEquals("reorder_level", ItemForm(reorderLevel = "few").wrong("EUR"))
    }
}
