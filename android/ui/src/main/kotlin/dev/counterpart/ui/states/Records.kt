package dev.counterpart.ui.states

import dev.counterpart.app.Code
import dev.counterpart.app.CustomerForm
import dev.counterpart.app.CustomerLine
import dev.counterpart.app.CustomerState
import dev.counterpart.app.CustomersState
import dev.counterpart.app.InventoryState
import dev.counterpart.app.ItemForm
import dev.counterpart.app.ItemLine
import dev.counterpart.app.ItemState
import dev.counterpart.app.Mark
import dev.counterpart.app.Moved
import dev.counterpart.app.Problem
import dev.counterpart.blankCustomer
import dev.counterpart.blankItem
import dev.counterpart.ids.AppointmentId
import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.ids.StockMovementId
import dev.counterpart.model.Address
import dev.counterpart.model.AppointmentKind
import dev.counterpart.model.AppointmentRow
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.CustomerRow
import dev.counterpart.model.ItemRow
import dev.counterpart.model.MovementKind
import dev.counterpart.model.MovementRow
import dev.counterpart.model.Phone
import dev.counterpart.model.Slot
import dev.counterpart.model.Status
import dev.counterpart.ui.states.Samples.now

private fun customer(
    index: Int,
    name: String,
    company: String? = null,
    mark: Mark = Mark(),
) = CustomerLine(CustomerRow(CustomerId("c$index"), name, company, "+491511234560$index", null), mark)

private val customers =
    CustomersState(
        loading = false,
        rows =
            listOf(
                customer(1, "Mira Núñez"),
                customer(2, "Jonas Weber", "Weber & Söhne", Mark(Status.PENDING)),
                customer(3, "שירה לוי", mark = Mark(unread = true)),
                customer(4, "أمينة حداد", mark = Mark(Status.FAILED)),
                customer(5, Samples.LONG_NAME, "Fürstliche Verwaltung der Forsten und Güter"),
            ),
    )

internal val customersStates: Map<String, CustomersState> =
    mapOf(
        "list" to customers.copy(more = true),
        "loading" to CustomersState(),
        "empty" to CustomersState(loading = false),
        "nothing-found" to CustomersState(loading = false, words = "4711"),
    )

internal fun appointment(
    index: Int,
    customer: String,
    hours: Long,
    kind: AppointmentKind = AppointmentKind.PickUp,
    state: AppointmentState = AppointmentState.Booked,
    overlaps: Boolean = false,
) = AppointmentRow(
    AppointmentId("a$index"),
    CustomerId("c$index"),
    customer,
    null,
    kind,
    Slot(now.plusSeconds(hours * 3_600), now.plusSeconds(hours * 3_600 + 1_800), "Europe/Berlin"),
    null,
    state,
    overlaps,
)

private val mira =
    blankCustomer().copy(
        id = CustomerId("c1"),
        firstName = "Mira",
        lastName = "Núñez",
        phones = listOf(Phone("+4915112345601", "mobile"), Phone("+493012345", "work")),
        emails = listOf("mira@nunez.example"),
        address = Address("Karl-Marx-Straße 12", "Berlin", "", "12043", "DE"),
        notes = "Rings twice before she opens.",
        tags = listOf("school", "regular"),
        smsOptOut = true,
    )
private val card =
    CustomerState(
        loading = false,
        customer = mira,
        tickets = Samples.rows.take(2).map { it.ticket },
        moreTickets = true,
        appointments = listOf(appointment(1, "Mira Núñez", 30)),
        leads = true,
    )
private val alike = CustomerRow(CustomerId("c9"), "M. Nunez", null, "+4915112345601", null)

internal val customerStates: Map<String, CustomerState> =
    mapOf(
        "card" to card.copy(leads = false),
        "leads" to card.copy(alike = listOf(alike), mark = Mark(Status.PENDING)),
        "merging" to card.copy(alike = listOf(alike), merging = alike),
        "deleting" to card.copy(deleting = true),
        "typing" to card.copy(form = CustomerForm.of(mira)),
        "wrong" to CustomerState(loading = false, form = CustomerForm(phones = "12"), problem = Problem("phone", "phones")),
        "gone" to CustomerState(loading = false),
        "loading" to CustomerState(),
    )

private fun item(
    index: Int,
    name: String,
    quantity: Long,
    reserved: Long = 0,
    mark: Mark = Mark(),
) = ItemLine(ItemRow(InventoryItemId("i$index"), "SKU-$index", name, "Samsung", "A$index", 3_400, quantity, reserved, 2), mark)

private val shelf =
    InventoryState(
        loading = false,
        rights = Samples.bench,
        rows =
            listOf(
                item(1, "Charging port S23", 2, reserved = 1),
                item(2, "Battery iPad Air", 0, mark = Mark(Status.PENDING)),
                item(3, "Screen iPhone 14, third-party, with frame, earpiece flex and front sensor already fitted", -1, mark = Mark(Status.CONFLICT)),
            ),
    )

internal val inventoryStates: Map<String, InventoryState> =
    mapOf(
        "low" to shelf.copy(more = true),
        "all" to shelf.copy(onlyLow = false, more = true, rows = shelf.rows + item(4, "Adhesive", 40)),
        "scanner" to shelf.copy(canScan = true),
        "camera-refused" to shelf.copy(canScan = true, code = Code.Refused),
        "found" to shelf.copy(words = "port", rows = listOf(item(1, "Charging port S23", 9))),
        "front-desk" to shelf.copy(rights = emptySet()),
        "loading" to InventoryState(),
        "empty" to InventoryState(loading = false),
        "no-items" to InventoryState(loading = false, onlyLow = false),
        "nothing-found" to InventoryState(loading = false, words = "4006381333931"),
    )

private val port =
    blankItem().copy(
        id = InventoryItemId("i1"),
        name = "Charging port S23",
        sku = "PRT-S23",
        barcode = "4006381333931",
        brand = "Samsung",
        bin = "A1",
        supplier = "Ersatzteile Nord",
        priceCents = 3_400,
        reorderLevel = 2,
        quantity = 2,
        reserved = 1,
    )

private fun moved(
    index: Int,
    kind: MovementKind,
    quantity: Long,
    counted: Long? = null,
    reason: String? = null,
) = Moved(
    MovementRow(StockMovementId("m$index"), kind, quantity, null, reason, counted, counted?.let { it - quantity }, null, now.minusSeconds(3_600L * index)),
    "Łukasz",
)

private val itemCard =
    ItemState(
        loading = false,
        item = port,
        rights = Samples.bench,
        movements =
            listOf(
                moved(1, MovementKind.Use, -1),
                moved(2, MovementKind.Count, -1, counted = 3),
                moved(3, MovementKind.Receive, 4, reason = "Delivery 2211"),
            ),
        more = true,
        leads = true,
    )

internal val itemStates: Map<String, ItemState> =
    mapOf(
        "card" to itemCard,
        "bench" to itemCard.copy(leads = false),
        "front-desk" to itemCard.copy(leads = false, rights = emptySet()),
        "counting" to itemCard.copy(amount = "two", problem = Problem("number", "quantity")),
        "below-zero" to itemCard.copy(item = port.copy(quantity = -2), mark = Mark(Status.FAILED)),
        "twice" to itemCard.copy(alike = listOf(item(7, "Charge port Galaxy S23", 3).row), mark = Mark(Status.CONFLICT)),
        "merging" to itemCard.copy(alike = listOf(item(7, "Charge port Galaxy S23", 3).row), merging = item(7, "Charge port Galaxy S23", 3).row),
        "typing" to itemCard.copy(form = ItemForm.of(port, "EUR")),
        "gone" to ItemState(loading = false),
        "loading" to ItemState(),
    )
