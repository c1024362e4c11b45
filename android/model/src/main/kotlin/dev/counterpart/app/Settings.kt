package dev.counterpart.app

import dev.counterpart.model.EmployeeRow
import dev.counterpart.model.ShopName
import dev.counterpart.model.ShopSettings
import dev.counterpart.model.Space

/** What is typed of the shop's settings. */
data class SettingsForm(
    val name: String = "",
    val timeZone: String = "",
    val currency: String = "",
    val ticketDays: String = "",
    val appointmentDays: String = "",
) {
    fun on(settings: ShopSettings): ShopSettings =
        settings.copy(
            name = name.trim(),
            timeZone = timeZone.trim(),
            currency = currency.trim().uppercase(),
            ticketWindowDays = Amounts.whole(ticketDays),
            appointmentWindowDays = Amounts.whole(appointmentDays),
        )

    /** The field that should be a number and is none. */
    fun wrong(): String? =
        mapOf("ticket_window_days" to ticketDays, "appointment_window_days" to appointmentDays)
            .entries
            .firstOrNull { (_, typed) -> typed.isNotBlank() && Amounts.whole(typed) == null }
            ?.key

    companion object {
        fun of(settings: ShopSettings) =
            SettingsForm(
                settings.name,
                settings.timeZone,
                settings.currency,
                settings.ticketWindowDays?.toString().orEmpty(),
                settings.appointmentWindowDays?.toString().orEmpty(),
            )
    }
}

/** Something that the shop tries out: on how many percent of its devices, and whether on this one. */
data class FlagLine(
    val name: String,
    val percent: Long,
    val onHere: Boolean,
)

/** What the settings show. */
data class SettingsState(
    val loading: Boolean = true,
    /** Nothing before this device has heard of the shop's. */
    val settings: ShopSettings? = null,
    val me: EmployeeRow? = null,
    val station: Boolean = false,
    val shop: String = "",
    /** The shops of the account that this device has opened, by id. */
    val shops: List<ShopName> = emptyList(),
    val leads: Boolean = false,
    /** Whether the account leads where there is more than one shop to look at. */
    val hasOverview: Boolean = false,
    val form: SettingsForm? = null,
    val flags: List<FlagLine> = emptyList(),
    val newFlag: String = "",
    val space: Space? = null,
    val numbersLeft: Long = 0,
    val problem: Problem? = null,
)

/** What a person can do in the settings. */
interface SettingsActions {
    fun edit()

    fun fill(form: SettingsForm)

    fun save()

    fun cancel()

    fun writeFlag(name: String)

    fun addFlag()

    fun setFlag(
        name: String,
        percent: Long,
    )

    fun switchShop(shop: String)

    fun openOverview()

    fun dismiss()
}

/** The settings: who is signed in, the shop's own, what it tries out, and how much room is left. */
class Settings(
    private val desk: Desk,
    private val session: Session,
) : ScreenModel<SettingsState>(SettingsState(leads = desk.who.leads, station = desk.who.station)),
    SettingsActions {
    private val shop = desk.shop
    private var began: ShopSettings? = null

    init {
        follow { shop.changes().collect { look() } }
    }

    override fun SettingsState.with(problem: Problem?) = copy(problem = problem)

    private suspend fun look() {
        val settings = shop.settings()
        val me = shop.employees().firstOrNull { it.id.value == desk.who.actor }
        val flags = settings?.featureFlags.orEmpty().toSortedMap().map { (name, percent) -> FlagLine(name, percent, shop.flag(name.substringBefore('/'))) }
        val (id, shops) = shop.id() to session.shops()
        val (space, left) = shop.space() to shop.numbersLeft()
        show { copy(loading = false, settings = settings, me = me, shop = id, shops = shops, hasOverview = leads && shops.size > 1, flags = flags, space = space, numbersLeft = left) }
    }

    override fun edit() {
        val settings = now.settings ?: return
        began = settings
        show { copy(form = SettingsForm.of(settings)) }
    }

    override fun fill(form: SettingsForm) = show { copy(form = form) }

    override fun save() {
        val (before, form) = (began ?: return) to (now.form ?: return)
        val wrong = form.wrong()
        if (wrong != null) {
            show { copy(problem = Problem("number", wrong)) }
            return
        }
        workOnce {
            shop.editSettings(before, form.on(before))
            session.settingsChanged()
            show { copy(form = null) }
            follow { look() }
        }
    }

    override fun cancel() = show { copy(form = null) }

    override fun writeFlag(name: String) = show { copy(newFlag = name) }

    override fun addFlag() {
        val name = now.newFlag.trim()
        show { copy(newFlag = "") }
        if (name.isNotEmpty()) setFlag(name, 0)
    }

    override fun setFlag(
        name: String,
        percent: Long,
    ) {
        work {
            val before = shop.settings() ?: return@work
            shop.editSettings(before, before.copy(featureFlags = before.featureFlags + (name to percent)))
            look()
        }
    }

    override fun switchShop(shop: String) = session.switchShop(shop)

    override fun openOverview() = session.go(Place.Overview)

    companion object {
        /** On how many percent of a shop's devices something is tried out, step by step. */
        val STEPS = listOf(0L, 10L, 50L, 100L)
    }
}
