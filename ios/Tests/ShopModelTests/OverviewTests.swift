import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// The shop's devices and the account's shops, through the models, against a live hub.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct OverviewTests {
        @Test("Who leads sees the shop's devices, whose they are and which is this one, and nobody else does")
        func devices() async throws {
            let hub = try await Hub.alone()
            let (ada, second, shared) = (try await Person(), try await Person(), try await Person())
            defer { for person in [ada, second, shared] { person.leave() } }
            let bo = try await hub.invite("Bo Lindqvist", "technician")
            let bench = try await second.signIn(hub, bo)
            let front = try await ada.signIn(hub, hub.owner)
            try await on(Team(front)) { team in
                let rows = try await team.there { told($0.devices, 2) }
                #expect(Set(rows.map(\.of)) == ["Ada Okafor", "Bo Lindqvist"])
                #expect(rows.filter(\.own).map(\.of) == ["Ada Okafor"])
                let otherwise = rows.filter { $0.unsent > 0 || $0.silentMinutes > 10 || $0.shared }
                #expect(otherwise.isEmpty)
                let tablet = try await hub.invite("Counter tablet", "front_desk", station: true)
                _ = try await shared.signIn(hub, tablet)
                try await front.shop.sync()
                let three = try await team.there { told($0.devices, 3) }
                let nobodys = three.filter(\.shared)
                #expect(nobodys.count == 1 && nobodys[0].of == nil)
            }
            try await on(Team(bench)) { team in
                let shown = try await team.until { !$0.loading }
                #expect(shown.devices == nil, "a technician leads nobody")
            }
            hub.end()
            try await on(Team(front)) { team in
                let shown = try await team.until { $0.devices == .unreachable }
                #expect(shown.problem == nil)
            }
        }

        @Test("Who leads sees every shop that they manage, and is told when the server cannot be asked")
        func overview() async throws {
            let hub = try await Hub.alone()
            let (ada, second) = (try await Person(), try await Person())
            defer { for person in [ada, second] { person.leave() } }
            _ = try await hub.invite("Counter tablet", "front_desk", station: true)
            _ = try await second.signIn(hub, hub.invite("Bo Lindqvist", "technician"))
            let desk = try await ada.signIn(hub, hub.owner)
            try await on(Overview(desk, ada.session)) { overview in
                let lines = try await overview.there { told($0.shops) }
                #expect(lines.map(\.name) == ["Okafor Repairs"] && lines[0].open)
                #expect(lines[0].people == 2 && lines[0].devices == 2, "a shared tablet is nobody")
                #expect(lines[0].unsent == 0 && lines[0].conflicts == 0 && lines[0].silent != nil)
                hub.end()
                overview.ask()
                #expect(overview.state.shops == .asking)
                let without = try await overview.until { $0.shops == .unreachable }
                #expect(without.problem == nil)
            }
        }

        private func told(_ devices: Devices?, _ count: Int) -> [DeviceLine]? {
            if case .here(let rows) = devices, rows.count == count { rows } else { nil }
        }

        private func told(_ shops: Shops) -> [ShopLine]? {
            if case .here(let lines) = shops { lines } else { nil }
        }
    }
}

/// How devices and shops are told, from what the server says.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct StandingTests {
    private let now = Date(timeIntervalSince1970: 1_773_307_800)

    @Test("Devices with unsent work come first, and of these the longest silent")
    func order() {
        let standings = [
            standing("A", minutes: 1, unsent: 0), standing("B", minutes: 2_880, unsent: 0),
            standing("C", minutes: -3, unsent: 2), standing("D", minutes: 90, unsent: 1, employee: "e9"),
        ]
        let lines = Devices.lines(standings, own: "A", people: ["e1": "Ada"], now)
        #expect(lines.map(\.code) == ["D", "C", "B", "A"])
        #expect(lines.map(\.silentMinutes) == [90, 0, 2_880, 1], "a clock that is behind the server's says none")
        #expect(lines.filter(\.own).map(\.code) == ["A"])
        let unknown = lines[0]
        #expect(unknown.of == nil && !unknown.shared, "somebody whose name is not here is somebody")
        #expect(lines[1].shared)
    }

    @Test("A shop is told by its people, its devices and the one that has been silent for longest")
    func shop() {
        let members = [
            member("a", active: true), member("b", active: false), member("tablet", active: true, station: true),
        ]
        let devices = [standing("A", minutes: 5, unsent: 3), standing("B", minutes: 600, unsent: 0)]
        let told = ShopOverview(shop: "south", name: "South", members: members, devices: devices, openConflicts: 2)
        let line = ShopLine(told, open: "north", at: now)
        let silent = Silent("B", minutes: 600)
        #expect(line == ShopLine("south", "South", people: 1, devices: 2, unsent: 1, silent: silent, conflicts: 2))
        let empty = ShopOverview(shop: "north", name: "North", members: [], devices: [], openConflicts: 0)
        #expect(
            ShopLine(empty, open: "north", at: now) == ShopLine("north", "North", people: 0, devices: 0, open: true)
        )
    }

    @Test("A shop that is chosen in the overview is the one that is open then")
    func change() async throws {
        let device = try await Device()
        defer { device.throwAway() }
        let account = Counterpart.Account(id: "lee", role: "owner", station: false, employee: nil)
        _ = try await device.terminal.enter(account: account, shop: "north")
        _ = try await device.terminal.enter(account: account, shop: "south")
        let session = Session(device.terminal, folder: device.folder)
        try await on(session) { session in
            let south = try await session.there { $0.desk }
            session.go(.overview)
            #expect(Place(word: Place.overview.word) == .overview)
            try await on(Overview(south, session)) { overview in
                try await overview.until { $0.shops == .unreachable }
                overview.switchShop("north")
                let north = try await session.there { $0.desk === south ? nil : $0.desk }
                let id = try await north.shop.id()
                #expect(id == "north" && session.state.place == .board(ticket: nil))
            }
        }
    }

    @Test("How long ago something was is said in the largest unit that is whole")
    func age() {
        let said = [0, 1, 59, 60, 119, 1_439, 1_440, 5_000].map { English().age($0) }
        #expect(
            said == ["0 minutes", "1 minute", "59 minutes", "1 hour", "1 hour", "23 hours", "1 day", "3 days"]
        )
    }

    private func standing(_ code: String, minutes: Double, unsent: UInt64, employee: String? = nil) -> DeviceStanding {
        let seen = now.addingTimeInterval(-minutes * 60)
        return DeviceStanding(device: code, code: code, employee: employee, unsent: unsent, seenAt: seen)
    }

    private func member(_ account: String, active: Bool, station: Bool = false) -> MemberStanding {
        MemberStanding(
            account: account,
            email: "\(account)@shop.example",
            role: "technician",
            station: station,
            active: active
        )
    }
}
