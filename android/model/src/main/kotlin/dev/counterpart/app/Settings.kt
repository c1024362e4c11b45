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
    fun texts(): Map<String, String> =
        mapOf("name" to name, "zone" to timeZone, "currency" to currency, "ticket_days" to ticketDays, "appointment_days" to appointmentDays)

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

        fun of(texts: Map<String, String>): SettingsForm {
            val text = { name: String -> texts[name].orEmpty() }
            return SettingsForm(text("name"), text("zone"), text("currency"), text("ticket_days"), text("appointment_days"))
        }
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
    private val kept = Kept(desk, "settings", ::follow)
    private val keptFlag = Kept(desk, "flag", ::follow)
    private var began: ShopSettings? = null

    init {
        if (desk.who.leads) follow { readDraft() }
        follow { shop.changes().collect { look() } }
    }

    override fun SettingsState.with(problem: Problem?) = copy(problem = problem)

    override suspend fun keepTyped() {
        kept.now()
        keptFlag.now()
    }

    private suspend fun readDraft() {
        val flag = keptFlag.read()["name"].orEmpty()
        val typed = kept.read()
        // Who was quicker to type than the disk to read keeps what they typed.
        show { if (newFlag.isEmpty()) copy(newFlag = flag) else this }
        val record = shop.settings() ?: return
        val resumed = Resumed.of(typed, seen(record)) ?: return
        if (now.form != null) return
        began = SettingsForm.of(resumed.seen).on(record).copy(meta = record.meta.copy(stamp = resumed.stamp))
        show { copy(form = SettingsForm.of(resumed.typed)) }
    }

    private fun seen(settings: ShopSettings) = Seen(SettingsForm.of(settings).texts(), settings.meta.stamp)

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

    override fun fill(form: SettingsForm) {
        show { copy(form = form) }
        kept.soon(form.texts(), began?.let(::seen))
    }

    override fun save() {
        val (before, form) = (began ?: return) to (now.form ?: return)
        val wrong = form.wrong()
        if (wrong != null) {
            show { copy(problem = Problem("number", wrong)) }
            return
        }
        workOnce {
            shop.editSettings(before, form.on(before))
            kept.drop()
            session.settingsChanged()
            show { copy(form = null) }
            follow { look() }
        }
    }

    override fun cancel() {
        show { copy(form = null) }
        work { kept.drop() }
    }

    override fun writeFlag(name: String) {
        show { copy(newFlag = name) }
        keptFlag.soon(mapOf("name" to name.ifEmpty { null }))
    }

    override fun addFlag() {
        val name = now.newFlag.trim()
        writeFlag("")
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
