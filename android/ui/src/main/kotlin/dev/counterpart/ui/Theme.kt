package dev.counterpart.ui

import androidx.compose.material3.ColorScheme
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.platform.LocalLayoutDirection
import androidx.compose.ui.unit.LayoutDirection
import dev.counterpart.app.Arabic
import dev.counterpart.app.English
import dev.counterpart.app.Words
import java.time.ZoneId

/** The words of a language, or of the first where the screens do not speak it. */
fun wordsOf(language: String): Words = listOf(Arabic).firstOrNull { it.language == language } ?: English

/** The language that the screens speak. */
val LocalWords = staticCompositionLocalOf<Words> { English }

/** The shop's time zone. */
val LocalZone = staticCompositionLocalOf<ZoneId> { ZoneId.systemDefault() }

/** Colours that Material has no name for. Never the only sign of anything. */
data class ShopColours(
    val good: Color,
    val attention: Color,
    val attentionGround: Color,
    val onAttentionGround: Color,
)

val LocalColours = staticCompositionLocalOf { lightShop }

val lightShop = ShopColours(Color(0xFF1B6B3A), Color(0xFF8A4B00), Color(0xFFFFE9C7), Color(0xFF4A2A00))
val darkShop = ShopColours(Color(0xFF86D9A0), Color(0xFFFFC078), Color(0xFF4D3200), Color(0xFFFFE2B8))

val lightScheme: ColorScheme =
    lightColorScheme(
        primary = Color(0xFF0B5C6B),
        onPrimary = Color.White,
        primaryContainer = Color(0xFFC9EBF2),
        onPrimaryContainer = Color(0xFF04313A),
        secondary = Color(0xFF47616A),
        onSecondary = Color.White,
        secondaryContainer = Color(0xFFD7E8EE),
        onSecondaryContainer = Color(0xFF152C34),
        background = Color(0xFFF6F8F9),
        onBackground = Color(0xFF171C1E),
        surface = Color(0xFFFFFFFF),
        onSurface = Color(0xFF171C1E),
        surfaceVariant = Color(0xFFE6ECEF),
        onSurfaceVariant = Color(0xFF3E484C),
        error = Color(0xFFB3261E),
        onError = Color.White,
        errorContainer = Color(0xFFFBE0DE),
        onErrorContainer = Color(0xFF5C0F0A),
        outline = Color(0xFF6B777C),
        outlineVariant = Color(0xFFC6CFD3),
    )

val darkScheme: ColorScheme =
    darkColorScheme(
        primary = Color(0xFF86D2E2),
        onPrimary = Color(0xFF00363F),
        primaryContainer = Color(0xFF0F4853),
        onPrimaryContainer = Color(0xFFC9EBF2),
        secondary = Color(0xFFB2CAD3),
        onSecondary = Color(0xFF1D333A),
        secondaryContainer = Color(0xFF344A52),
        onSecondaryContainer = Color(0xFFD7E8EE),
        background = Color(0xFF0F1416),
        onBackground = Color(0xFFDEE4E6),
        surface = Color(0xFF171D1F),
        onSurface = Color(0xFFDEE4E6),
        surfaceVariant = Color(0xFF2A3337),
        onSurfaceVariant = Color(0xFFC0CACE),
        error = Color(0xFFFFB4AB),
        onError = Color(0xFF5C0F0A),
        errorContainer = Color(0xFF6B1711),
        onErrorContainer = Color(0xFFFBE0DE),
        outline = Color(0xFF8D989D),
        outlineVariant = Color(0xFF3F494D),
    )

/** The shop's looks, in a language and its direction. */
@Composable
fun ShopTheme(
    dark: Boolean,
    words: Words,
    content: @Composable () -> Unit,
) {
    CompositionLocalProvider(
        LocalWords provides words,
        LocalColours provides if (dark) darkShop else lightShop,
        LocalLayoutDirection provides if (words.rtl) LayoutDirection.Rtl else LayoutDirection.Ltr,
    ) {
        MaterialTheme(colorScheme = if (dark) darkScheme else lightScheme, content = content)
    }
}
