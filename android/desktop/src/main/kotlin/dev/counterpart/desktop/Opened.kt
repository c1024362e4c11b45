package dev.counterpart.desktop

import dev.counterpart.SwitchedReachability
import dev.counterpart.app.NewPassword
import dev.counterpart.app.OpenDevice
import dev.counterpart.app.Session
import dev.counterpart.app.SignInForm
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import dev.counterpart.trial.Opening
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking

/** A hub with a shop to try things in, and a device of its own, signed in as the shop's owner. */
class Opened private constructor(
    val device: OpenDevice,
    val network: SwitchedReachability,
) {
    companion object {
        private const val OWN_PASSWORD = "a shop to try things in"

        /** Both end with the process. */
        fun begin(): Opened {
            val hub = Hub()
            Runtime.getRuntime().addShutdownHook(Thread(hub::close))
            val network = SwitchedReachability(up = true)
            val device = OpenDevice({ installed(network).terminal }) { Session(it, files = WindowFiles) }
            runBlocking {
                fill(hub)
                device.open()
                device.state.value.session?.let { signIn(it, hub) }
            }
            return Opened(device, network)
        }

        private suspend fun installed(network: SwitchedReachability): Device {
            val device = Device.open(network = network)
            Runtime.getRuntime().addShutdownHook(Thread { runBlocking { device.close() } })
            return device
        }

        private suspend fun signIn(
            session: Session,
            hub: Hub,
        ) {
            session.state.first { !it.opening }
            val own = NewPassword(OWN_PASSWORD, OWN_PASSWORD)
            session.fill(SignInForm(hub.server.url, hub.server.anonKey, hub.owner.email, hub.owner.password, invited = true, own = own))
            session.signIn()
        }

        /** From a device of its own, so that the window's device finds the shop as a new device finds any. */
        private suspend fun fill(hub: Hub) {
            val back = Device.open()
            Opening.fill(back.signIn(hub, hub.owner))
            back.close()
        }
    }
}
