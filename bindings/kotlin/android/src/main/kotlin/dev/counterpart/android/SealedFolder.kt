package dev.counterpart.android

import dev.counterpart.SecureStorage
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.nio.file.StandardOpenOption
import java.security.MessageDigest
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * A file per name, sealed under a key that is kept elsewhere. What another key sealed, or somebody changed, is not there:
 * it came with a copy of the folder, and a device that has lost its secrets is a new one.
 */
class SealedFolder(
    private val folder: Path,
    private val key: () -> SecretKey,
) : SecureStorage {
    init {
        Files.createDirectories(folder)
    }

    override fun get(name: String): String? {
        val bytes =
            try {
                Files.readAllBytes(file(name))
            } catch (_: NoSuchFileException) {
                return null
            }
        if (bytes.size <= NONCE) return null
        val cipher = Cipher.getInstance(CIPHER)
        cipher.init(Cipher.DECRYPT_MODE, key(), GCMParameterSpec(TAG_BITS, bytes, 0, NONCE))
        cipher.updateAAD(name.toByteArray())
        return try {
            String(cipher.doFinal(bytes, NONCE, bytes.size - NONCE))
        } catch (_: AEADBadTagException) {
            null
        }
    }

    override fun set(
        name: String,
        value: String,
    ) {
        val cipher = Cipher.getInstance(CIPHER)
        // The keystore picks the nonce itself, and lets nobody else do so.
        cipher.init(Cipher.ENCRYPT_MODE, key())
        cipher.updateAAD(name.toByteArray())
        val sealed = cipher.iv + cipher.doFinal(value.toByteArray())
        // Written beside and moved into place: a kill leaves the old value or the new one.
        val beside = Files.createTempFile(folder, "new", null)
        FileChannel.open(beside, StandardOpenOption.WRITE).use { channel ->
            val bytes = java.nio.ByteBuffer.wrap(sealed)
            while (bytes.hasRemaining()) channel.write(bytes)
            channel.force(true)
        }
        Files.move(beside, file(name), ATOMIC_MOVE, REPLACE_EXISTING)
    }

    override fun remove(name: String) {
        Files.deleteIfExists(file(name))
    }

    /** Names hold ids of accounts and shops, and any characters: their digest is a name for a file, and says nothing. */
    private fun file(name: String): Path {
        val digest = MessageDigest.getInstance("SHA-256").digest(name.toByteArray())
        return folder.resolve(digest.joinToString("") { "%02x".format(it) })
    }

    private companion object {
        const val CIPHER = "AES/GCM/NoPadding"
        const val NONCE = 12
        const val TAG_BITS = 128
    }
}
