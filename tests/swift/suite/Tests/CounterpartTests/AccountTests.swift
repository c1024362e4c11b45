import Counterpart
import Foundation
import Testing

/// Who works here: signing up, the password, the shops of an account; and an inspector's bad network.
@Suite(.timeLimit(.minutes(2)))
struct AccountTests {
    private let hub: Hub

    init() throws {
        hub = try Hub()
    }

    @Test("An invitation lets in once, and then the password is the person's own")
    func signUp() async throws {
        let invited = try hub.invite("tess", "technician")
        let (first, second) = (try await Device(), try await Device())
        let weak = try await failure {
            try await first.terminal.signUp(
                server: hub.server,
                email: invited.email,
                invitation: invited.password,
                password: "short"
            )
        }
        guard case .Invalid("too_weak", _, "password", _) = weak else { throw weak }
        let signedUp = try await first.terminal.signUp(
            server: hub.server,
            email: invited.email,
            invitation: invited.password,
            password: "a password of her own"
        )
        #expect(!signedUp.mustChangePassword)
        try await first.online(signedUp.shop)
        try await signedUp.shop.sync()
        let used = try await failure {
            try await second.terminal.signIn(server: hub.server, email: invited.email, password: invited.password)
        }
        #expect(used.code == "wrong_credentials")
        let changed = "another of her own"
        try await first.terminal.changePassword(current: "a password of her own", password: changed)
        _ = try await signedUp.shop.createCustomer(record: customer("Still here"))
        try await signedUp.shop.sync()
        _ = try await second.terminal.signIn(server: hub.server, email: invited.email, password: changed)
    }

    @Test("The account's shops are known by name without a network, and who manages them has an overview")
    func shops() async throws {
        let bo = try hub.invite("bo", "manager")
        let device = try await Device()
        let shop = try await device.signIn(hub, hub.owner)
        let overview = try await device.terminal.overview()
        #expect(overview.map(\.name) == ["Okafor Repairs"] && overview.map(\.openConflicts) == [0])
        let member = overview[0].members.first { $0.email == bo.email }
        #expect(member?.active == true)
        #expect(try await overview[0].devices.map(\.device) == [shop.device()])
        try await device.offline(shop)
        #expect(try await device.terminal.knownShops().map(\.name) == ["Okafor Repairs"])
    }

    @Test("An inspector makes the network bad and well again")
    func simulate() async throws {
        let device = try await Device()
        let shop = try await device.signIn(hub, hub.owner)
        try await device.terminal.simulate(trouble: .lossy(percent: 100, seed: 7))
        let lossy = try await failure { try await shop.devices() }
        #expect(lossy.code == "needs_server")
        try await device.terminal.simulate(trouble: .unreachable)
        let unreachable = try await failure { try await shop.devices() }
        #expect(unreachable.code == "needs_server")
        try await device.terminal.simulate(trouble: .slow(by: 0.001))
        #expect(try await shop.devices().count == 1)
        try await device.terminal.simulate(trouble: .none)
        let id = try await shop.createCustomer(record: customer("Purged"))
        try await shop.sync()
        try await device.terminal.purge()
        try await device.terminal.forceFullSync()
        try await shop.sync()
        #expect(try await shop.customer(id: id)?.lastName == "Purged")
        let now = Date()
        let before = try await shop.badges(day: now, nextDay: now).open
        try await shop.makeUp(tickets: 3, seed: 7)
        #expect(try await shop.badges(day: now, nextDay: now).open >= before + 3)
    }
}
