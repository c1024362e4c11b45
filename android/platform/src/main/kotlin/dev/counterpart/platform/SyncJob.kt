package dev.counterpart.platform

import android.annotation.TargetApi
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import android.os.Build
import dev.counterpart.ShopException
import dev.counterpart.Terminal
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import java.time.Duration

/** The app that has a terminal: the background finds it here, whichever of its parts the system woke. */
interface HasTerminal {
    suspend fun terminal(): Terminal
}

/**
 * A sync while the app is not on the screen. The system gives it minutes or nothing: no promise of the app's rests on it,
 * and when its time is over the sync is cancelled.
 */
class SyncJob : JobService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private var syncing: Job? = null

    override fun onStartJob(parameters: JobParameters): Boolean {
        val app = application as? HasTerminal ?: return false
        syncing =
            scope.launch {
                val again =
                    try {
                        app.terminal().shop()?.syncOnce(WITHIN)
                        false
                    } catch (wrong: ShopException) {
                        wrong is ShopException.NotNow || wrong is ShopException.NeedsServer
                    }
                jobFinished(parameters, again)
            }
        return true
    }

    override fun onStopJob(parameters: JobParameters): Boolean {
        syncing?.cancel()
        return true
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    companion object {
        private const val ID = 1
        private val WITHIN = Duration.ofSeconds(60)
        private val EVERY = Duration.ofMinutes(15)

        /** From now on, every quarter of an hour or as the system likes. */
        fun schedule(context: Context) {
            val job =
                JobInfo
                    .Builder(ID, ComponentName(context, SyncJob::class.java))
                    .setPeriodic(EVERY.toMillis())
                    .onAnyNetwork()
                    .build()
            context.getSystemService(JobScheduler::class.java).schedule(job)
        }

        /** A network counts where it leads to no internet too; the oldest systems know no such wish. */
        @TargetApi(Build.VERSION_CODES.P)
        private fun JobInfo.Builder.onAnyNetwork(): JobInfo.Builder {
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.P) return setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
            return setRequiredNetwork(NetworkRequest.Builder().removeCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET).build())
        }
    }
}
