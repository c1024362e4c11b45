package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.IntrinsicSize
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxHeight
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.width
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.selection.selectable
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.ArrowBack
import androidx.compose.material.icons.outlined.ArrowForward
import androidx.compose.material.icons.outlined.AddBox
import androidx.compose.material.icons.outlined.CloudSync
import androidx.compose.material.icons.outlined.ConfirmationNumber
import androidx.compose.material3.Badge
import androidx.compose.material3.BadgedBox
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import dev.counterpart.app.Place
import dev.counterpart.model.SyncState

/** From this width on there is room for a rail, and for a list and a record side by side. */
private val TABLET = 720.dp

private data class Way(
    val place: Place,
    val icon: ImageVector,
    val name: String,
    val waiting: Long,
)

@Composable
private fun ways(line: SyncState?): List<Way> {
    val words = LocalWords.current
    val waiting = (line?.failed ?: 0uL) + (line?.conflicts ?: 0uL)
    return listOf(
        Way(Place.Board(), Icons.Outlined.ConfirmationNumber, words.navBoard, 0),
        Way(Place.Intake, Icons.Outlined.AddBox, words.navIntake, 0),
        Way(Place.SyncCentre, Icons.Outlined.CloudSync, words.navSync, waiting.toLong()),
    )
}

private fun isAt(
    way: Place,
    place: Place,
) = if (way is Place.Board) place is Place.Board else way == place

/** What stands around every screen: the shop's name, the ways, and whether the line is up. */
@Composable
fun Frame(
    shopName: String,
    place: Place,
    line: SyncState?,
    go: (Place) -> Unit,
    content: @Composable (wide: Boolean) -> Unit,
) {
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        BoxWithConstraints {
            val wide = maxWidth >= TABLET
            if (wide) {
                Row {
                    Rail(place, line, go)
                    Column(Modifier.weight(1f)) {
                        Title(shopName, place, wide = true, go)
                        LineBanner(line)
                        Box(Modifier.weight(1f)) { content(true) }
                    }
                }
            } else {
                Column {
                    Title(shopName, place, wide = false, go)
                    LineBanner(line)
                    Box(Modifier.weight(1f)) { content(false) }
                    Bar(place, line, go)
                }
            }
        }
    }
}

@Composable
private fun Title(
    shopName: String,
    place: Place,
    wide: Boolean,
    go: (Place) -> Unit,
) {
    val words = LocalWords.current
    val inTicket = !wide && place is Place.Board && place.ticket != null
    Row(Modifier.fillMaxWidth().padding(horizontal = 4.dp), verticalAlignment = Alignment.CenterVertically) {
        if (inTicket) {
            IconButton({ go(Place.Board()) }) { Icon(if (words.rtl) Icons.Outlined.ArrowForward else Icons.Outlined.ArrowBack, words.navBack) }
        }
        val title =
            when (place) {
                is Place.Board -> shopName.ifEmpty { words.appName }
                Place.Intake -> words.intakeTitle
                Place.SyncCentre -> words.syncTitle
            }
        Text(title, Modifier.padding(12.dp).semantics { heading() }, style = MaterialTheme.typography.titleLarge)
    }
}

@Composable
private fun Rail(
    place: Place,
    line: SyncState?,
    go: (Place) -> Unit,
) {
    Surface(Modifier.fillMaxHeight(), color = MaterialTheme.colorScheme.surface) {
        Column(Modifier.verticalScroll(rememberScrollState()).padding(8.dp).width(IntrinsicSize.Max).widthIn(min = 72.dp)) {
            for (way in ways(line)) WayItem(way, isAt(way.place, place), Modifier.fillMaxWidth()) { go(way.place) }
        }
    }
}

@Composable
private fun Bar(
    place: Place,
    line: SyncState?,
    go: (Place) -> Unit,
) {
    Surface(color = MaterialTheme.colorScheme.surface) {
        Row(Modifier.fillMaxWidth().padding(4.dp)) {
            for (way in ways(line)) WayItem(way, isAt(way.place, place), Modifier.weight(1f)) { go(way.place) }
        }
    }
}

/** One way. Material's own items keep their height, and large letters run into the icon. */
@Composable
private fun WayItem(
    way: Way,
    here: Boolean,
    modifier: Modifier,
    go: () -> Unit,
) {
    val scheme = MaterialTheme.colorScheme
    val ground = if (here) scheme.secondaryContainer else scheme.surface
    val ink = if (here) scheme.onSecondaryContainer else scheme.onSurfaceVariant
    Column(
        modifier.selectable(here, role = Role.Tab, onClick = go).padding(vertical = 6.dp),
        horizontalAlignment = Alignment.CenterHorizontally,
        verticalArrangement = Arrangement.spacedBy(4.dp),
    ) {
        Surface(color = ground, contentColor = ink, shape = RoundedCornerShape(50)) {
            Box(Modifier.padding(horizontal = 20.dp, vertical = 4.dp)) { WayIcon(way) }
        }
        Text(way.name, color = if (here) scheme.onSurface else ink, style = MaterialTheme.typography.labelMedium, textAlign = TextAlign.Center)
    }
}

@OptIn(ExperimentalMaterial3Api::class)
@Composable
private fun WayIcon(way: Way) {
    if (way.waiting == 0L) {
        Icon(way.icon, contentDescription = null)
    } else {
        BadgedBox(badge = { Badge { Text("${way.waiting}") } }) { Icon(way.icon, contentDescription = null) }
    }
}

/** The board, and the ticket that is open on it: side by side where there is room. */
@Composable
fun BoardAndTicket(
    wide: Boolean,
    ticket: String?,
    board: @Composable () -> Unit,
    open: @Composable () -> Unit,
) {
    when {
        !wide && ticket != null -> open()
        !wide -> board()
        else ->
            Row {
                Box(Modifier.width(400.dp)) { board() }
                Box(Modifier.weight(1f)) {
                    if (ticket == null) Nothing(Icons.Outlined.ConfirmationNumber, LocalWords.current.boardPick) else open()
                }
            }
    }
}
