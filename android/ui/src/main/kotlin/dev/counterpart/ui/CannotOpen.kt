package dev.counterpart.ui

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.ErrorOutline
import androidx.compose.material3.Button
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import dev.counterpart.app.OpenDevice
import dev.counterpart.app.Problem
import dev.counterpart.app.Session
import kotlinx.coroutines.launch

/** The device's folder, while it is opened, when it is open, and when it cannot be. */
@Composable
fun WhenOpen(
    device: OpenDevice,
    content: @Composable (Session) -> Unit,
) {
    val state by device.state.collectAsState()
    val scope = rememberCoroutineScope()
    LaunchedEffect(device) { device.open() }
    val (session, problem) = state
    when {
        session != null -> content(session)
        problem != null -> CannotOpen(problem) { scope.launch { device.open() } }
        else -> Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {}
    }
}

/** The device's folder cannot be opened: why, and trying again. */
@Composable
fun CannotOpen(
    problem: Problem,
    retry: () -> Unit,
) {
    val words = LocalWords.current
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        Column(Modifier.verticalScroll(rememberScrollState()), horizontalAlignment = Alignment.CenterHorizontally) {
            Nothing(Icons.Outlined.ErrorOutline, words.of(problem))
            Button(retry) { Text(words.actionRetry) }
        }
    }
}
