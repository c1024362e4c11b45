package dev.counterpart.gallery

import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.unit.Density
import dev.counterpart.app.Arabic
import dev.counterpart.app.English
import dev.counterpart.app.Words
import dev.counterpart.ui.LocalZone
import dev.counterpart.ui.ShopTheme
import dev.counterpart.ui.states.Picture
import java.time.ZoneId

/** How a screen is held and looked at. */
data class Look(
    val name: String,
    val width: Int,
    val height: Int,
    val dark: Boolean,
    val words: Words,
    val fontScale: Float = 1f,
) {
    /** On a device that is so much longer. */
    fun longer(by: Int) = copy(name = "$name-whole", height = height + by)

    /** A picture as it looks then. */
    @Composable
    fun Show(picture: Picture) {
        CompositionLocalProvider(
            LocalDensity provides Density(1f, fontScale),
            LocalZone provides ZoneId.of("Europe/Berlin"),
        ) { ShopTheme(dark, words, picture.content) }
    }
}

private val devices = listOf(Triple("phone", 412, 892), Triple("tablet", 1180, 820))

/** Phone and tablet, light and dark, from left to right and from right to left. */
val looks: List<Look> =
    devices.flatMap { (device, width, height) ->
        listOf(false, true).flatMap { dark ->
            listOf(English, Arabic).map { words ->
                Look("$device-${if (dark) "dark" else "light"}-${words.language}", width, height, dark, words)
            }
        }
    }

/** Those in which a screen is drawn to its end too. */
val inWhole: List<Look> = looks.filter { it.name in setOf("phone-light-en", "phone-dark-ar", "tablet-light-en") }

/** Letters twice as large. */
val large: List<Look> = looks.filter { !it.dark }.map { it.copy(name = "${it.name}-large", fontScale = 2f) }
