package dev.counterpart.gallery

import androidx.compose.material3.ColorScheme
import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.luminance
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.text.TextLayoutResult
import androidx.compose.ui.unit.Density
import androidx.compose.ui.unit.toSize
import dev.counterpart.ui.ShopColours
import dev.counterpart.ui.darkScheme
import dev.counterpart.ui.darkShop
import dev.counterpart.ui.lightScheme
import dev.counterpart.ui.lightShop
import dev.counterpart.ui.states.pictures
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

/** What holds of every screen in every state. */
@OptIn(ExperimentalTestApi::class)
class ScreensTest {
    @TestFactory
    fun `every control has a label and can be hit with a finger, and no text is cut`() =
        pictures.map { picture ->
            DynamicTest.dynamicTest("${picture.screen}: ${picture.state}") {
                // Light and dark differ in colours alone.
                for (look in looks.filter { !it.dark } + large) {
                    val wrong = mutableListOf<String>()
                    // Tall enough that nothing lies below the edge: what is cut off there has no size.
                    runSkikoComposeUiTest(Size(look.width.toFloat(), TALL), Density(1f)) {
                        setContent { look.Show(picture) }
                        nodes(merged = true).forEach { node -> wrong += faults(node) }
                        nodes(merged = false).filter(::isCut).forEach { node -> wrong += "\"${label(node)}\" is cut" }
                    }
                    assertEquals(emptyList<String>(), wrong, look.name)
                }
            }
        }

    /** What a person can do something with is one node when merged; what is written in it is a node each when not. */
    private fun SkikoComposeUiTest.nodes(merged: Boolean): List<SemanticsNode> {
        fun below(node: SemanticsNode): List<SemanticsNode> = listOf(node) + node.children.flatMap(::below)
        return onAllNodes(isRoot(), useUnmergedTree = !merged).fetchSemanticsNodes().flatMap(::below)
    }

    private fun faults(node: SemanticsNode): List<String> {
        val config = node.config
        val name = label(node)
        val pressed = SemanticsActions.OnClick in config
        val typed = SemanticsActions.SetText in config
        return listOfNotNull(
            "a control without a label at ${node.boundsInRoot}".takeIf { (pressed || typed) && name.isBlank() },
            "\"$name\" is too small: ${node.touchBoundsInRoot}".takeIf { (pressed || typed) && node.isWhole() && node.touchBoundsInRoot.isSmall() },
        )
    }

    /** Not scrolled out at the side. */
    private fun SemanticsNode.isWhole() = boundsInRoot.width >= size.width && boundsInRoot.height >= size.height

    private fun Rect.isSmall() = width < TARGET || height < TARGET

    private fun label(node: SemanticsNode): String {
        val own =
            node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty() +
                node.config.getOrNull(SemanticsProperties.Text).orEmpty().map { it.text }
        return (own + node.children.map(::label)).filter { it.isNotBlank() }.joinToString(" ")
    }

    private fun isCut(node: SemanticsNode): Boolean {
        val laid = mutableListOf<TextLayoutResult>()
        node.config.getOrNull(SemanticsActions.GetTextLayoutResult)?.action?.invoke(laid)
        val typed = SemanticsActions.SetText in node.config
        // What is typed into one line scrolls.
        return !typed && laid.isNotEmpty() && (laid.any { it.hasVisualOverflow } || isClipped(node))
    }

    /** Whether less of it is drawn than there is, by more than what scrolls has scrolled out of sight. */
    private fun isClipped(node: SemanticsNode): Boolean {
        val whole = Rect(node.positionInRoot, node.size.toSize())
        val scrolling = generateSequence(node.parent) { it.parent }.filter { it.scrolls() }
        val wanted = scrolling.fold(whole) { left, around -> left.intersect(around.boundsInRoot) }
        val drawn = node.boundsInRoot
        return !wanted.isEmpty && (wanted.width - drawn.width > ROUNDED || wanted.height - drawn.height > ROUNDED)
    }

    private fun SemanticsNode.scrolls() =
        SemanticsProperties.HorizontalScrollAxisRange in config || SemanticsProperties.VerticalScrollAxisRange in config

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

    private fun contrast(
        one: Color,
        other: Color,
    ): Float {
        val (light, dark) = listOf(one.luminance(), other.luminance()).sortedDescending()
        return (light + 0.05f) / (dark + 0.05f)
    }

    private companion object {
        const val TARGET = 48f
        const val TALL = 6_000f
        const val READABLE = 4.5f

        /** A pixel on each side may be lost to rounding. */
        const val ROUNDED = 1f
    }
}
