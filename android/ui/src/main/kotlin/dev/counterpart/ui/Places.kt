package dev.counterpart.ui

import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.Event
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import dev.counterpart.app.Appointments
import dev.counterpart.app.AtWork
import dev.counterpart.app.ChangePassword
import dev.counterpart.app.Desk
import dev.counterpart.app.Developer
import dev.counterpart.app.Moving
import dev.counterpart.app.Overview
import dev.counterpart.app.Place
import dev.counterpart.app.Session
import dev.counterpart.app.SessionState
import dev.counterpart.app.Settings
import dev.counterpart.app.SyncCentre
import dev.counterpart.app.Team

@Composable
internal fun AppointmentsPlace(
    desk: Desk,
    wide: Boolean,
) {
    val appointments = model(desk) { Appointments(desk) }
    val state by appointments.state.collectAsState()
    ListAndRecord(
        wide,
        state.form != null,
        Icons.Outlined.Event,
        LocalWords.current.appointmentsPick,
        list = { AppointmentsScreen(state, appointments) },
        record = { AppointmentScreen(state, appointments) },
    )
}

@Composable
internal fun TeamPlace(desk: Desk) {
    val team = model(desk) { Team(desk) }
    val state by team.state.collectAsState()
    TeamScreen(state, team)
}

@Composable
internal fun AtWorkPlace(
    desk: Desk,
    session: Session,
) {
    val atWork =
        model(desk) {
            AtWork(desk) {
                session.workerChanged()
                session.go(Place.Board())
            }
        }
    val state by atWork.state.collectAsState()
    AtWorkScreen(state, atWork)
}

@Composable
internal fun SyncPlace(
    desk: Desk,
    session: Session,
) {
    val centre = model(desk) { SyncCentre(desk, session) }
    val state by centre.state.collectAsState()
    SyncCentreScreen(state, centre)
}

@Composable
internal fun SettingsPlace(
    desk: Desk,
    session: SessionState,
    actions: Session,
) {
    val settings = model(desk) { Settings(desk, actions) }
    val moving = model(desk) { Moving(desk, actions.folder, actions.files) }
    val state by settings.state.collectAsState()
    val moves by moving.state.collectAsState()
    val password = model(desk) { ChangePassword(actions) }
    val word by password.state.collectAsState()
    val file = remember(session.unsentAtSignOut) { actions.leavingFile() }
    SettingsScreen(state, settings, moves, moving) {
        PasswordCard(word, password)
        SignOut(session.unsentAtSignOut, file, actions::signOut, actions::stay)
    }
}

@Composable
internal fun OverviewPlace(
    desk: Desk,
    session: Session,
) {
    val overview = model(desk) { Overview(desk, session) }
    val state by overview.state.collectAsState()
    OverviewScreen(state, overview)
}

@Composable
internal fun DeveloperPlace(
    desk: Desk,
    session: Session,
) {
    val developer = model(desk) { Developer(desk, session) }
    val state by developer.state.collectAsState()
    DeveloperScreen(state, developer)
}
