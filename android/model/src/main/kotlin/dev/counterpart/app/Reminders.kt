package dev.counterpart.app

import dev.counterpart.calendars
import dev.counterpart.model.AppointmentRow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.map
import java.time.Duration
import java.time.Instant

/** That somebody is about to come, and when that is to be said. */
data class Reminder(
    val appointment: AppointmentRow,
    val at: Instant,
)

/** So long before somebody comes. */
private val BEFORE = Duration.ofMinutes(15)
private const val AHEAD_DAYS = 7L
private const val MOST = 50u

/**
 * What the shell has to remind of within the next days: the whole list again after every change, so that what was moved
 * or cancelled on another device is right here too.
 */
fun Desk.reminders(): Flow<List<Reminder>> {
    val from = clock.now()
    return shop.calendars(from, from.plus(Duration.ofDays(AHEAD_DAYS))).map {
        val until = clock.now().plus(Duration.ofDays(AHEAD_DAYS))
        shop.reminders(until, MOST).map { Reminder(it, it.slot.startsAt.minus(BEFORE)) }
    }
}
