package dev.counterpart.gallery

import dev.counterpart.ui.states.pictures
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Path

class GuideTest {
    private val guides = Guide.files(Path.of("../../docs/guide"))

    @Test
    fun `every picture that a guide names is drawn`() {
        assertEquals(3, guides.size)
        val drawn = pictures.map { it.screen to it.state }.toSet()
        for (guide in guides) {
            val named = Guide.pictures(guide)
            assertTrue(named.isNotEmpty(), "$guide")
            assertEquals(emptyList<Any>(), named - drawn, "$guide")
        }
    }

    @Test
    fun `a guide becomes a page with its pictures`() {
        val (name, page) = Guide.page(guides.first())
        assertEquals("guide-icons.html", name)
        assertTrue("board-full-phone-light-en.png" in page && "<td>" in page)
    }
}
