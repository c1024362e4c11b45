package dev.counterpart.platform

import android.app.Activity
import android.app.Application
import android.os.Bundle
import dev.counterpart.app.Life

/** The app as its parts find it that the system wakes by themselves. */
interface HasLife {
    val life: Life

    /** Waits until the reminders are laid once. */
    suspend fun reminded()
}

/** Tells the app's life when the app leaves the screen and when it comes back. */
class Shown(
    private val life: Life,
) : Application.ActivityLifecycleCallbacks {
    private var shown = 0

    override fun onActivityStarted(activity: Activity) {
        shown += 1
        if (shown == 1) life.comeBack()
    }

    override fun onActivityStopped(activity: Activity) {
        shown -= 1
        // A turned screen stops one activity and starts the next.
        if (shown == 0 && !activity.isChangingConfigurations) life.leave()
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
