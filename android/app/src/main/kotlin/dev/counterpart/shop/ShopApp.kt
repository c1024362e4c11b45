package dev.counterpart.shop

import android.app.Application
import dev.counterpart.Terminal
import dev.counterpart.android.open
import dev.counterpart.app.Equipment
import dev.counterpart.app.Life
import dev.counterpart.app.OpenDevice
import dev.counterpart.app.Session
import dev.counterpart.app.reminding
import dev.counterpart.platform.CameraCodes
import dev.counterpart.platform.HasLife
import dev.counterpart.platform.HubsNearby
import dev.counterpart.platform.LocalNetwork
import dev.counterpart.platform.ReminderAlarms
import dev.counterpart.platform.ShopNetwork
import dev.counterpart.platform.Shown
import dev.counterpart.platform.SyncJob
import dev.counterpart.platform.SystemFiles
import dev.counterpart.ui.wordsOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import java.util.Locale

/** What outlives every activity: the terminal and the session on it. */
class ShopApp :
    Application(),
    HasLife {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val laid = CompletableDeferred<Unit>()

    /** The device's folder, and the session once it is open. */
    val device =
        OpenDevice({ Terminal.open(this) }) {
            val folder = getExternalFilesDir(null) ?: noBackupFilesDir
            Session(it, folder = folder.toPath(), mayReach = LocalNetwork(this)::mayReach, files = SystemFiles(this))
        }

    override val life = Life(device::terminal)

    /** What this device has besides the engine. */
    val equipment by lazy { Equipment(HubsNearby(this), CameraCodes(this)) }

    /** A link opened the app: a hub's code, read by another one. It waits until the session is there. */
    fun arrive(link: String) {
        scope.launch { device.session().arrive(link) }
    }

    override suspend fun reminded() = laid.await()

    override fun onCreate() {
        super.onCreate()
        registerActivityLifecycleCallbacks(Shown(life))
        SyncJob.schedule(this)
        scope.launch { remind() }
        scope.launch { ShopNetwork(this@ShopApp).follow(device.session().state) }
    }

    private suspend fun remind() {
        val words = wordsOf(Locale.getDefault().language)
        ReminderAlarms(this).follow(device.session().reminding(), words, life) { laid.complete(Unit) }
    }
}
