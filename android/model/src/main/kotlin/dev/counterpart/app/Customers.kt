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
    val problem: Problem? = null,
)

/** What a person can do with the list. */
interface CustomersActions {
    fun search(words: String)

    fun dismiss()
}

/** The customers: by the beginning of a name, by phone digits, by e-mail address, or by any words about them. */
class Customers(
    desk: Desk,
) : ScreenModel<CustomersState>(CustomersState()),
    CustomersActions {
    private val shop = desk.shop
    private val late = LateFailure(scope, desk.clock)
    private var looking: Job? = null

    init {
        late.marks.collectIn(scope) { marks ->
            show { copy(rows = rows.map { line -> line.copy(mark = marks[line.row.id.value] ?: line.mark) }) }
        }
        follow { shop.changes().collect { look() } }
    }

    override fun CustomersState.with(problem: Problem?) = copy(problem = problem)

    override fun search(words: String) {
        show { copy(words = words) }
        looking?.cancel()
        looking = follow { look() }
    }

    private suspend fun look() {
        val words = now.words
        val rows = found(words.trim())
        val marks = shop.marks(RecordKind.CUSTOMER, rows.map { it.id.value })
        late.tell(marks)
        val shown = late.marks.value
        val lines = rows.map { CustomerLine(it, shown[it.id.value] ?: Mark()) }
        // An answer to an older question is of no use.
        show { if (this.words == words) copy(loading = false, rows = lines) else this }
    }

    private suspend fun found(words: String): List<CustomerRow> =
        when {
            '@' in words -> shop.customersByEmail(words, WINDOW)
            words.isNotEmpty() && words.all { it.isDigit() || it in "+ -/()" } -> shop.customersByPhone(words, WINDOW)
            else -> shop.customersByName(words, WINDOW) + if (words.isEmpty()) emptyList() else shop.findCustomers(words, WINDOW)
        }.distinctBy { it.id }

    private companion object {
        const val WINDOW = 50u
    }
}
