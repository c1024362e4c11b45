import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

extension AgainstAHub {
    /// Passwords of one's own.
    @MainActor
    @Suite(.timeLimit(.minutes(2)))
    struct PasswordTests {
        @Test("Whoever was invited comes in with a password of their own")
        func invited() async throws {
            let hub = try await Hub.shared()
            let account = try await hub.invite("p-\(UUID().uuidString)", "technician")
            let person = try await Person()
            defer { person.leave() }
            let invited = with(person.form(hub, account)) { form in
                form.invited = true
                form.own = NewPassword("correct horse", again: "correct horse")
            }
            let tries: [(SignInForm, Problem)] = [
                (
                    with(invited) { $0.own.again = "correct" },
                    Problem("passwords_differ", field: "again")
                ),
                (
                    with(invited) { $0.password = "something else" },
                    Problem("wrong_credentials", field: "invitation")
                ),
                (
                    with(invited) { $0.own = NewPassword("short", again: "short") },
                    Problem("too_weak", field: "password")
                ),
                (with(invited) { $0.own = NewPassword() }, Problem("required", field: "password")),
            ]
            for (typed, problem) in tries {
                let shown = try await comeIn(person, typed)
                #expect(shown.problem == problem)
            }
            let inside = try await comeIn(person, invited)
            #expect(inside.desk != nil && !inside.asksPassword)
            #expect(inside.form.own == NewPassword() && inside.form.password.isEmpty, "what was typed is kept nowhere")
            let again = try await Person()
            defer { again.leave() }
            let own = Login(email: account.email, password: "correct horse")
            let known = try await comeIn(again, again.form(hub, own))
            #expect(known.desk != nil && !known.asksPassword)
        }

        @Test("Whoever comes in by a password that somebody else gave is asked for another, and changes it later too")
        func given() async throws {
            let hub = try await Hub.shared()
            let account = try await hub.invite("p-\(UUID().uuidString)", "technician")
            let person = try await Person()
            defer { person.leave() }
            let inside = try await comeIn(person, person.form(hub, account))
            #expect(inside.asksPassword)
            try await on(ChangePassword(person.session, given: true)) { password in
                password.fill(form("", "short"))
                password.save()
                let weak = try await password.until { $0.problem != nil && !$0.busy }
                #expect(weak.problem == Problem("too_weak", field: "password"))
                password.fill(form("", "correct horse"))
                password.save()
                try await person.session.until { !$0.asksPassword }
            }
            try await on(ChangePassword(person.session)) { password in
                password.change()
                password.fill(with(form(account.password, "battery staple")) { $0.new.again = "battery" })
                password.save()
                #expect(password.state.problem == Problem("passwords_differ", field: "again"))
                password.fill(form(account.password, "battery staple"))
                password.save()
                let wrong = Problem("wrong_credentials", field: "current_password")
                try await password.until { $0.problem == wrong && !$0.busy }
                password.fill(form("correct horse", "battery staple"))
                password.save()
                let changed = try await password.until { $0.changed }
                #expect(changed.form == nil && changed.problem == nil)
            }
            let again = try await Person()
            defer { again.leave() }
            let own = Login(email: account.email, password: "battery staple")
            #expect(try await comeIn(again, again.form(hub, own)).desk != nil)
        }

        @Test("Who puts it off works on, and is asked the next time")
        func later() async throws {
            let hub = try await Hub.shared()
            let account = try await hub.invite("p-\(UUID().uuidString)", "technician")
            let person = try await Person()
            defer { person.leave() }
            let typed = person.form(hub, account)
            #expect(try await comeIn(person, typed).asksPassword)
            ChangePassword(person.session, given: true).cancel()
            #expect(!person.session.state.asksPassword && person.session.state.desk != nil)
            person.session.signOut(.keep)
            try await person.session.until { $0.desk == nil }
            #expect(try await comeIn(person, typed).asksPassword)
        }

        private func form(_ current: String, _ new: String) -> PasswordForm {
            var form = PasswordForm()
            form.current = current
            form.new = NewPassword(new, again: new)
            return form
        }

        /// Tries to come in. What is shown then.
        private func comeIn(_ person: Person, _ form: SignInForm) async throws -> SessionState {
            let session = person.session
            try await session.until { !$0.opening }
            session.dismiss()
            session.fill(form)
            session.signIn()
            return try await session.until { !$0.form.busy && ($0.desk != nil || $0.problem != nil) }
        }
    }
}
