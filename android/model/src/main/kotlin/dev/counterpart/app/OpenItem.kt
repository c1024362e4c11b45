package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.blankItem
import dev.counterpart.ids.InventoryItemId
import dev.counterpart.model.InventoryItem
import dev.counterpart.model.ItemRow
import dev.counterpart.model.Key
import dev.counterpart.model.MovementRow

/** What is typed on an item's card. */
data class ItemForm(
    val name: String = "",
    val sku: String = "",
    val barcode: String = "",
    val brand: String = "",
    val bin: String = "",
    val supplier: String = "",
    val price: String = "",
    val reorderLevel: String = "",
) {
    fun texts(): Map<String, String> =
        mapOf(
            "name" to name, "sku" to sku, "barcode" to barcode, "brand" to brand, "bin" to bin, "supplier" to supplier, "price" to price,
            "reorder" to reorderLevel,
        )

    /** A record with what was typed in the place of what it says. */
    fun on(
        item: InventoryItem,
        currency: String,
    ): InventoryItem =
        item.copy(
            name = name.trim(),
            sku = text(sku),
            barcode = text(barcode),
            brand = text(brand),
            bin = text(bin),
            supplier = text(supplier),
            priceCents = if (price.isBlank()) null else Amounts.cents(price, currency) ?: item.priceCents,
            reorderLevel = Amounts.whole(reorderLevel),
        )

    /** The field that should be a number and is none. */
    fun wrong(currency: String): String? =
        when {
            price.isNotBlank() && Amounts.cents(price, currency) == null -> "price_cents"
            reorderLevel.isNotBlank() && Amounts.whole(reorderLevel) == null -> "reorder_level"
            else -> null
        }

    private fun text(typed: String) = typed.trim().ifEmpty { null }

    companion object {
        fun of(
            item: InventoryItem,
            currency: String,
        ) = ItemForm(
            item.name,
            item.sku.orEmpty(),
            item.barcode.orEmpty(),
            item.brand.orEmpty(),
            item.bin.orEmpty(),
            item.supplier.orEmpty(),
            item.priceCents?.let { Amounts.typed(it, currency) }.orEmpty(),
            item.reorderLevel?.toString().orEmpty(),
        )

        fun of(texts: Map<String, String>): ItemForm {
            val text = { name: String -> texts[name].orEmpty() }
            return ItemForm(
                text("name"), text("sku"), text("barcode"), text("brand"), text("bin"), text("supplier"), text("price"), text("reorder"),
            )
        }
    }
}

/** A movement, and who made it. */
data class Moved(
    val row: MovementRow,
    val by: String?,
)

/** What an item's card shows. */
data class ItemState(
    val loading: Boolean = true,
    /** Nothing while it is being written for the first time, or once it is gone. */
    val item: InventoryItem? = null,
    val currency: String = "EUR",
    val mark: Mark = Mark(),
    val movements: List<Moved> = emptyList(),
    val more: Boolean = false,
    val amount: String = "",
    val reason: String = "",
    val form: ItemForm? = null,
    /** Others with its number: the same thing twice. */
    val alike: List<ItemRow> = emptyList(),
    val merging: ItemRow? = null,
    val leads: Boolean = false,
    val rights: Set<Right> = emptySet(),
    val problem: Problem? = null,
)

/** What a person can do with an item. */
interface ItemActions {
    fun writeAmount(amount: String)

    fun writeReason(reason: String)

    fun receive()

    fun count()

    fun adjust()

    fun writeOff()

    fun showMore()

    fun edit()

    fun fill(form: ItemForm)

    fun save()

    fun cancel()

    fun askMerge(duplicate: ItemRow?)

    fun merge()

    fun dismiss()
}

/** One item of the shelf; [id] is nothing while a new one is written. [saved] hears of the card that is shown then. */
class OpenItem(
    private val desk: Desk,
    private val id: InventoryItemId?,
    private val saved: (InventoryItemId?) -> Unit,
) : ScreenModel<ItemState>(ItemState(currency = desk.currency, leads = desk.who.leads, rights = Rights.of(desk.who))),
    ItemActions {
    private val shop = desk.shop
    private val kept = Kept(desk, "item/${id?.value ?: Place.NEW}", ::follow)
    private val keptMove = Kept(desk, "stock/${id?.value}", ::follow)
    private val late = LateFailure(scope, desk.clock)
    private var began: InventoryItem? = null
    private var names: Map<String, String> = emptyMap()
    private var next: Key? = null

    init {
        late.marks.collectIn(scope) { marks -> show { copy(mark = marks[id?.value] ?: mark) } }
        follow {
            readDraft()
            if (id != null) readMove()
            if (id == null) {
                show { copy(loading = false) }
            } else {
                names = shop.employees().associate { it.id.value to it.name }
                shop.view(RecordKind.INVENTORY_ITEM, id.value)
                shop.changes().collect { look(id) }
            }
        }
    }

    override suspend fun keepTyped() {
        kept.now()
        keptMove.now()
    }

    private suspend fun readMove() {
        val typed = keptMove.read()
        // Who was quicker to type than the disk to read keeps what they typed.
        show { if (amount.isEmpty() && reason.isEmpty()) copy(amount = typed["amount"].orEmpty(), reason = typed["reason"].orEmpty()) else this }
    }

    private fun keepMove() = keptMove.soon(mapOf("amount" to now.amount.ifEmpty { null }, "reason" to now.reason.ifEmpty { null }))

    private suspend fun readDraft() {
        val typed = kept.read()
        val record = id?.let { shop.item(it) }
        val resumed = record?.let { Resumed.of(typed, seen(it)) }
        // Who was quicker to type than the disk to read keeps what they typed.
        if (began != null) return
        began = if (id == null) blankItem() else record?.let { resumed?.seenIn(it) }
        if (id == null || typed.isNotEmpty()) show { if (form == null) copy(form = ItemForm.of(resumed?.typed ?: typed)) else this }
    }

    private fun seen(item: InventoryItem) = Seen(ItemForm.of(item, desk.currency).texts(), item.meta.stamp)

    /** The record as it was seen when somebody began to type over it. */
    private fun Resumed.seenIn(now: InventoryItem) = ItemForm.of(seen).on(now, desk.currency).copy(meta = now.meta.copy(stamp = stamp))

    override fun ItemState.with(problem: Problem?) = copy(problem = problem)

    private suspend fun look(id: InventoryItemId) {
        val item = shop.item(id)
        val page = shop.movements(id, null, WINDOW.holding(now.movements.size))
        next = page.next
        val alike = item?.sku?.let { shop.itemsBySku(it) }.orEmpty().filter { it.id != id }
        late.tell(shop.marks(RecordKind.INVENTORY_ITEM, listOf(id.value)))
        show { copy(loading = false, item = item, movements = page.rows.map(::moved), more = page.next != null, alike = alike) }
    }

    private fun moved(row: MovementRow) = Moved(row, row.by?.let { names[it.value] })

    override fun showMore() {
        val (id, after) = (id ?: return) to (next ?: return)
        work {
            val page = shop.movements(id, after, WINDOW)
            next = page.next
            show { copy(movements = movements + page.rows.map(::moved), more = page.next != null) }
        }
    }

    override fun writeAmount(amount: String) {
        show { copy(amount = amount) }
        keepMove()
    }

    override fun writeReason(reason: String) {
        show { copy(reason = reason) }
        keepMove()
    }

    override fun receive() = move { id, amount, reason -> shop.receive(id, amount, reason) }

    override fun count() = move { id, amount, _ -> shop.count(id, amount) }

    override fun adjust() = move { id, amount, reason -> shop.adjust(id, amount, reason) }

    override fun writeOff() = move { id, amount, reason -> shop.writeOff(id, amount, reason) }

    private fun move(how: suspend (InventoryItemId, Long, String?) -> Unit) {
        val id = id ?: return
        val amount = Amounts.whole(now.amount)
        if (amount == null) {
            show { copy(problem = Problem("number", "quantity")) }
            return
        }
        val reason = now.reason.trim().ifEmpty { null }
        workOnce {
            how(id, amount, reason)
            keptMove.drop()
            show { copy(amount = "", reason = "") }
            follow { look(id) }
        }
    }

    override fun edit() {
        val item = now.item ?: return
        began = item
        show { copy(form = ItemForm.of(item, currency)) }
    }

    override fun fill(form: ItemForm) {
        show { copy(form = form) }
        kept.soon(form.texts(), began?.takeIf { id != null }?.let(::seen))
    }

    override fun save() {
        val (before, form) = (began ?: return) to (now.form ?: return)
        val wrong = form.wrong(now.currency)
        if (wrong != null) {
            show { copy(problem = Problem("number", wrong)) }
            return
        }
        workOnce {
            val after = form.on(before, now.currency)
            if (id == null) {
                val made = shop.createItem(after)
                kept.drop()
                began = null
                saved(made)
            } else {
                shop.editItem(before, after)
                leaveForm()
                follow { look(id) }
            }
        }
    }

    override fun cancel() {
        work {
            leaveForm()
            if (id == null) saved(null)
        }
    }

    private suspend fun leaveForm() {
        kept.drop()
        show { copy(form = null) }
    }

    override fun askMerge(duplicate: ItemRow?) = show { copy(merging = duplicate) }

    override fun merge() {
        val (id, duplicate) = (id ?: return) to (now.merging ?: return)
        work {
            shop.mergeItems(id, duplicate.id)
            show { copy(merging = null) }
            look(id)
        }
    }

    private companion object {
        const val WINDOW = 30u
    }
}
