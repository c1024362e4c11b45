package dev.counterpart.platform

import android.app.AlarmManager
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import dev.counterpart.app.Reminder
import dev.counterpart.app.Words
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

    fun keep(
        reminders: List<Reminder>,
        words: Words,
        zone: ZoneId,
        now: Instant,
    ) {
        val due = reminders.filter { it.at.isAfter(now) }
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
