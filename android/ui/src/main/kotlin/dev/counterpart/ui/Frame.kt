package dev.counterpart.ui

import androidx.compose.foundation.background
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
import androidx.compose.material.icons.outlined.Person
import androidx.compose.material.icons.outlined.PersonOff
import androidx.compose.material3.Badge
import androidx.compose.material3.BadgedBox
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.LocalContentColor
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import androidx.compose.ui.unit.sp
import dev.counterpart.app.FrameActions
import dev.counterpart.app.Place
import dev.counterpart.app.Problem
import dev.counterpart.app.Worker
import dev.counterpart.model.SyncState

/** From this width on there is room for a rail, and for a list and a record side by side. */
private val TABLET = 720.dp

/** What stands around every screen. */
data class FrameState(
    val shopName: String,
    val place: Place,
    val line: SyncState?,
    /** On a shared tablet: whose work this is. */
    val worker: Worker? = null,
    /** Whether this is a build with the developer's screen. */
    val developer: Boolean = false,
    /** What went wrong with what belongs to no screen: another shop, signing out. */
    val problem: Problem? = null,
    /** How much waits for somebody at the sync centre. */
    val waiting: Long = 0,
)

/** What stands around every screen: the shop's name, the ways, whose work it is, and whether the line is up. */
@Composable
fun Frame(
    state: FrameState,
    actions: FrameActions,
    content: @Composable (wide: Boolean) -> Unit,
) {
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        BoxWithConstraints {
            val wide = maxWidth >= TABLET
            if (wide) {
                Row {
                    Rail(state, actions::go)
                    Column(Modifier.weight(1f)) {
                        Head(state, wide = true, actions)
                        Box(Modifier.weight(1f)) { content(true) }
                    }
                }
            } else {
                Column {
                    Head(state, wide = false, actions)
                    Box(Modifier.weight(1f)) { content(false) }
                    Foot(state, actions::go)
                }
            }
        }
    }
}

@Composable
private fun Head(
    state: FrameState,
    wide: Boolean,
    actions: FrameActions,
) {
    Title(state, wide, actions::go)
    state.worker?.let { WorkerBar(it) { actions.go(Place.AtWork) } }
    LineBanner(state.line)
    ProblemBar(state.problem, actions::dismiss)
}

@Composable
private fun Title(
    state: FrameState,
    wide: Boolean,
    go: (Place) -> Unit,
) {
    val words = LocalWords.current
    val back = back(state.place).takeIf { !wide }
    Row(Modifier.fillMaxWidth().padding(horizontal = 4.dp), verticalAlignment = Alignment.CenterVertically) {
        if (back != null) {
            IconButton({ go(back) }) { Icon(if (words.rtl) Icons.Outlined.ArrowForward else Icons.Outlined.ArrowBack, words.navBack) }
        }
        val title = words.of(state.place).takeIf { state.place !is Place.Board } ?: state.shopName.ifEmpty { words.appName }
        Text(title, Modifier.padding(12.dp).semantics { heading() }, style = MaterialTheme.typography.titleLarge)
    }
}

/** Where a phone's arrow leads: from a record to its list, from a list without a place at the foot to the other ways. */
fun back(place: Place): Place? =
    when (place) {
        is Place.Board -> if (place.ticket == null) null else Place.Board()
        is Place.Customers -> if (place.customer == null) Place.More else Place.Customers()
        is Place.Inventory -> if (place.item == null) Place.More else Place.Inventory()
        Place.Appointments, Place.Team, Place.Settings, Place.Developer -> Place.More
        Place.Overview -> Place.Settings
        Place.AtWork -> Place.Board()
        Place.Intake, Place.SyncCentre, Place.More -> null
    }

/** Whose work this is: always there on a shared tablet, and the way to somebody else. */
@Composable
private fun WorkerBar(
    worker: Worker,
    switch: () -> Unit,
) {
    val words = LocalWords.current
    val scheme = MaterialTheme.colorScheme
    val name = worker.name
    val (ground, ink) =
        if (name == null) LocalColours.current.attentionGround to LocalColours.current.onAttentionGround else scheme.primaryContainer to scheme.onPrimaryContainer
    Surface(color = ground, contentColor = ink) {
        Row(
            Modifier.fillMaxWidth().padding(horizontal = 16.dp),
            verticalAlignment = Alignment.CenterVertically,
            horizontalArrangement = Arrangement.spacedBy(12.dp),
        ) {
            Icon(if (name == null) Icons.Outlined.PersonOff else Icons.Outlined.Person, contentDescription = null)
            Text(if (name == null) words.atWorkNobody else words.atWorkIs(name), Modifier.weight(1f), fontWeight = FontWeight.Medium)
            TextButton(switch) { Text(words.atWorkSwitch, color = ink) }
        }
    }
}

@Composable
private fun Rail(
    state: FrameState,
    go: (Place) -> Unit,
) {
    Surface(Modifier.fillMaxHeight(), color = MaterialTheme.colorScheme.surface) {
        Column(Modifier.verticalScroll(rememberScrollState()).padding(8.dp).width(IntrinsicSize.Max).widthIn(min = 72.dp)) {
            for (way in ways(state.waiting, state.developer)) WayItem(way, way.leadsTo(state.place), Modifier.fillMaxWidth()) { go(way.place) }
        }
    }
}

@Composable
private fun Foot(
    state: FrameState,
    go: (Place) -> Unit,
) {
    val (atFoot, others) = ways(state.waiting, state.developer).partition { it.atFoot }
    val more = Way(Place.More, wayToMore, LocalWords.current.navMore)
    // A badge stands over its icon, and grows with the letters.
    val above = with(LocalDensity.current) { 6.sp.toDp() }
    Surface(color = MaterialTheme.colorScheme.surface) {
        Row(Modifier.fillMaxWidth().padding(start = 4.dp, top = above, end = 4.dp, bottom = 4.dp)) {
            for (way in atFoot) WayItem(way, way.leadsTo(state.place), Modifier.weight(1f)) { go(way.place) }
            val here = state.place == Place.More || others.any { it.leadsTo(state.place) }
            WayItem(more, here, Modifier.weight(1f)) { go(more.place) }
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
        CompositionLocalProvider(LocalContentColor provides ink) {
            // Not a surface: it would cut off what stands over its edge.
            Box(Modifier.background(ground, RoundedCornerShape(50)).padding(horizontal = 20.dp, vertical = 4.dp)) { WayIcon(way) }
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

/** A list, and the record of it that is open: side by side where there is room. */
@Composable
fun ListAndRecord(
    wide: Boolean,
    isOpen: Boolean,
    icon: ImageVector,
    pick: String,
    list: @Composable () -> Unit,
    record: @Composable () -> Unit,
) {
    when {
        !wide && isOpen -> record()
        !wide -> list()
        else ->
            Row {
                Box(Modifier.width(400.dp)) { list() }
                Box(Modifier.weight(1f)) { if (isOpen) record() else Nothing(icon, pick) }
            }
    }
}
