package dev.counterpart.app

import dev.counterpart.model.Account
import dev.counterpart.trial.Device

/** A shop on one device that no server was asked about, worked in as somebody of a role. */
suspend fun alone(
    role: String = "owner",
    body: suspend (Desk) -> Unit,
) {
    val device = Device.open()
    try {
        val shop = device.terminal.enter(Account("lee", role, false, null), "north")
        body(Desk(shop, shop.who(), "EUR"))
    } finally {
        device.close()
    }
}
