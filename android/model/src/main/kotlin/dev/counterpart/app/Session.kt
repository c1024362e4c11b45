package dev.counterpart.app

import dev.counterpart.ServerAddress
import dev.counterpart.Shop
import dev.counterpart.ShopException
import dev.counterpart.ShopOverview
import dev.counterpart.SignedIn
import dev.counterpart.Terminal
import dev.counterpart.code
import dev.counterpart.model.ShopName
import dev.counterpart.model.ShopSettings
import dev.counterpart.model.SyncState
import dev.counterpart.model.Unsent
import dev.counterpart.states
import kotlinx.coroutines.Job
import java.io.IOException
import java.nio.file.Path
import java.nio.file.Paths
import java.time.ZoneId

/** What stands on the sign-in screen. */
data class SignInForm(
    val server: String = "",
    val key: String = "",
    val email: String = "",
    /** One's own or, of somebody who was invited, the one that came with the invitation. */
    val password: String = "",
    val invited: Boolean = false,
    /** What somebody who was invited takes in its place. */
    val own: NewPassword = NewPassword(),
    /** The shops to choose from, where the account works in several. */
    val shops: List<ShopName> = emptyList(),
    /** By what the server's certificate is believed; nothing for a public authority's. */
    val root: String? = null,
    /** Where the note of who was signed in lies, if it could not be read. */
    val forgot: String? = null,
    val busy: Boolean = false,
    val problem: Problem? = null,
)

/** What is known of the app as a whole: who is signed in, the shop, the line to the server, where one is. */
data class SessionState(
    val opening: Boolean = true,
    val form: SignInForm = SignInForm(),
    val desk: Desk? = null,
    val shopName: String = "",
    val place: Place = Place.Board(),
    val line: SyncState? = null,
    /** On a shared tablet: whose work this is. */
    val worker: Worker? = null,
    /** Whether one came in by a password that somebody else gave, and has not been asked yet for another. */
    val asksPassword: Boolean = false,
    val unsentAtSignOut: Long? = null,
    /** How much happened to the device's files that the sync centre tells, until somebody goes there. */
    val found: Int = 0,
    val problem: Problem? = null,
) {
    /** How much waits for somebody at the sync centre. */
    val waiting: Long get() = found + (line?.waiting ?: 0)
}

/** How much of the queue waits for a person. */
val SyncState.waiting: Long get() = (failed + conflicts).toLong()

/** Whose work it is at a shared tablet; no name while nobody has entered a PIN. */
data class Worker(
    val name: String?,
)

/** What a person can do on the sign-in screen. */
interface SignInActions {
    fun fill(form: SignInForm)

    fun signIn()

    /** Signs in to one of several shops. */
    fun choose(shop: String)

    fun dismiss()
}

/** What a person can do around every screen. */
interface FrameActions {
    /** Goes to a place, and keeps it: whatever ends the app, it opens there again. */
    fun go(place: Place)

    /** What belongs to no screen, another shop or signing out, did not work, and that was read. */
    fun dismiss()
}

/** The app's session: it opens where the person left, signs in and out, and keeps the place one is at. */
class Session(
    private val terminal: Terminal,
    private val clock: Clock = Clock.System,
    /** Where files go that a person asks for and does not say where. */
    val folder: Path = Paths.get(System.getProperty("user.home")),
    /** Whether the system lets this app speak to this server; the person is asked if they were not yet. */
    private val mayReach: suspend (server: String) -> Boolean = { true },
    /** Where the system asks a person where files are and go. */
    val files: PickedFiles? = null,
) : ScreenModel<SessionState>(SessionState()),
    SignInActions,
    FrameActions {
    private var line: Job? = null

    /** The link that opened the app, until it is known whether somebody is signed in. */
    private var arrived: String? = null

    /** The password that somebody else gave, while another is asked for. */
    private var given: String? = null

    /** What an inspector may do; nothing over a library that is shipped. */
    val inspector: Inspector? = inspectorOf(terminal)

    init {
        work {
            val open = terminal.shop()
            val forgot = terminal.forgot()
            if (open != null) return@work enter(open)
            show { copy(opening = false, form = form.copy(forgot = forgot)) }
            arrived?.let(::pair)
        }
    }

    override fun SessionState.with(problem: Problem?) =
        copy(opening = opening && problem == null, problem = problem, form = form.copy(problem = problem, busy = false))

    /** What a hub's code says may be typed where its address goes. Another address is believed by nothing of the last one. */
    override fun fill(form: SignInForm) {
        if (!pair(form.server)) show { copy(form = form.copy(root = this.form.root.takeIf { form.server == this.form.server })) }
    }

    /** Takes over what a hub's code says. Whether it was one. */
    fun pair(link: String): Boolean {
        val server = Pairing.of(link) ?: return false
        show { copy(form = form.copy(server = server.url, key = server.anonKey, root = server.rootSha256)) }
        return true
    }

    /** A link from outside the app, before it is open or later. Who is signed in stays where they are. */
    fun arrive(link: String) {
        work {
            if (now.opening) arrived = link else if (now.desk == null) pair(link)
        }
    }

    /** Takes over where a hub was found, and by what it is believed. */
    fun reach(
        url: String,
        root: String?,
    ) = show { copy(form = form.copy(server = url, root = root)) }

    override fun signIn() = signIn(null)

    override fun choose(shop: String) = signIn(shop)

    private fun signIn(shop: String?) {
        val form = now.form
        val wrong = form.own.wrong().takeIf { form.invited }
        if (wrong != null) {
            show { with(wrong) }
            return
        }
        work {
            show { copy(form = form.copy(busy = true, problem = null)) }
            val mayReach = mayReach(form.server.trim())
            try {
                val (open, mustChange) = form.comeIn(shop)
                given = form.password.takeIf { mustChange }
                enter(open)
            } catch (several: ShopException.Invalid) {
                if (several.field != "shop") throw several
                val shops = terminal.knownShops()
                show { copy(form = form.copy(shops = shops, busy = false)) }
            } catch (silent: ShopException.NeedsServer) {
                if (mayReach) throw silent
                show { with(Problem("local_network")) }
            }
        }
    }

    private suspend fun SignInForm.comeIn(shop: String?): SignedIn {
        val server = ServerAddress(server.trim(), key.trim(), root)
        val address = email.trim()
        return if (invited) terminal.signUp(server, address, password, own.password, shop) else terminal.signIn(server, address, password, shop)
    }

    /** Puts another password in the place of [current], or of the one that somebody else gave. */
    suspend fun changePassword(
        current: String?,
        password: String,
    ) {
        terminal.changePassword(current ?: given.orEmpty(), password)
        keepPassword()
    }

    /** No other password is asked for, now that it is changed or for the time being. */
    fun keepPassword() {
        given = null
        show { copy(asksPassword = false) }
    }

    /** Asks what becomes of unsent work; without any, it signs out. */
    fun signOut(unsent: Unsent? = null): Job =
        work {
            try {
                terminal.signOut(unsent)
                line?.cancel()
                show { SessionState(opening = false, form = SignInForm(form.server, form.key, form.email, root = form.root)) }
                if (unsent is Unsent.Export) handOver(Paths.get(unsent.path))
            } catch (waiting: ShopException.NotNow) {
                if (waiting.code != "unsent") throw waiting
                show { copy(unsentAtSignOut = waiting.operations?.toLong() ?: 0) }
            }
        }

    /** What somebody takes along is put where they want it; where they say nothing, it stays where it was said to be. */
    private suspend fun handOver(taken: Path) {
        try {
            if (files?.give(taken) == true) dropped(taken)
        } catch (_: IOException) {
            show { with(Problem("read_only")) }
        }
    }

    fun stay() = show { copy(unsentAtSignOut = null) }

    override fun go(place: Place) {
        val left = now.place
        show { at(place) }
        val shop = now.desk?.shop ?: return
        work {
            shop.saveDraft(PLACE, place.word())
            // The others see which ticket somebody looks at, and no longer than that.
            if (left is Place.Board && left.ticket != null && (place as? Place.Board)?.ticket == null) shop.show(null)
        }
    }

    /** Another shop of the account, opened here before or not. */
    fun switchShop(shop: String) {
        work { enter(terminal.switchShop(shop)) }
    }

    /** The shops of the account. */
    suspend fun shops(): List<ShopName> = terminal.knownShops()

    /** Where the note of who was signed in lies, if it could not be read. */
    suspend fun forgot(): String? = terminal.forgot()

    /** How every shop stands that the account manages. It needs the server. */
    suspend fun overview(): List<ShopOverview> = terminal.overview()

    /** For a trial of what happens without it: the engine is told that the network is gone, or back. */
    fun pretendNetwork(up: Boolean) {
        work { terminal.network(up) }
    }

    /** How good the network is made to be. */
    var network: Network = Network.WELL
        private set

    /** For a trial of what happens over a bad network. */
    suspend fun simulate(network: Network) {
        inspector?.simulate(network)
        this.network = network
    }

    /** The shop's name, its currency or its zone changed here. */
    suspend fun settingsChanged() {
        val shop = now.desk?.shop ?: return
        val settings = shop.settings() ?: return
        val desk = desk(shop, settings)
        show { copy(shopName = settings.name, desk = desk) }
    }

    /** A file that is not there yet, for everything that this person sees here. */
    fun leavingFile(): String = "${folder.resolve("counterpart-${clock.now().toEpochMilli()}.jsonl")}"

    /** Somebody else works here now: every screen is theirs. */
    suspend fun workerChanged() {
        val desk = now.desk ?: return
        val next = Desk(desk.shop, desk.shop.who(), desk.currency, clock, desk.zone, desk.drafts)
        val worker = worker(next)
        show { copy(desk = next, worker = worker) }
    }

    private suspend fun enter(shop: Shop) {
        val settings = shop.settings()
        val desk = desk(shop, settings)
        val place = Place.of(shop.draft(PLACE)?.body)
        val worker = worker(desk)
        val found = shop.findings().size + listOfNotNull(terminal.forgot()).size
        show {
            copy(opening = false, desk = desk, shopName = settings?.name.orEmpty(), worker = worker, asksPassword = given != null, form = form.withoutPasswords(), found = found)
                .at(place)
        }
        line?.cancel()
        line = follow { shop.states().collect { state -> show { copy(line = state) } } }
        if (settings == null) follow { nameOnceHere(shop) }
    }

    private fun SessionState.at(place: Place) = copy(place = place, found = if (place == Place.SyncCentre) 0 else found)

    private fun SignInForm.withoutPasswords() = copy(password = "", invited = false, own = NewPassword(), busy = false)

    private suspend fun desk(
        shop: Shop,
        settings: ShopSettings?,
    ): Desk {
        // A zone that only a newer system knows is shown as this device's own.
        val zone = runCatching { ZoneId.of(settings?.timeZone) }.getOrElse { ZoneId.systemDefault() }
        val drafts = now.desk?.takeIf { it.shop === shop }?.drafts ?: Drafts(shop)
        return Desk(shop, shop.who(), settings?.currency ?: "EUR", clock, zone, drafts)
    }

    private suspend fun worker(desk: Desk): Worker? {
        if (!desk.who.station) return null
        val actor = desk.who.actor
        return Worker(desk.shop.employees().firstOrNull { it.id.value == actor }?.name)
    }

    /** A new device learns the shop's name and its currency with its first sync. */
    private suspend fun nameOnceHere(shop: Shop) {
        shop.states().collect { state ->
            val settings = if (state.lastSyncedAt == null || now.shopName.isNotEmpty()) null else shop.settings()
            if (settings != null) {
                val desk = desk(shop, settings)
                show { copy(shopName = settings.name, desk = desk) }
            }
        }
    }

    private companion object {
        const val PLACE = "place"
    }
}
