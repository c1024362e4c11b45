package dev.counterpart.gallery

import androidx.compose.foundation.layout.Column
import androidx.compose.material3.Button
import androidx.compose.material3.LocalTextStyle
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.unit.Density
import dev.counterpart.app.English
import dev.counterpart.ui.ShopTheme
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The check itself: what nobody could read is found, and nothing else. */
@OptIn(ExperimentalTestApi::class)
class ContrastTest {
    private val grey = Color(0xFF8A8A8A)

    private fun pale(content: @Composable () -> Unit): List<String> {
        var found = emptyList<String>()
        runSkikoComposeUiTest(Size(400f, 300f), Density(1f)) {
            setContent { ShopTheme(dark = false, English) { Surface { Column { content() } } } }
            found = pale()
        }
        return found
    }

    @Test
    fun `grey words on white are found, and so are words in their ground's own colour`() {
        assertTrue(pale { Text("Ready on Friday", color = grey) }.single().startsWith("\"Ready on Friday\" stands out by 3."))
        assertTrue(pale { Text("Ready on Friday", color = Color.White) }.single().startsWith("\"Ready on Friday\" stands out by 1.0"))
        assertEquals(emptyList<String>(), pale { Text("Ready on Friday") })
    }

    @Test
    fun `pale words in a button and in a field with a name that stands out are found`() {
        val typed = @Composable { OutlinedTextField("Weber", {}, textStyle = LocalTextStyle.current.copy(color = grey), label = { Text("Name") }) }
        assertTrue(pale { typed() }.single().startsWith("\"Weber\""))
        assertTrue(pale { Button({}) { Text("Save", color = Color(0xFF0B6C7B)) } }.single().startsWith("\"Save\""))
    }

    @Test
    fun `what cannot be used at the moment may be pale`() {
        assertEquals(emptyList<String>(), pale { Button({}, enabled = false) { Text("Save") } })
    }

    @Test
    fun `contrast is counted as WCAG does`() {
        assertEquals(21f, contrast(Color.Black, Color.White), 0.01f)
        assertEquals(4.48f, contrast(Color(0xFF777777), Color.White), 0.01f)
    }
}
