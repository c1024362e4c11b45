package dev.counterpart.app

import dev.counterpart.ShopException
import dev.counterpart.ShopOverview
import java.time.Instant

/** The device of a shop of which nothing was heard for the longest time. */
data class Silent(
    val code: String,
    val minutes: Long,
)

/** One of the shops that the account manages. */
data class ShopLine(
    val id: String,
    val name: String,
    /** How many work there; a shared tablet is nobody. */
    val people: Long,
    val devices: Long,
    /** How many of them said that they have unsent work. */
    val unsent: Long,
    val silent: Silent?,
    /** How many choices between two versions wait for a person. */
    val conflicts: Long,
    /** Whether it is the one that is open here. */
    val open: Boolean,
) {
    companion object {
        fun of(
            shop: ShopOverview,
            open: String,
            now: Instant,
        ) = ShopLine(
            shop.shop,
            shop.name,
            people = shop.members.count { it.active && !it.station }.toLong(),
            devices = shop.devices.size.toLong(),
            unsent = shop.devices.count { it.unsent > 0u }.toLong(),
            silent = shop.devices.minByOrNull { it.seenAt }?.let { Silent(it.code, it.silentMinutes(now)) },
            conflicts = shop.openConflicts.toLong(),
            open = shop.shop == open,
        )
    }
}

/** The shops that the account manages: the server alone knows how they stand. */
sealed interface Shops {
    data object Asking : Shops

    data class Here(
        val lines: List<ShopLine>,
    ) : Shops

    data object Unreachable : Shops
}

/** What the overview of the shops shows. */
data class OverviewState(
    val shops: Shops = Shops.Asking,
    val problem: Problem? = null,
)

/** What a person can do there. */
interface OverviewActions {
    /** Asks the server again. */
    fun ask()

    fun switchShop(shop: String)

    fun dismiss()
}

/** Every shop that the account manages: who works there, how its devices stand, what waits for a decision. */
class Overview(
    private val desk: Desk,
    private val session: Session,
) : ScreenModel<OverviewState>(OverviewState()),
    OverviewActions {
    init {
        ask()
    }

    override fun OverviewState.with(problem: Problem?) = copy(problem = problem)

    override fun ask() {
        follow {
            show { OverviewState() }
            val open = desk.shop.id()
            try {
                val at = desk.clock.now()
                val lines = session.overview().map { ShopLine.of(it, open, at) }
                show { copy(shops = Shops.Here(lines.sortedBy { it.name })) }
            } catch (wrong: ShopException) {
                show { copy(shops = Shops.Unreachable, problem = Problem.of(wrong).takeUnless { wrong.needsServer }) }
            }
        }
    }

    override fun switchShop(shop: String) = session.switchShop(shop)
}
