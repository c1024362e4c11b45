#if canImport(SwiftUI)
import ShopModel
import SwiftUI

/// Every shop that the account manages.
struct OverviewScreen: View {
    let state: OverviewState
    let actions: any OverviewActions
    @Environment(\.words) private var words

    var body: some View {
        List {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            switch state.shops {
            case .asking: ProgressView(words.overviewAsking)
            case .unreachable:
                ContentUnavailableView(words.overviewUnreachable, systemImage: "icloud.slash")
                Button(words.actionRetry, action: actions.ask)
            case .here(let lines):
                if lines.isEmpty { ContentUnavailableView(words.overviewNone, systemImage: "building.2") }
                ForEach(lines) { OneShop(shop: $0, change: actions.switchShop) }
            }
        }
    }
}

/// A shop: another one than this is opened by a tap.
private struct OneShop: View {
    let shop: ShopLine
    let change: @MainActor (String) -> Void

    var body: some View {
        if shop.open {
            Standing(shop: shop)
        } else {
            Button(action: { change(shop.id) }) { Standing(shop: shop) }.buttonStyle(.plain)
        }
    }
}

private struct Standing: View {
    let shop: ShopLine
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(shop.name).font(.headline)
            if shop.open { Tag(text: words.settingsThisShop) }
            Text(line(words.overviewPeople(shop.people), words.overviewDevices(shop.devices)))
            if shop.devices > 0 {
                SentMark(
                    unsent: shop.unsent > 0,
                    says: shop.unsent > 0 ? words.overviewUnsent(shop.unsent) : words.deviceAllSent
                )
            }
            if shop.conflicts > 0 {
                Label(words.overviewConflicts(shop.conflicts), systemImage: "arrow.triangle.branch")
                    .fontWeight(.medium)
            }
            if let silent = shop.silent, silent.minutes > 0 {
                Faint(text: words.overviewSilent(age: words.age(silent.minutes), code: silent.code))
            }
        }
        .frame(maxWidth: .infinity, alignment: .leading)
        .accessibilityElement(children: .combine)
    }
}

struct OverviewScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(OverviewState.states) { state in
            OverviewScreen(state: state.shown, actions: Nobody())
        }
    }
}
#endif
