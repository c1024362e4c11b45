package dev.counterpart.app

import kotlinx.coroutines.Job

/** How else the shop's own server is found than by typing its address. */
data class ConnectState(
    val canLook: Boolean = false,
    val canScan: Boolean = false,
    /** What a look into the network came to, once somebody asked for one. */
    val look: Look? = null,
    /** What came of the code, where it was not a hub's. */
    val code: Code? = null,
)

/** What a person can do there. */
interface ConnectActions {
    fun look()

    fun choose(hub: FoundHub)

    fun scan()
}

/**
 * On the sign-in screen: the shop's own server, found in this network or by its code. Nobody is asked for a permission
 * before they ask for what needs it.
 */
class ConnectHub(
    private val equipment: Equipment,
    private val session: Session,
) : ScreenModel<ConnectState>(ConnectState(canLook = equipment.discovery != null, canScan = equipment.codes != null)),
    ConnectActions {
    private var looking: Job? = null

    /** The engine, which may have problems, is asked nothing here. */
    override fun ConnectState.with(problem: Problem?) = this

    override fun look() {
        val discovery = equipment.discovery ?: return
        if (looking?.isActive == true) return
        show { copy(look = Look.Found(emptyList())) }
        looking = follow { discovery.look().collect { show { copy(look = it) } } }
    }

    override fun choose(hub: FoundHub) = session.reach(hub.url, hub.root)

    override fun scan() {
        val codes = equipment.codes ?: return
        work {
            val code = codes.read()
            val paired = code is Code.Read && session.pair(code.text)
            show { copy(code = code.takeIf { !paired && it != Code.Left }) }
        }
    }
}
