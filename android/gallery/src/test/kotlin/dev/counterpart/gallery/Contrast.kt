package dev.counterpart.gallery

import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.luminance
import androidx.compose.ui.graphics.toPixelMap
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.unit.toSize
import kotlin.math.ceil
import kotlin.math.floor

/** So far has every word to stand out from its ground: WCAG 2.1, 1.4.3. Large letters might do with less, but are not let. */
internal const val READABLE = 4.5f

/** How far one colour stands out from another: from 1 for the same to 21 for black and white. */
internal fun contrast(
    one: Color,
    other: Color,
): Float {
    val (light, dark) = listOf(one.luminance(), other.luminance()).sortedDescending()
    return (light + 0.05f) / (dark + 0.05f)
}

/** What a person can do something with is one node when merged; what is written in it is a node each when not. */
@OptIn(ExperimentalTestApi::class)
internal fun SkikoComposeUiTest.nodes(merged: Boolean): List<SemanticsNode> =
    onAllNodes(isRoot(), useUnmergedTree = !merged).fetchSemanticsNodes().flatMap { listOf(it) + it.below() }

private fun SemanticsNode.below(): List<SemanticsNode> = children.flatMap { listOf(it) + it.below() }

/**
 * What is written and stands out too little, as it is drawn. Left out is what WCAG leaves out: controls that nobody can use
 * at the moment, and what says nothing, which has no node. What is half scrolled out of sight is read elsewhere.
 */
@OptIn(ExperimentalTestApi::class)
internal fun SkikoComposeUiTest.pale(): List<String> {
    val picture = captureToImage()
    return nodes(merged = false).filter { it.written.isNotBlank() && it.isWhole() && !it.isDisabled() }.mapNotNull { node ->
        val (ink, ground) = node.inkAndGround(picture)
        "\"${node.written}\" stands out by ${contrast(ink, ground)}: $ink on $ground".takeIf { contrast(ink, ground) < READABLE }
    }
}

private val SemanticsNode.written: String
    get() = config.getOrNull(SemanticsProperties.EditableText)?.text ?: config.getOrNull(SemanticsProperties.Text).orEmpty().joinToString("") { it.text }

/** Not scrolled out at a side. */
internal fun SemanticsNode.isWhole() = boundsInRoot.width >= size.width && boundsInRoot.height >= size.height

private fun SemanticsNode.isDisabled() = generateSequence(this) { it.parent }.any { SemanticsProperties.Disabled in it.config }

/**
 * The ground is the colour that most of it has. The edges of letters are smoothed, so ink is what differs from that the most.
 * Around what is typed are a frame and the field's name, which are looked at by themselves or not at all.
 */
private fun SemanticsNode.inkAndGround(picture: ImageBitmap): Pair<Color, Color> {
    val typed = SemanticsProperties.EditableText in config
    val named = below().filter { it.written.isNotBlank() || SemanticsProperties.ContentDescription in it.config }
    val colours = picture.colours(if (typed) boundsInRoot.deflate(FRAME) else boundsInRoot, named.map { Rect(it.positionInRoot, it.size.toSize()) })
    val ground = Color(colours.maxBy { it.value }.key)
    return colours.keys.map { Color(it) }.maxBy { contrast(it, ground) } to ground
}

/** How many points between these bounds have which colour, but for those that lie in a place that is [left] out. */
private fun ImageBitmap.colours(
    bounds: Rect,
    left: List<Rect>,
): Map<Int, Int> {
    val (x0, y0) = floor(bounds.left).toInt().coerceAtLeast(0) to floor(bounds.top).toInt().coerceAtLeast(0)
    val (x1, y1) = ceil(bounds.right).toInt().coerceAtMost(width) to ceil(bounds.bottom).toInt().coerceAtMost(height)
    val drawn = toPixelMap(x0, y0, x1 - x0, y1 - y0)
    val colours = mutableMapOf<Int, Int>()
    for (y in 0 until drawn.height) {
        for (x in 0 until drawn.width) {
            val point = Offset(x0 + x + 0.5f, y0 + y + 0.5f)
            if (left.none { point in it }) colours.merge(drawn.buffer[drawn.bufferOffset + y * drawn.stride + x], 1, Int::plus)
        }
    }
    return colours
}

/** So far from a field's edges its frame and the room for its name end, and nothing typed begins. */
private const val FRAME = 13f
