package dev.counterpart.platform

import android.Manifest
import android.app.AlarmManager
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.os.Build
import dev.counterpart.app.Life
import dev.counterpart.app.Reminder
import dev.counterpart.app.Reminding
import dev.counterpart.app.Words
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.time.Duration
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle

/**
 * Says on the device that somebody is about to come. It is given the whole list after every change, and makes the
 * system's alarms that list: what was moved or cancelled elsewhere rings no more.
 */
class ReminderAlarms(
    private val context: Context,
) {
    private val alarms = context.getSystemService(AlarmManager::class.java)

    /** Which alarms are set, known also after the system ended the process. */
    private val kept = context.getSharedPreferences("reminders", Context.MODE_PRIVATE)

    /** Keeps the alarms current, from the first list on, of which [laid] hears. */
    suspend fun follow(
        reminding: Flow<Reminding>,
        words: Words,
        life: Life,
        laid: () -> Unit,
    ) = coroutineScope {
        var asking: Job? = null
        reminding.collect { (reminders, zone) ->
            val due = reminders.filter { it.at.isAfter(Instant.now()) }
            keep(due, words, zone)
            laid()
            if (due.isNotEmpty() && asking == null) asking = launch { askOnceSeen(life) }
        }
    }

    /** The person is asked whether they want to be told of it, once, when there is something to tell and they look. */
    private suspend fun askOnceSeen(life: Life) {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU || kept.getBoolean(ASKED, false)) return
        life.inFront.first { it }
        context.mayI(Manifest.permission.POST_NOTIFICATIONS)
        kept.edit().putBoolean(ASKED, true).apply()
    }

    private fun keep(
        due: List<Reminder>,
        words: Words,
        zone: ZoneId,
    ) {
        val set = kept.getStringSet(SET, null).orEmpty()
        for (gone in set - due.map { it.appointment.id.value }.toSet()) alarms.cancel(pending(gone, text = null))
        for (reminder in due) {
            val at = DateTimeFormatter.ofLocalizedTime(FormatStyle.SHORT).withZone(zone).format(reminder.appointment.slot.startsAt)
            val text = words.appointmentsReminder(at, reminder.appointment.customer)
            alarms.setWindow(AlarmManager.RTC_WAKEUP, reminder.at.toEpochMilli(), WINDOW_MS, pending(reminder.appointment.id.value, text))
        }
        kept.edit().putStringSet(SET, due.map { it.appointment.id.value }.toSet()).apply()
    }

    /** One intent per appointment: the same again takes the place of the earlier one. */
    private fun pending(
        appointment: String,
        text: String?,
    ): PendingIntent {
        val intent = Intent(context, ReminderReceiver::class.java).setAction(appointment).putExtra(ReminderReceiver.TEXT, text)
        return PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE)
    }

    private companion object {
        const val SET = "set"
        const val ASKED = "asked"

        /** Exact alarms are a permission of their own, and a customer is not that exact. */
        const val WINDOW_MS = 5 * 60_000L
    }
}

/** The alarm rang. */
class ReminderReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        val text = intent.getStringExtra(TEXT) ?: return
        val notifications = context.getSystemService(NotificationManager::class.java)
        val channel = NotificationChannel(CHANNEL, context.applicationInfo.loadLabel(context.packageManager), NotificationManager.IMPORTANCE_DEFAULT)
        notifications.createNotificationChannel(channel)
        val notification =
            Notification
                .Builder(context, CHANNEL)
                .setSmallIcon(context.applicationInfo.icon)
                .setContentText(text)
                // A name stands in it: not on a screen that is locked.
                .setVisibility(Notification.VISIBILITY_PRIVATE)
                .setAutoCancel(true)
                .build()
        notifications.notify(intent.action, 0, notification)
    }

    companion object {
        internal const val TEXT = "text"
        private const val CHANNEL = "appointments"
    }
}

/** The device was started, and the system has forgotten every alarm: they are laid anew as soon as the process is there. */
class Restarted : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        val app = context.applicationContext as? HasLife
        if (intent.action != Intent.ACTION_BOOT_COMPLETED || app == null) return
        val pending = goAsync()
        CoroutineScope(Dispatchers.Default).launch {
            withTimeoutOrNull(WITHIN.toMillis()) { app.reminded() }
            // Nobody looks: afterwards the engine rests.
            app.life.refresh(WITHIN)
            pending.finish()
        }
    }

    private companion object {
        /** Twice that is well within what a receiver is given. */
        val WITHIN: Duration = Duration.ofSeconds(4)
    }
}
