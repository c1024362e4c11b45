package dev.counterpart.gallery

import dev.counterpart.app.Arabic
import dev.counterpart.app.English
import dev.counterpart.model.AppointmentKind
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.Approval
import dev.counterpart.model.Customer
import dev.counterpart.model.InventoryItem
import dev.counterpart.model.LineKind
import dev.counterpart.model.MovementKind
import dev.counterpart.model.NoteKind
import dev.counterpart.model.Role
import dev.counterpart.model.Ticket
import dev.counterpart.ui.fieldName
import dev.counterpart.ui.of
import dev.counterpart.ui.wordName
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

    @Test
    fun `every word that a kind, an approval, a state or a role may be has a name in every language`() {
        val words = listOf(LineKind::class, NoteKind::class, Approval::class, MovementKind::class, AppointmentKind::class, AppointmentState::class, Role::class)
        val named = words.flatMap { it.java.declaredClasses.asList() }.map { it.simpleName }.filter { it != "Other" && it != "Companion" }.map { it.snake() }
        assert(named.size == 33) { named }
        assertEquals(emptyList<String>(), named.filter { Arabic.wordName(it) == it })
        for (spoken in listOf(English, Arabic)) {
            assertEquals(spoken.of(AppointmentKind.DropOff) to spoken.of(Role.FrontDesk), spoken.wordName("drop_off") to spoken.wordName("front_desk"))
            assertEquals(spoken.of(LineKind.Labour) to spoken.of(AppointmentState.NoShow), spoken.wordName("labour") to spoken.wordName("no_show"))
            assertEquals("only a newer server has it", spoken.wordName("only a newer server has it"))
        }
    }

    private fun String.snake() = replace(Regex("(?<=.)[A-Z]"), "_$0").lowercase()
}
