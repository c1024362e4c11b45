package dev.counterpart.app

import dev.counterpart.ShopException
import dev.counterpart.calendars
import dev.counterpart.model.AppointmentRow
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filterNot
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.map
import java.time.Duration
import java.time.Instant
import java.time.ZoneId

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

/** The reminders that stand now, and where the shop is that they are of. */
data class Reminding(
    val reminders: List<Reminder>,
    val zone: ZoneId,
)

/** What the shell has to remind of, whoever is signed in: nothing once nobody is, and no word while that is not known. */
@OptIn(ExperimentalCoroutinesApi::class)
fun Session.reminding(): Flow<Reminding> =
    state
        .filterNot { it.opening }
        .map { it.desk }
        .distinctUntilChanged()
        .flatMapLatest { desk ->
            desk?.standing() ?: flowOf(Reminding(emptyList(), ZoneId.systemDefault()))
        }

/** Without reminders everything else works: what cannot be read now is read with the next opening. */
private fun Desk.standing(): Flow<Reminding> =
    reminders().map { Reminding(it, zone) }.catch { wrong -> if (wrong !is ShopException && wrong !is IllegalStateException) throw wrong }
