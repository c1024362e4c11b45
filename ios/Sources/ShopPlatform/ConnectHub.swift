#if canImport(SwiftUI) && canImport(Network)
import ShopModel
import ShopUI
import SwiftUI

/// On the sign-in screen: the shop's own server, found in this network or by its code. Nobody is asked for a permission
/// before they ask for what needs it.
public struct ConnectHub: View {
    private let session: Session
    @State private var looking = false
    @State private var seen: Discovery?
    @State private var scanning = false
    @Environment(\.words) private var words

    public init(_ session: Session) {
        self.session = session
    }

    public var body: some View {
        Section {
            Button(words.connectLook) { looking = true }.disabled(looking)
            hubs
            #if os(iOS)
            Button(words.connectScan) { scanning.toggle() }
            if scanning {
                ReadBarcode { code in
                    if session.pair(code) { scanning = false }
                }
                .frame(height: 240)
            }
            #endif
        }
        .task(id: looking) {
            guard looking else { return }
            for await look in Discovery.look() { seen = look }
        }
    }

    @ViewBuilder
    private var hubs: some View {
        switch seen {
        case .refused: Label(words.localNetworkRefused, systemImage: "wifi.exclamationmark")
        case .found(let hubs):
            Text(words.localNetworkFound(hubs.count))
            ForEach(hubs, id: \.self) { hub in
                Button(hub.name) { Task { await choose(hub) } }
            }
        case nil: EmptyView()
        }
    }

    private func choose(_ hub: FoundHub) async {
        guard let url = await hub.url() else { return }
        session.reach(url, root: hub.rootSha256)
    }
}
#endif
