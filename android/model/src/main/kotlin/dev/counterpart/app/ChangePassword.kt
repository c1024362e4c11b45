package dev.counterpart.app

/** A new password, typed twice. It is kept nowhere. */
data class NewPassword(
    val password: String = "",
    val again: String = "",
) {
    /** What is wrong with it before anybody is asked. */
    fun wrong(): Problem? = if (password == again) null else Problem("passwords_differ", "again")
}

/** What is typed of a password that is being changed. It is kept nowhere. */
data class PasswordForm(
    val current: String = "",
    val new: NewPassword = NewPassword(),
)

/** What is shown of one's password. */
data class PasswordState(
    /** Whether one came in by a password that somebody else gave: nobody types that a second time. */
    val given: Boolean = false,
    val form: PasswordForm? = null,
    val busy: Boolean = false,
    val changed: Boolean = false,
    val problem: Problem? = null,
)

/** What a person can do with their password. */
interface PasswordActions {
    fun begin()

    fun fill(form: PasswordForm)

    fun save()

    fun cancel()

    fun dismiss()
}

/** Changing one's own password: from the settings, or because the one there is was given by somebody else. */
class ChangePassword(
    private val session: Session,
    given: Boolean = false,
) : ScreenModel<PasswordState>(PasswordState(given, PasswordForm().takeIf { given })),
    PasswordActions {
    override fun PasswordState.with(problem: Problem?) = copy(problem = problem, busy = false)

    override fun begin() = show { copy(form = PasswordForm(), changed = false) }

    override fun fill(form: PasswordForm) = show { copy(form = form) }

    override fun save() {
        val form = now.form ?: return
        val wrong = form.new.wrong()
        if (wrong != null) {
            show { copy(problem = wrong) }
            return
        }
        work {
            show { copy(busy = true) }
            session.changePassword(form.current.takeUnless { now.given }, form.new.password)
            show { copy(form = null, busy = false, changed = true) }
        }
    }

    override fun cancel() {
        if (now.given) session.keepPassword() else show { copy(form = null) }
    }
}
