package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.CallSplit
import androidx.compose.material.icons.outlined.CloudDone
import androidx.compose.material.icons.outlined.CloudOff
import androidx.compose.material.icons.outlined.CloudUpload
import androidx.compose.material.icons.outlined.Store
import androidx.compose.material3.Button
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.app.OverviewActions
import dev.counterpart.app.OverviewState
import dev.counterpart.app.ShopLine
import dev.counterpart.app.Shops

/** Every shop that the account manages. */
@Composable
fun OverviewScreen(
    state: OverviewState,
    actions: OverviewActions,
) {
    val words = LocalWords.current
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        when (val shops = state.shops) {
            Shops.Asking -> Loading(words.overviewAsking)
            Shops.Unreachable -> {
                Nothing(Icons.Outlined.CloudOff, words.overviewUnreachable)
                Box(Modifier.fillMaxWidth(), contentAlignment = Alignment.Center) { Button(actions::ask) { Text(words.actionRetry) } }
            }
            is Shops.Here ->
                if (shops.lines.isEmpty()) Nothing(Icons.Outlined.Store, words.overviewNone) else Page { for (shop in shops.lines) OneShop(shop, actions) }
        }
    }
}

/** A shop: pressing another one than this opens it. */
@Composable
private fun OneShop(
    shop: ShopLine,
    actions: OverviewActions,
) {
    if (!shop.open) {
        Entry(chosen = false, { actions.switchShop(shop.id) }) { Standing(shop) }
        return
    }
    val scheme = MaterialTheme.colorScheme
    Surface(Modifier.fillMaxWidth(), RoundedCornerShape(12.dp), scheme.surface, scheme.onSurface) {
        Column(Modifier.padding(12.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) { Standing(shop) }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun ColumnScope.Standing(shop: ShopLine) {
    val words = LocalWords.current
    val colours = LocalColours.current
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        Text(shop.name, Modifier.semantics { heading() }, fontWeight = FontWeight.Medium, style = MaterialTheme.typography.titleMedium)
        if (shop.open) Tag(words.settingsThisShop)
    }
    Text(line(words.overviewPeople(shop.people), words.overviewDevices(shop.devices)))
    val waits = shop.unsent > 0
    if (shop.devices > 0) {
        Fact(
            if (waits) Icons.Outlined.CloudUpload else Icons.Outlined.CloudDone,
            if (waits) colours.attention else colours.good,
            if (waits) words.overviewUnsent(shop.unsent) else words.deviceAllSent,
            waits,
        )
    }
    if (shop.conflicts > 0) Fact(Icons.Outlined.CallSplit, colours.attention, words.overviewConflicts(shop.conflicts), waits = true)
    shop.silent?.takeIf { it.minutes > 0 }?.let { Faint(words.overviewSilent(words.age(it.minutes), it.code)) }
}

/** Something that is told by a shape and by words. */
@Composable
private fun Fact(
    icon: ImageVector,
    colour: Color,
    says: String,
    waits: Boolean,
) {
    Row(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Icon(icon, contentDescription = null, Modifier.size(20.dp), tint = colour)
        Text(says, fontWeight = if (waits) FontWeight.Medium else FontWeight.Normal)
    }
}
