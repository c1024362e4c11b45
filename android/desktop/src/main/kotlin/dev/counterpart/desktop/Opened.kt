package dev.counterpart.desktop

import dev.counterpart.SwitchedReachability
import dev.counterpart.app.Session
import dev.counterpart.app.SignInForm
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import dev.counterpart.trial.Opening
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking

/** A hub with a shop to try things in, and a session on a device of its own, signed in as the shop's owner. */
class Opened private constructor(
    val session: Session,
    val network: SwitchedReachability,
) {
    companion object {
        /** Both end with the process. */
        fun begin(): Opened {
            val hub = Hub()
            Runtime.getRuntime().addShutdownHook(Thread(hub::close))
            val device = runBlocking { openFor(hub) }
            Runtime.getRuntime().addShutdownHook(Thread { runBlocking { device.close() } })
            val session = Session(device.terminal)
            runBlocking { session.state.first { !it.opening } }
            session.fill(SignInForm(hub.server.url, hub.server.anonKey, hub.owner.email, hub.owner.password))
            session.signIn()
            return Opened(session, device.network)
        }

        /** Fills the shop from a device of its own, so that the window's device finds it as a new device finds any shop. */
        private suspend fun openFor(hub: Hub): Device {
            val back = Device.open()
            Opening.fill(back.signIn(hub, hub.owner))
            back.close()
            return Device.open(up = true)
        }
    }
}
