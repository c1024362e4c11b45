import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

/// A network and a camera that a test decides about.
private final class Trial: Discovery, Camera {
    let looks: AsyncStream<Look>
    let tell: AsyncStream<Look>.Continuation
    let address: String?
    let trouble: CameraTrouble?

    init(address: String? = nil, trouble: CameraTrouble? = nil) {
        (looks, tell) = AsyncStream.makeStream()
        self.address = address
        self.trouble = trouble
    }

    func look() -> AsyncStream<Look> { looks }
    func address(of hub: FoundHub) async -> String? { address }
    func ask() async -> CameraTrouble? { trouble }

    var equipment: Equipment { Equipment(discovery: self, camera: self) }
}

/// How a server is found: in the network, or by its code.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct ConnectTests {
    private let code = "counterpart://hub?url=https://192.0.2.7:8443&root_sha256=abab&anon_key=k1"
    private let hub = FoundHub("Okafor Repairs", root: "abab")

    @Test("A hub that was found is taken over with what it is believed by, and nobody looks on after the screen")
    func found() async throws {
        let trial = Trial(address: "https://192.0.2.7:8443")
        let (left, tell) = AsyncStream<Void>.makeStream()
        trial.tell.onTermination = { _ in tell.finish() }
        try await signingIn { session in
            try await on(ConnectHub(trial.equipment, session)) { connect in
                #expect(connect.state.look == nil && connect.state.canLook, "nobody looks before somebody asks")
                connect.look()
                #expect(connect.state.look == .found([]))
                trial.tell.yield(.found([hub]))
                try await connect.until { $0.look == .found([hub]) }
                connect.choose(hub)
                let form = try await session.there { $0.form.server.isEmpty ? nil : $0.form }
                #expect(form.server == "https://192.0.2.7:8443" && form.root == "abab")
            }
            for await _ in left {}
        }
    }

    @Test("A hub that does not answer is named, and the form stays as it is")
    func silent() async throws {
        let trial = Trial()
        try await signingIn { session in
            try await on(ConnectHub(trial.equipment, session)) { connect in
                connect.choose(hub)
                let silent = try await connect.there { $0.silent }
                #expect(silent == hub && session.state.form == SignInForm())
                connect.look()
                #expect(connect.state.silent == nil)
            }
        }
    }

    @Test("A refusal and a failure are said, and one can look again")
    func refused() async throws {
        try await signingIn { session in
            for end in [Look.refused, .failed] {
                let trial = Trial()
                trial.tell.yield(end)
                try await on(ConnectHub(trial.equipment, session)) { connect in
                    connect.look()
                    try await connect.until { $0.look == end }
                    connect.look()
                    #expect(connect.state.look == .found([]))
                }
            }
        }
    }

    @Test("The camera pairs with a hub's code, and says what else it came to")
    func camera() async throws {
        try await signingIn { session in
            for trouble in [CameraTrouble.refused, .missing] {
                try await on(ConnectHub(Trial(trouble: trouble).equipment, session)) { connect in
                    connect.scan()
                    try await connect.until { $0.scan == .trouble(trouble) }
                }
            }
            try await on(ConnectHub(Trial().equipment, session)) { connect in
                connect.scan()
                try await connect.until { $0.scan == .reading }
                connect.read("4006381333931")
                #expect(connect.state.scan == .foreign && session.state.form == SignInForm())
                connect.scan()
                try await connect.until { $0.scan == .reading }
                connect.stopScanning()
                #expect(connect.state.scan == .closed)
                connect.read(code)
                let form = session.state.form
                #expect(form.server == "https://192.0.2.7:8443" && form.key == "k1" && form.root == "abab")
                #expect(connect.state.scan == .closed)
            }
        }
    }

    @Test("A device without a network to search or a camera offers neither")
    func neither() async throws {
        try await signingIn { session in
            let connect = ConnectHub(Equipment(), session)
            connect.look()
            connect.scan()
            #expect(!connect.state.canLook && !connect.state.canScan)
            #expect(connect.state.look == nil && connect.state.scan == .closed)
        }
    }

    @Test("A hub that does not say how is spoken to securely")
    func announced() {
        #expect(FoundHub.url(nil, host: "192.0.2.7", port: 8443) == "https://192.0.2.7:8443")
        #expect(FoundHub.url("http", host: "192.0.2.7%en0", port: 80) == "http://192.0.2.7:80")
        #expect(FoundHub.url("", host: "fe80::1%en0", port: 1) == "https://[fe80::1]:1")
    }

    @Test("What stands in the shop's own network is told from what does not")
    func nearby() {
        let near = [
            "https://hub.local:8443", " http://192.168.1.5 ", "http://10.0.0.2:80", "https://172.31.0.1",
            "https://[fd12::7]:1", "https://[fe80::7]", "http://169.254.3.4",
        ]
        for near in near { #expect(isNearby(near), "\(near)") }
        let far = [
            "https://198.51.100.7", "https://172.32.0.1", "https://10.example", "https://[2001:db8::1]", "no address",
            "",
        ]
        for far in far { #expect(!isNearby(far), "\(far)") }
    }

    @Test("A silent server is told from a network that the system keeps from the app", arguments: [true, false])
    func mayReach(may: Bool) async throws {
        let device = try await Device()
        defer { device.throwAway() }
        let session = Session(device.terminal, folder: device.folder) { _ in may }
        try await on(session) { session in
            try await session.until { !$0.opening }
            var form = session.state.form
            // Nothing listens there.
            form.server = " http://127.0.0.1:9 "
            form.key = "key"
            form.email = "ada@shop.example"
            form.password = "none"
            session.fill(form)
            session.signIn()
            let problem = try await session.there { $0.problem }
            #expect(problem == Problem(may ? "needs_server" : "local_network") && !session.state.form.busy)
        }
    }

    @Test("A link that opens the app fills the form once it is open")
    func arrives() async throws {
        let device = try await Device()
        defer { device.throwAway() }
        let session = Session(device.terminal, folder: device.folder)
        session.arrive(by: code)
        #expect(session.state.opening && session.state.form == SignInForm())
        try await on(session) { session in
            let form = try await session.there { $0.form.server.isEmpty ? nil : $0.form }
            #expect(form.server == "https://192.0.2.7:8443" && form.root == "abab")
            session.arrive(by: code.replacing("192.0.2.7", with: "192.0.2.8"))
            #expect(session.state.form.server == "https://192.0.2.8:8443")
        }
    }

    @Test("Who is signed in stays where they are, whatever link arrives")
    func stays() async throws {
        let device = try await Device()
        defer { device.throwAway() }
        let account = Counterpart.Account(id: "lee", role: "owner", station: false, employee: nil)
        _ = try await device.terminal.enter(account: account, shop: "north")
        let session = Session(device.terminal, folder: device.folder)
        session.arrive(by: code)
        try await on(session) { session in
            try await session.until { $0.desk != nil }
            session.arrive(by: code)
            session.signOut(.discard)
            let left = try await session.until { !$0.opening && $0.desk == nil }
            #expect(left.form.server.isEmpty)
        }
    }

    @Test("The camera finds a part by its barcode, and says why it could not")
    func barcode() async throws {
        try await alone { desk in
            let port = with(blankItem()) {
                $0.name = "Charging port"
                $0.barcode = "4006381333931"
            }
            let made = try await desk.shop.createItem(record: port)
            try await on(Inventory(desk, Trial(trouble: .refused)) { _ in }) { shelf in
                shelf.scan()
                try await shelf.until { $0.scan == .trouble(.refused) }
            }
            let (opened, tell) = AsyncStream<InventoryItemId>.makeStream()
            try await on(Inventory(desk, Trial()) { tell.yield($0) }) { shelf in
                shelf.scan()
                try await shelf.until { $0.scan == .reading }
                shelf.read("4006381333931")
                #expect(shelf.state.scan == .closed)
                var items = opened.makeAsyncIterator()
                let item = await items.next()
                #expect(item == made)
            }
            let typed = Inventory(desk) { _ in }
            #expect(!typed.state.canScan)
        }
    }

    private func signingIn(_ body: @MainActor (Session) async throws -> Void) async throws {
        let ada = try await Person()
        defer { ada.leave() }
        try await ada.session.until { !$0.opening }
        try await body(ada.session)
    }
}

extension AgainstAHub {
    /// What a code says, with a hub behind it.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct PairingTests {
        @Test("What was paired signs in")
        func signsIn() async throws {
            let hub = try await Hub.shared()
            let ada = try await Person()
            defer { ada.leave() }
            try await ada.session.until { !$0.opening }
            let server = hub.server
            ada.session.pair("counterpart://hub?url=\(server.url)&root_sha256=&anon_key=\(server.anonKey)")
            let account = try await hub.manager()
            ada.session.fill(
                with(ada.session.state.form) {
                    $0.email = account.email
                    $0.password = account.password
                }
            )
            ada.device.network.isUp = true
            ada.session.signIn()
            let shown = try await ada.session.until { $0.desk != nil || $0.problem != nil }
            #expect(shown.desk?.who.role == "manager" && shown.problem == nil)
        }
    }
}
