import Counterpart
import Foundation

/// The words for somebody who prefers these languages, the dearest first; English where there are none.
public func words(for languages: [String]) -> any Words {
    for preferred in languages {
        let code = Locale(identifier: preferred).language.languageCode?.identifier
        if let words = allWords.first(where: { $0.language == code }) { return words }
    }
    return English()
}

/// What the engine's words are called: a state, a kind, a field. What only a newer app knows is shown as it is.
extension Words {
    public func of(_ status: TicketStatus) -> String {
        switch status {
        case .received: statusReceived
        case .diagnosing: statusDiagnosing
        case .awaitingApproval: statusAwaitingApproval
        case .approved: statusApproved
        case .awaitingParts: statusAwaitingParts
        case .inRepair: statusInRepair
        case .qc: statusQc
        case .ready: statusReady
        case .pickedUp: statusPickedUp
        case .onHold: statusOnHold
        case .cancelled: statusCancelled
        case .abandoned: statusAbandoned
        case .other(let word): word
        }
    }

    public func of(_ priority: Priority) -> String {
        switch priority {
        case .low: priorityLow
        case .normal: priorityNormal
        case .high: priorityHigh
        case .urgent: priorityUrgent
        case .other(let word): word
        }
    }

    public func of(_ kind: LineKind) -> String {
        switch kind {
        case .part: lineKindPart
        case .labour: lineKindLabour
        case .fee: lineKindFee
        case .discount: lineKindDiscount
        case .other(let word): word
        }
    }

    public func of(_ kind: NoteKind) -> String {
        switch kind {
        case .internal: noteKindInternal
        case .customer: noteKindCustomer
        case .diagnostic: noteKindDiagnostic
        case .other(let word): word
        }
    }

    public func of(_ approval: Approval) -> String {
        switch approval {
        case .pending: ticketPending
        case .approved: ticketApproved
        case .declined: ticketDeclined
        case .other(let word): word
        }
    }

    public func of(_ mark: CheckMark) -> String {
        switch mark {
        case .pass: checkPass
        case .fail: checkFail
        case .notApplicable: checkNa
        case .untested: checkUntested
        case .other(let word): word
        }
    }

    public func of(_ kind: MovementKind) -> String {
        switch kind {
        case .receive: movementReceive
        case .use: movementUse
        case .return: movementReturn
        case .adjust: movementAdjust
        case .count: movementCount
        case .reserve: movementReserve
        case .release: movementRelease
        case .shrink: movementShrink
        case .other(let word): word
        }
    }

    public func of(_ kind: AppointmentKind) -> String {
        switch kind {
        case .dropOff: visitDropOff
        case .pickUp: visitPickUp
        case .consultation: visitConsultation
        case .onSite: visitOnSite
        case .other(let word): word
        }
    }

    public func of(_ state: AppointmentState) -> String {
        switch state {
        case .booked: visitStateBooked
        case .confirmed: visitStateConfirmed
        case .arrived: visitStateArrived
        case .noShow: visitStateNoShow
        case .cancelled: visitStateCancelled
        case .done: visitStateDone
        case .other(let word): word
        }
    }

    public func of(_ role: Role) -> String {
        switch role {
        case .owner: roleOwner
        case .admin: roleAdmin
        case .manager: roleManager
        case .technician: roleTechnician
        case .frontDesk: roleFrontDesk
        case .other(let word): word
        }
    }

    /// What a word of the engine's is called: of what kind something is, whether it was approved, how far a visit got,
    /// a role.
    public func wordName(_ word: String) -> String {
        switch word {
        case "part": lineKindPart
        case "labour": lineKindLabour
        case "fee": lineKindFee
        case "discount": lineKindDiscount
        case "internal": noteKindInternal
        case "customer": noteKindCustomer
        case "diagnostic": noteKindDiagnostic
        case "pending": ticketPending
        case "approved": ticketApproved
        case "declined": ticketDeclined
        case "receive": movementReceive
        case "use": movementUse
        case "return": movementReturn
        case "adjust": movementAdjust
        case "count": movementCount
        case "reserve": movementReserve
        case "release": movementRelease
        case "shrink": movementShrink
        case "drop_off": visitDropOff
        case "pick_up": visitPickUp
        case "consultation": visitConsultation
        case "on_site": visitOnSite
        case "booked": visitStateBooked
        case "confirmed": visitStateConfirmed
        case "arrived": visitStateArrived
        case "no_show": visitStateNoShow
        case "cancelled": visitStateCancelled
        case "done": visitStateDone
        case "owner": roleOwner
        case "admin": roleAdmin
        case "manager": roleManager
        case "technician": roleTechnician
        case "front_desk": roleFrontDesk
        default: word
        }
    }

    /// What a record's mark says to somebody who does not see it.
    public func of(_ mark: Mark) -> String {
        let status =
            switch mark.status {
            case .synced: markSynced
            case .pending: markPending
            case .syncing: markSyncing
            case .failed: markFailed
            case .conflict: markConflict
            }
        return mark.unread ? "\(status). \(markUnread)" : status
    }

    /// What went wrong, in plain words: the code's own, or that it was not accepted.
    public func of(_ problem: Problem) -> String {
        let ofField = problem.field.flatMap { problems["\(problem.code)_\($0)"] }
        let said = ofField ?? problems[problem.code] ?? problems["other"] ?? problem.code
        return said.replacingOccurrences(of: "{field}", with: problem.field.map(fieldName) ?? "")
            .replacingOccurrences(of: "{code}", with: problem.code)
    }

    /// What the line to the server is called, in short.
    public func of(_ line: SyncState) -> String {
        if !line.online { return lineOfflineShort }
        if !line.reachable { return lineUnreachableShort }
        return line.syncing ? lineSyncing : lineOnline
    }

    /// Whether a ticket may leave the shop; nothing before anybody asked.
    public func of(_ safety: Safety) -> String? {
        switch safety {
        case .notAsked: return nil
        case .asking: return ticketSafeAsking
        case .known(let safety):
            if safety.unsent > 0 { return ticketUnsafe(Int(safety.unsent)) }
            guard let devices = safety.devices else { return ticketUnsafeUnknown }
            return devices.isEmpty ? ticketSafe : ticketUnsafeOthers(devices.count)
        }
    }

    /// An item of the intake's checklist.
    public func checkName(_ item: String) -> String {
        switch item {
        case "screen": checkScreen
        case "touch": checkTouch
        case "charging": checkCharging
        case "sound": checkSound
        case "camera": checkCamera
        case "buttons": checkButtons
        default: item
        }
    }

    /// What kind of device it is.
    public func kindName(_ kind: String) -> String {
        switch kind {
        case "phone": kindPhone
        case "laptop": kindLaptop
        case "tablet": kindTablet
        default: kindOther
        }
    }

    /// A field as people call it; one that only a newer server has is shown as it is.
    public func fieldName(_ field: String) -> String {
        workFieldName(field) ?? otherFieldName(field) ?? field.replacingOccurrences(of: "_", with: " ")
    }

    private func workFieldName(_ field: String) -> String? {
        switch field {
        case "number": fieldNumber
        case "customer_id": ticketCustomer
        case "device_kind": fieldDeviceKind
        case "device_brand", "brand": intakeBrand
        case "device_model": intakeModel
        case "device_serial": fieldDeviceSerial
        case "device_colour": fieldDeviceColour
        case "imei": fieldImei
        case "subject": fieldSubject
        case "problem": fieldProblem
        case "diagnosis": fieldDiagnosis
        case "priority": fieldPriority
        case "due_at": fieldDueAt
        case "assignee_id": fieldAssigneeId
        case "status": fieldStatus
        case "on_hold_from": fieldOnHoldFrom
        case "work_started_at": fieldWorkStartedAt
        case "closed_at": fieldClosedAt
        case "estimate_cents": fieldEstimateCents
        case "approved_cents": fieldApprovedCents
        case "accessories": fieldAccessories
        case "intake_checklist": intakeChecklist
        case "warranty_until": fieldWarrantyUntil
        case "warranty_of": fieldWarrantyOf
        case "description": fieldDescription
        case "unit_price_cents": ticketPriceEach
        case "tax_bp": ticketTax
        case "passcode": ticketPasscode
        case "date": appointmentsDate
        case "time", "ends_at": appointmentsTime
        default: nil
        }
    }

    private func otherFieldName(_ field: String) -> String? {
        switch field {
        case "first_name": fieldFirstName
        case "last_name": fieldLastName
        case "company": fieldCompany
        case "phones", "phone": fieldPhones
        case "emails", "email": fieldEmails
        case "address": fieldAddress
        case "notes": fieldNotes
        case "tags": fieldTags
        case "sms_opt_out": customersNoTexts
        case "email_opt_out": customersNoEmail
        case "tax_exempt": fieldTaxExempt
        case "merged_into": fieldMergedInto
        case "name": fieldName
        case "sku": fieldSku
        case "barcode": fieldBarcode
        case "category": fieldCategory
        case "compatible_models": fieldCompatibleModels
        case "price_cents": fieldPriceCents
        case "supplier": inventorySupplier
        case "bin": inventoryBin
        case "reorder_level": fieldReorderLevel
        case "quantity": fieldQuantity
        case "reserved": fieldReserved
        case "ticket_window_days": fieldTicketWindowDays
        case "appointment_window_days": fieldAppointmentWindowDays
        case "pin": atWorkPin
        case "time_zone": settingsZone
        case "currency": settingsCurrency
        case "body": tableTicketNotes
        case "to": fieldStatus
        case "password": passwordNew
        case "current_password": passwordCurrent
        case "invitation": signInInvitation
        default: nil
        }
    }

    public func tableName(_ table: String) -> String {
        switch table {
        case "tickets": tableTickets
        case "customers": tableCustomers
        case "ticket_notes": tableTicketNotes
        case "ticket_lines": tableTicketLines
        case "ticket_events": tableTicketEvents
        case "inventory_items": tableInventoryItems
        case "stock_movements": tableStockMovements
        case "appointments": tableAppointments
        case "employees": tableEmployees
        case "shop_settings": tableShopSettings
        default: tableOther
        }
    }

    /// A line of the bill.
    public func of(_ line: TicketLine) -> String {
        line.description ?? of(line.kind)
    }

    /// What changed of a ticket: one of its fields, or what belongs to it.
    public func changedName(_ what: String) -> String {
        switch what {
        case "ticket_lines": ticketLines
        case "ticket_notes": ticketNotes
        case "ticket_events": fieldStatus
        default: fieldName(what)
        }
    }

    /// What changed since somebody last looked, as far as that is known.
    public func ofChanges(_ fields: [String]) -> String {
        fields.isEmpty ? ticketChanged : ticketChangedWhat(fields.map(changedName).joined(separator: ", "))
    }

    /// Who else looks at a ticket; nothing where nobody does.
    public func ofLooking(_ state: TicketState) -> String? {
        let names = state.looking.map { "\u{2068}\($0)\u{2069}" }.joined(separator: ", ")
        let known = names.unlessEmpty.map { ticketLookingNames($0) }
        return line(known, state.othersLooking > 0 ? ticketLooking(state.othersLooking) : nil).unlessEmpty
    }

    /// What somebody did, as a notice says it.
    public func of(_ part: Part) -> String {
        let count = Int(part.count)
        let table = tableName(part.table)
        return switch part.deed {
        case .added: "\(table): \(deedAdded(count))"
        case .changed: "\(table): \(deedChanged(count))"
        case .deleted: "\(table): \(deedDeleted(count))"
        case .commented: deedCommented(count)
        case .moved: "\(table): \(deedMoved(count))"
        case .conflict: "\(table): \(deedConflict)"
        case .keptAsHistory: deedKeptAsHistory
        case .parked: deedParked
        case .broughtBack: deedBroughtBack
        }
    }
}

/// Several facts in one line, each read in its own direction.
public func line(_ facts: String?...) -> String {
    line(facts)
}

public func line(_ facts: [String?]) -> String {
    facts.compactMap { $0?.trimmed.unlessEmpty }.map { "\u{2068}\($0)\u{2069}" }.joined(separator: " · ")
}
