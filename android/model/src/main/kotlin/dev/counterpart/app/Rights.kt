package dev.counterpart.app

import dev.counterpart.model.Who

/** What a screen leaves out for some. */
enum class Right {
    /** Parts on and off a ticket, and the list of items. */
    USE_PARTS,
    COUNT_STOCK,

    /** Anybody's appointments; one's own are everybody's. */
    APPOINTMENTS,
}

/** What a person may do beside the steps of a ticket and the team. The engine decides; a test holds this to it. */
object Rights {
    private val bench = setOf(Right.USE_PARTS, Right.COUNT_STOCK)
    private val desk = setOf(Right.APPOINTMENTS)
    private val all = bench + desk
    private val roles = mapOf("front_desk" to desk, "technician" to bench, "manager" to all, "admin" to all, "owner" to all)

    /** The account's, as far as the person at work has them too. A shared tablet at which nobody is has none. */
    fun of(who: Who): Set<Right> {
        val account = if (who.station) all else roles[who.role].orEmpty()
        val actor = who.actorRole ?: return if (who.station) emptySet() else account
        return account intersect roles[actor].orEmpty()
    }

    /** Whether this person may change an appointment of somebody's, or of nobody's. */
    fun appointment(
        who: Who,
        assignee: String?,
    ): Boolean = Right.APPOINTMENTS in of(who) || assignee != null && assignee == (who.actor ?: who.account)
}
