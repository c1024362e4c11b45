package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Storefront
import androidx.compose.material3.Button
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import dev.counterpart.app.SignInActions
import dev.counterpart.app.SignInForm
import dev.counterpart.app.Words

/** Signing in, and choosing the shop where an account has several. [connect] is how else a server is found. */
@Composable
fun SignInScreen(
    form: SignInForm,
    actions: SignInActions,
    connect: @Composable () -> Unit = {},
) {
    val words = LocalWords.current
    Box(Modifier.fillMaxSize(), contentAlignment = Alignment.TopCenter) {
        Column(
            Modifier.widthIn(max = 480.dp).verticalScroll(rememberScrollState()).padding(24.dp),
            verticalArrangement = Arrangement.spacedBy(12.dp),
        ) {
            Icon(
                Icons.Outlined.Storefront,
                contentDescription = null,
                tint = MaterialTheme.colorScheme.primary,
                modifier = Modifier.padding(top = 24.dp).size(56.dp),
            )
            Text(words.signInTitle, Modifier.semantics { heading() }, style = MaterialTheme.typography.headlineMedium)
            ProblemBar(form.problem, actions::dismiss)
            form.forgot?.let { Text(words.foundForgot(it)) }
            connect()
            Field(words.signInServer, form.server, figures = true) { actions.fill(form.copy(server = it)) }
            Faint(words.nearbyHint)
            form.root?.let { Faint(words.nearbyOwnRoot(it.take(FINGERPRINT))) }
            Field(words.signInKey, form.key, figures = true) { actions.fill(form.copy(key = it)) }
            Field(words.signInEmail, form.email) { actions.fill(form.copy(email = it)) }
            Passwords(form, actions)
            if (form.shops.isEmpty()) {
                Button(actions::signIn, Modifier.fillMaxWidth(), enabled = !form.busy) { Text(words.goes(form)) }
                TextButton({ actions.fill(form.copy(invited = !form.invited)) }, Modifier.fillMaxWidth(), enabled = !form.busy) {
                    Text(if (form.invited) words.signInAccount else words.signInInvited)
                }
            } else {
                Text(words.signInShopAsked)
                for (shop in form.shops) {
                    Button({ actions.choose(shop.id) }, Modifier.fillMaxWidth(), enabled = !form.busy) {
                        Text(shop.name, textAlign = TextAlign.Center)
                    }
                }
            }
            Faint(words.signInSafe)
        }
    }
}

/** One's own password or, by an invitation, the one that came with it and one's own from now on. */
@Composable
private fun Passwords(
    form: SignInForm,
    actions: SignInActions,
) {
    val words = LocalWords.current
    val wrong = form.problem?.field
    if (!form.invited) {
        Password(words.signInPassword, form.password, wrong = wrong == "password") { actions.fill(form.copy(password = it)) }
        return
    }
    Faint(words.signInInvitedLead)
    Password(words.signInInvitation, form.password, wrong = wrong == "invitation") { actions.fill(form.copy(password = it)) }
    NewPasswordFields(form.own, wrong) { actions.fill(form.copy(own = it)) }
}

private fun Words.goes(form: SignInForm) =
    when {
        form.busy -> signInBusy
        form.invited -> signInJoin
        else -> signInGo
    }

/** As much of a fingerprint as a person compares. */
private const val FINGERPRINT = 16
