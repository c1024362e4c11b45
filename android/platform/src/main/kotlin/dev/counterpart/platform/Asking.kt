package dev.counterpart.platform

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Bundle
import kotlinx.coroutines.CompletableDeferred
import java.util.concurrent.ConcurrentHashMap

/** Whether the app may do what this permission is about; the person is asked if they were not yet. */
internal suspend fun Context.mayI(permission: String): Boolean {
    if (checkSelfPermission(permission) == PERMISSION_GRANTED) return true
    val answer = Asking.answers.getOrPut(permission) { CompletableDeferred() }
    val ask = Intent(this, Asking::class.java).setAction(permission).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
    startActivity(ask)
    return answer.await()
}

/** Asks for one permission over whatever is shown, and is gone. The system lets nothing but an activity ask. */
class Asking : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        val permission = intent.action ?: return finish()
        // A turned screen makes it anew while the system still asks.
        if (state == null) requestPermissions(arrayOf(permission), 0)
    }

    override fun onRequestPermissionsResult(
        code: Int,
        permissions: Array<String>,
        results: IntArray,
    ) = finish()

    override fun onDestroy() {
        super.onDestroy()
        val permission = intent.action ?: return
        if (isFinishing) answers.remove(permission)?.complete(checkSelfPermission(permission) == PERMISSION_GRANTED)
    }

    internal companion object {
        /** Who waits for an answer, by permission. */
        val answers = ConcurrentHashMap<String, CompletableDeferred<Boolean>>()
    }
}
