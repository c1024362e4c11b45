package dev.counterpart.gallery

import org.commonmark.ext.gfm.tables.TablesExtension
import org.commonmark.parser.Parser
import org.commonmark.renderer.html.HtmlRenderer
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readText

/** The guides of `docs/guide` as pages, with the gallery's own pictures where they name one: `<!-- picture: sync/failed -->`. */
object Guide {
    private val named = Regex("<!-- picture: ([a-z-]+)/([a-z-]+) -->")
    private val extensions = listOf(TablesExtension.create())
    private val parser = Parser.builder().extensions(extensions).build()
    private val renderer = HtmlRenderer.builder().extensions(extensions).build()

    fun files(folder: Path): List<Path> = folder.listDirectoryEntries("*.md").sortedBy { it.name }

    /** The screens and states that a guide shows. */
    fun pictures(guide: Path): List<Pair<String, String>> =
        named.findAll(guide.readText()).map { it.groupValues[1] to it.groupValues[2] }.toList()

    /** What the page is called, and the page. */
    fun page(guide: Path): Pair<String, String> {
        val body = renderer.render(parser.parse(guide.readText()))
        val shown = named.replace(body) { """<img loading="lazy" src="${file(it.groupValues[1], it.groupValues[2])}" alt="">""" }
        val title = guide.readText().lineSequence().first().removePrefix("# ")
        val page =
            """
            |<!doctype html><html lang="en"><meta charset="utf-8"><title>$title</title>
            |<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:44rem;padding:0 1rem}img{width:260px;border-radius:12px;border:1px solid #c6cfd3}
            |td,th{padding:.3rem .8rem;text-align:start;border-bottom:1px solid #c6cfd3}</style>
            |$shown
            |</html>
            |
            """.trimMargin()
        return "guide-${guide.nameWithoutExtension}.html" to page
    }

    private fun file(
        screen: String,
        state: String,
    ) = "$screen-$state-phone-light-en.png"
}
