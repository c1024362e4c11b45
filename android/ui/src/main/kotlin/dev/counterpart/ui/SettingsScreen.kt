package dev.counterpart.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material3.Button
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.FilterChip
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import dev.counterpart.app.FlagLine
import dev.counterpart.app.MovingActions
import dev.counterpart.app.MovingState
import dev.counterpart.app.Settings
import dev.counterpart.app.SettingsActions
import dev.counterpart.app.SettingsForm
import dev.counterpart.app.SettingsState
import dev.counterpart.model.ShopSettings
import dev.counterpart.model.Space

/** The settings; [foot] stands below everything. */
@Composable
fun SettingsScreen(
    state: SettingsState,
    actions: SettingsActions,
    moving: MovingState,
    movingActions: MovingActions,
    foot: @Composable () -> Unit = {},
) {
    val words = LocalWords.current
    Column(Modifier.fillMaxSize()) {
        ProblemBar(state.problem, actions::dismiss)
        ProblemBar(moving.problem, movingActions::dismiss)
        if (state.loading) Loading(words.settingsLoading) else Page { Everything(state, actions, moving, movingActions, foot) }
    }
}

@Composable
private fun Everything(
    state: SettingsState,
    actions: SettingsActions,
    moving: MovingState,
    movingActions: MovingActions,
    foot: @Composable () -> Unit,
) {
    val words = LocalWords.current
    Section(words.settingsAccount) { Account(state, actions) }
    state.settings?.let { Section(words.settingsShop) { TheShop(state, it, actions) } }
    if (state.leads && state.settings != null) Section(words.settingsFlags) { Flags(state, actions) }
    Section(words.settingsOut) { MovingOut(moving, movingActions) }
    if (state.leads) Section(words.settingsIn) { MovingIn(moving, movingActions) }
    Section(words.settingsDevice) { Room(state.space, state.numbersLeft) }
    foot()
}

@Composable
private fun Account(
    state: SettingsState,
    actions: SettingsActions,
) {
    val words = LocalWords.current
    if (state.station) Tag(words.roleStation)
    state.me?.let {
        Text(it.name, fontWeight = FontWeight.Medium)
        Faint(words.of(it.role))
    }
    if (state.shops.size < 2) return
    Text(words.settingsShops)
    for (shop in state.shops) {
        if (shop.id == state.shop) {
            Text(line(shop.name, words.settingsThisShop))
        } else {
            NamedButton(shop.name) { actions.switchShop(shop.id) }
        }
    }
    if (state.hasOverview) Button(actions::openOverview) { Text(words.settingsOverview) }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun TheShop(
    state: SettingsState,
    settings: ShopSettings,
    actions: SettingsActions,
) {
    val words = LocalWords.current
    val form = state.form
    if (form == null) {
        Text(settings.name, fontWeight = FontWeight.Medium)
        Faint(line(settings.timeZone, settings.currency))
        if (state.leads) Button(actions::edit) { Text(words.actionEdit) }
        return
    }
    Fields(form, state.problem?.field, actions::fill)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button(actions::save) { Text(words.actionSave) }
        TextButton(actions::cancel) { Text(words.actionCancel) }
    }
}

@Composable
private fun Fields(
    form: SettingsForm,
    wrong: String?,
    fill: (SettingsForm) -> Unit,
) {
    val words = LocalWords.current
    Field(words.settingsName, form.name, wrong = wrong == "name") { fill(form.copy(name = it)) }
    Field(words.settingsZone, form.timeZone, wrong = wrong == "time_zone", figures = true) { fill(form.copy(timeZone = it)) }
    Field(words.settingsCurrency, form.currency, wrong = wrong == "currency") { fill(form.copy(currency = it)) }
    Field(words.settingsTicketDays, form.ticketDays, wrong = wrong == "ticket_window_days") { fill(form.copy(ticketDays = it)) }
    Field(words.settingsAppointmentDays, form.appointmentDays, wrong = wrong == "appointment_window_days") { fill(form.copy(appointmentDays = it)) }
    Faint(words.settingsWindows)
}

@Composable
private fun Flags(
    state: SettingsState,
    actions: SettingsActions,
) {
    val words = LocalWords.current
    Faint(words.settingsFlagsLead)
    for (flag in state.flags) Flag(flag, actions)
    Field(words.settingsNewFlag, state.newFlag, typed = actions::writeFlag)
    if (state.newFlag.isNotBlank()) OutlinedButton(actions::addFlag) { Text(words.actionAdd) }
}

@OptIn(ExperimentalLayoutApi::class, ExperimentalMaterial3Api::class)
@Composable
private fun Flag(
    flag: FlagLine,
    actions: SettingsActions,
) {
    val words = LocalWords.current
    Text(line(flag.name, if (flag.onHere) words.settingsOnHere else words.settingsOffHere), fontWeight = FontWeight.Medium)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        for (percent in (Settings.STEPS + flag.percent).distinct().sorted()) {
            FilterChip(
                percent == flag.percent,
                { actions.setFlag(flag.name, percent) },
                label = { Text("$percent %") },
                modifier = Modifier.semantics { contentDescription = "${flag.name}: $percent %" },
            )
        }
    }
}

@Composable
private fun Room(
    space: Space?,
    numbersLeft: Long,
) {
    val words = LocalWords.current
    if (space != null) {
        Text(words.settingsUsed(words.megabytes(space.used), words.megabytes(space.free)))
        if (space.low) Text(words.settingsRoomLow, color = MaterialTheme.colorScheme.error)
    }
    Text(words.settingsNumbersLeft(numbersLeft))
}
