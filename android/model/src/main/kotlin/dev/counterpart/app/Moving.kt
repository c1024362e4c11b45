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
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.file.Files
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
)

/** What moving in and out shows. */
data class MovingState(
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

    /** Moves in, or only says what would become of each line. */
    fun bringIn(tries: Boolean)

    fun stop()

    fun dismiss()
}

/** Everything into a file, and a file of another system in. What has moved stays moved when somebody stops. */
class Moving(
    private val desk: Desk,
    folder: Path,
) : ScreenModel<MovingState>(MovingState(exportFile = "${folder.resolve("counterpart-${desk.today}.jsonl")}")),
    MovingActions {
    private val shop = desk.shop
    private val proposed = now.exportFile

    @Volatile
    private var stopped = false

    override fun MovingState.with(problem: Problem?) = copy(problem = problem, progress = null)

    override fun writeExportFile(file: String) = show { copy(exportFile = file) }

    override fun fill(form: MovingIn) = show { copy(form = form) }

    override fun stop() {
        stopped = true
    }

    override fun export() {
        val file = Paths.get(now.exportFile.trim())
        moves {
            // What was written there before is written anew; a file that somebody names themselves is never thrown away.
            if ("$file" == proposed) withContext(Dispatchers.IO) { Files.deleteIfExists(file) }
            val report = shop.exportTo(file, ::heard)
            show { copy(exported = report, progress = null) }
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
