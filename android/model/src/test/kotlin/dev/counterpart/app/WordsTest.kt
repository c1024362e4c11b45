package dev.counterpart.app

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class WordsTest {
    @Test
    fun `numbers take the form that their language gives them`() {
        assertEquals("1 day", English.ageDays(1))
        assertEquals("5 days", English.ageDays(5))
        assertEquals(listOf("يوم واحد", "يومين", "3 أيام", "11 يومًا", "100 يوم"), listOf(1L, 2, 3, 11, 100).map(Arabic::ageDays))
    }

    @Test
    fun `each of the engine's reasons has a sentence in every language`() {
        val codes =
            listOf(
                "required", "denied", "not_found", "in_use", "device_locked", "pin_locked", "busy", "unanswered", "unsent",
                "cancelled", "closed", "disk_full", "read_only", "newer_file", "damaged", "foreign_file", "needs_server",
                "signed_out", "defect", "length", "range", "phone", "email", "imei", "barcode", "wrong_credentials", "other",
            )
        for (words in listOf(English, Arabic)) for (code in codes) assertTrue(code in words.problems, "${words.language}: $code")
    }
}
