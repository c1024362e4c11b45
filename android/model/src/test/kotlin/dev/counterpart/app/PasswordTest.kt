package dev.counterpart.app

import dev.counterpart.model.Unsent
import dev.counterpart.trial.Account
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

/** Passwords of one's own, through the models, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PasswordTest {
    private val hub = Hub()

    @AfterAll
    fun close() = hub.close()

    private fun form(account: Account) = SignInForm(hub.server.url, hub.server.anonKey, account.email, account.password)

    /** Tries to come in. What is shown then. */
    private suspend fun Session.comeIn(form: SignInForm): SessionState {
        until { !it.opening }
        dismiss()
        fill(form)
        signIn()
        return until { !it.form.busy && (it.desk != null || it.problem != null) }
    }

    @Test
    fun `whoever was invited comes in with a password of their own`() =
        story {
            val bo = hub.invite("Bo Lindqvist", "technician")
            val person = Person(Device.open())
            val invited = form(bo).copy(invited = true, own = NewPassword("correct horse", "correct horse"))
            val tries =
                listOf(
                    invited.copy(own = NewPassword("correct horse", "correct")) to Problem("passwords_differ", "again"),
                    invited.copy(password = "something else") to Problem("wrong_credentials", "invitation"),
                    invited.copy(own = NewPassword("short", "short")) to Problem("too_weak", "password"),
                    invited.copy(own = NewPassword()) to Problem("required", "password"),
                )
            for ((typed, problem) in tries) assertEquals(problem, person.session.comeIn(typed).form.problem)
            val inside = person.session.comeIn(invited)
            assertNotNull(inside.desk)
            assertFalse(inside.asksPassword)
            assertEquals(NewPassword() to "", inside.form.own to inside.form.password, "what was typed is kept nowhere")
            person.leave()
            val again = Person(Device.open())
            assertFalse(again.session.comeIn(form(bo).copy(password = "correct horse")).asksPassword)
            again.leave()
        }

    @Test
    fun `whoever comes in by a password that somebody else gave is asked for another, and may change it later too`() =
        story {
            val nia = hub.invite("Nia Baker", "technician")
            val person = Person(Device.open())
            assertTrue(person.session.comeIn(form(nia)).asksPassword)
            ChangePassword(person.session, given = true).use { password ->
                password.fill(PasswordForm(new = NewPassword("short", "short")))
                password.save()
                assertEquals(Problem("too_weak", "password"), password.until { it.problem != null && !it.busy }.problem)
                password.fill(PasswordForm(new = NewPassword("correct horse", "correct horse")))
                password.save()
                assertFalse(person.session.until { !it.asksPassword }.asksPassword)
            }
            ChangePassword(person.session).use { password ->
                password.begin()
                password.fill(PasswordForm(nia.password, NewPassword("battery staple", "battery")))
                password.save()
                assertEquals(Problem("passwords_differ", "again"), password.until { it.problem != null }.problem)
                password.fill(PasswordForm(nia.password, NewPassword("battery staple", "battery staple")))
                password.save()
                val wrong = Problem("wrong_credentials", "current_password")
                assertEquals(wrong, password.until { it.problem == wrong }.problem)
                password.fill(PasswordForm("correct horse", NewPassword("battery staple", "battery staple")))
                password.save()
                assertEquals(PasswordState(changed = true), password.until { it.changed })
            }
            person.leave()
            val again = Person(Device.open())
            assertNotNull(again.session.comeIn(form(nia).copy(password = "battery staple")).desk)
            again.leave()
        }

    @Test
    fun `who puts it off works on, and is asked the next time`() =
        story {
            val tom = hub.invite("Tom Okoro", "technician")
            val person = Person(Device.open())
            assertTrue(person.session.comeIn(form(tom)).asksPassword)
            ChangePassword(person.session, given = true).use { it.cancel() }
            assertNotNull(person.session.until { !it.asksPassword }.desk)
            person.session.signOut(Unsent.Keep)
            person.session.until { it.desk == null }
            assertTrue(person.session.comeIn(form(tom)).asksPassword)
            person.leave()
        }
}
