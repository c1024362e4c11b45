package dev.counterpart.gallery

import androidx.compose.ui.geometry.Size
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasContentDescription
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.onFirst
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performTouchInput
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.test.swipeLeft
import androidx.compose.ui.test.swipeRight
import androidx.compose.ui.unit.Density
import dev.counterpart.app.English
import dev.counterpart.ui.line
import dev.counterpart.ui.states.asked
import dev.counterpart.ui.states.pictures
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory

/** What somebody presses is what is asked of the screen's model. */
@OptIn(ExperimentalTestApi::class)
class PressingTest {
    private class Press(
        val screen: String,
        val state: String,
        val label: String,
        vararg val asks: String,
    )

    private val presses =
        listOf(
            Press("cannot-open", "locked", "Try again", "retry"),
            Press("around", "problem", "Close", "dismiss"),
            Press("around", "problem", "Tickets", "go"),
            Press("sign-in", "offline", "Sign in", "signIn"),
            Press("sign-in", "offline", "I was invited", "fill"),
            Press("sign-in", "invited", "Sign up", "signIn"),
            Press("sign-in", "invited", "I have an account already", "fill"),
            Press("password", "quiet", "Change password", "begin"),
            Press("password", "given", "Change password", "save"),
            Press("password", "given", "Not now", "cancel"),
            Press("password", "changing", "Cancel", "cancel"),
            Press("sign-in", "shop", "Okafor Repairs", "choose"),
            Press("connect", "ways", "Find the server in this network", "look"),
            Press("connect", "network-refused", "Find the server in this network", "look"),
            Press("connect", "found", "Okafor Repairs", "choose"),
            Press("connect", "camera-refused", "Scan the server's code", "scan"),
            Press("inventory", "scanner", "Scan a barcode", "scan"),
            Press("board", "full", "Mine", "onlyMine"),
            Press("board", "full", "Show more", "showMore"),
            Press("board", "older", "Fetch 90 days more", "fetchOlder"),
            Press("board", "swiped", "Undo", "undo"),
            Press("board", "taken", "Close", "leave"),
            Press("board", "problem", "Close", "dismiss"),
            Press("ticket", "open", "Quality check", "move"),
            Press("ticket", "typing", "Undo", "undoMove"),
            Press("ticket", "ended", "Undo", "move"),
            Press("ticket", "open", "Check now", "askSafe"),
            Press("ticket", "open", "Show passcode", "revealPasscode"),
            Press("ticket", "typing", "Use a part: Charging port S23", "usePart"),
            Press("ticket", "open", "Approve: Fitting", "approve"),
            Press("ticket", "open", "Undo: Approved, Screen iPhone 14", "approve"),
            Press("ticket", "open", "Take off: Fitting", "takeOff"),
            Press("ticket", "taken-off", "Undo: Fitting", "putBack"),
            Press("ticket", "open", "Edit: Device and promise", "edit"),
            Press("ticket", "open", "Edit: Fitting", "editLine"),
            Press("ticket", "open", "Add work or a fee", "fillLine"),
            Press("ticket", "open", "Set the passcode", "writePasscode"),
            Press("ticket", "leads", "Delete", "askDelete"),
            Press("ticket", "deleting", "Delete", "delete"),
            Press("ticket", "writing", "Urgent", "fill"),
            Press("ticket", "writing", "Save", "save"),
            Press("ticket", "writing", "Cancel", "cancel"),
            Press("ticket", "line", "Fee", "fillLine"),
            Press("ticket", "line", "Save", "saveLine"),
            Press("ticket", "new-passcode", "Set the passcode", "savePasscode"),
            Press("intake", "typing", "Take in", "takeIn"),
            Press("intake", "known", "Somebody else", "choose"),
            Press("intake", "taken", "Next customer", "nextCustomer"),
            Press("customer", "card", "Edit", "edit"),
            Press("customer", "leads", "Merge M. Nunez into this one", "askMerge"),
            Press("customer", "merging", "Merge", "merge"),
            Press("customer", "deleting", "Delete", "delete"),
            Press("customer", "typing", "Save", "save"),
            Press("customer", "card", "Show more", "moreTickets"),
            Press("inventory", "low", "Show more", "showMore"),
            Press("inventory", "low", "To order", "onlyLow"),
            Press("customers", "list", "Show more", "showMore"),
            Press("item", "card", "Came in", "receive"),
            Press("item", "bench", "Counted", "count"),
            Press("item", "card", "Correct by", "adjust"),
            Press("item", "card", "Broken or lost", "writeOff"),
            Press("item", "merging", "Merge", "merge"),
            Press("trail", "asked-nobody", "Show who changed what", "ask"),
            Press("trail", "full", "Show more", "showMore"),
            Press("trail", "offline", "Show who changed what", "ask"),
            Press("appointments", "day", "New appointment", "begin"),
            Press("appointments", "day", "Week", "week"),
            Press("appointments", "day", "Arrived: Mira Núñez", "advance"),
            Press("appointments", "week", "Undo", "undo"),
            Press("appointments", "older-not-here", "Try again", "fetchOlder"),
            Press("appointments", "typing", "Save", "save"),
            Press("team", "leads", "New colleague", "begin"),
            Press("team", "leads", "Edit: Łukasz Wiśniewski", "edit"),
            Press("team", "pin", "Save", "savePin"),
            Press("at-work", "pin", "7", "press"),
            Press("at-work", "pin", "Enter PIN", "enter"),
            Press("at-work", "who", "Nobody works here for now", "leave"),
            Press("sync", "calm", "Sync now", "syncNow"),
            Press("sync", "failed", "Try all again", "retryAll"),
            Press("sync", "conflict", line("1041", "Screen cracked"), "open"),
            Press("sync", "discarding", "Discard", "discard"),
            Press("sync", "conflict", "Use the one kept aside", "keepMine"),
            Press("sync", "conflict", "Leave as it is", "keepTheirs"),
            Press("settings", "calm", "Export", "export"),
            Press("settings", "picks", "Pick a file", "pick"),
            Press("settings", "exporting", "Stop", "stop"),
            Press("settings", "imported", "Import", "bringIn"),
            Press("settings", "calm", "signatures: 50 %", "setFlag"),
            Press("settings", "shops", "All shops at a glance", "openOverview"),
            Press("overview", "shops", "Okafor Repairs, Hamburg-Altona, am Bahnhof", "switchShop"),
            Press("overview", "unreachable", "Try again", "ask"),
            Press("developer", "device", "Pretend to be offline", "pretendOffline"),
            Press("developer", "device", "Count on the server", "countThere"),
            Press("developer", "device", "Slow network", "simulate"),
            Press("developer", "device", "Fetch everything anew", "fetchAnew"),
            Press("developer", "device", "Start over", "askPurge"),
            Press("developer", "purging", "Start over", "purge"),
            Press("developer", "elsewhere", "Edit as another device", "editElsewhere"),
        )

    @TestFactory
    fun `a ticket under a finger goes one step on, or becomes one's own`() =
        listOf("onward" to "advance", "back" to "take").map { (way, asks) ->
            DynamicTest.dynamicTest(way) {
                val picture = pictures.single { it.screen == "board" && it.state == "full" }
                runSkikoComposeUiTest(Size(412f, 4_000f), Density(1f)) {
                    setContent { Look("tall", 412, 4_000, dark = false, English).Show(picture) }
                    asked.clear()
                    onNode(hasClickAction() and hasText("Does not charge")).performTouchInput { if (way == "onward") swipeRight() else swipeLeft() }
                    waitForIdle()
                    assertEquals(listOf(asks), asked.toList())
                }
            }
        }

    @TestFactory
    fun `what is pressed is what is asked`() =
        presses.map { press ->
            DynamicTest.dynamicTest("${press.screen}, ${press.state}: ${press.label}") {
                val picture = pictures.single { it.screen == press.screen && it.state == press.state }
                // Tall enough that nothing has to be scrolled to.
                runSkikoComposeUiTest(Size(412f, 4_000f), Density(1f)) {
                    setContent { Look("tall", 412, 4_000, dark = false, English).Show(picture) }
                    asked.clear()
                    onAllNodes(hasClickAction() and (hasText(press.label) or hasContentDescription(press.label))).onFirst().performClick()
                    waitForIdle()
                    // A call that takes an id has a longer name in the class.
                    assertEquals(press.asks.toList(), asked.map { it.substringBefore('-') })
                }
            }
        }
}
