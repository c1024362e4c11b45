package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.material3.Button
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.unit.dp
import dev.counterpart.app.NewPassword
import dev.counterpart.app.PasswordActions
import dev.counterpart.app.PasswordForm
import dev.counterpart.app.PasswordState

/** One's own password: changing it, and being asked to where somebody else gave it. */
@Composable
fun PasswordCard(
    state: PasswordState,
    actions: PasswordActions,
) {
    val words = LocalWords.current
    val form = state.form
    Section(words.passwordTitle) {
        ProblemBar(state.problem, actions::dismiss)
        if (form != null) {
            Fields(form, state, actions)
        } else {
            if (state.changed) Text(words.passwordChanged)
            OutlinedButton(actions::begin) { Text(words.passwordChange) }
        }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Fields(
    form: PasswordForm,
    state: PasswordState,
    actions: PasswordActions,
) {
    val words = LocalWords.current
    val wrong = state.problem?.field
    if (state.given) {
        Text(words.passwordGiven)
    } else {
        Password(words.passwordCurrent, form.current, wrong = wrong == "current_password") { actions.fill(form.copy(current = it)) }
    }
    NewPasswordFields(form.new, wrong) { actions.fill(form.copy(new = it)) }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button(actions::save, enabled = !state.busy) { Text(words.passwordChange) }
        TextButton(actions::cancel) { Text(if (state.given) words.passwordLater else words.actionCancel) }
    }
}

/** A new password, twice; [wrong] is the field that was not accepted. */
@Composable
internal fun NewPasswordFields(
    new: NewPassword,
    wrong: String?,
    fill: (NewPassword) -> Unit,
) {
    val words = LocalWords.current
    Password(words.passwordNew, new.password, wrong = wrong == "password") { fill(new.copy(password = it)) }
    Password(words.passwordAgain, new.again, wrong = wrong == "again") { fill(new.copy(again = it)) }
}
