#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel
import SwiftUI

/// The ticket board.
struct BoardScreen: View {
    let state: BoardState
    let actions: any BoardActions
    let selected: TicketId?
    let open: @MainActor (TicketId?) -> Void
    @Environment(\.words) private var words

    private static let filters: [TicketStatus] = [
        .received, .diagnosing, .awaitingApproval, .awaitingParts, .inRepair, .qc, .ready, .onHold,
    ]

    var body: some View {
        List(selection: Binding(selected, open)) {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            if let badges = state.badges { Counts(badges: badges) }
            if let swiped = state.swiped { SwipedBar(swiped: swiped, actions: actions) }
            ForEach(state.rows) { row in
                TicketCard(row: row).tag(row.id)
                    .swipeActions(edge: .leading) { onward(row) }
                    .swipeActions(edge: .trailing) { take(row) }
            }
            if state.more { Button(words.actionMore, action: actions.showMore) }
            if let since = state.olderSince {
                if state.rows.isEmpty { nothing }
                OlderTickets(since: since, fetching: state.fetchingOlder, fetch: actions.fetchOlder)
            }
        }
        .overlay {
            // What stands in the list is not laid over it.
            if state.rows.isEmpty, state.olderSince == nil { nothing }
        }
        .searchable(text: Binding(state.words, actions.search), prompt: Text(words.boardSearch))
        .refreshable { await actions.refresh() }
        .toolbar { filter }
    }

    private var nothing: some View {
        let loading = state.loading ? words.boardLoading : nil
        return Nothing(loading: loading, searched: state.words, says: words.boardEmpty, symbol: "tray")
    }

    /// The likeliest step, under a finger.
    @ViewBuilder
    private func onward(_ row: BoardRow) -> some View {
        if let next = row.next {
            Button(words.of(next), systemImage: "arrow.forward") { actions.advance(row) }.tint(next.tint)
        }
    }

    @ViewBuilder
    private func take(_ row: BoardRow) -> some View {
        if row.canTake {
            Button(words.boardTake, systemImage: "person") { actions.take(row) }.tint(Color(Palette.light.primary))
        }
    }

    private var filter: some View {
        Menu {
            Picker(words.boardAll, selection: Binding(state.status, actions.filter)) {
                Text(words.boardAll).tag(TicketStatus?.none)
                ForEach(Self.filters, id: \.self) { status in
                    Text(words.of(status)).tag(Optional(status))
                }
            }
            if state.canFilterMine { Toggle(words.boardMine, isOn: Binding(state.onlyMine, actions.onlyMine)) }
        } label: {
            Label(state.status.map(words.of) ?? words.boardAll, systemImage: "line.3.horizontal.decrease.circle")
        }
    }
}

/// What was done with a swipe, until somebody has read it or done something else, and the way back.
private struct SwipedBar: View {
    let swiped: Swiped
    let actions: any BoardActions
    @Environment(\.words) private var words

    var body: some View {
        HStack {
            Text(says).frame(maxWidth: .infinity, alignment: .leading).accessibilityAddTraits(.updatesFrequently)
            if swiped.canUndo { Button(words.actionUndo, action: actions.undo) }
            Button(action: actions.leave) { Image(systemName: "xmark") }.accessibilityLabel(words.actionClose)
        }
        // One row with several buttons: each answers to its own finger.
        .buttonStyle(.borderless)
    }

    private var says: String {
        let name = swiped.before.number ?? swiped.before.subject
        return swiped.to.map { words.boardMoved(number: name, status: words.of($0)) } ?? words.boardTaken(name)
    }
}

/// From when on closed tickets are here, and the way to those from before.
private struct OlderTickets: View {
    let since: Date
    let fetching: Bool
    let fetch: @MainActor () -> Void
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        Faint(text: words.boardOlderBefore(words.date(since, timeZone)))
        if fetching {
            ProgressView(words.boardOlderFetching)
        } else {
            Button(words.boardOlderFetch, action: fetch)
        }
    }
}

/// How many are open, ready and overdue.
private struct Counts: View {
    let badges: Badges
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading) {
            Text(line(words.boardCountOpen(Int(badges.open)), words.boardCountReady(Int(badges.ready))))
            if badges.overdue > 0 {
                Text(words.boardCountOverdue(Int(badges.overdue))).foregroundStyle(.error)
            }
        }
        .font(.subheadline)
    }
}

/// One ticket.
struct TicketCard: View {
    let row: BoardRow
    @Environment(\.words) private var words
    @Environment(\.timeZone) private var timeZone

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            HStack {
                Faint(text: row.ticket.number ?? words.boardNoNumber)
                Spacer()
                MarkIcon(mark: row.mark)
            }
            Text(row.ticket.subject).font(.headline).fontWeight(row.mark.unread ? .bold : .medium)
            Faint(text: line(row.ticket.customer, row.ticket.device, row.assignee))
            ViewThatFits(in: .horizontal) {
                HStack { tags }
                VStack(alignment: .leading) { tags }
            }
        }
        .accessibilityElement(children: .combine)
    }

    @ViewBuilder
    private var tags: some View {
        Tags(status: row.ticket.status, priority: row.ticket.priority)
        if row.overdue { Tag(text: words.boardOverdue, ground: .error) }
        if let days = row.staleDays { Tag(text: words.boardStale(words.ageDays(days))) }
        if let due = row.ticket.dueAt, !row.overdue { Faint(text: words.boardDue(words.moment(due, timeZone))) }
    }
}

struct BoardScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(BoardState.states) { state in
            NavigationStack {
                BoardScreen(state: state.shown, actions: Nobody(), selected: nil) { _ in }
            }
        }
    }
}
#endif
