package dev.counterpart.platform

import android.app.Activity
import android.app.Application
import android.os.Bundle
import dev.counterpart.Terminal
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/**
 * Tells the engine when the app leaves the screen and when it comes back. What is wanted is kept, and one task after the
 * other brings it about: a late pause never strands a return.
 */
class Life(
    private val terminal: suspend () -> Terminal,
    private val scope: CoroutineScope,
) : Application.ActivityLifecycleCallbacks {
    private var shown = 0
    private var last: Job? = null

    override fun onActivityStarted(activity: Activity) {
        shown += 1
        if (shown == 1) tell(awake = true)
    }

    override fun onActivityStopped(activity: Activity) {
        shown -= 1
        // A turned screen stops one activity and starts the next.
        if (shown == 0 && !activity.isChangingConfigurations) tell(awake = false)
    }

    private fun tell(awake: Boolean) {
        val before = last
        last =
            scope.launch(Dispatchers.Default) {
                before?.join()
                if (awake) terminal().resume() else terminal().suspend()
            }
    }

    override fun onActivityCreated(
        activity: Activity,
        state: Bundle?,
    ) = Unit

    override fun onActivityResumed(activity: Activity) = Unit

    override fun onActivityPaused(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(
        activity: Activity,
        state: Bundle,
    ) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit
}
