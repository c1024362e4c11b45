package dev.counterpart.gallery

import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.text.TextLayoutResult
import androidx.compose.ui.unit.Density
import androidx.compose.ui.unit.toSize
import dev.counterpart.ui.states.pictures
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory

/** What holds of every screen in every state: half of the states here and half below, so that two processes share them. */
class ScreensTest : EveryScreen(half = 0)

/** The other half. */
class OtherScreensTest : EveryScreen(half = 1)

@OptIn(ExperimentalTestApi::class)
abstract class EveryScreen(private val half: Int) {
    @TestFactory
    fun `every control has a label and can be hit with a finger, no text is cut, and every word stands out from its ground`() =
        pictures.filterIndexed { at, _ -> at % 2 == half }.map { picture ->
            DynamicTest.dynamicTest("${picture.screen}: ${picture.state}") {
                // Light and dark differ in colours alone, and nothing else changes those.
                for (look in looks.filter { !it.dark } + large) {
                    val coloured = look == looks.first()
                    val wrong = mutableListOf<String>()
                    // Tall enough that nothing lies below the edge: what is cut off there has no size.
                    runSkikoComposeUiTest(Size(look.width.toFloat(), TALL), Density(1f)) {
                        val dark = mutableStateOf(false)
                        setContent { key(dark.value) { look.copy(dark = dark.value).Show(picture) } }
                        nodes(merged = true).forEach { node -> wrong += faults(node) }
                        nodes(merged = false).filter(::isCut).forEach { node -> wrong += "\"${label(node)}\" is cut" }
                        for (inTheDark in listOf(false, true).filter { coloured }) {
                            dark.value = inTheDark
                            waitForIdle()
                            wrong += pale().map { if (inTheDark) "$it in the dark" else it }
                        }
                    }
                    assertEquals(emptyList<String>(), wrong, look.name)
                }
            }
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

    private companion object {
        const val TARGET = 48f
        const val TALL = 6_000f

        /** A pixel on each side may be lost to rounding. */
        const val ROUNDED = 1f
    }
}
