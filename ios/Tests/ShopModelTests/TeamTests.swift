import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// The team and a shared tablet, through the models, against a live hub.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct TeamTests {
        @Test("Who leads sees who is there, what they look at and what they did")
        func present() async throws {
            let hub = try await Hub.alone()
            let (ada, second) = (try await Person(), try await Person())
            defer { for person in [ada, second] { person.leave() } }
            let bo = try await hub.invite("Bo Lindqvist", "technician")
            let (front, bench) = (try await ada.signIn(hub, hub.owner), try await second.signIn(hub, bo))
            let taken = try await takeIn(bench, form("Weber", "Does not charge"))
            try await bench.shop.sync()
            try await on(Team(front)) { team in
                second.session.go(.board(ticket: taken.ticket))
                try await on(OpenTicket(bench, taken.ticket)) { _ in
                    let seen = try await team.until { $0.people.contains { $0.looksAt == taken.number } }.people
                    let looks = seen.filter { $0.looksAt != nil }
                    #expect(looks.map(\.row.name) == ["Bo Lindqvist"])
                    let activity = try await team.until { !$0.activity.isEmpty }.activity
                    #expect(Set(activity.map(\.authorName)) == ["Bo Lindqvist"])
                }
                second.session.go(.board(ticket: nil))
                try await team.until { $0.people.allSatisfy { $0.looksAt == nil } }
            }
            try await on(Team(bench)) { team in
                let shown = try await team.until { !$0.loading }
                #expect(shown.activity.isEmpty && shown.roles.isEmpty, "a technician leads nobody")
            }
        }

        @Test("A colleague is written down once, gets another role, and leaves")
        func colleague() async throws {
            let hub = try await Hub.shared()
            let ada = try await Person()
            defer { ada.leave() }
            let front = try await ada.signIn(hub, hub.owner)
            try await on(Team(front)) { team in
                try await team.until { !$0.loading }
                team.beginNew()
                team.fill(
                    with(EmployeeForm()) {
                        $0.firstName = "Nia"
                        $0.role = .frontDesk
                    }
                )
                team.save()
                team.save()
                let shown = try await team.until { $0.form == nil && $0.people.contains { $0.row.name == "Nia" } }
                let nia = shown.people.filter { $0.row.name == "Nia" }
                #expect(nia.count == 1 && nia[0].editable)
                team.edit(nia[0].id)
                let form = try await team.there { $0.form }
                team.fill(
                    with(form) {
                        $0.role = .technician
                        $0.active = false
                    }
                )
                team.save()
                let left = try await team.until { $0.form == nil && $0.people.contains { !$0.row.active } }.people
                let gone = left.filter { !$0.row.active }
                #expect(gone.map(\.row.role) == [.technician])
            }
        }

        @Test("People switch at a shared tablet by PIN, and it always says whose work it is")
        func tablet() async throws {
            let hub = try await Hub.alone()
            let (ada, shared) = (try await Person(), try await Person())
            defer { for person in [ada, shared] { person.leave() } }
            _ = try await hub.invite("Bo Lindqvist", "technician")
            let front = try await ada.signIn(hub, hub.owner)
            let bo = try await pin(front, "Bo Lindqvist")
            let desk = try await shared.signIn(hub, hub.invite("Counter tablet", "front_desk", station: true))
            #expect(shared.session.state.worker == Worker(nil))
            try await on(AtWork(desk) { try await shared.session.workerChanged() }) { pad in
                let people = try await pad.until { $0.people.contains { $0.id == bo } }.people
                pad.choose(people.first { $0.id == bo })
                for digit in "1111" { pad.press(digit) }
                pad.enter()
                pad.enter()
                let wrong = try await pad.there { $0.busy ? nil : $0.problem }
                #expect(wrong == Problem("wrong_pin"))
                for digit in "25801" { pad.press(digit) }
                pad.rubOut()
                pad.enter()
                let working = try await shared.session.until { $0.worker?.name != nil }
                #expect(working.worker?.name == "Bo Lindqvist" && working.desk?.who.actor == bo.rawValue)
                pad.leave()
                try await shared.session.until { $0.worker == Worker(nil) }
                pad.choose(people.first { $0.id == bo })
                pad.press("2")
            }
        }

        /// Sets somebody's PIN, and everybody has it once this returns.
        private func pin(_ desk: Desk, _ name: String) async throws -> EmployeeId {
            let bo = try await on(Team(desk)) { team in
                let bo = try await team.there { shown in shown.people.first { $0.row.name == name } }
                team.setPin(bo)
                team.writePin("25")
                team.savePin()
                let problem = try await team.there { $0.problem }
                #expect(problem.code == "four_to_eight_digits")
                team.writePin("2580")
                team.savePin()
                try await team.until { $0.newPin == nil }
                return bo.id
            }
            try await desk.shop.sync()
            return bo
        }
    }
}

@MainActor
@Suite(.timeLimit(.minutes(2)))
struct RanksTests {
    private static let roles: [Role] = [.frontDesk, .technician, .manager, .admin, .owner]

    @Test(
        "The roles that are offered are those that the engine lets somebody give",
        arguments: ["owner", "admin", "manager", "technician", "front_desk"]
    )
    func roles(role: String) async throws {
        try await alone(role) { desk in
            let offered = Ranks.below(desk.who)
            for theirs in Self.roles {
                let gives = try await gives(desk, theirs)
                #expect(gives == offered.contains(theirs), "\(role) gives \(theirs)")
            }
        }
    }

    @Test(
        "Somebody else's PIN is offered to whom the engine lets set it",
        arguments: ["owner", "admin", "manager", "technician"]
    )
    func pins(role: String) async throws {
        try await alone(role) { desk in
            var allowed = false
            do {
                let tess = try await desk.shop.createEmployee(record: colleague(.technician))
                try await desk.shop.setPin(employee: tess, pin: "2580")
                allowed = true
            } catch ShopError.Denied {}
            #expect(Ranks.setsPins(desk.who) == allowed, "\(role)")
        }
    }

    private func gives(_ desk: Desk, _ role: Role) async throws -> Bool {
        do {
            _ = try await desk.shop.createEmployee(record: colleague(role))
            return true
        } catch ShopError.Denied {
            return false
        }
    }

    private func colleague(_ role: Role) -> Employee {
        with(blankEmployee()) {
            $0.firstName = "Nia"
            $0.role = role
            $0.active = true
        }
    }
}
