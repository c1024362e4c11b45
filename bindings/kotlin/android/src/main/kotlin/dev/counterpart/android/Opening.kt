package dev.counterpart.android

import android.content.Context
import dev.counterpart.Terminal
import dev.counterpart.TerminalOptions
import dev.counterpart.open

/**
 * Opens the app's terminal, with the keystore and the system's word on the network, and goes on with the account and the
 * shop that were open last.
 *
 * Its folder is one that no backup and no move to another device carries along: what is here is on the server or goes
 * there, and an old copy would only come back as a stranger.
 */
suspend fun Terminal.Companion.open(
    context: Context,
    options: TerminalOptions = TerminalOptions(),
): Terminal =
    open(
        context.noBackupFilesDir.toPath().resolve("counterpart").resolve("data"),
        KeystoreStorage(context),
        ConnectivityReachability(context),
        options,
    )
