package dev.counterpart.app

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import java.nio.file.Files
import java.nio.file.Path

/** Files wherever somebody keeps them, by the system's own dialog. What cannot be read or written is an `IOException`. */
interface PickedFiles {
    /** The file that was picked, or a copy of it; nothing where somebody thought better of it. */
    suspend fun take(): Path?

    /** Puts a copy of this file where somebody wants it. Whether they did. */
    suspend fun give(file: Path): Boolean
}

/** Takes away a file that was only made for somebody to put elsewhere. */
internal suspend fun dropped(file: Path) {
    withContext(NonCancellable + Dispatchers.IO) { Files.deleteIfExists(file) }
}
