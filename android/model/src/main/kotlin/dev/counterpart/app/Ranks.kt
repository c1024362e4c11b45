package dev.counterpart.app

import dev.counterpart.model.Role
import dev.counterpart.model.Who

/** Whom a person may change on the team's screen, and whose PIN. The engine decides; a test holds this to it. */
object Ranks {
    private class Rank(
        val role: Role,
        val word: String,
        val height: Int,
    )

    private val ranks =
        listOf(
            Rank(Role.FrontDesk, "front_desk", 0),
            Rank(Role.Technician, "technician", 0),
            Rank(Role.Manager, "manager", 1),
            Rank(Role.Admin, "admin", 2),
            Rank(Role.Owner, "owner", 3),
        )

    /** The roles that this person may give and take, the lowest first; none for who does not lead. */
    fun below(who: Who): List<Role> {
        if (!who.leads) return emptyList()
        val account = height(who.role) ?: return emptyList()
        val mine = who.actorRole?.let { minOf(account, height(it) ?: 0) } ?: account
        return ranks.filter { it.height < mine || mine == ranks.last().height }.map { it.role }
    }

    private fun height(word: String): Int? = ranks.firstOrNull { it.word == word }?.height

    /** Whether this person sets anybody's PIN and not only their own. */
    fun setsPins(who: Who): Boolean = who.leads && (who.actorRole ?: who.role) in setOf("admin", "owner")

    /** A role as a draft keeps it. */
    fun word(role: Role): String = if (role is Role.Other) role.word else ranks.first { it.role == role }.word

    /** From a draft. */
    fun role(word: String): Role = ranks.firstOrNull { it.word == word }?.role ?: Role.Other(word)
}
