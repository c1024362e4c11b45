package dev.counterpart.app

import dev.counterpart.ids.EmployeeId
import dev.counterpart.model.LineKind
import dev.counterpart.model.Priority
import dev.counterpart.model.Ticket
import dev.counterpart.model.TicketLine
import java.time.ZoneId

/** What is typed of a ticket, beside its texts. */
data class TicketForm(
    val subject: String = "",
    val kind: String = "",
    val brand: String = "",
    val model: String = "",
    val serial: String = "",
    val imei: String = "",
    val colour: String = "",
    val priority: Priority = Priority.Normal,
    /** When it was promised; both empty where nothing was. */
    val date: String = "",
    val time: String = "",
    val assignee: String? = null,
    val estimate: String = "",
) {
    /** As a draft. */
    fun texts(): Map<String, String?> =
        mapOf(
            "subject" to subject, "kind" to kind, "brand" to brand, "model" to model, "serial" to serial, "imei" to imei, "colour" to colour,
            "priority" to word(priority), "date" to date, "time" to time, "assignee" to assignee, "estimate" to estimate,
        )

    /** What has to be put right before it can be saved. */
    fun wrong(currency: String): Problem? =
        due().takeUnless { it.isEmpty }?.wrong()
            ?: Problem("number", "estimate_cents").takeIf { estimate.isNotBlank() && Amounts.cents(estimate, currency) == null }

    /**
     * A record with what was typed in the place of what it says: where the form says the same, it stays to the second and
     * the letter. Must only be asked where nothing is wrong.
     */
    fun on(
        ticket: Ticket,
        currency: String,
        zone: ZoneId,
    ): Ticket {
        val before = of(ticket, currency, zone)

        fun <T> typed(
            says: T,
            part: (TicketForm) -> T,
        ) = if (part(this) == part(before)) says else part(this)
        return ticket.copy(
            subject = typed(ticket.subject) { it.subject.trim() },
            deviceKind = typed(ticket.deviceKind) { text(it.kind) },
            deviceBrand = typed(ticket.deviceBrand) { text(it.brand) },
            deviceModel = typed(ticket.deviceModel) { text(it.model) },
            deviceSerial = typed(ticket.deviceSerial) { text(it.serial) },
            imei = typed(ticket.imei) { text(it.imei.filter(Char::isDigit)) },
            deviceColour = typed(ticket.deviceColour) { text(it.colour) },
            priority = typed(ticket.priority) { it.priority },
            dueAt = typed(ticket.dueAt) { it.due().at(zone) },
            assigneeId = typed(ticket.assigneeId) { it.assignee?.let(::EmployeeId) },
            estimateCents = typed(ticket.estimateCents) { Amounts.cents(it.estimate, currency) },
        )
    }

    private fun due() = TypedMoment(date, time)

    private fun text(typed: String) = typed.trim().ifEmpty { null }

    companion object {
        /** When it was promised is one value. */
        val PROMISE = setOf("date", "time")

        /** How urgent a ticket may be. */
        val PRIORITIES: List<Priority> = TrailValue.priorities.values.toList()

        fun of(
            ticket: Ticket,
            currency: String,
            zone: ZoneId,
        ) =
            TicketForm(
                ticket.subject,
                ticket.deviceKind.orEmpty(),
                ticket.deviceBrand.orEmpty(),
                ticket.deviceModel.orEmpty(),
                ticket.deviceSerial.orEmpty(),
                ticket.imei.orEmpty(),
                ticket.deviceColour.orEmpty(),
                ticket.priority,
                ticket.dueAt?.let { TypedMoment.date(it, zone) }.orEmpty(),
                ticket.dueAt?.let { TypedMoment.time(it, zone) }.orEmpty(),
                ticket.assigneeId?.value,
                ticket.estimateCents?.let { Amounts.typed(it, currency) }.orEmpty(),
            )

        fun of(texts: Map<String, String>): TicketForm {
            val text = { name: String -> texts[name].orEmpty() }
            return TicketForm(
                text("subject"), text("kind"), text("brand"), text("model"), text("serial"), text("imei"), text("colour"),
                TrailValue.priorities[text("priority")] ?: Priority.Other(text("priority")), text("date"), text("time"), texts["assignee"],
                text("estimate"),
            )
        }

        internal fun word(priority: Priority): String =
            (priority as? Priority.Other)?.word ?: TrailValue.priorities.entries.first { it.value == priority }.key
    }
}

/** What is typed of a line of the bill. */
data class LineForm(
    /** The one that is changed; nothing for a new one. */
    val id: String? = null,
    val kind: LineKind = LineKind.Labour,
    val description: String = "",
    val quantity: String = "1",
    val price: String = "",
    /** In percent. */
    val tax: String = "0",
) {
    /** As a draft. */
    fun texts(): Map<String, String?> =
        mapOf(
            "id" to id, "kind" to words.entries.firstOrNull { it.value == kind }?.key, "description" to description, "quantity" to quantity,
            "price" to price, "tax" to tax,
        )

    /** What has to be put right before it can be saved. */
    fun wrong(currency: String): Problem? =
        when {
            Amounts.whole(quantity) == null -> Problem("number", "quantity")
            Amounts.cents(price, currency) == null -> Problem("number", "unit_price_cents")
            Amounts.basisPoints(tax) == null -> Problem("number", "tax_bp")
            else -> null
        }

    /** A line with what was typed in the place of what it says, and where that is the same as it was; how many left out. */
    fun on(
        line: TicketLine,
        currency: String,
    ): TicketLine =
        line.copy(
            kind = kind,
            description = if (description == line.description.orEmpty()) line.description else description.trim().ifEmpty { null },
            unitPriceCents = Amounts.cents(price, currency) ?: line.unitPriceCents,
            taxBp = Amounts.basisPoints(tax) ?: line.taxBp,
        )

    companion object {
        /** What somebody writes onto the bill; a part comes from the shelf. */
        val KINDS = listOf(LineKind.Labour, LineKind.Fee, LineKind.Discount)
        private val words = mapOf("labour" to LineKind.Labour, "fee" to LineKind.Fee, "discount" to LineKind.Discount, "part" to LineKind.Part)

        fun of(texts: Map<String, String>) =
            LineForm(
                texts["id"],
                words[texts["kind"]] ?: LineKind.Labour,
                texts["description"].orEmpty(),
                texts["quantity"].orEmpty(),
                texts["price"].orEmpty(),
                texts["tax"].orEmpty(),
            )

        fun of(
            line: TicketLine,
            currency: String,
        ) =
            LineForm(
                line.id.value,
                line.kind,
                line.description.orEmpty(),
                "${line.quantity}",
                Amounts.typed(line.unitPriceCents, currency),
                Amounts.percent(line.taxBp),
            )
    }
}
