import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// One device: what was typed, where one was, who is asked what.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct DeskTests {
        let hub: Hub

        init() async throws {
            hub = try await Hub.shared()
        }

        @Test("What was typed and the place one was at outlive the app")
        func drafts() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            ada.session.go(.intake)
            var half = form("Half", "Written")
            half.checklist = ["touch": .pass]
            try await on(TakingIn(desk)) { counter in
                counter.fill(half)
                try await counter.until { $0.kept }
            }
            try await on(Session(ada.device.terminal)) { session in
                let place = try await session.until { $0.desk != nil }.place
                #expect(place == .intake)
            }
            try await on(TakingIn(desk)) { counter in
                let kept = try await counter.until { $0.kept }.form
                #expect(kept == half)
            }
        }

        @Test("What was typed a moment before a screen is left is kept")
        func leaving() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            let ticket = try await takeIn(desk, form("Left", "In a hurry")).ticket
            let never = Desk(shop: desk.shop, who: desk.who, currency: desk.currency, time: Standstill())
            let (counter, shown) = (TakingIn(never), OpenTicket(never, ticket))
            try await on(counter) { $0.fill(form("Hurry", "")) }
            try await counter.until { $0.kept }
            try await on(shown) { shown in
                try await shown.until { $0.view != nil }
                shown.writeDiagnosis("Board corroded")
            }
            try await on(OpenTicket(desk, ticket)) { again in
                try await again.until { $0.diagnosisText == "Board corroded" }
                again.saveText()
                try await again.until { $0.view?.ticket.diagnosis == "Board corroded" && $0.diagnosisText == nil }
            }
        }

        @Test("A device that is taken in twice by a nervous finger becomes one ticket")
        func twice() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            let counter = TakingIn(desk)
            counter.fill(form("Once", "Only once"))
            counter.takeIn()
            counter.takeIn()
            try await counter.until { $0.taken != nil }
            #expect(try await desk.shop.findTickets(words: "only once", limit: 5).count == 1)
        }

        @Test("An intake that breaks a rule says which, and nothing is taken in")
        func rule() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            let counter = TakingIn(desk)
            counter.fill(form("Rule", ""))
            counter.takeIn()
            let shown = try await counter.until { $0.problem != nil && !$0.busy }
            #expect(shown.problem?.field == "subject" && shown.taken == nil)
            #expect(try await desk.shop.findCustomers(words: "rule", limit: 5).isEmpty)
        }

        @Test("Who was here before is found by the last digits of their number")
        func digits() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            var first = form("Digits", "Does not charge")
            first.phone = "+49 151 2345602"
            _ = try await takeIn(desk, first)
            try await on(TakingIn(desk)) { counter in
                counter.fill(with(IntakeForm()) { $0.phone = "5602" })
                let found = try await counter.until { !$0.found.isEmpty }.found
                #expect(found.map(\.name) == ["Digits"])
                counter.choose(found.first)
                counter.fill(with(form("", "Again")) { $0.phone = "5602" })
                counter.takeIn()
                try await counter.until { $0.taken != nil }
            }
            let customer = try #require(try await desk.shop.findCustomers(words: "digits", limit: 5).first)
            #expect(try await desk.shop.ticketsOfCustomer(customer: customer.id, before: nil, limit: 5).count == 2)
        }

        @Test("The board finds by number and by words, filters, and goes on where a window ends")
        func board() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let alone = try await Hub.alone()
            let desk = try await ada.signIn(alone, alone.owner)
            var customer = blankCustomer()
            customer.lastName = "Many"
            let many = try await desk.shop.createCustomer(record: customer)
            var ticket = blankTicket()
            ticket.customerId = many
            for index in 0..<60 {
                ticket.subject = "Phone \(index)"
                _ = try await desk.shop.createTicket(record: ticket)
            }
            try await on(Board(desk)) { board in
                let first = try await board.until { !$0.loading && $0.rows.count == 50 }
                #expect(first.more)
                board.showMore()
                let all = try await board.until { $0.rows.count == 60 }
                #expect(Set(all.rows.map(\.id)).count == 60)
                board.search("phone 33")
                try await board.until { $0.rows.map(\.ticket.subject) == ["Phone 33"] }
                board.search("")
                board.filter(.diagnosing)
                try await board.until { $0.rows.isEmpty }
                board.advance(all.rows[0])
                try await board.until { $0.rows.map(\.id) == [all.rows[0].id] }
                board.advance(with(all.rows[0]) { $0.next = .pickedUp })
                let problem = try await board.until { $0.problem != nil }.problem
                #expect(problem?.code == "denied")
            }
        }

        @Test("Leaving with unsent work asks first")
        func unsent() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let account = try await hub.manager()
            let desk = try await ada.signIn(hub, account)
            try await ada.goOffline()
            _ = try await takeIn(desk, form("Unsent", "Not sent"))
            ada.session.signOut()
            let unsent = try await ada.session.there { $0.unsentAtSignOut }
            #expect(unsent > 0)
            ada.session.stay()
            #expect(ada.session.state.desk != nil && ada.session.state.unsentAtSignOut == nil)
            ada.session.signOut(.discard)
            let left = try await ada.session.until { $0.desk == nil }
            #expect(left.form.email == account.email && left.form.password.isEmpty)
        }

        @Test("A wrong password is said in words")
        func password() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            try await ada.session.until { !$0.opening }
            ada.session.fill(ada.form(hub, Login(email: hub.owner.email, password: "wrong")))
            ada.session.signIn()
            let problem = try await ada.session.there { $0.form.busy ? nil : $0.problem }
            #expect(English().problems[problem.code] != nil)
            ada.session.dismiss()
            #expect(ada.session.state.problem == nil)
        }

        @Test("A hub's code fills the form, and another address typed over it is not believed by the old certificate")
        func pairing() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            try await ada.session.until { !$0.opening }
            #expect(ada.session.pair("counterpart://hub?url=https://10.0.0.5&root_sha256=ab&anon_key=k1"))
            #expect(!ada.session.pair("4006381333931"))
            var form = ada.session.state.form
            #expect(form.server == "https://10.0.0.5" && form.key == "k1" && form.root == "ab")
            form.email = "ada@shop.example"
            ada.session.fill(form)
            #expect(ada.session.state.form.root == "ab")
            form.server = "https://10.0.0.6"
            ada.session.fill(form)
            #expect(ada.session.state.form.root == nil)
            form.server = " counterpart://hub?url=https://10.0.0.7&root_sha256=cd&anon_key=k2 "
            ada.session.fill(form)
            let pasted = ada.session.state.form
            #expect(pasted.server == "https://10.0.0.7" && pasted.key == "k2" && pasted.root == "cd")
            #expect(pasted.email == "ada@shop.example")
        }

        @Test("The board that is pulled down syncs, and says why where it cannot")
        func pulledDown() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            try await on(Board(desk)) { board in
                try await ada.goOffline()
                _ = try await takeIn(desk, form("Pulled", "Down"))
                await board.refresh()
                #expect(board.state.problem == Problem("needs_server"))
                try await ada.goOnline()
                await board.refresh()
                let line = try await desk.shop.state()
                #expect(board.state.problem == nil && line.pending == 0)
            }
        }

        @Test("What waits for the server cannot be sent without it, and goes by itself when it is back")
        func queue() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            try await ada.goOffline()
            _ = try await takeIn(desk, form("Waits", "Until later"))
            try await on(SyncCentre(desk, ada.session)) { centre in
                try await centre.until { ($0.line?.pending ?? 0) > 0 }
                centre.syncNow()
                let problem = try await centre.until { $0.problem != nil && !$0.busy }.problem
                #expect(problem?.code == "needs_server")
                centre.dismiss()
                try await ada.goOnline()
                try await centre.until { $0.line?.pending == 0 && $0.failed.isEmpty }
            }
        }

        @Test("A person who comes back before the app is asleep finds it awake, and a refresh sends while it sleeps")
        func life() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            let life = Life { ada.device.terminal }
            let left = life.leave(within: .seconds(2))
            await life.comeBack()
            _ = await left.value
            _ = try await takeIn(desk, form("Awake", "Goes at once"))
            for try await line in desk.shop.states() where line.pending == 0 { break }
            _ = await life.leave(within: .seconds(2)).value
            _ = try await takeIn(desk, form("Asleep", "Goes with the refresh"))
            #expect(try await desk.shop.state().pending > 0)
            #expect(await life.refresh())
            #expect(try await desk.shop.state().pending == 0)
            _ = try await takeIn(desk, form("Again", "Still asleep after it"))
            #expect(try await desk.shop.state().pending > 0)
            await life.comeBack()
            for try await line in desk.shop.states() where line.pending == 0 { break }
        }

        @Test("Whoever leaves while the folder is still being opened has left, and who comes back is there")
        func stillOpening() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            for back in [false, true] {
                let (opening, opened) = AsyncStream<Never>.makeStream()
                let life = Life {
                    for await _ in opening {}
                    return ada.device.terminal
                }
                let left = life.leave(within: .seconds(2))
                async let there: Void = back ? life.comeBack() : ()
                opened.finish()
                _ = await left.value
                await there
                _ = try await takeIn(desk, form("Opening", "Left, or there"))
                if back {
                    for try await line in desk.shop.states() where line.pending == 0 { break }
                } else {
                    #expect(try await desk.shop.state().pending > 0)
                }
            }
        }

        @Test("A folder that cannot be opened is no reason to wait")
        func cannotOpen() async throws {
            let life = Life { nil }
            #expect(await !life.leave(within: .seconds(2)).value)
            await life.comeBack()
            #expect(await !life.refresh())
        }

        @Test("A refresh that is given up before its end leaves what waits in the queue, and the engine at rest")
        func expired() async throws {
            let ada = try await Person()
            defer { ada.leave() }
            let desk = try await ada.signIn(hub, hub.manager())
            let life = Life { ada.device.terminal }
            _ = await life.leave(within: .seconds(2)).value
            _ = try await takeIn(desk, form("Expired", "Waits for the next time"))
            let refresh = Task { await life.refresh() }
            refresh.cancel()
            _ = await refresh.value
            _ = try await takeIn(desk, form("Later", "At rest all the same"))
            #expect(try await desk.shop.state().pending > 0)
            await life.comeBack()
            for try await line in desk.shop.states() where line.pending == 0 { break }
        }
    }
}

/// Time that never passes.
struct Standstill: Time {
    func now() -> Date { Date(timeIntervalSince1970: 0) }

    func wait(_ milliseconds: Int) async throws {
        let (never, end) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        end.finish()
        try Task.checkCancellation()
    }
}
