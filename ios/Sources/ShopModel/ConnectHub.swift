/// How else the shop's own server is found than by typing its address.
public struct ConnectState: ScreenState {
    public var canLook = false
    public var canScan = false
    /// What a look into the network came to, once somebody asked for one.
    public var look: Look?
    /// The hub that was chosen and did not answer.
    public var silent: FoundHub?
    public var scan = Scan.closed
    /// The engine, which may have problems, is asked nothing here.
    public var problem: Problem?

    public init() {}
}

/// What a person can do there.
@MainActor
public protocol ConnectActions: ScanActions {
    func look()
    func choose(_ hub: FoundHub)
}

/// On the sign-in screen: the shop's own server, found in this network or by its code. Nobody is asked for a permission
/// before they ask for what needs it.
public final class ConnectHub: ScreenModel<ConnectState>, ConnectActions {
    private let equipment: Equipment
    private let session: Session
    private var looking: Task<Void, Never>?

    public init(_ equipment: Equipment, _ session: Session) {
        self.equipment = equipment
        self.session = session
        var first = ConnectState()
        first.canLook = equipment.discovery != nil
        first.canScan = equipment.camera != nil
        super.init(first)
    }

    public func look() {
        guard let discovery = equipment.discovery else { return }
        // Who was refused allows it, and looks again.
        looking?.cancel()
        show { state in
            state.look = .found([])
            state.silent = nil
        }
        looking = follow { [self] in
            for await look in discovery.look() {
                try Task.checkCancellation()
                show { $0.look = look }
            }
        }
    }

    public func choose(_ hub: FoundHub) {
        guard let discovery = equipment.discovery else { return }
        show { $0.silent = nil }
        follow { [self] in
            let url = await discovery.address(of: hub)
            try Task.checkCancellation()
            guard let url else { return show { $0.silent = hub } }
            session.reach(url, root: hub.root)
        }
    }

    public func scan() {
        guard let camera = equipment.camera else { return }
        follow { [self] in
            let scan = await camera.begin()
            show { $0.scan = scan }
        }
    }

    public func read(_ code: String) {
        let paired = session.pair(code)
        show { $0.scan = paired ? .closed : .foreign }
    }

    public func stopScanning() {
        show { $0.scan = .closed }
    }
}
