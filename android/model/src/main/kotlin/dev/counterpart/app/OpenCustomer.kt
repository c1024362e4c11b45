package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.blankCustomer
import dev.counterpart.ids.CustomerId
import dev.counterpart.model.Address
import dev.counterpart.model.AppointmentRow
import dev.counterpart.model.Customer
import dev.counterpart.model.CustomerRow
import dev.counterpart.model.Phone
import dev.counterpart.model.TicketRow

/** What is typed on a customer's card; numbers and addresses one to a line. */
data class CustomerForm(
    val firstName: String = "",
    val lastName: String = "",
    val company: String = "",
    val phones: String = "",
    val emails: String = "",
    val street: String = "",
    val postalCode: String = "",
    val city: String = "",
    val notes: String = "",
    val tags: String = "",
    val noTexts: Boolean = false,
    val noEmail: Boolean = false,
) {
    fun texts(): Map<String, String> =
        mapOf(
            "first" to firstName, "last" to lastName, "company" to company, "phones" to phones, "emails" to emails, "street" to street,
            "code" to postalCode, "city" to city, "notes" to notes, "tags" to tags, "no_texts" to "$noTexts", "no_email" to "$noEmail",
        )

    /** A record with what was typed in the place of what it says. */
    fun on(customer: Customer): Customer {
        val labels = customer.phones.associate { it.number to it.label }
        val numbers = lines(phones).map { it.filterNot { c -> c in " -/()" } }
        return customer.copy(
            firstName = text(firstName),
            lastName = text(lastName),
            company = text(company),
            phones = numbers.map { Phone(it, labels[it] ?: "mobile") },
            emails = lines(emails),
            address = address(customer.address),
            notes = text(notes),
            tags = tags.split(',').map { it.trim() }.filter { it.isNotEmpty() },
            // Somebody who wants none is not asked again: the field only ever becomes true.
            smsOptOut = noTexts || customer.smsOptOut,
            emailOptOut = noEmail || customer.emailOptOut,
        )
    }

    private fun address(before: Address?): Address? {
        val known = before ?: Address("", "", "", "", "")
        val typed = known.copy(street = street.trim(), postalCode = postalCode.trim(), city = city.trim())
        return if (before == null && typed == known) null else typed
    }

    private fun text(typed: String) = typed.trim().ifEmpty { null }

    private fun lines(typed: String) = typed.lines().map { it.trim() }.filter { it.isNotEmpty() }

    companion object {
        /** What is one value. */
        val ADDRESS = setOf("street", "code", "city")

        fun of(customer: Customer) =
            CustomerForm(
                customer.firstName.orEmpty(),
                customer.lastName.orEmpty(),
                customer.company.orEmpty(),
                customer.phones.joinToString("\n") { it.number },
                customer.emails.joinToString("\n"),
                customer.address?.street.orEmpty(),
                customer.address?.postalCode.orEmpty(),
                customer.address?.city.orEmpty(),
                customer.notes.orEmpty(),
                customer.tags.joinToString(", "),
                customer.smsOptOut,
                customer.emailOptOut,
            )

        fun of(texts: Map<String, String>): CustomerForm {
            val text = { name: String -> texts[name].orEmpty() }
            return CustomerForm(
                text("first"), text("last"), text("company"), text("phones"), text("emails"), text("street"), text("code"), text("city"),
                text("notes"), text("tags"), text("no_texts") == "true", text("no_email") == "true",
            )
        }
    }
}

/** The customer's name, or the company's. */
val Customer.called: String get() = listOfNotNull(firstName, lastName).joinToString(" ").ifEmpty { company.orEmpty() }

/** As a list shows them. */
fun Customer.row() = CustomerRow(id, called, company, phones.firstOrNull()?.number, emails.firstOrNull())

/** What a customer's card shows. */
data class CustomerState(
    val loading: Boolean = true,
    /** Nothing while it is being written for the first time, or once it is gone. */
    val customer: Customer? = null,
    val mark: Mark = Mark(),
    val tickets: List<TicketRow> = emptyList(),
    val moreTickets: Boolean = false,
    val appointments: List<AppointmentRow> = emptyList(),
    /** What is typed, while somebody types. */
    val form: CustomerForm? = null,
    /** Others with one of its numbers: perhaps the same person. */
    val alike: List<CustomerRow> = emptyList(),
    /** The one that is about to go into this one. */
    val merging: CustomerRow? = null,
    val deleting: Boolean = false,
    val leads: Boolean = false,
    val problem: Problem? = null,
)

/** What a person can do with a customer's card. */
interface CustomerActions {
    fun edit()

    fun fill(form: CustomerForm)

    fun save()

    fun cancel()

    fun moreTickets()

    fun askMerge(duplicate: CustomerRow?)

    fun merge()

    fun askDelete(asks: Boolean)

    fun delete()

    fun dismiss()
}

/** One customer; [id] is nothing while a new one is written. [saved] hears of the card that is to be shown then. */
class OpenCustomer(
    private val desk: Desk,
    private val id: CustomerId?,
    private val saved: (CustomerId?) -> Unit,
) : ScreenModel<CustomerState>(CustomerState(leads = desk.who.leads)),
    CustomerActions {
    private val shop = desk.shop
    private val kept = Kept(desk, "customer/${id?.value ?: Place.NEW}", ::follow)
    private val late = LateFailure(scope, desk.clock)

    /** What the person saw when they began to type: an edit is what they changed of it. */
    private var began: Customer? = null

    init {
        late.marks.collectIn(scope) { marks -> show { copy(mark = marks[id?.value] ?: mark) } }
        follow {
            readDraft()
            if (id == null) {
                show { copy(loading = false) }
            } else {
                shop.view(RecordKind.CUSTOMER, id.value)
                shop.changes().collect { look(id) }
            }
        }
    }

    override suspend fun keepTyped() = kept.now()

    private suspend fun readDraft() {
        val typed = kept.read()
        val record = id?.let { shop.customer(it) }
        val resumed = record?.let { Resumed.of(typed, seen(it), CustomerForm.ADDRESS) }
        // Who was quicker to type than the disk to read keeps what they typed.
        if (began != null) return
        began = if (id == null) blankCustomer() else record?.let { resumed?.seenIn(it) }
        if (id == null || typed.isNotEmpty()) show { if (form == null) copy(form = CustomerForm.of(resumed?.typed ?: typed)) else this }
    }

    private fun seen(customer: Customer) = Seen(CustomerForm.of(customer).texts(), customer.meta.stamp)

    /** The record as it was seen when somebody began to type over it. */
    private fun Resumed.seenIn(now: Customer) = CustomerForm.of(seen).on(now).copy(meta = now.meta.copy(stamp = stamp))

    override fun CustomerState.with(problem: Problem?) = copy(problem = problem)

    private suspend fun look(id: CustomerId) {
        val customer = shop.customer(id)
        val window = WINDOW.holding(now.tickets.size)
        val tickets = shop.ticketsOfCustomer(id, null, window)
        val appointments = shop.appointmentsOfCustomer(id, null, WINDOW)
        val numbers = customer?.phones.orEmpty().map { it.number }
        val alike = numbers.flatMap { shop.customersByPhone(it, 5u) }.filter { it.id != id }.distinctBy { it.id }
        late.tell(shop.marks(RecordKind.CUSTOMER, listOf(id.value)))
        show {
            copy(loading = false, customer = customer, tickets = tickets, moreTickets = tickets.size == window.toInt(), appointments = appointments, alike = alike)
        }
    }

    override fun edit() {
        val customer = now.customer ?: return
        began = customer
        show { copy(form = CustomerForm.of(customer)) }
    }

    override fun fill(form: CustomerForm) {
        show { copy(form = form) }
        kept.soon(form.texts(), began?.takeIf { id != null }?.let(::seen))
    }

    override fun save() {
        val (before, form) = (began ?: return) to (now.form ?: return)
        workOnce {
            if (id == null) {
                val made = shop.createCustomer(form.on(before))
                kept.drop()
                began = null
                saved(made)
            } else {
                shop.editCustomer(before, form.on(before))
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

    override fun moreTickets() {
        val (id, last) = (id ?: return) to (now.tickets.lastOrNull() ?: return)
        work {
            val older = shop.ticketsOfCustomer(id, last.id, WINDOW)
            show { copy(tickets = tickets + older, moreTickets = older.size == WINDOW.toInt()) }
        }
    }

    override fun askMerge(duplicate: CustomerRow?) = show { copy(merging = duplicate) }

    override fun merge() {
        val (id, duplicate) = (id ?: return) to (now.merging ?: return)
        work {
            shop.mergeCustomers(id, duplicate.id)
            show { copy(merging = null) }
            look(id)
        }
    }

    override fun askDelete(asks: Boolean) = show { copy(deleting = asks) }

    override fun delete() {
        val id = id ?: return
        work {
            shop.deleteCustomer(id)
            saved(null)
        }
    }

    private companion object {
        const val WINDOW = 20u
    }
}
