package dev.counterpart.app

import dev.counterpart.model.Role
import dev.counterpart.model.Who

/** Whom a person may change on the team's screen, and whose PIN. The engine decides; a test holds this to it. */
object Ranks {
    private val ranks = listOf(Role.FrontDesk to 0, Role.Technician to 0, Role.Manager to 1, Role.Admin to 2, Role.Owner to 3)
    private val words = mapOf("front_desk" to 0, "technician" to 0, "manager" to 1, "admin" to 2, "owner" to 3)

    /** The roles that this person may give and take, the lowest first; none for who does not lead. */
    fun below(who: Who): List<Role> {
        if (!who.leads) return emptyList()
        val account = words[who.role] ?: return emptyList()
        val mine = who.actorRole?.let { minOf(account, words[it] ?: 0) } ?: account
        return ranks.filter { (_, theirs) -> theirs < mine || mine == ranks.last().second }.map { it.first }
    }

    /** Whether this person sets anybody's PIN and not only their own. */
    fun setsPins(who: Who): Boolean = who.leads && (who.actorRole ?: who.role) in setOf("admin", "owner")
}
