package dev.counterpart.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue

/**
 * What stands in a field while somebody types. A model's answer comes a frame late: an echo of an earlier key never takes
 * back a later one, and what the model says of its own accord (a field it emptied, a draft it read) is shown.
 */
class Typing(
    private var heard: String,
) {
    private val told = ArrayDeque<String>()

    var text by mutableStateOf(heard)
        private set

    /** A key was pressed. */
    fun type(typed: String) {
        if (typed == text) return
        text = typed
        told.addLast(typed)
    }

    /** The model shows this now. */
    fun hear(shown: String) {
        if (shown == heard) return
        heard = shown
        val echo = told.indexOf(shown)
        if (echo >= 0) {
            repeat(echo + 1) { told.removeFirst() }
        } else {
            told.clear()
            text = shown
        }
    }
}

/** The typing of one field over what its model shows. */
@Composable
fun typingOver(shown: String): Typing {
    val typing = remember { Typing(shown) }
    typing.hear(shown)
    return typing
}
