package dev.counterpart.tests

import dev.counterpart.android.SealedFolder
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** What of the Android part runs without Android: sealing, under a key that would be the keystore's. */
class AndroidTest {
    @TempDir
    lateinit var folder: Path

    private fun key(): SecretKey = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()

    @Test
    fun `a sealed secret is read back under its name and its key`() {
        val key = key()
        val storage = SealedFolder(folder) { key }
        storage.set("session:ada", "first")
        storage.set("session:ada", "geheim — ключ")
        storage.set("empty", "")
        assertEquals("geheim — ключ", storage.get("session:ada"))
        assertEquals("", storage.get("empty"))
        assertNull(storage.get("session:bo"))
        assertEquals("geheim — ключ", SealedFolder(folder) { key }.get("session:ada"))
        storage.remove("session:ada")
        storage.remove("session:ada")
        assertNull(storage.get("session:ada"))
    }

    @Test
    fun `neither names nor secrets stand in the folder`() {
        val key = key()
        SealedFolder(folder) { key }.set("session-ada", "secret")
        val file = folder.listDirectoryEntries().single()
        assertFalse("ada" in file.fileName.toString())
        assertFalse("secret" in String(Files.readAllBytes(file), Charsets.ISO_8859_1))
    }

    @Test
    fun `what another device sealed or somebody changed is not there`() {
        val (own, other) = key() to key()
        val storage = SealedFolder(folder) { own }
        storage.set("mark", "7")
        assertNull(SealedFolder(folder) { other }.get("mark"))
        val file = folder.listDirectoryEntries().single()
        val sealed = file.readBytes()
        file.writeBytes(sealed.copyOf().also { it[it.size - 1] = (it.last().toInt() xor 1).toByte() })
        assertNull(storage.get("mark"))
        file.writeBytes(sealed.copyOf(5))
        assertNull(storage.get("mark"))
    }

    @Test
    fun `a secret does not pass for another`() {
        val key = key()
        val storage = SealedFolder(folder) { key }
        storage.set("one", "1")
        val one = folder.listDirectoryEntries().single()
        storage.set("two", "2")
        val two = folder.listDirectoryEntries().single { it != one }
        two.writeBytes(one.readBytes())
        assertNull(storage.get("two"))
    }
}
