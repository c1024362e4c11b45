package dev.counterpart.ui

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.Divider
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import dev.counterpart.app.Problem
import dev.counterpart.app.TrailActions
import dev.counterpart.app.TrailChange
import dev.counterpart.app.TrailDeed
import dev.counterpart.app.TrailDevice
import dev.counterpart.app.TrailState
import dev.counterpart.app.TrailValue
import dev.counterpart.app.Words

/** Who changed what of a record: at the foot of its card, for who leads. */
@Composable
fun TrailCard(
    state: TrailState,
    actions: TrailActions,
) {
    val words = LocalWords.current
    val deeds = state.deeds
    Section(words.trailTitle) {
        state.problem?.let { Text(words.trailProblem(it), Modifier.semantics { liveRegion = LiveRegionMode.Polite }, color = MaterialTheme.colorScheme.error) }
        if (deeds?.isEmpty() == true) Faint(words.trailEmpty)
        for (deed in deeds.orEmpty()) Deed(deed, state.currency)
        if (state.asking) {
            LinearProgressIndicator(Modifier.fillMaxWidth())
            Faint(words.trailAsking)
        }
        if (state.more) TextButton(actions::showMore, enabled = !state.asking) { Text(words.actionMore) }
        OutlinedButton(actions::ask, enabled = !state.asking) { Text(if (deeds == null) words.trailShow else words.trailAgain) }
    }
}

@Composable
private fun Deed(
    deed: TrailDeed,
    currency: String,
) {
    val words = LocalWords.current
    val zone = LocalZone.current
    Column {
        Text(
            line(deed.by ?: words.syncSomebody, words.of(deed.device, deed.by), words.moment(deed.at, zone)),
            color = MaterialTheme.colorScheme.onSurfaceVariant,
            style = MaterialTheme.typography.labelMedium,
        )
        for (change in deed.changes) {
            Text(words.of(change) { words.of(it, currency, zone) })
            if (!change.kept) Text(words.trailNotKept, color = LocalColours.current.attention, fontWeight = FontWeight.Medium)
        }
    }
    Divider()
}

private fun Words.trailProblem(problem: Problem) = if (problem.code == "denied") trailDenied else of(problem)

/** Whose account a device has is worth saying where somebody else did it there. */
private fun Words.of(
    device: TrailDevice,
    by: String?,
): String =
    when (device) {
        TrailDevice.This -> trailThisDevice
        TrailDevice.Gone -> trailGoneDevice
        TrailDevice.Server -> trailServer
        is TrailDevice.Other -> trailDevice(listOfNotNull(device.code, device.of.takeIf { it != by }).joinToString(", "))
    }

/** From what to what; where it was nothing or became nothing, only that. */
private fun Words.of(
    change: TrailChange,
    said: (TrailValue) -> String,
): String {
    val (field, from, to) = Triple(fieldName(change.field), own(said(change.from)), own(said(change.to)))
    return when (TrailValue.Nothing) {
        change.from -> trailSet(field, to)
        change.to -> trailEmptied(field, from)
        else -> trailChanged(field, from, to)
    }
}

/** Read in its own direction, whatever stands around it. */
private fun own(text: String) = "\u2068$text\u2069"
