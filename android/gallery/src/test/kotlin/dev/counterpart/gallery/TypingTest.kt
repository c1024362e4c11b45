package dev.counterpart.gallery

import dev.counterpart.ui.Typing
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class TypingTest {
    @Test
    fun `a late echo of an earlier key takes no later key back`() {
        val typing = Typing("")
        typing.type("S")
        typing.type("Sm")
        typing.hear("S")
        assertEquals("Sm", typing.text)
        typing.hear("Sm")
        assertEquals("Sm", typing.text)
    }

    @Test
    fun `what the model says of its own accord is shown`() {
        val typing = Typing("")
        typing.type("Call before five")
        typing.hear("Call before five")
        typing.hear("")
        assertEquals("", typing.text)
        typing.hear("from a draft")
        assertEquals("from a draft", typing.text)
    }
}
