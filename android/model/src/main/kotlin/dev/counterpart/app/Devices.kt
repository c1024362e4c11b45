package dev.counterpart.app

import dev.counterpart.DeviceStanding
import dev.counterpart.Shop
import java.time.Duration
import java.time.Instant

/** How one of the shop's devices stands, as the server last heard of it. */
data class DeviceLine(
    /** As on the tickets that it numbers itself. */
    val code: String,
    /** Whose account is signed in on it, as far as this device knows their name. */
    val of: String?,
    /** Whether it is a shared tablet: nobody's own. */
    val shared: Boolean,
    /** How much it said it had not sent. */
    val unsent: Long,
    /** For how many minutes nothing was heard of it. */
    val silentMinutes: Long,
    val own: Boolean = false,
)

/** The shop's devices: the server alone knows of all. */
sealed interface Devices {
    data object Asking : Devices

    data class Here(
        val rows: List<DeviceLine>,
    ) : Devices

    data object Unreachable : Devices
}

/** For how many minutes nothing was heard of it; a clock that is behind the server's says none. */
internal fun DeviceStanding.silentMinutes(now: Instant): Long = Duration.between(seenAt, now).toMinutes().coerceAtLeast(0)

/** How the shop's devices stand. It needs the server. */
internal suspend fun Shop.deviceLines(now: Instant): List<DeviceLine> =
    deviceLines(devices(), device(), employees().associate { it.id.value to it.name }, now)

/** Those with unsent work first, and of these the longest silent. */
internal fun deviceLines(
    devices: List<DeviceStanding>,
    own: String,
    people: Map<String, String>,
    now: Instant,
): List<DeviceLine> =
    devices
        .map { DeviceLine(it.code, people[it.employee], it.employee == null, it.unsent.toLong(), it.silentMinutes(now), it.device == own) }
        .sortedWith(compareBy<DeviceLine> { it.unsent == 0L }.thenByDescending { it.silentMinutes }.thenBy { it.code })
