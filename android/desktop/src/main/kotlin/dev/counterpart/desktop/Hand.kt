package dev.counterpart.desktop

import androidx.compose.runtime.snapshots.Snapshot
import java.awt.Point
import java.awt.Rectangle
import java.awt.Robot
import java.awt.Window
import java.awt.event.InputEvent
import java.awt.event.KeyEvent
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import javax.accessibility.AccessibleContext
import javax.imageio.ImageIO
import javax.swing.SwingUtilities

/**
 * Somebody at the window: finds things by the names that a screen reader reads out, and works with mouse and keyboard. What
 * does not come up in time is an error that says what was there instead.
 */
class Hand(
    private val window: Window,
    private val folder: Path,
) {
    /** Something on the screen, and how much of the screen lets it through: what lies outside has to be scrolled to. */
    private class Shown(
        val context: AccessibleContext,
        val place: Rectangle,
        val through: Rectangle,
    ) {
        val says = listOfNotNull(context.accessibleName, context.accessibleDescription).filter { it.isNotBlank() }
        val middle = Point(place.centerX.toInt(), place.centerY.toInt())

        fun says(text: String) = says.any { text in it }

        /** Above or below it may lie further down a list; at the side it is out of sight. */
        val isInReach = middle.x in through.x..through.x + through.width && through.height > 0
    }

    private val robot = Robot()

    /** Something on the screen may be different now. */
    private val changed = Semaphore(0)

    init {
        Files.createDirectories(folder)
        Snapshot.registerApplyObserver { _, _ -> changed.release() }
    }

    /** Presses what has that name; of several the one that stands furthest to the end of the line. */
    fun press(name: String) {
        click(await("a control “$name”") { bring { shown().filter { name in it.says }.maxByOrNull { it.place.x } } })
    }

    /** Presses the switch in the window's corner, which takes the network away and gives it back. */
    fun pressNetwork() = click(Point(window.locationOnScreen.x + window.width - CORNER.x, window.locationOnScreen.y + window.height - CORNER.y))

    /** Writes into the field of that place, counted from the first: this age's fields have no names. Letters, digits, spaces. */
    fun type(
        field: Int,
        text: String,
    ) {
        click(await("field $field") { bring { shown().filter { it.context.accessibleEditableText != null }.getOrNull(field) } })
        for (letter in text) {
            if (letter.isUpperCase()) robot.keyPress(KeyEvent.VK_SHIFT)
            val key = KeyEvent.getExtendedKeyCodeForChar(letter.lowercaseChar().code)
            robot.keyPress(key)
            robot.keyRelease(key)
            if (letter.isUpperCase()) robot.keyRelease(KeyEvent.VK_SHIFT)
        }
        sees(text)
    }

    /** Waits until something stands there that says so. */
    fun sees(text: String) {
        await("“$text”") { shown().find { it.says(text) } }
    }

    /** Waits until nothing says so any more. */
    fun misses(text: String) {
        await("a screen without “$text”") { Unit.takeIf { shown().none { it.says(text) } } }
    }

    /** Keeps what the screen shows. */
    fun photograph(name: String) {
        robot.waitForIdle()
        val picture = robot.createScreenCapture(Rectangle(window.locationOnScreen, window.size))
        ImageIO.write(picture, "png", folder.resolve("$name.png").toFile())
    }

    private fun click(at: Point) {
        robot.mouseMove(at.x, at.y)
        robot.mousePress(InputEvent.BUTTON1_DOWN_MASK)
        robot.mouseRelease(InputEvent.BUTTON1_DOWN_MASK)
    }

    private fun shown(): List<Shown> {
        val found = mutableListOf<Shown>()
        SwingUtilities.invokeAndWait { window.accessibleContext?.let { gather(it, Rectangle(window.locationOnScreen, window.size), found) } }
        return found
    }

    private fun gather(
        context: AccessibleContext,
        through: Rectangle,
        into: MutableList<Shown>,
    ) {
        val component = context.accessibleComponent
        val place = component?.locationOnScreen?.let { Rectangle(it, component.size) } ?: through
        into += Shown(context, place, through).takeIf { it.isInReach } ?: return
        // A record that has scrolled away still lets nothing through that it would not let through in sight.
        val inside = through.intersection(place).takeUnless { it.isEmpty } ?: through
        for (index in 0 until context.accessibleChildrenCount) {
            context.getAccessibleChild(index)?.accessibleContext?.let { gather(it, inside, into) }
        }
    }

    /** Where to press it, once it is in sight and nothing moves: what lies below or above is brought up with the wheel. */
    private fun bring(find: () -> Shown?): Point? {
        val shown = find() ?: return null
        val (middle, through) = shown.middle to shown.through
        if (through.contains(middle)) return middle.takeIf { isStill() && find()?.middle == middle }
        robot.mouseMove(middle.x, through.centerY.toInt())
        robot.mouseWheel(if (middle.y > through.centerY) STEP else -STEP)
        return null
    }

    /** Whether nothing changes for as long as it takes to look twice. */
    private fun isStill(): Boolean {
        changed.drainPermits()
        return !changed.tryAcquire(GLANCE.toMillis(), TimeUnit.MILLISECONDS)
    }

    private fun <T : Any> await(
        what: String,
        look: () -> T?,
    ): T {
        val until = System.nanoTime() + PATIENCE.toNanos()
        while (System.nanoTime() < until) {
            look()?.let { return it }
            isStill()
        }
        photograph("missing")
        error("$what did not come up in $PATIENCE; there is: ${shown().flatMap { it.says }.distinct()}")
    }

    private companion object {
        val PATIENCE: Duration = Duration.ofSeconds(60)
        val GLANCE: Duration = Duration.ofMillis(100)

        /** How far from the window's corner the middle of its switch is. */
        val CORNER = Point(42, 24)
        const val STEP = 2
    }
}
