package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.Terminal
import dev.counterpart.model.Trouble
import java.time.Duration

/** Compiled over a library with the inspector. */
internal fun inspectorOf(terminal: Terminal): Inspector? = TerminalInspector(terminal)

private class TerminalInspector(
    private val terminal: Terminal,
) : Inspector {
    override suspend fun simulate(network: Network) =
        terminal.simulate(
            when (network) {
                Network.WELL -> Trouble.None
                Network.SLOW -> Trouble.Slow(SLOWER_BY)
                Network.LOSSY -> Trouble.Lossy(LOST_PERCENT, SEED)
            },
        )

    override suspend fun purge() = terminal.purge()

    override suspend fun forceFullSync() = terminal.forceFullSync()

    override suspend fun editElsewhere(
        kind: RecordKind,
        id: String,
        field: String,
        value: String,
    ) = terminal.editElsewhere(kind, id, field, value)

    private companion object {
        val SLOWER_BY: Duration = Duration.ofSeconds(2)
        const val LOST_PERCENT: UByte = 30u
        const val SEED: ULong = 1u
    }
}
