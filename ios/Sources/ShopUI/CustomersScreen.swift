#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// The list of customers.
struct CustomersScreen: View {
    let state: CustomersState
    let actions: any CustomersActions
    let selected: Card<CustomerId>?
    let open: @MainActor (Card<CustomerId>?) -> Void
    @Environment(\.words) private var words

    var body: some View {
        List(selection: Binding(selected, open)) {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            ForEach(state.rows) { line in
                CustomerEntry(shown: line).tag(Card.of(line.id))
            }
            if state.more { Button(words.actionMore, action: actions.showMore) }
        }
        .overlay {
            if state.rows.isEmpty {
                let loading = state.loading ? words.customersLoading : nil
                Nothing(loading: loading, searched: state.words, says: words.customersEmpty, symbol: "person.2")
            }
        }
        .searchable(text: Binding(state.words, actions.search), prompt: Text(words.customersSearch))
        .toolbar { Button(words.customersNew, systemImage: "plus") { open(.new) } }
    }
}

private struct CustomerEntry: View {
    let shown: CustomerLine

    var body: some View {
        let row = shown.row
        VStack(alignment: .leading, spacing: 4) {
            EntryName(name: row.name, mark: shown.mark)
            Faint(text: line(row.company == row.name ? nil : row.company, row.phone, row.email))
        }
        .accessibilityElement(children: .combine)
    }
}

struct CustomersScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(CustomersState.states) { state in
            NavigationStack {
                CustomersScreen(state: state.shown, actions: Nobody(), selected: nil) { _ in }
            }
        }
    }
}
#endif
