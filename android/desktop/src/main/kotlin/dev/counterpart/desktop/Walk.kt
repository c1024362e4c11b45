package dev.counterpart.desktop

import androidx.compose.runtime.LaunchedEffect
import androidx.compose.ui.window.singleWindowApplication
import java.awt.Window
import java.nio.file.Path
import kotlin.concurrent.thread
import kotlin.system.exitProcess

/** Somebody walks a device through the shop in a real window, and keeps pictures of the way in a folder. */
fun main(arguments: Array<String>) {
    val folder = Path.of(arguments.first())
    val opened = Opened.begin()
    singleWindowApplication(SIZE, title = TITLE) {
        LaunchedEffect(Unit) { walk(window, folder) }
        Window(opened.device, opened.network)
    }
}

private fun walk(
    window: Window,
    folder: Path,
) {
    thread(isDaemon = true) {
        val went = runCatching { Hand(window, folder).walk() }
        went.onFailure { System.err.println(it.message) }
        println("""{"walked":${went.isSuccess}}""")
        exitProcess(if (went.isSuccess) 0 else 1)
    }
}

/** An intake, a repair and a hand-over; the network is gone from the intake until the repair is done. */
private fun Hand.walk() {
    sees("7 open")
    photograph("1-board")
    pressNetwork()
    sees("You are offline.")
    press("Take in")
    type(1, "Nia")
    type(2, "Baker")
    type(3, "Apple")
    type(6, "Glass broken")
    photograph("2-intake-offline")
    press("Take in")
    sees("Write this number on the label")
    photograph("3-number-offline")
    press("Open the ticket")
    press("In repair")
    sees("Received to In repair")
    type(3, "port")
    press("Use a part: Charging port S23")
    sees("1 × Charging port S23")
    type(2, "Digitizer dead")
    press("Save")
    press("Check now")
    sees("have not reached the server")
    sees("Waiting to be sent")
    photograph("4-repair-offline")
    pressNetwork()
    misses("Waiting to be sent")
    press("Ready")
    sees("In repair to Ready")
    photograph("5-ready")
    press("Picked up")
    sees("This ticket has come to its end.")
    sees("Ready to Picked up")
    press("Check now")
    sees("Safe to hand over: everything")
    photograph("6-handed-over")
}
