package dev.counterpart.app

import dev.counterpart.ServerAddress
import dev.counterpart.ids.TicketId
import dev.counterpart.states
import dev.counterpart.trial.Account
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout

/** What is broken fails a test instead of hanging it. */
fun story(body: suspend CoroutineScope.() -> Unit) = runBlocking { withTimeout(90_000, body) }

/** A device with the models on it, as the app puts them together. */
class Person(
    val device: Device,
) {
    val session = Session(device.terminal)

    suspend fun signIn(
        hub: Hub,
        account: Account,
    ): Desk = signIn(hub.server, account)

    /** Signs in, goes online, and has everything once this returns. */
    suspend fun signIn(
        server: ServerAddress,
        account: Account,
    ): Desk {
        session.until { !it.opening }
        session.fill(SignInForm(server.url, server.anonKey, account.email, account.password))
        session.signIn()
        val desk = checkNotNull(session.until { it.desk != null }.desk)
        device.network.isUp = true
        desk.shop.states().first { it.online }
        desk.shop.sync()
        return desk
    }

    suspend fun goOffline() {
        device.network.isUp = false
        session.until { it.line?.online == false }
    }

    suspend fun goOnline() {
        device.network.isUp = true
        session.until { it.line?.online == true }
    }

    /** The network goes and comes back: a server that was gone is asked at once. */
    suspend fun reconnect() {
        goOffline()
        goOnline()
    }

    suspend fun leave() {
        session.close()
        device.close()
    }
}

suspend fun <S : Any> ScreenModel<S>.until(wanted: (S) -> Boolean): S = (state as StateFlow<S>).first(wanted)

/** Takes a device in, and says which ticket it became. */
suspend fun takeIn(
    desk: Desk,
    form: IntakeForm,
): Taken {
    TakingIn(desk).use { counter ->
        counter.fill(form)
        counter.takeIn()
        val shown = counter.until { it.taken != null || it.problem != null }
        return checkNotNull(shown.taken) { "${shown.problem}" }
    }
}

/** Writes into a ticket what the customer says. */
suspend fun write(
    desk: Desk,
    id: TicketId,
    words: String,
) = OpenTicket(desk, id).use { ticket ->
    ticket.until { it.view != null }
    ticket.writeProblem(words)
    ticket.saveText()
    ticket.until { it.view?.ticket?.problem == words && it.problemText == null }
}
