package dev.counterpart.platform

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.provider.OpenableColumns
import dev.counterpart.app.PickedFiles
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.REPLACE_EXISTING

/** The system's own dialogs for files: whatever somebody has installed that keeps some. */
class SystemFiles(
    private val context: Context,
) : PickedFiles {
    private val content = context.contentResolver

    override suspend fun take(): Path? {
        val from = ask(Intent(Intent.ACTION_OPEN_DOCUMENT), "*/*") ?: return null
        return withContext(Dispatchers.IO) {
            val folder = Files.createDirectories(context.cacheDir.toPath().resolve("picked"))
            val copy = folder.resolve(nameOf(from).replace('/', '_'))
            read { content.openInputStream(from) }.use { Files.copy(it, copy, REPLACE_EXISTING) }
            copy
        }
    }

    override suspend fun give(file: Path): Boolean {
        val wanted = Intent(Intent.ACTION_CREATE_DOCUMENT).putExtra(Intent.EXTRA_TITLE, "${file.fileName}")
        val to = ask(wanted, "application/octet-stream") ?: return false
        withContext(Dispatchers.IO) { read { content.openOutputStream(to, "wt") }.use { Files.copy(file, it) } }
        return true
    }

    private suspend fun ask(
        wanted: Intent,
        type: String,
    ): Uri? {
        val answer = CompletableDeferred<Uri?>()
        PickFile.asked?.complete(null)
        PickFile.asked = answer
        val dialog = wanted.addCategory(Intent.CATEGORY_OPENABLE).setType(type)
        val pick = Intent(context, PickFile::class.java).putExtra(Intent.EXTRA_INTENT, dialog)
        context.startActivity(pick.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
        return answer.await()
    }

    private fun nameOf(file: Uri): String =
        content.query(file, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)?.use { if (it.moveToFirst()) it.getString(0) else null }
            ?: "picked"

    /** Whoever keeps the file may have taken it back meanwhile. */
    private fun <T : Any> read(open: () -> T?): T =
        try {
            open() ?: throw IOException()
        } catch (refused: SecurityException) {
            throw IOException(refused)
        }
}

/** Holds the system's dialog, shows nothing itself, and is gone with it. */
class PickFile : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // A turned screen makes it anew while the system still asks.
        if (state != null) return
        try {
            @Suppress("DEPRECATION")
            startActivityForResult(intent.getParcelableExtra(Intent.EXTRA_INTENT) ?: return finish(), 0)
        } catch (_: ActivityNotFoundException) {
            finish()
        }
    }

    override fun onActivityResult(
        code: Int,
        result: Int,
        picked: Intent?,
    ) {
        asked?.complete(picked?.data.takeIf { result == RESULT_OK })
        finish()
    }

    override fun onDestroy() {
        super.onDestroy()
        if (isFinishing) asked?.complete(null)
    }

    internal companion object {
        /** Who waits for a file. */
        @Volatile
        var asked: CompletableDeferred<Uri?>? = null
    }
}
