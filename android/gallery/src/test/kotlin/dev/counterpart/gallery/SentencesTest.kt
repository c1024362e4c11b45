package dev.counterpart.gallery

import dev.counterpart.app.Arabic
import dev.counterpart.app.English
import dev.counterpart.model.Customer
import dev.counterpart.model.InventoryItem
import dev.counterpart.model.Ticket
import dev.counterpart.ui.fieldName
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class SentencesTest {
    private val own = setOf("id", "meta", "Companion", "\$stable")

    @Test
    fun `every field of a record whose trail is shown has a name in every language`() {
        val fields = listOf(Ticket::class, Customer::class, InventoryItem::class).flatMap { it.java.declaredFields.map { field -> field.name } } - own
        val named = fields.map { it.substringBefore('-').replace(Regex("[A-Z]")) { upper -> "_${upper.value.lowercase()}" } }.distinct()
        assert(named.size > 40) { named }
        for (words in listOf(English, Arabic)) {
            // What has no name of its own is shown as the engine calls it.
            assertEquals(emptyList<String>(), named.filter { words.fieldName(it) == it.replace('_', ' ') }, words.language)
        }
    }
}
