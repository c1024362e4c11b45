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

/** What the list of items shows: what was searched for or, without words, what has to be ordered. */
data class InventoryState(
    val loading: Boolean = true,
    val words: String = "",
    val rows: List<ItemLine> = emptyList(),
    val more: Boolean = false,
    val currency: String = "EUR",
    val canScan: Boolean = false,
    /** Why the camera read nothing. */
    val code: Code? = null,
    val problem: Problem? = null,
)

/** What a person can do with the list. */
interface InventoryActions {
    fun search(words: String)

    /** Opens the one item that is meant: a scanner ends what it reads with Enter. */
    fun enter()

    /** Reads a barcode with the camera. */
    fun scan()

    fun showMore()

    fun dismiss()
}

/** The shelf: by barcode, by number, by any words, and what runs low. [open] hears of an item that was meant. */
class Inventory(
    desk: Desk,
    private val codes: CodeReader? = null,
    private val open: (String) -> Unit,
) : ScreenModel<InventoryState>(InventoryState(currency = desk.currency, canScan = codes != null)),
    InventoryActions {
    private val shop = desk.shop
    private val late = LateFailure(scope, desk.clock)
    private var looking: Job? = null
    private var further: List<ItemRow> = emptyList()

    init {
        late.marks.collectIn(scope) { marks ->
            show { copy(rows = rows.map { line -> line.copy(mark = marks[line.row.id.value] ?: line.mark) }) }
        }
        follow { shop.changes().collect { look() } }
    }

    override fun InventoryState.with(problem: Problem?) = copy(problem = problem)

    override fun search(words: String) {
        show { copy(words = words) }
        further = emptyList()
        looking?.cancel()
        looking = follow { look() }
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
        val last = now.rows.lastOrNull() ?: return
        work {
            further = further + shop.lowStock(last.row, WINDOW)
            look()
        }
    }

    private suspend fun look() {
        val words = now.words
        val searched = words.isNotBlank()
        val rows = if (searched) found(words.trim()) else (shop.lowStock(null, WINDOW) + further).distinctBy { it.id }
        val more = !searched && rows.size % WINDOW.toInt() == 0 && rows.isNotEmpty()
        val marks = shop.marks(RecordKind.INVENTORY_ITEM, rows.map { it.id.value })
        late.tell(marks)
        val shown = late.marks.value
        val lines = rows.map { ItemLine(it, shown[it.id.value] ?: Mark()) }
        show { if (this.words == words) copy(loading = false, rows = lines, more = more) else this }
    }

    private suspend fun found(words: String): List<ItemRow> {
        val exact = shop.itemsByBarcode(words) + shop.itemsBySku(words)
        return exact.ifEmpty { shop.findItems(words, WINDOW) }.distinctBy { it.id }
    }

    private companion object {
        const val WINDOW = 50u
    }
}
