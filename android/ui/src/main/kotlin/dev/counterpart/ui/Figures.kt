package dev.counterpart.ui

import dev.counterpart.app.TrailValue
import dev.counterpart.app.Words
import dev.counterpart.model.Slot
import java.text.NumberFormat
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import java.util.Currency
import java.util.Locale

/** Numbers and times as a language writes them, in digits that everybody in the shop reads. */
private fun Words.locale() = if (rtl) Locale.forLanguageTag("$language-u-nu-latn") else Locale.forLanguageTag("$language-GB")

fun Words.money(
    cents: Long,
    currency: String,
): String {
    val format = NumberFormat.getCurrencyInstance(locale())
    val known = runCatching { Currency.getInstance(currency) }.getOrNull() ?: return "${cents / 100.0} $currency"
    format.currency = known
    return format.format(cents.toBigDecimal().movePointLeft(known.defaultFractionDigits.coerceAtLeast(0)))
}

fun Words.moment(
    at: Instant,
    zone: ZoneId,
): String = DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT).withLocale(locale()).withZone(zone).format(at)

/** For how long, in the largest unit that is whole. */
fun Words.age(minutes: Long): String =
    when {
        minutes < HOUR -> ageMinutes(minutes)
        minutes < DAY -> ageHours(minutes / HOUR)
        else -> ageDays(minutes / DAY)
    }

private const val HOUR = 60L
private const val DAY = 24 * HOUR

/** A date within a sentence. */
fun Words.date(date: LocalDate): String = DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG).withLocale(locale()).format(date)

/** A day of the calendar. */
fun Words.day(date: LocalDate): String = DateTimeFormatter.ofLocalizedDate(FormatStyle.FULL).withLocale(locale()).format(date)

/** From when to when. */
fun Words.span(
    slot: Slot,
    zone: ZoneId,
): String {
    val time = DateTimeFormatter.ofLocalizedTime(FormatStyle.SHORT).withLocale(locale()).withZone(zone)
    return "${time.format(slot.startsAt)} – ${time.format(slot.endsAt)}"
}

/** So much room on a disk. */
fun Words.megabytes(bytes: ULong): String = NumberFormat.getIntegerInstance(locale()).format((bytes / 1_000_000uL).toLong())

/** What a field was or became. */
fun Words.of(
    value: TrailValue,
    currency: String,
    zone: ZoneId,
): String =
    when (value) {
        TrailValue.Nothing -> syncEmptyValue
        is TrailValue.Text -> value.text
        is TrailValue.Answer -> if (value.yes) trailYes else trailNo
        is TrailValue.Moment -> moment(value.at, zone)
        is TrailValue.Money -> money(value.cents, currency)
        is TrailValue.Step -> of(value.status)
        is TrailValue.Urgency -> of(value.priority)
        is TrailValue.Word -> wordName(value.word)
        is TrailValue.Checked -> value.marks.entries.joinToString(", ") { (item, mark) -> "${checkName(item)}: ${of(mark)}" }
    }
