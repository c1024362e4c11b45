package dev.counterpart

import dev.counterpart.model.ImportOptions
import dev.counterpart.model.Progress
import java.nio.file.Path
import dev.counterpart.model.Flow as GoOn

/**
 * Opens the device's folder, or makes it, and goes on with the account and the shop that were open last.
 *
 * A device starts with the network down, until [reachability] or [Terminal.network] says otherwise. Whatever [storage]
 * and [reachability] throw is an error of the call that needed them, and ends nothing else.
 */
suspend fun Terminal.Companion.open(
    folder: Path,
    storage: SecureStorage,
    reachability: Reachability? = null,
    options: TerminalOptions = TerminalOptions(),
): Terminal = open(folder.toString(), GuardedStorage(storage), reachability?.let(::GuardedReachability), options)

/** From now on the process's log goes to this sink, in the place of an earlier one; without one it goes nowhere. */
fun logTo(
    sink: LogSink?,
    level: LogLevel = LogLevel.INFO,
) = setLogSink(sink?.let(::GuardedSink), level)

/** Writes everything that this person may see to a new file, as JSON lines. [heard] says whether to go on. */
suspend fun Shop.exportTo(
    path: Path,
    heard: (Progress) -> Boolean,
): ExportReport = exportTo(path.toString(), GuardedProgress(heard))

/** Moves in a file of another system. A line that was moved in before changes nothing. [heard] says whether to go on. */
suspend fun Shop.importFrom(
    path: Path,
    layout: ImportLayout,
    options: ImportOptions,
    heard: (Progress) -> Boolean,
): ImportReport = importFrom(path.toString(), layout, options, GuardedProgress(heard))

/** Reads an export into this shop. Records that are here already stay as they are. [heard] says whether to go on. */
suspend fun Shop.importExport(
    path: Path,
    dryRun: Boolean,
    heard: (Progress) -> Boolean,
): ImportReport = importExport(path.toString(), dryRun, GuardedProgress(heard))

/**
 * The generated code takes exceptions for what they are, but lets an `Error` (`NotImplementedError`, say) pass, and the
 * engine would take that for an answer: here it becomes one that it knows.
 */
private inline fun <T> guarded(work: () -> T): T =
    try {
        work()
    } catch (known: AdapterException) {
        throw known
    } catch (_: Throwable) {
        throw AdapterException.Failed()
    }

private class GuardedStorage(
    private val shell: SecureStorage,
) : SecureStorage {
    override fun get(name: String): String? = guarded { shell.get(name) }

    override fun set(
        name: String,
        value: String,
    ) = guarded { shell.set(name, value) }

    override fun remove(name: String) = guarded { shell.remove(name) }
}

private class GuardedReachability(
    private val shell: Reachability,
) : Reachability {
    override fun start(listener: NetworkListener) = guarded { shell.start(listener) }

    override fun stop() = guarded { shell.stop() }
}

private class GuardedSink(
    private val shell: LogSink,
) : LogSink {
    override fun log(line: LogLine) = guarded { shell.log(line) }
}

private class GuardedProgress(
    private val heard: (Progress) -> Boolean,
) : ProgressSink {
    override fun progress(progress: Progress): GoOn = guarded { if (heard(progress)) GoOn.GO_ON else GoOn.STOP }
}
