package dev.counterpart.shop

import android.app.Application
import dev.counterpart.Terminal
import dev.counterpart.android.open
import dev.counterpart.app.Equipment
import dev.counterpart.app.Life
import dev.counterpart.app.Session
import dev.counterpart.app.reminders
import dev.counterpart.platform.CameraCodes
import dev.counterpart.platform.HasLife
import dev.counterpart.platform.HubsNearby
import dev.counterpart.platform.ReminderAlarms
import dev.counterpart.platform.ShopNetwork
import dev.counterpart.platform.Shown
import dev.counterpart.platform.SyncJob
import dev.counterpart.ui.wordsOf
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import java.util.Locale

/** What outlives every activity: the terminal and the session on it. */
class ShopApp :
    Application(),
    HasLife {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val opened = scope.async(start = CoroutineStart.LAZY) { Terminal.open(this@ShopApp) }
    private val begun =
        scope.async(start = CoroutineStart.LAZY) {
            val folder = getExternalFilesDir(null) ?: noBackupFilesDir
            Session(opened.await(), folder = folder.toPath())
        }

    override val life = Life(opened::await)

    /** What this device has besides the engine. */
    val equipment by lazy { Equipment(HubsNearby(this), CameraCodes(this)) }

    suspend fun session(): Session = begun.await()

    /** A link opened the app: a hub's code, read by another one. It waits until the session is there. */
    fun arrive(link: String) {
        scope.launch { session().arrive(link) }
    }

    override fun onCreate() {
        super.onCreate()
        registerActivityLifecycleCallbacks(Shown(life))
        SyncJob.schedule(this)
        scope.launch { remind() }
        scope.launch { ShopNetwork(this@ShopApp).follow(session().state) }
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    private suspend fun remind() {
        val alarms = ReminderAlarms(this)
        session()
            .state
            .map { it.desk }
            .distinctUntilChanged()
            .flatMapLatest { desk -> desk?.reminders()?.map { desk to it } ?: emptyFlow() }
            .collect { (desk, reminders) -> alarms.keep(reminders, wordsOf(Locale.getDefault().language), desk.zone, desk.clock.now()) }
    }
}
