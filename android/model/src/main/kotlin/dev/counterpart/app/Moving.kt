package dev.counterpart.app

import dev.counterpart.ExportReport
import dev.counterpart.ImportLayout
import dev.counterpart.ImportReport
import dev.counterpart.ProgressSink
import dev.counterpart.exportTo
import dev.counterpart.model.Flow
import dev.counterpart.model.Format
import dev.counterpart.model.ImportOptions
import dev.counterpart.model.Progress
import java.io.IOException
import java.nio.file.Path
import java.nio.file.Paths

/** What is typed to move in. */
data class MovingIn(
    val file: String = "",
    /** What the file is of; nothing where it is an export of this app. */
    val layout: ImportLayout? = null,
    /** The system it comes from: the same name again finds what came from there before. */
    val source: String = "",
    val countryCode: String = "",
) {
    /** What the file is called. */
    val fileName get() = file.substringAfterLast('/').substringAfterLast('\\')

    fun texts(): Map<String, String?> =
        mapOf("file" to file.ifEmpty { null }, "layout" to layout?.name, "source" to source.ifEmpty { null }, "country" to countryCode.ifEmpty { null })

    companion object {
        fun of(texts: Map<String, String>) =
            MovingIn(
                texts["file"].orEmpty(),
                ImportLayout.entries.firstOrNull { it.name == texts["layout"] },
                texts["source"].orEmpty(),
                texts["country"].orEmpty(),
            )
    }
}

/** What moving in and out shows. */
data class MovingState(
    /** Whether the system asks where files are; else their paths are typed. */
    val picks: Boolean = false,
    val exportFile: String = "",
    val form: MovingIn = MovingIn(),
    /** So far, while something moves. */
    val progress: Progress? = null,
    val exported: ExportReport? = null,
    val imported: ImportReport? = null,
    /** Whether the last import was only tried. */
    val tried: Boolean = false,
    val problem: Problem? = null,
)

/** What a person can do to move in or out. */
interface MovingActions {
    fun writeExportFile(file: String)

    fun export()

    fun fill(form: MovingIn)

    /** Asks for the file to move in. */
    fun pick()

    /** Moves in, or only says what would become of each line. */
    fun bringIn(tries: Boolean)

    fun stop()

    fun dismiss()
}

/** Everything into a file, and a file of another system in. What has moved stays moved when somebody stops. */
class Moving(
    private val desk: Desk,
    folder: Path,
    private val files: PickedFiles? = null,
) : ScreenModel<MovingState>(MovingState(picks = files != null, exportFile = "${folder.resolve("counterpart-${desk.today}.jsonl")}")),
    MovingActions {
    private val shop = desk.shop
    private val kept = Kept(desk, "moving", ::follow)
    private val usualFile = now.exportFile

    @Volatile
    private var stopped = false

    init {
        follow {
            val typed = kept.read()
            val (form, file) = MovingIn.of(typed) to (typed["export"] ?: usualFile)
            // Who was quicker to type than the disk to read keeps what they typed.
            show { if (this.form == MovingIn() && exportFile == usualFile) copy(form = form, exportFile = file) else this }
        }
    }

    override suspend fun keepTyped() = kept.now()

    private fun keep() = kept.soon(now.form.texts() + ("export" to now.exportFile.takeIf { it != usualFile }))

    override fun MovingState.with(problem: Problem?) = copy(problem = problem, progress = null)

    override fun writeExportFile(file: String) {
        show { copy(exportFile = file) }
        keep()
    }

    override fun fill(form: MovingIn) {
        show { copy(form = form) }
        keep()
    }

    override fun pick() {
        val files = files ?: return
        work {
            try {
                files.take()?.let { fill(now.form.copy(file = "$it")) }
            } catch (_: IOException) {
                show { with(Problem("not_found")) }
            }
        }
    }

    override fun stop() {
        stopped = true
    }

    override fun export() {
        val file = Paths.get(now.exportFile.trim())
        moves {
            // What was written there before is written anew; a file that somebody names themselves is never thrown away.
            try {
                if ("$file" == usualFile) dropped(file)
                val report = shop.exportTo(file, ::heard)
                kept.drop()
                val given = !report.complete || put(file)
                show { copy(exported = report.takeIf { given }, progress = null) }
            } catch (_: IOException) {
                show { with(Problem("read_only")) }
            }
        }
    }

    /** Where the system asks where files go, it is there and nowhere else. Whether somebody wanted it. */
    private suspend fun put(file: Path): Boolean {
        val files = files ?: return true
        return try {
            files.give(file)
        } finally {
            dropped(file)
        }
    }

    override fun bringIn(tries: Boolean) {
        val form = now.form
        moves {
            val path = form.file.trim()
            val sink = Heard(::heard)
            val layout = form.layout
            val report =
                if (layout == null) shop.importExport(path, tries, sink) else shop.importFrom(path, layout, options(form, tries), sink)
            if (!tries) kept.drop()
            show { copy(imported = report, tried = tries, progress = null) }
        }
    }

    private fun options(
        form: MovingIn,
        tries: Boolean,
    ) = ImportOptions(
        source = form.source.trim(),
        format = if (form.file.trim().endsWith(".csv", ignoreCase = true)) Format.CSV else Format.JSON,
        derive = null,
        countryCode = form.countryCode.filter { it.isDigit() }.ifEmpty { null },
        decimal = null,
        dates = null,
        utcOffsetMinutes = desk.zone.rules.getOffset(desk.clock.now()).totalSeconds / SECONDS,
        dryRun = tries,
    )

    /** One thing moves at a time. */
    private fun moves(deed: suspend () -> Unit) {
        if (now.progress != null) return
        stopped = false
        work {
            show { copy(progress = Progress(0u, 0u), exported = null, imported = null) }
            deed()
        }
    }

    private fun heard(progress: Progress): Boolean {
        show { if (this.progress == null) this else copy(progress = progress) }
        return !stopped
    }

    private class Heard(
        private val goesOn: (Progress) -> Boolean,
    ) : ProgressSink {
        override fun progress(progress: Progress): Flow = if (goesOn(progress)) Flow.GO_ON else Flow.STOP
    }

    private companion object {
        const val SECONDS = 60
    }
}
