package dev.counterpart.ui

import androidx.compose.foundation.background
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.foundation.text.KeyboardActions
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.Icons
import androidx.compose.material.icons.outlined.CallSplit
import androidx.compose.material.icons.outlined.Close
import androidx.compose.material.icons.outlined.CloudDone
import androidx.compose.material.icons.outlined.CloudOff
import androidx.compose.material.icons.outlined.ErrorOutline
import androidx.compose.material.icons.outlined.HighlightOff
import androidx.compose.material.icons.outlined.HourglassEmpty
import androidx.compose.material.icons.outlined.Schedule
import androidx.compose.material.icons.outlined.Search
import androidx.compose.material.icons.outlined.Sync
import androidx.compose.material3.Button
import androidx.compose.material3.Divider
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.LocalContentColor
import androidx.compose.material3.LocalTextStyle
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.selected
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.input.ImeAction
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.text.style.TextDirection
import androidx.compose.ui.unit.dp
import dev.counterpart.app.Mark
import dev.counterpart.app.Problem
import dev.counterpart.model.Priority
import dev.counterpart.model.Status
import dev.counterpart.model.SyncState
import dev.counterpart.model.TicketStatus

/** A record's mark: a shape for each state, with words for who does not see it, and a dot for what is unread. */
@Composable
fun MarkIcon(mark: Mark) {
    val words = LocalWords.current
    val (icon, colour) =
        when (mark.status) {
            Status.SYNCED -> Icons.Outlined.CloudDone to LocalColours.current.good
            Status.SYNCING -> Icons.Outlined.Sync to MaterialTheme.colorScheme.primary
            Status.PENDING -> Icons.Outlined.Schedule to MaterialTheme.colorScheme.onSurfaceVariant
            Status.FAILED -> Icons.Outlined.HighlightOff to MaterialTheme.colorScheme.error
            Status.CONFLICT -> Icons.Outlined.CallSplit to LocalColours.current.attention
        }
    Row(Modifier.semantics { contentDescription = words.of(mark) }, verticalAlignment = Alignment.CenterVertically) {
        if (mark.unread) {
            Box(Modifier.padding(end = 6.dp).size(10.dp).background(MaterialTheme.colorScheme.primary, RoundedCornerShape(50)))
        }
        Icon(icon, contentDescription = null, tint = colour, modifier = Modifier.size(20.dp))
    }
}

/** A word on a ground of its own. */
@Composable
fun Tag(
    text: String,
    ground: Color = MaterialTheme.colorScheme.secondaryContainer,
    ink: Color = MaterialTheme.colorScheme.onSecondaryContainer,
) {
    Surface(color = ground, contentColor = ink, shape = RoundedCornerShape(6.dp)) {
        Text(text, Modifier.padding(horizontal = 8.dp, vertical = 3.dp), style = MaterialTheme.typography.labelMedium)
    }
}

@Composable
fun StatusTag(status: TicketStatus) {
    val scheme = MaterialTheme.colorScheme
    val words = LocalWords.current
    when (status) {
        TicketStatus.Ready -> Tag(words.of(status), scheme.primary, scheme.onPrimary)
        TicketStatus.AwaitingApproval, TicketStatus.AwaitingParts, TicketStatus.OnHold ->
            Tag(words.of(status), LocalColours.current.attentionGround, LocalColours.current.onAttentionGround)
        else -> Tag(words.of(status))
    }
}

/** A priority that is worth saying. */
@Composable
fun PriorityTag(priority: Priority) {
    val scheme = MaterialTheme.colorScheme
    when (priority) {
        Priority.Urgent, Priority.High -> Tag(LocalWords.current.of(priority), scheme.errorContainer, scheme.onErrorContainer)
        Priority.Normal -> Unit
        Priority.Low -> Tag(LocalWords.current.of(priority), scheme.surfaceVariant, scheme.onSurfaceVariant)
        is Priority.Other -> Tag(priority.word)
    }
}

/** That the line to the server is down, and that work goes on. */
@Composable
fun LineBanner(line: SyncState?) {
    val words = LocalWords.current
    if (line == null || line.online && line.reachable) return
    val says = if (line.online) words.lineUnreachable else words.lineOffline
    Surface(color = MaterialTheme.colorScheme.surfaceVariant, contentColor = MaterialTheme.colorScheme.onSurfaceVariant) {
        Row(
            Modifier.fillMaxWidth().padding(horizontal = 16.dp, vertical = 8.dp).semantics { liveRegion = LiveRegionMode.Polite },
            verticalAlignment = Alignment.CenterVertically,
            horizontalArrangement = Arrangement.spacedBy(12.dp),
        ) {
            Icon(Icons.Outlined.CloudOff, contentDescription = null, modifier = Modifier.size(20.dp))
            Text(says, style = MaterialTheme.typography.bodyMedium)
        }
    }
}

/** What went wrong, until somebody has read it. */
@Composable
fun ProblemBar(
    problem: Problem?,
    dismiss: () -> Unit,
) {
    if (problem == null) return
    val words = LocalWords.current
    Surface(color = MaterialTheme.colorScheme.errorContainer, contentColor = MaterialTheme.colorScheme.onErrorContainer) {
        Row(Modifier.fillMaxWidth().padding(start = 16.dp), verticalAlignment = Alignment.CenterVertically) {
            Icon(Icons.Outlined.ErrorOutline, contentDescription = null, modifier = Modifier.size(20.dp))
            Text(
                words.of(problem),
                Modifier.weight(1f).padding(horizontal = 12.dp, vertical = 8.dp).semantics { liveRegion = LiveRegionMode.Assertive },
                style = MaterialTheme.typography.bodyMedium,
            )
            IconButton(dismiss) { Icon(Icons.Outlined.Close, contentDescription = words.actionClose) }
        }
    }
}

/** What a screen says when there is nothing on it. */
@Composable
fun Nothing(
    icon: ImageVector,
    says: String,
) {
    Column(
        Modifier.fillMaxWidth().padding(32.dp),
        horizontalAlignment = Alignment.CenterHorizontally,
        verticalArrangement = Arrangement.spacedBy(12.dp),
    ) {
        Icon(icon, contentDescription = null, tint = MaterialTheme.colorScheme.outline, modifier = Modifier.size(48.dp))
        Text(says, textAlign = TextAlign.Center, color = MaterialTheme.colorScheme.onSurfaceVariant)
    }
}

/** What a screen says while it reads. */
@Composable
fun Loading(says: String) {
    LinearProgressIndicator(Modifier.fillMaxWidth().padding(16.dp))
    Nothing(Icons.Outlined.HourglassEmpty, says)
}

/** What is searched for above a list. [enter] is Enter's work: of somebody in a hurry, or of a scanner. */
@OptIn(ExperimentalMaterial3Api::class)
@Composable
fun SearchField(
    label: String,
    text: String,
    enter: () -> Unit = {},
    search: (String) -> Unit,
) {
    val typing = typingOver(text)
    OutlinedTextField(
        typing.text,
        {
            typing.type(it)
            search(it)
        },
        Modifier.fillMaxWidth().padding(start = 16.dp, end = 16.dp, top = 8.dp),
        label = { Text(label) },
        leadingIcon = { Icon(Icons.Outlined.Search, contentDescription = null) },
        trailingIcon = {
            if (text.isNotEmpty()) {
                IconButton({ search("") }) { Icon(Icons.Outlined.Close, contentDescription = LocalWords.current.actionClear) }
            }
        },
        singleLine = true,
        keyboardOptions = KeyboardOptions(imeAction = ImeAction.Search),
        keyboardActions = KeyboardActions(onSearch = { enter() }),
        shape = RoundedCornerShape(28.dp),
    )
}

/** A list's entry that opens something. */
@Composable
fun Entry(
    chosen: Boolean,
    open: () -> Unit,
    enabled: Boolean = true,
    content: @Composable ColumnScope.() -> Unit,
) {
    val scheme = MaterialTheme.colorScheme
    Surface(
        Modifier.fillMaxWidth().clickable(enabled, onClick = open).semantics { selected = chosen },
        shape = RoundedCornerShape(12.dp),
        color = if (chosen) scheme.primaryContainer else scheme.surface,
        contentColor = if (chosen) scheme.onPrimaryContainer else scheme.onSurface,
    ) {
        Column(Modifier.heightIn(min = 48.dp).padding(12.dp), verticalArrangement = Arrangement.spacedBy(4.dp), content = content)
    }
}

/** The first line of an entry: its name, and its mark. */
@Composable
fun EntryName(
    name: String,
    mark: Mark,
) {
    Row(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Text(name, Modifier.weight(1f), fontWeight = if (mark.unread) FontWeight.Bold else FontWeight.Medium)
        MarkIcon(mark)
    }
}

/** What stands beside or below something, in its ground's own fainter ink. */
@Composable
fun Faint(text: String) {
    if (text.isEmpty()) return
    Text(text, color = LocalContentColor.current.copy(alpha = FAINT), style = MaterialTheme.typography.bodyMedium)
}

/** A question before something that cannot be taken back, and its answers. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
fun Sure(
    asks: String,
    does: String,
    go: () -> Unit,
    stay: () -> Unit,
) {
    Text(asks, fontWeight = FontWeight.Medium)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Button(go) { Text(does) }
        TextButton(stay) { Text(LocalWords.current.actionCancel) }
    }
}

/** A button that says what somebody else wrote, however long that is. */
@Composable
fun NamedButton(
    name: String,
    modifier: Modifier = Modifier,
    press: () -> Unit,
) = OutlinedButton(press, modifier, shape = MaterialTheme.shapes.medium) { Text(name) }

/** A button whose word alone does not say what it is about. */
@Composable
fun Act(
    word: String,
    what: String,
    act: () -> Unit,
) = TextButton(act, Modifier.semantics { contentDescription = "$word: $what" }) { Text(word) }

/** One below the other, with a line between them. */
@Composable
fun <T> Separated(
    all: List<T>,
    show: @Composable (T) -> Unit,
) = all.forEachIndexed { at, one ->
    if (at > 0) Divider()
    show(one)
}

/** A page of cards, as wide as one reads well. */
@Composable
fun Page(content: @Composable ColumnScope.() -> Unit) {
    Box(Modifier.fillMaxSize(), contentAlignment = Alignment.TopCenter) {
        Column(
            Modifier.widthIn(max = 720.dp).fillMaxWidth().verticalScroll(rememberScrollState()).padding(16.dp),
            verticalArrangement = Arrangement.spacedBy(12.dp),
            content = content,
        )
    }
}

/** Dark enough on every ground of the theme to be read, and fainter than what it stands beside. */
internal const val FAINT = 0.8f

/** A card with a heading. */
@Composable
fun Section(
    title: String,
    content: @Composable ColumnScope.() -> Unit,
) {
    Surface(color = MaterialTheme.colorScheme.surface, shape = RoundedCornerShape(12.dp), tonalElevation = 0.dp) {
        Column(Modifier.fillMaxWidth().padding(16.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) {
            Text(
                title,
                Modifier.semantics { heading() },
                style = MaterialTheme.typography.titleMedium,
                fontWeight = FontWeight.SemiBold,
            )
            content()
        }
    }
}

/** A field to type in, with its name. [figures] where it takes a number, a date or an address. */
@Composable
fun Field(
    label: String,
    text: String,
    modifier: Modifier = Modifier,
    lines: Int = 1,
    wrong: Boolean = false,
    figures: Boolean = false,
    typed: (String) -> Unit,
) {
    val typing = typingOver(text)
    OutlinedTextField(
        typing.text,
        {
            typing.type(it)
            typed(it)
        },
        modifier.fillMaxWidth(),
        // A number is read from left to right in every language, its plus first.
        textStyle = if (figures) LocalTextStyle.current.copy(textDirection = TextDirection.Ltr) else LocalTextStyle.current,
        label = { Text(label) },
        isError = wrong,
        singleLine = lines == 1,
        minLines = lines,
    )
}

/** A field for what nobody else is to read. */
@OptIn(ExperimentalMaterial3Api::class)
@Composable
fun Password(
    label: String,
    text: String,
    wrong: Boolean = false,
    digits: Boolean = false,
    typed: (String) -> Unit,
) {
    val typing = typingOver(text)
    OutlinedTextField(
        typing.text,
        {
            typing.type(it)
            typed(it)
        },
        Modifier.fillMaxWidth(),
        label = { Text(label) },
        isError = wrong,
        singleLine = true,
        visualTransformation = PasswordVisualTransformation(),
        keyboardOptions = KeyboardOptions(keyboardType = if (digits) KeyboardType.NumberPassword else KeyboardType.Password),
    )
}
