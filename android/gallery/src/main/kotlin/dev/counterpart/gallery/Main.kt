package dev.counterpart.gallery

import androidx.compose.ui.ImageComposeScene
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getAllSemanticsNodes
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.unit.Density
import androidx.compose.ui.use
import dev.counterpart.ui.states.Picture
import dev.counterpart.ui.states.pictures
import org.jetbrains.skia.EncodedImageFormat
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** Two frames later everything that a screen does at its beginning has been done. */
private const val SETTLED_NS = 500_000_000L

/** Draws every screen in every state and every look into a folder, with a page that shows them all, and the guides. */
fun main(arguments: Array<String>) {
    val (folder, guides) = Files.createDirectories(Path.of(arguments[0])) to Path.of(arguments[1])
    val files =
        pictures.flatMap { picture ->
            val shown = if (picture.state in largeStates) looks + large else looks
            shown.flatMap { look -> draw(folder, picture, look) }
        }
    folder.resolve("index.html").writeText(page(files))
    for ((name, page) in Guide.files(guides).map(Guide::page)) folder.resolve(name).writeText(page)
    val screens = pictures.map { it.screen }.distinct().size
    println("""{"screens":$screens,"pictures":${files.size}}""")
}

/** The states that are drawn with large letters too: the fullest of each screen. */
private val largeStates = setOf("long", "shop", "typing", "conflict", "full", "leads", "list", "low", "card", "week", "pin", "imported", "leaving", "ways", "older", "older-not-here", "devices", "elsewhere")

private class Drawn(
    val picture: Picture,
    val look: Look,
    val file: String,
)

/** The screen as the device has it and, of some looks, in its whole length where that is more. */
private fun draw(
    folder: Path,
    picture: Picture,
    look: Look,
): List<Drawn> {
    val file = "${picture.screen}-${picture.state}-${look.name}.png"
    val further =
        ImageComposeScene(look.width, look.height, Density(1f)) { look.Show(picture) }.use { scene ->
            scene.render(0)
            scene.render(SETTLED_NS)
            val image = scene.render(2 * SETTLED_NS)
            val png = checkNotNull(image.encodeToData(EncodedImageFormat.PNG)) { file }
            folder.resolve(file).writeBytes(png.bytes)
            scene.furtherDown()
        }
    val whole = if (look in inWhole && further > 0) draw(folder, picture, look.longer(further)) else emptyList()
    return listOf(Drawn(picture, look, file)) + whole
}

/** How much of the screen lies below its edge. Lists without an end do not say. */
private fun ImageComposeScene.furtherDown(): Int =
    roots
        .flatMap { it.semanticsOwner.getAllSemanticsNodes(mergingEnabled = false) }
        .filter { SemanticsActions.ScrollToIndex !in it.config }
        .maxOfOrNull { it.config.getOrNull(SemanticsProperties.VerticalScrollAxisRange)?.maxValue?.invoke() ?: 0f }
        ?.toInt() ?: 0

private fun page(files: List<Drawn>): String {
    val sections =
        files.groupBy { it.picture.screen to it.picture.state }.entries.joinToString("\n") { (name, drawn) ->
            val shown =
                drawn.joinToString("\n") {
                    """<figure><a href="${it.file}"><img loading="lazy" src="${it.file}" alt="${it.file.removeSuffix(".png")}"></a>""" +
                        "<figcaption>${it.look.name}</figcaption></figure>"
                }
            "<h2>${name.first}: ${name.second}</h2>\n<div>$shown</div>"
        }
    return """
        |<!doctype html><html lang="en"><meta charset="utf-8"><title>Counterpart: every screen</title>
        |<style>body{font:16px system-ui;margin:2rem;background:#eceff1}div{display:flex;flex-wrap:wrap;gap:1rem}
        |figure{margin:0}img{height:320px;border-radius:8px}figcaption{font-size:.8rem}</style>
        |<h1>Every screen</h1>
        |$sections
        |</html>
        |
        """.trimMargin()
}
