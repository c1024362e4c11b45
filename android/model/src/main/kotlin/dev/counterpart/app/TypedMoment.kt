package dev.counterpart.app

import java.time.Instant
import java.time.LocalDate
import java.time.LocalTime
import java.time.ZoneId
import java.time.format.DateTimeFormatter

/** A day and a time as somebody types them: 2026-03-12 and 9:05. */
class TypedMoment(
    private val date: String,
    private val time: String,
) {
    val isEmpty = date.isBlank() && time.isBlank()

    /** What has to be put right before it is a moment. */
    fun wrong(): Problem? =
        when {
            day == null -> Problem("date", "date")
            clock == null -> Problem("time", "time")
            else -> null
        }

    /** Nothing where something is wrong. */
    fun at(zone: ZoneId): Instant? = day?.let { day -> clock?.let { day.atTime(it).atZone(zone).toInstant() } }

    private val day: LocalDate? get() = runCatching { LocalDate.parse(date.trim()) }.getOrNull()

    private val clock: LocalTime? get() = runCatching { LocalTime.parse(time.trim(), CLOCK) }.getOrNull()

    companion object {
        private val CLOCK = DateTimeFormatter.ofPattern("H:mm")

        /** The day of a moment as somebody would type it. */
        fun date(
            at: Instant,
            zone: ZoneId,
        ): String = "${at.atZone(zone).toLocalDate()}"

        /** Its time. */
        fun time(
            at: Instant,
            zone: ZoneId,
        ): String = at.atZone(zone).format(CLOCK)
    }
}
