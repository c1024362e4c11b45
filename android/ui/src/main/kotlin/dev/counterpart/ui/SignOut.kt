package dev.counterpart.ui

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import dev.counterpart.model.Unsent

/** Leaving; with unsent work it asks what becomes of it. [file] is where all of it may go. */
@Composable
fun SignOut(
    unsent: Long?,
    file: String,
    signOut: (Unsent?) -> Unit,
    stay: () -> Unit,
) {
    val words = LocalWords.current
    if (unsent == null) {
        TextButton({ signOut(null) }) { Text(words.signOutTitle) }
        return
    }
    Section(words.signOutTitle) {
        Text(words.signOutUnsent(unsent))
        OutlinedButton({ signOut(Unsent.SendFirst) }) { Text(words.signOutSendFirst) }
        OutlinedButton({ signOut(Unsent.Keep) }) { Text(words.signOutKeep) }
        OutlinedButton({ signOut(Unsent.Export(file)) }) { Text(words.signOutExport) }
        Faint(line(file))
        OutlinedButton({ signOut(Unsent.Discard) }) { Text(words.signOutDiscard, color = MaterialTheme.colorScheme.error) }
        TextButton(stay) { Text(words.actionCancel) }
    }
}
