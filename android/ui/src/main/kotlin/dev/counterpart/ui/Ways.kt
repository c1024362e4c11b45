package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Row
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.AddBox
import androidx.compose.material.icons.outlined.BugReport
import androidx.compose.material.icons.outlined.CloudSync
import androidx.compose.material.icons.outlined.ConfirmationNumber
import androidx.compose.material.icons.outlined.Event
import androidx.compose.material.icons.outlined.Groups
import androidx.compose.material.icons.outlined.Inventory2
import androidx.compose.material.icons.outlined.Menu
import androidx.compose.material.icons.outlined.People
import androidx.compose.material.icons.outlined.Settings
import androidx.compose.material3.Icon
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.unit.dp
import dev.counterpart.app.Place
import dev.counterpart.app.Words

/** A way to a screen; [atFoot] where a phone has room for it too. */
internal class Way(
    val place: Place,
    val icon: ImageVector,
    val name: String,
    val waiting: Long = 0,
    val atFoot: Boolean = false,
) {
    /** Whether somebody who is there went this way. */
    fun leadsTo(there: Place) = there::class == place::class || place == Place.Settings && there == Place.Overview
}

internal val wayToMore = Icons.Outlined.Menu

/** The ways, in the order of a day. */
@Composable
internal fun ways(
    waiting: Long,
    developer: Boolean,
): List<Way> {
    val words = LocalWords.current
    return listOfNotNull(
        Way(Place.Board(), Icons.Outlined.ConfirmationNumber, words.navBoard, atFoot = true),
        Way(Place.Intake, Icons.Outlined.AddBox, words.navIntake, atFoot = true),
        Way(Place.Customers(), Icons.Outlined.People, words.navCustomers),
        Way(Place.Inventory(), Icons.Outlined.Inventory2, words.navInventory),
        Way(Place.Appointments, Icons.Outlined.Event, words.navAppointments),
        Way(Place.Team, Icons.Outlined.Groups, words.navTeam),
        Way(Place.SyncCentre, Icons.Outlined.CloudSync, words.navSync, waiting, atFoot = true),
        Way(Place.Settings, Icons.Outlined.Settings, words.navSettings),
        if (developer) Way(Place.Developer, Icons.Outlined.BugReport, words.navDeveloper) else null,
    )
}

/** On a phone: the ways that have no room at its foot. */
@Composable
fun MoreScreen(
    developer: Boolean,
    go: (Place) -> Unit,
) {
    Page {
        for (way in ways(waiting = 0, developer).filterNot { it.atFoot }) {
            Entry(chosen = false, { go(way.place) }) {
                Row(horizontalArrangement = Arrangement.spacedBy(16.dp), verticalAlignment = Alignment.CenterVertically) {
                    Icon(way.icon, contentDescription = null)
                    Text(way.name)
                }
            }
        }
    }
}

/** What a screen is called. */
internal fun Words.of(place: Place): String =
    when (place) {
        is Place.Board -> navBoard
        Place.Intake -> intakeTitle
        is Place.Customers -> navCustomers
        is Place.Inventory -> navInventory
        Place.Appointments -> navAppointments
        Place.Team -> navTeam
        Place.AtWork -> atWorkTitle
        Place.SyncCentre -> syncTitle
        Place.Settings -> navSettings
        Place.Overview -> overviewTitle
        Place.Developer -> navDeveloper
        Place.More -> navMore
    }
