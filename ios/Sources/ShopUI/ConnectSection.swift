#if canImport(SwiftUI)
import ShopModel
import SwiftUI

/// The shop's own server, found in this network or by its code, on devices that can.
struct ConnectSection: View {
    let state: ConnectState
    let actions: any ConnectActions
    @Environment(\.words) private var words

    var body: some View {
        if state.canLook || state.canScan {
            Section {
                if state.canLook {
                    Button(words.nearbyLook, action: actions.look).disabled(isLooking)
                    nearby
                }
                if state.canScan {
                    ScanButton(label: words.nearbyScan, symbol: "qrcode.viewfinder", scan: state.scan, actions: actions)
                    ScanTrouble(scan: state.scan)
                }
            }
        }
    }

    private var isLooking: Bool {
        if case .found = state.look { true } else { false }
    }

    @ViewBuilder
    private var nearby: some View {
        switch state.look {
        case .refused: Label(words.localNetworkRefused, systemImage: "wifi.exclamationmark")
        case .failed: Label(words.nearbyFailed, systemImage: "wifi.exclamationmark")
        case .found(let hubs):
            Text(words.nearbyFound(hubs.count))
            ForEach(hubs, id: \.self) { hub in
                Button(hub.name) { actions.choose(hub) }
            }
            if let silent = state.silent {
                Label(words.localNetworkNoAnswer(silent.name), systemImage: "exclamationmark.triangle")
            }
        case nil: EmptyView()
        }
    }
}

struct ConnectSection_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(ConnectState.states) { state in
            Form { ConnectSection(state: state.shown, actions: Nobody()) }
        }
    }
}
#endif
