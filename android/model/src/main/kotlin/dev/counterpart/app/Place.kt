package dev.counterpart.app

/** Where a person is. */
sealed interface Place {
    /** The ticket board, with the ticket that is open on it. */
    data class Board(
        val ticket: String? = null,
    ) : Place

    data object Intake : Place

    /** The customers, with the one whose card is open; [NEW] while one is being written. */
    data class Customers(
        val customer: String? = null,
    ) : Place

    /** The shelf, with the item whose card is open; [NEW] while one is being written. */
    data class Inventory(
        val item: String? = null,
    ) : Place

    data object Appointments : Place

    data object Team : Place

    /** Whose work it is, on a shared tablet. */
    data object AtWork : Place

    data object SyncCentre : Place

    data object Settings : Place

    /** Every shop that the account manages. */
    data object Overview : Place

    data object Developer : Place

    /** On a phone: the ways that have no room at its foot. */
    data object More : Place

    /** As it is kept in the engine's file. */
    fun word(): String =
        when (this) {
            is Board -> word("board", ticket)
            Intake -> "intake"
            is Customers -> word("customers", customer)
            is Inventory -> word("inventory", item)
            Appointments -> "appointments"
            Team -> "team"
            AtWork -> "at_work"
            SyncCentre -> "sync"
            Settings -> "settings"
            Overview -> "overview"
            Developer -> "developer"
            More -> "more"
        }

    companion object {
        /** In the place of an id: what is being written and has none yet. */
        const val NEW = "new"

        private fun word(
            list: String,
            open: String?,
        ) = if (open == null) list else "$list/$open"

        fun of(word: String?): Place {
            val open = word?.substringAfter('/', "")?.ifEmpty { null }
            return when (word?.substringBefore('/')) {
                "intake" -> Intake
                "customers" -> Customers(open)
                "inventory" -> Inventory(open)
                "appointments" -> Appointments
                "team" -> Team
                "at_work" -> AtWork
                "sync" -> SyncCentre
                "settings" -> Settings
                "overview" -> Overview
                "developer" -> Developer
                "more" -> More
                else -> Board(open.takeIf { word?.startsWith("board/") == true })
            }
        }
    }
}
