package dev.counterpart.desktop

import dev.counterpart.app.PickedFiles
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import java.awt.EventQueue
import java.awt.FileDialog
import java.awt.Frame
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import kotlin.coroutines.resume

/** The computer's own dialogs for files, over the app's window. */
internal object WindowFiles : PickedFiles {
    override suspend fun take(): Path? = ask(FileDialog.LOAD)

    override suspend fun give(file: Path): Boolean {
        val to = ask(FileDialog.SAVE, "${file.fileName}") ?: return false
        withContext(Dispatchers.IO) { Files.copy(file, to, REPLACE_EXISTING) }
        return true
    }

    private suspend fun ask(
        mode: Int,
        name: String? = null,
    ): Path? =
        suspendCancellableCoroutine { answer ->
            EventQueue.invokeLater {
                val window: Frame? = Frame.getFrames().firstOrNull { it.isShowing }
                val dialog = FileDialog(window, TITLE, mode)
                answer.invokeOnCancellation { EventQueue.invokeLater(dialog::dispose) }
                dialog.directory = System.getProperty("user.home")
                dialog.file = name
                dialog.isVisible = true
                answer.resume(dialog.files.firstOrNull()?.toPath())
            }
        }
}
