package dev.counterpart

import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.atomic.AtomicReference

/** Secure storage for a desktop without a keystore: a file per name, in a folder that only its owner may read. */
class FolderStorage(
    private val folder: Path,
) : SecureStorage {
    init {
        Files.createDirectories(folder)
        if (isPosix()) Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"))
    }

    override fun get(name: String): String? =
        try {
            String(Files.readAllBytes(file(name)))
        } catch (_: NoSuchFileException) {
            null
        }

    override fun set(
        name: String,
        value: String,
    ) {
        // Written beside, on the disk, and moved into place: a kill or a power cut leaves the old value or the new one.
        val beside = Files.createTempFile(folder, "new", null)
        FileChannel.open(beside, StandardOpenOption.WRITE).use { channel ->
            val bytes = ByteBuffer.wrap(value.toByteArray())
            while (bytes.hasRemaining()) channel.write(bytes)
            channel.force(true)
        }
        Files.move(beside, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
    }

    override fun remove(name: String) {
        Files.deleteIfExists(file(name))
    }

    private fun file(name: String): Path {
        val plain = name.map { if (it.isLetterOrDigit() && it.code < 128 || it == '-') it else '_' }
        return folder.resolve(plain.joinToString(""))
    }

    private fun isPosix() = "posix" in folder.fileSystem.supportedFileAttributeViews()
}

/** Reachability where no system tells of it, or a person decides: it says what it is told. */
class SwitchedReachability(
    up: Boolean = true,
) : Reachability {
    private val listener = AtomicReference<NetworkListener?>()

    /** Whether there is a network. */
    @Volatile
    var isUp: Boolean = up
        set(value) {
            field = value
            listener.get()?.networkChanged(value)
        }

    override fun start(listener: NetworkListener) {
        this.listener.set(listener)
        listener.networkChanged(isUp)
    }

    override fun stop() {
        listener.set(null)
    }
}
