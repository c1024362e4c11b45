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
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import java.time.Duration

/**
 * A sync while the app is not on the screen. The system gives it minutes or nothing: no promise of the app's rests on it,
 * and when its time is over the sync is cancelled.
 */
class SyncJob : JobService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private var syncing: Job? = null

    override fun onStartJob(parameters: JobParameters): Boolean {
        val life = (application as? HasLife)?.life ?: return false
        syncing = scope.launch { jobFinished(parameters, !life.refresh()) }
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
        private val EVERY = Duration.ofMinutes(15)

        /** From now on, after a restart of the device too, every quarter of an hour or as the system likes. */
        fun schedule(context: Context) {
            val jobs = context.getSystemService(JobScheduler::class.java)
            // Asked for again it would begin anew, and the process may have been started for it.
            if (jobs.getPendingJob(ID)?.isPersisted == true) return
            val job =
                JobInfo
                    .Builder(ID, ComponentName(context, SyncJob::class.java))
                    .setPeriodic(EVERY.toMillis())
                    .setPersisted(true)
                    .onAnyNetwork()
                    .build()
            jobs.schedule(job)
        }

        /** A network counts where it leads to no internet too; the oldest systems know no such wish. */
        @TargetApi(Build.VERSION_CODES.P)
        private fun JobInfo.Builder.onAnyNetwork(): JobInfo.Builder {
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.P) return setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
            return setRequiredNetwork(NetworkRequest.Builder().removeCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET).build())
        }
    }
}
