package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.model.CustomerRow
import kotlinx.coroutines.Job

/** A customer in the list. */
data class CustomerLine(
    val row: CustomerRow,
    val mark: Mark = Mark(),
)

/** What the list of customers shows. */
data class CustomersState(
    val loading: Boolean = true,
    val words: String = "",
    val rows: List<CustomerLine> = emptyList(),
    val more: Boolean = false,
    val problem: Problem? = null,
)

/** What a person can do with the list. */
interface CustomersActions {
    fun search(words: String)

    fun showMore()

    fun dismiss()
}

/** The customers: all of them by name, or by the beginning of a name, by phone digits, by e-mail address, or by any words about them. */
class Customers(
    desk: Desk,
) : ScreenModel<CustomersState>(CustomersState()),
    CustomersActions {
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

    override fun CustomersState.with(problem: Problem?) = copy(problem = problem)

    override fun search(words: String) {
        show { copy(words = words) }
        wanted = WINDOW
        looking?.cancel()
        looking = follow { look() }
    }

    override fun showMore() {
        wanted = now.rows.size + 1
        work { look() }
    }

    private suspend fun look() {
        val words = now.words
        val found = if (words.isBlank()) firstOf(wanted, shop::customers) else Rows(found(words.trim()), more = false)
        val rows = found.rows
        val marks = shop.marks(RecordKind.CUSTOMER, rows.map { it.id.value })
        late.tell(marks)
        val shown = late.marks.value
        val lines = rows.map { CustomerLine(it, shown[it.id.value] ?: Mark()) }
        // An answer to an older question is of no use.
        show { if (this.words == words) copy(loading = false, rows = lines, more = found.more) else this }
    }

    private suspend fun found(words: String): List<CustomerRow> =
        when {
            '@' in words -> shop.customersByEmail(words, WINDOW.toUInt())
            words.all { it.isDigit() || it in "+ -/()" } -> shop.customersByPhone(words, WINDOW.toUInt())
            else -> shop.customersByName(words, WINDOW.toUInt()) + shop.findCustomers(words, WINDOW.toUInt())
        }.distinctBy { it.id }
}
