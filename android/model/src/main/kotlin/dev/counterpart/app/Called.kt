package dev.counterpart.app

import dev.counterpart.Shop
import dev.counterpart.ids.AppointmentId
import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.ids.TicketId
import dev.counterpart.ids.TicketLineId

/** A record by what people know it by, and the way to it; nothing of either where it is not on this device. */
data class ShownRecord(
    val table: String,
    val facts: List<String> = emptyList(),
    val place: Place? = null,
)

/** Records by their names, where no more than an id is known. */
class Called(
    private val shop: Shop,
) {
    private var people: Map<String, String>? = null
    private val others = mutableMapOf<Pair<String, String>, String?>()

    /** What an employee is called. */
    suspend fun person(id: String): String? = (people ?: shop.employees().associate { it.id.value to it.name }.also { people = it })[id]

    /** What the record behind a field is called. */
    suspend fun behind(
        field: String,
        id: String,
    ): String? =
        when (field) {
            "assignee_id", "employee_id" -> person(id)
            "customer_id" -> others.getOrPut(field to id) { shop.customer(CustomerId(id))?.called }
            "warranty_of", "ticket_id" -> others.getOrPut(field to id) { shop.ticket(TicketId(id))?.let { it.number ?: it.subject } }
            "inventory_item_id", "item_id" -> others.getOrPut(field to id) { shop.item(InventoryItemId(id))?.name }
            else -> null
        }

    /** A record, and where it is opened; of what hangs on another, that one. [texts] are the fields of one that is not sent. */
    suspend fun record(
        table: String,
        id: String,
        texts: Map<String, String?> = emptyMap(),
    ): ShownRecord {
        val (facts, place) =
            when (table) {
                "tickets" -> ticket(id)
                "customers" -> customer(id)
                "inventory_items" -> item(id)
                "appointments" -> appointment(id)
                "ticket_lines" -> shop.ticketLine(TicketLineId(id))?.let { ticket(it.ticketId.value) }
                "ticket_notes", "ticket_events" -> texts["ticket_id"]?.let { ticket(it) }
                "stock_movements" -> texts["item_id"]?.let { item(it) }
                "employees" -> person(id)?.let { listOf(it) to Place.Team }
                "shop_settings" -> emptyList<String>() to Place.Settings
                else -> null
            } ?: return ShownRecord(table)
        return ShownRecord(table, facts, place)
    }

    private suspend fun ticket(id: String) = shop.ticket(TicketId(id))?.let { listOfNotNull(it.number, it.subject) to Place.Board(id) }

    private suspend fun customer(id: String) = shop.customer(CustomerId(id))?.let { listOf(it.called) to Place.Customers(id) }

    private suspend fun item(id: String) = shop.item(InventoryItemId(id))?.let { listOfNotNull(it.name, it.sku) to Place.Inventory(id) }

    private suspend fun appointment(id: String): Pair<List<String>, Place>? {
        val visit = shop.appointment(AppointmentId(id)) ?: return null
        return listOfNotNull(behind("customer_id", visit.customerId.value)) to Place.Appointments
    }
}
