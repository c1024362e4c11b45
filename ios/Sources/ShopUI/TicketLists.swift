#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The bill: parts and work, the customer's word on each, and what the shelf has.
struct Lines: View {
    let state: TicketState
    let view: TicketView
    let actions: any TicketActions
    let editing: Editing
    @Environment(\.words) private var words

    var body: some View {
        if view.lines.isEmpty { Faint(text: words.ticketNoLines) }
        ForEach(view.lines, id: \.id) { line in
            BillLine(line: line, state: state, actions: actions) { editing.actions.editLine(line) }
        }
        if let line = state.takenOff { TakenOff(what: words.of(line), putBack: actions.putBack) }
        if !view.lines.isEmpty {
            LabeledContent(words.ticketTotal, value: words.money(view.total.grossCents, state.currency)).bold()
        }
        if let form = editing.state.line {
            LineFields(form: form, editing: editing)
        } else {
            Button(words.ticketAddLine) { editing.actions.fillLine(LineForm()) }
        }
        if state.rights.contains(.useParts) { PartsSearch(state: state, actions: actions) }
    }
}

/// Parts from the shelf.
private struct PartsSearch: View {
    let state: TicketState
    let actions: any TicketActions
    @Environment(\.words) private var words

    var body: some View {
        Field(label: words.ticketFindPart, text: state.partWords, typed: actions.findPart).asTyped()
        if !state.parts.isEmpty {
            let wrong = state.problem?.field == "quantity"
            Field(label: words.ticketPartCount, text: state.partCount, wrong: wrong, typed: actions.countParts)
                .digits()
        }
        ForEach(state.parts, id: \.id) { item in
            Button(line(item.name, words.ticketOnShelf(Int(item.quantity)))) { actions.usePart(item.id) }
                .accessibilityLabel("\(words.ticketUsePart): \(item.name)")
        }
    }
}

/// That a line was taken off, and the way back.
private struct TakenOff: View {
    let what: String
    let putBack: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        HStack {
            Text(words.ticketTakenOff(what)).frame(maxWidth: .infinity, alignment: .leading)
                .accessibilityAddTraits(.updatesFrequently)
            Button(words.actionUndo, action: putBack).accessibilityLabel("\(words.actionUndo): \(what)")
        }
        .buttonStyle(.borderless)
    }
}

private struct BillLine: View {
    let line: TicketLine
    let state: TicketState
    let actions: any TicketActions
    let edit: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        let what = words.of(line)
        VStack(alignment: .leading) {
            LabeledContent(
                "\(line.quantity) × \(what)",
                value: words.money(line.quantity * line.unitPriceCents, state.currency)
            )
            Faint(text: words.of(line.approval))
            if line.approval == .pending {
                Button(words.ticketApprove) { actions.approve(line.id, .approved) }
                    .accessibilityLabel("\(words.ticketApprove): \(what)")
                Button(words.ticketDecline) { actions.approve(line.id, .declined) }
                    .accessibilityLabel("\(words.ticketDecline): \(what)")
            } else {
                Button(words.actionUndo) { actions.approve(line.id, .pending) }
                    .accessibilityLabel("\(words.actionUndo): \(words.of(line.approval)), \(what)")
            }
            Button(words.actionEdit, action: edit).accessibilityLabel("\(words.actionEdit): \(what)")
            // A part goes back to the shelf.
            if line.inventoryItemId == nil || state.rights.contains(.useParts) {
                Button(words.ticketTakeOff, role: .destructive) { actions.takeOff(line) }
                    .accessibilityLabel("\(words.ticketTakeOff): \(what)")
            }
        }
        // One row with several buttons: each answers to its own finger.
        .buttonStyle(.borderless)
    }
}

/// What people wrote down, and a place to write.
struct Notes: View {
    let note: String
    let notes: [TicketNote]
    let actions: any TicketActions
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    private static let kinds: [NoteKind] = [.internal, .diagnostic, .customer]

    var body: some View {
        if notes.isEmpty { Faint(text: words.ticketNoNotes) }
        ForEach(notes, id: \.id) { note in
            VStack(alignment: .leading) {
                Faint(text: line(words.of(note.kind), words.moment(note.meta.createdAt, timeZone)))
                Text(note.body)
            }
        }
        Field(label: words.ticketNote, text: note, lines: 2, typed: actions.writeNote)
        if !note.isEmpty {
            ForEach(Self.kinds, id: \.self) { kind in
                Button("\(words.ticketAddNote): \(words.of(kind))") { actions.addNote(kind) }
            }
        }
    }
}

/// How the ticket moved, the newest first.
struct Moves: View {
    let view: TicketView
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        if view.events.isEmpty { Faint(text: words.of(view.ticket.status)) }
        ForEach(view.events.reversed(), id: \.id) { event in
            let moved = words.ticketMoved(from: words.of(event.from), to: words.of(event.to))
            VStack(alignment: .leading) {
                Text(event.outcome == .history ? "\(moved) (\(words.ticketCameLate))" : moved)
                Faint(text: words.moment(event.meta.createdAt, timeZone))
            }
        }
    }
}
#endif
