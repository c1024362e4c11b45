package dev.counterpart.app

import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.EmployeeId
import dev.counterpart.model.Appointment
import dev.counterpart.model.AppointmentKind
import dev.counterpart.model.AppointmentState
import java.time.Duration
import java.time.ZoneId

/** What is typed of an appointment. */
data class AppointmentForm(
    /** The one that is changed; nothing for a new one. */
    val id: String? = null,
    val customer: String? = null,
    /** The customer's name, or what is typed to find one. */
    val words: String = "",
    val kind: AppointmentKind = AppointmentKind.DropOff,
    val date: String = "",
    val time: String = "",
    val minutes: Long = 30,
    val assignee: String? = null,
    val notes: String = "",
) {
    fun texts(): Map<String, String?> =
        mapOf(
            "id" to id, "customer" to customer, "words" to words, "kind" to word(kind), "date" to date, "time" to time,
            "minutes" to "$minutes", "assignee" to assignee, "notes" to notes,
        )

    /** What has to be put right before it can be saved. */
    fun wrong(): Problem? =
        if (customer == null) Problem("required", "customer_id") else TypedMoment(date, time).wrong()

    /** A record with what was typed in the place of what it says. Must only be asked where nothing is wrong. */
    fun on(
        before: Appointment,
        zone: ZoneId,
    ): Appointment {
        val start = checkNotNull(TypedMoment(date, time).at(zone))
        return before.copy(
            customerId = CustomerId(customer.orEmpty()),
            kind = kind,
            startsAt = start,
            endsAt = start.plus(Duration.ofMinutes(minutes)),
            timeZone = zone.id,
            assigneeId = assignee?.let(::EmployeeId),
            notes = notes.trim().ifEmpty { null },
            state = if (id == null) AppointmentState.Booked else before.state,
        )
    }

    companion object {
        /** The customer, by id and by name. */
        val CUSTOMER = setOf("customer", "words")

        /** What is one value. */
        val SLOT = setOf("date", "time", "minutes")

        fun of(
            appointment: Appointment,
            customer: String,
            zone: ZoneId,
        ) =
            AppointmentForm(
                appointment.id.value,
                appointment.customerId.value,
                customer,
                appointment.kind,
                TypedMoment.date(appointment.startsAt, zone),
                TypedMoment.time(appointment.startsAt, zone),
                Duration.between(appointment.startsAt, appointment.endsAt).toMinutes(),
                appointment.assigneeId?.value,
                appointment.notes.orEmpty(),
            )

        fun of(texts: Map<String, String>) =
            AppointmentForm(
                texts["id"],
                texts["customer"],
                texts["words"].orEmpty(),
                kind(texts["kind"].orEmpty()),
                texts["date"].orEmpty(),
                texts["time"].orEmpty(),
                texts["minutes"]?.toLongOrNull() ?: 30,
                texts["assignee"],
                texts["notes"].orEmpty(),
            )

        private fun word(kind: AppointmentKind): String =
            when (kind) {
                AppointmentKind.DropOff -> "drop_off"
                AppointmentKind.PickUp -> "pick_up"
                AppointmentKind.Consultation -> "consultation"
                AppointmentKind.OnSite -> "on_site"
                is AppointmentKind.Other -> kind.word
            }

        private fun kind(word: String): AppointmentKind =
            Appointments.KINDS.firstOrNull { word(it) == word } ?: AppointmentKind.Other(word)
    }
}
