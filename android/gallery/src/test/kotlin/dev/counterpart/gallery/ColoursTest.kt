package dev.counterpart.gallery

import androidx.compose.material3.ColorScheme
import dev.counterpart.ui.ShopColours
import dev.counterpart.ui.darkScheme
import dev.counterpart.ui.darkShop
import dev.counterpart.ui.lightScheme
import dev.counterpart.ui.lightShop
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What holds of the theme's colours, marks and what no state shows included: [EveryScreen] measures what is drawn. */
class ColoursTest {
    @Test
    fun `every word stands out from its ground`() {
        for ((scheme, shop) in listOf(lightScheme to lightShop, darkScheme to darkShop)) {
            for ((ink, ground) in pairs(scheme, shop)) {
                assertTrue(contrast(ink, ground) >= READABLE, "$ink on $ground: ${contrast(ink, ground)}")
            }
        }
    }

    private fun pairs(
        scheme: ColorScheme,
        shop: ShopColours,
    ) = listOf(scheme.background, scheme.surface).flatMap { ground ->
        listOf(scheme.onSurface, scheme.onSurfaceVariant, scheme.primary, scheme.error, shop.good, shop.attention).map { it to ground }
    } +
        listOf(
            scheme.onPrimary to scheme.primary,
            scheme.onPrimaryContainer to scheme.primaryContainer,
            scheme.onSecondaryContainer to scheme.secondaryContainer,
            scheme.onSurfaceVariant to scheme.surfaceVariant,
            scheme.onErrorContainer to scheme.errorContainer,
            shop.onAttentionGround to shop.attentionGround,
        )
}
