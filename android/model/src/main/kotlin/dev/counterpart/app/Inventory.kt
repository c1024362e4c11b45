package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.model.ItemRow
import kotlinx.coroutines.Job

/** An item in the list. */
data class ItemLine(
    val row: ItemRow,
    val mark: Mark = Mark(),
) {
    val low: Boolean get() = row.quantity <= (row.reorderLevel ?: -1)
}

/** What the list of items shows: what was searched for or, without words, what has to be ordered, or all of them. */
data class InventoryState(
    val loading: Boolean = true,
    val words: String = "",
    val onlyLow: Boolean = true,
    val rows: List<ItemLine> = emptyList(),
    val more: Boolean = false,
    val currency: String = "EUR",
    val rights: Set<Right> = emptySet(),
    val canScan: Boolean = false,
    /** Why the camera read nothing. */
    val code: Code? = null,
    val problem: Problem? = null,
)

/** What a person can do with the list. */
interface InventoryActions {
    fun search(words: String)

    /** Where nothing is searched for: what has to be ordered alone, or everything by name. */
    fun onlyLow(only: Boolean)

    /** Opens the one item that is meant: a scanner ends what it reads with Enter. */
    fun enter()

    /** Reads a barcode with the camera. */
    fun scan()

    fun showMore()

    fun dismiss()
}

/** The shelf: by name, by barcode, by number, by any words, and what runs low. [open] hears of an item that was meant. */
class Inventory(
    desk: Desk,
    private val codes: CodeReader? = null,
    private val open: (String) -> Unit,
) : ScreenModel<InventoryState>(InventoryState(currency = desk.currency, rights = Rights.of(desk.who), canScan = codes != null)),
    InventoryActions {
    private val shop = desk.shop
    private val late = LateFailure(scope, desk.clock)
    private var looking: Job? = null
    private var wanted = WINDOW

    init {
        late.marks.collectIn(scope) { marks ->
            show { copy(rows = rows.map { line -> line.copy(mark = marks[line.row.id.value] ?: line.mark) }) }
        }
        follow { shop.changes().collect { look() } }
    }

    override fun InventoryState.with(problem: Problem?) = copy(problem = problem)

    override fun search(words: String) {
        show { copy(words = words) }
        lookAnew()
    }

    override fun onlyLow(only: Boolean) {
        show { copy(onlyLow = only) }
        lookAnew()
    }

    override fun enter() {
        val words = now.words
        work {
            val meant = found(words.trim()).singleOrNull() ?: return@work
            show { copy(words = "") }
            open(meant.id.value)
            look()
        }
    }

    override fun scan() {
        val codes = codes ?: return
        work {
            val code = codes.read()
            show { copy(code = code.takeIf { it == Code.Refused || it == Code.Missing }) }
            if (code is Code.Read) {
                search(code.text)
                enter()
            }
        }
    }

    override fun showMore() {
        wanted = now.rows.size + 1
        work { look() }
    }

    private fun lookAnew() {
        wanted = WINDOW
        looking?.cancel()
        looking = follow { look() }
    }

    private suspend fun look() {
        val (words, onlyLow) = now.words to now.onlyLow
        val found =
            when {
                words.isNotBlank() -> Rows(found(words.trim()), more = false)
                onlyLow -> firstOf(wanted, shop::lowStock)
                else -> firstOf(wanted, shop::items)
            }
        val rows = found.rows
        val marks = shop.marks(RecordKind.INVENTORY_ITEM, rows.map { it.id.value })
        late.tell(marks)
        val shown = late.marks.value
        val lines = rows.map { ItemLine(it, shown[it.id.value] ?: Mark()) }
        show { if (this.words == words && this.onlyLow == onlyLow) copy(loading = false, rows = lines, more = found.more) else this }
    }

    private suspend fun found(words: String): List<ItemRow> {
        val exact = shop.itemsByBarcode(words) + shop.itemsBySku(words)
        return exact.ifEmpty { shop.findItems(words, WINDOW.toUInt()) }.distinctBy { it.id }
    }
}
