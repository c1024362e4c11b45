package dev.counterpart.app

import dev.counterpart.ServerAddress
import dev.counterpart.Shop
import dev.counterpart.ShopException
import dev.counterpart.Terminal
import dev.counterpart.code
import dev.counterpart.model.SyncState
import dev.counterpart.model.Unsent
import dev.counterpart.states
import kotlinx.coroutines.Job

/** What stands on the sign-in screen. */
data class SignInForm(
    val server: String = "",
    val key: String = "",
    val email: String = "",
    val password: String = "",
    val shop: String = "",
    val asksShop: Boolean = false,
    val busy: Boolean = false,
    val problem: Problem? = null,
)

/** Where a person is. */
sealed interface Place {
    /** The ticket board, with the ticket that is open on it. */
    data class Board(
        val ticket: String? = null,
    ) : Place

    data object Intake : Place

    data object SyncCentre : Place

    /** As it is kept in the engine's file. */
    fun word(): String =
        when (this) {
            is Board -> if (ticket == null) "board" else "board/$ticket"
            Intake -> "intake"
            SyncCentre -> "sync"
        }

    companion object {
        fun of(word: String?): Place =
            when {
                word == "intake" -> Intake
                word == "sync" -> SyncCentre
                word != null && word.startsWith("board/") -> Board(word.removePrefix("board/"))
                else -> Board()
            }
    }
}

/** What is known of the app as a whole: who is signed in, the shop, the line to the server, where one is. */
data class SessionState(
    val opening: Boolean = true,
    val form: SignInForm = SignInForm(),
    val desk: Desk? = null,
    val shopName: String = "",
    val place: Place = Place.Board(),
    val line: SyncState? = null,
    val unsentAtSignOut: Long? = null,
    val problem: Problem? = null,
)

/** What a person can do on the sign-in screen. */
interface SignInActions {
    fun fill(form: SignInForm)

    fun signIn()

    fun dismiss()
}

/** The app's session: it opens where the person left, signs in and out, and keeps the place one is at. */
class Session(
    private val terminal: Terminal,
    private val clock: Clock = Clock.System,
) : ScreenModel<SessionState>(SessionState()),
    SignInActions {
    private var line: Job? = null

    init {
        work {
            val open = terminal.shop()
            if (open == null) show { copy(opening = false) } else enter(open)
        }
    }

    override fun SessionState.with(problem: Problem?) =
        copy(problem = problem, form = form.copy(problem = problem, busy = false))

    override fun fill(form: SignInForm) = show { copy(form = form) }

    override fun signIn() {
        val form = now.form
        work {
            show { copy(form = form.copy(busy = true, problem = null)) }
            val server = ServerAddress(form.server.trim(), form.key.trim())
            try {
                val shop = form.shop.trim().ifEmpty { null }
                enter(terminal.signIn(server, form.email.trim(), form.password, shop).shop)
            } catch (several: ShopException.Invalid) {
                if (several.field != "shop") throw several
                show { copy(form = form.copy(asksShop = true, busy = false)) }
            }
        }
    }

    /** Asks what becomes of unsent work; without any, it signs out. */
    fun signOut(unsent: Unsent? = null) {
        work {
            try {
                terminal.signOut(unsent)
                line?.cancel()
                show { SessionState(opening = false, form = SignInForm(server = form.server, key = form.key, email = form.email)) }
            } catch (waiting: ShopException.NotNow) {
                if (waiting.code != "unsent") throw waiting
                show { copy(unsentAtSignOut = waiting.operations?.toLong() ?: 0) }
            }
        }
    }

    fun stay() = show { copy(unsentAtSignOut = null) }

    /** Goes to a place, and keeps it: whatever ends the app, it opens there again. */
    fun go(place: Place) {
        show { copy(place = place) }
        val shop = now.desk?.shop ?: return
        work { shop.saveDraft(PLACE, place.word()) }
    }

    private suspend fun enter(shop: Shop) {
        val settings = shop.settings()
        val desk = Desk(shop, shop.who(), settings?.currency ?: "EUR", clock)
        val place = Place.of(shop.draft(PLACE)?.body)
        show {
            copy(opening = false, desk = desk, shopName = settings?.name.orEmpty(), place = place, form = form.copy(password = "", busy = false))
        }
        line?.cancel()
        line = follow { shop.states().collect { state -> show { copy(line = state) } } }
        if (settings == null) follow { nameOnceHere(shop) }
    }

    /** A new device learns the shop's name and its currency with its first sync. */
    private suspend fun nameOnceHere(shop: Shop) {
        shop.states().collect { state ->
            val settings = if (state.lastSyncedAt == null || now.shopName.isNotEmpty()) null else shop.settings()
            if (settings != null) {
                val desk = Desk(shop, shop.who(), settings.currency, clock)
                show { copy(shopName = settings.name, desk = desk) }
            }
        }
    }

    private companion object {
        const val PLACE = "place"
    }
}
