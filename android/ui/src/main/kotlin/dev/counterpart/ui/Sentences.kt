package dev.counterpart.ui

import dev.counterpart.app.Mark
import dev.counterpart.app.Problem
import dev.counterpart.app.Words
import dev.counterpart.model.AppointmentKind
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.Approval
import dev.counterpart.model.CheckMark
import dev.counterpart.model.Deed
import dev.counterpart.model.LineKind
import dev.counterpart.model.MovementKind
import dev.counterpart.model.NoteKind
import dev.counterpart.model.Part
import dev.counterpart.model.Priority
import dev.counterpart.model.Role
import dev.counterpart.model.Status
import dev.counterpart.model.TicketStatus

/** A ticket's status as people say it; what only a newer app knows is shown as it is. */
fun Words.of(status: TicketStatus): String =
    when (status) {
        TicketStatus.Received -> statusReceived
        TicketStatus.Diagnosing -> statusDiagnosing
        TicketStatus.AwaitingApproval -> statusAwaitingApproval
        TicketStatus.Approved -> statusApproved
        TicketStatus.AwaitingParts -> statusAwaitingParts
        TicketStatus.InRepair -> statusInRepair
        TicketStatus.Qc -> statusQc
        TicketStatus.Ready -> statusReady
        TicketStatus.PickedUp -> statusPickedUp
        TicketStatus.OnHold -> statusOnHold
        TicketStatus.Cancelled -> statusCancelled
        TicketStatus.Abandoned -> statusAbandoned
        is TicketStatus.Other -> status.word
    }

fun Words.of(priority: Priority): String =
    when (priority) {
        Priority.Low -> priorityLow
        Priority.Normal -> priorityNormal
        Priority.High -> priorityHigh
        Priority.Urgent -> priorityUrgent
        is Priority.Other -> priority.word
    }

fun Words.of(kind: LineKind): String =
    when (kind) {
        LineKind.Part -> lineKindPart
        LineKind.Labour -> lineKindLabour
        LineKind.Fee -> lineKindFee
        LineKind.Discount -> lineKindDiscount
        is LineKind.Other -> kind.word
    }

fun Words.of(kind: NoteKind): String =
    when (kind) {
        NoteKind.Internal -> noteKindInternal
        NoteKind.Customer -> noteKindCustomer
        NoteKind.Diagnostic -> noteKindDiagnostic
        is NoteKind.Other -> kind.word
    }

fun Words.of(approval: Approval): String =
    when (approval) {
        Approval.Pending -> ticketPending
        Approval.Approved -> ticketApproved
        Approval.Declined -> ticketDeclined
        is Approval.Other -> approval.word
    }

fun Words.of(mark: CheckMark): String =
    when (mark) {
        CheckMark.Pass -> checkPass
        CheckMark.Fail -> checkFail
        CheckMark.NotApplicable -> checkNa
        CheckMark.Untested -> checkUntested
        is CheckMark.Other -> mark.word
    }

fun Words.of(kind: MovementKind): String =
    when (kind) {
        MovementKind.Receive -> movementReceive
        MovementKind.Use -> movementUse
        MovementKind.Return -> movementReturn
        MovementKind.Adjust -> movementAdjust
        MovementKind.Count -> movementCount
        MovementKind.Reserve -> movementReserve
        MovementKind.Release -> movementRelease
        MovementKind.Shrink -> movementShrink
        is MovementKind.Other -> kind.word
    }

fun Words.of(kind: AppointmentKind): String =
    when (kind) {
        AppointmentKind.DropOff -> visitDropOff
        AppointmentKind.PickUp -> visitPickUp
        AppointmentKind.Consultation -> visitConsultation
        AppointmentKind.OnSite -> visitOnSite
        is AppointmentKind.Other -> kind.word
    }

fun Words.of(state: AppointmentState): String =
    when (state) {
        AppointmentState.Booked -> visitStateBooked
        AppointmentState.Confirmed -> visitStateConfirmed
        AppointmentState.Arrived -> visitStateArrived
        AppointmentState.NoShow -> visitStateNoShow
        AppointmentState.Cancelled -> visitStateCancelled
        AppointmentState.Done -> visitStateDone
        is AppointmentState.Other -> state.word
    }

fun Words.of(role: Role): String =
    when (role) {
        Role.Owner -> roleOwner
        Role.Admin -> roleAdmin
        Role.Manager -> roleManager
        Role.Technician -> roleTechnician
        Role.FrontDesk -> roleFrontDesk
        is Role.Other -> role.word
    }

/** What a record's mark says to somebody who does not see it. */
fun Words.of(mark: Mark): String {
    val status =
        when (mark.status) {
            Status.SYNCED -> markSynced
            Status.PENDING -> markPending
            Status.SYNCING -> markSyncing
            Status.FAILED -> markFailed
            Status.CONFLICT -> markConflict
        }
    return if (mark.unread) "$status. $markUnread" else status
}

/** What went wrong, in plain words: of this field, the code's own, or that it was not accepted. */
fun Words.of(problem: Problem): String {
    val said = problems["${problem.code}_${problem.field}"] ?: problems[problem.code] ?: problems.getValue("other")
    return said.replace("{field}", problem.field?.let(::fieldName).orEmpty()).replace("{code}", problem.code)
}

/** An item of the intake's checklist. */
fun Words.checkName(item: String): String =
    when (item) {
        "screen" -> checkScreen
        "touch" -> checkTouch
        "charging" -> checkCharging
        "sound" -> checkSound
        "camera" -> checkCamera
        "buttons" -> checkButtons
        else -> item
    }

/** What kind of device it is. */
fun Words.kindName(kind: String): String =
    when (kind) {
        "phone" -> kindPhone
        "laptop" -> kindLaptop
        "tablet" -> kindTablet
        else -> kindOther
    }

/** What a word of the engine's is called: of what kind something is, whether it was approved, how far a visit got, a role. */
fun Words.wordName(word: String): String =
    when (word) {
        "part" -> lineKindPart
        "labour" -> lineKindLabour
        "fee" -> lineKindFee
        "discount" -> lineKindDiscount
        "internal" -> noteKindInternal
        "customer" -> noteKindCustomer
        "diagnostic" -> noteKindDiagnostic
        "pending" -> ticketPending
        "approved" -> ticketApproved
        "declined" -> ticketDeclined
        "receive" -> movementReceive
        "use" -> movementUse
        "return" -> movementReturn
        "adjust" -> movementAdjust
        "count" -> movementCount
        "reserve" -> movementReserve
        "release" -> movementRelease
        "shrink" -> movementShrink
        "drop_off" -> visitDropOff
        "pick_up" -> visitPickUp
        "consultation" -> visitConsultation
        "on_site" -> visitOnSite
        "booked" -> visitStateBooked
        "confirmed" -> visitStateConfirmed
        "arrived" -> visitStateArrived
        "no_show" -> visitStateNoShow
        "cancelled" -> visitStateCancelled
        "done" -> visitStateDone
        "owner" -> roleOwner
        "admin" -> roleAdmin
        "manager" -> roleManager
        "technician" -> roleTechnician
        "front_desk" -> roleFrontDesk
        else -> word
    }

/** A field as people call it; one that only a newer server has is shown as it is. */
fun Words.fieldName(field: String): String = nameOfWork(field) ?: nameOfRest(field) ?: field.replace('_', ' ')

private fun Words.nameOfWork(field: String): String? =
    when (field) {
        "number" -> fieldNumber
        "customer_id" -> ticketCustomer
        "device_kind" -> fieldDeviceKind
        "device_brand", "brand" -> intakeBrand
        "device_model" -> intakeModel
        "device_serial" -> fieldDeviceSerial
        "device_colour" -> fieldDeviceColour
        "imei" -> fieldImei
        "subject" -> fieldSubject
        "problem" -> fieldProblem
        "diagnosis" -> fieldDiagnosis
        "priority" -> fieldPriority
        "due_at" -> fieldDueAt
        "assignee_id" -> fieldAssigneeId
        "status" -> fieldStatus
        "on_hold_from" -> fieldOnHoldFrom
        "work_started_at" -> fieldWorkStartedAt
        "closed_at" -> fieldClosedAt
        "estimate_cents" -> fieldEstimateCents
        "approved_cents" -> fieldApprovedCents
        "accessories" -> fieldAccessories
        "intake_checklist" -> intakeChecklist
        "warranty_until" -> fieldWarrantyUntil
        "warranty_of" -> fieldWarrantyOf
        "description" -> fieldDescription
        "unit_price_cents" -> ticketPriceEach
        "tax_bp" -> ticketTax
        "passcode" -> ticketPasscode
        "date" -> appointmentsDate
        "time", "ends_at" -> appointmentsTime
        else -> null
    }

private fun Words.nameOfRest(field: String): String? =
    when (field) {
        "first_name" -> fieldFirstName
        "last_name" -> fieldLastName
        "company" -> fieldCompany
        "phones", "phone" -> fieldPhones
        "emails", "email" -> fieldEmails
        "address" -> fieldAddress
        "notes" -> fieldNotes
        "tags" -> fieldTags
        "sms_opt_out" -> customersNoTexts
        "email_opt_out" -> customersNoEmail
        "tax_exempt" -> fieldTaxExempt
        "merged_into" -> fieldMergedInto
        "name" -> fieldName
        "sku" -> fieldSku
        "barcode" -> fieldBarcode
        "category" -> fieldCategory
        "compatible_models" -> fieldCompatibleModels
        "price_cents" -> fieldPriceCents
        "supplier" -> inventorySupplier
        "bin" -> inventoryBin
        "reorder_level" -> fieldReorderLevel
        "quantity" -> fieldQuantity
        "reserved" -> fieldReserved
        "pin" -> atWorkPin
        "time_zone" -> settingsZone
        "currency" -> settingsCurrency
        "body" -> tableTicketNotes
        "to" -> fieldStatus
        "password" -> passwordNew
        "current_password" -> passwordCurrent
        "invitation" -> signInInvitation
        else -> null
    }

fun Words.tableName(table: String): String =
    when (table) {
        "tickets" -> tableTickets
        "customers" -> tableCustomers
        "ticket_notes" -> tableTicketNotes
        "ticket_lines" -> tableTicketLines
        "ticket_events" -> tableTicketEvents
        "inventory_items" -> tableInventoryItems
        "stock_movements" -> tableStockMovements
        "appointments" -> tableAppointments
        "employees" -> tableEmployees
        "shop_settings" -> tableShopSettings
        else -> tableOther
    }

/** What changed of a ticket: one of its fields, or what belongs to it. */
fun Words.changedName(what: String): String =
    when (what) {
        "ticket_lines" -> ticketLines
        "ticket_notes" -> ticketNotes
        "ticket_events" -> fieldStatus
        else -> fieldName(what)
    }

/** What somebody did, as a notice says it. */
fun Words.of(part: Part): String {
    val count = part.count.toLong()
    return when (part.deed) {
        Deed.ADDED -> "${tableName(part.table)}: ${deedAdded(count)}"
        Deed.CHANGED -> "${tableName(part.table)}: ${deedChanged(count)}"
        Deed.DELETED -> "${tableName(part.table)}: ${deedDeleted(count)}"
        Deed.COMMENTED -> deedCommented(count)
        Deed.MOVED -> "${tableName(part.table)}: ${deedMoved(count)}"
        Deed.CONFLICT -> "${tableName(part.table)}: $deedConflict"
        Deed.KEPT_AS_HISTORY -> deedKeptAsHistory
        Deed.PARKED -> deedParked
        Deed.BROUGHT_BACK -> deedBroughtBack
    }
}

/** Several facts in one line, each read in its own direction. */
fun line(vararg facts: String?): String =
    facts.filterNot { it.isNullOrBlank() }.joinToString(" · ") { "\u2068$it\u2069" }
