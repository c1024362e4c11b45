/** Typed ids: each a string that says which record it is of. */
package dev.counterpart.ids

/** Which record is meant: a customer. */
@JvmInline
value class CustomerId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a ticket. */
@JvmInline
value class TicketId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a ticket's line. */
@JvmInline
value class TicketLineId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a ticket's note. */
@JvmInline
value class TicketNoteId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a ticket's move. */
@JvmInline
value class TicketEventId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a sealed passcode. */
@JvmInline
value class TicketSecretId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: an item of the shelf. */
@JvmInline
value class InventoryItemId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a cost of an item. */
@JvmInline
value class ItemCostId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a stock movement. */
@JvmInline
value class StockMovementId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: an employee. */
@JvmInline
value class EmployeeId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: an employee's pay. */
@JvmInline
value class EmployeePayId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: an employee's PIN. */
@JvmInline
value class EmployeePinId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: an appointment. */
@JvmInline
value class AppointmentId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a shop's settings. */
@JvmInline
value class ShopSettingsId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a reveal of a passcode. */
@JvmInline
value class SecretRevealId(
    val value: String,
) {
    override fun toString(): String = value
}

/** Which record is meant: a conflict. */
@JvmInline
value class ConflictId(
    val value: String,
) {
    override fun toString(): String = value
}
