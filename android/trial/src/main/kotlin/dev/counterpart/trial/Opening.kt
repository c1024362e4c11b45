package dev.counterpart.trial

import dev.counterpart.FolderStorage
import dev.counterpart.Shop
import dev.counterpart.SwitchedReachability
import dev.counterpart.Terminal
import dev.counterpart.TerminalOptions
import dev.counterpart.blankCustomer
import dev.counterpart.blankItem
import dev.counterpart.blankTicket
import dev.counterpart.model.Bringer
import dev.counterpart.model.Intake
import dev.counterpart.model.Phone
import dev.counterpart.model.Priority
import dev.counterpart.model.TicketStatus
import dev.counterpart.open
import dev.counterpart.states
import kotlinx.coroutines.flow.first
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant

/** One installation of the app, in a folder of its own. */
class Device private constructor(
    val folder: Path,
    val network: SwitchedReachability,
    val terminal: Terminal,
) {
    /** Signs in, goes online, and has everything once this returns. */
    suspend fun signIn(
        hub: Hub,
        account: Account,
    ): Shop {
        val shop = terminal.signIn(hub.server, account.email, account.password).shop
        network.isUp = true
        shop.states().first { it.online }
        shop.sync()
        return shop
    }

    suspend fun close() {
        terminal.shutDown()
        terminal.close()
        folder.toFile().deleteRecursively()
    }

    companion object {
        /** For trials nobody waits for the disk, or long for a server that is gone. */
        private val quick = TerminalOptions(survivesPowerCuts = false, retryDelayMs = 50u)

        suspend fun open(
            folder: Path = Files.createTempDirectory("device"),
            network: SwitchedReachability = SwitchedReachability(up = false),
        ): Device {
            val terminal = Terminal.open(folder.resolve("data"), FolderStorage(folder.resolve("keys")), network, quick)
            return Device(folder, network, terminal)
        }
    }
}

/** A shop on an ordinary morning: customers, a shelf, and tickets on their way. */
object Opening {
    private data class Brought(
        val first: String,
        val last: String,
        val phone: String,
        val brand: String,
        val model: String,
        val subject: String,
        val priority: Priority,
        val way: List<TicketStatus>,
    )

    private val repairing = listOf(TicketStatus.Diagnosing, TicketStatus.InRepair)
    private val brought =
        listOf(
            Brought("Mira", "Núñez", "+4915112345601", "Apple", "iPhone 14", "Screen cracked", Priority.High, repairing),
            Brought("Jonas", "Weber", "+4915112345602", "Samsung", "Galaxy S23", "Does not charge", Priority.Normal, emptyList()),
            Brought("שירה", "לוי", "+4915112345603", "Lenovo", "ThinkPad X1", "Keyboard wet", Priority.Urgent, listOf(TicketStatus.Diagnosing)),
            Brought("Ayşe", "Yılmaz", "+4915112345604", "Apple", "iPad Air", "Battery swells", Priority.High, repairing + TicketStatus.Qc),
            Brought("Tom", "Okoro", "+4915112345605", "Google", "Pixel 8", "Camera blurred", Priority.Low, repairing + TicketStatus.Ready),
            Brought("Lena", "Fischer", "+4915112345606", "Dell", "XPS 13", "Fan is loud", Priority.Normal, listOf(TicketStatus.Diagnosing, TicketStatus.AwaitingApproval)),
            Brought("أمينة", "حداد", "+4915112345607", "Xiaomi", "13 Pro", "Speaker silent", Priority.Normal, listOf(TicketStatus.Diagnosing, TicketStatus.AwaitingParts)),
        )

    /** Fills an empty shop, as somebody who may do everything. */
    suspend fun fill(shop: Shop) {
        for ((name, sku, price, quantity) in listOf(
            Stock("Screen iPhone 14", "SCR-IP14", 18_900, 6),
            Stock("Battery iPad Air", "BAT-IPA", 7_900, 2),
            Stock("Charging port S23", "PRT-S23", 3_400, 9),
            Stock("Keyboard ThinkPad X1", "KBD-X1", 11_500, 1),
        )) {
            val item = shop.createItem(blankItem().copy(name = name, sku = sku, priceCents = price, reorderLevel = 2))
            shop.receive(item, quantity, null)
        }
        for ((index, one) in brought.withIndex()) {
            val customer = blankCustomer().copy(firstName = one.first, lastName = one.last, phones = listOf(Phone(one.phone, "mobile")))
            val ticket =
                blankTicket().copy(
                    subject = one.subject,
                    problem = "${one.subject} since yesterday.",
                    deviceKind = "phone",
                    deviceBrand = one.brand,
                    deviceModel = one.model,
                    priority = one.priority,
                    dueAt = Instant.now().plusSeconds(3_600L * (index * 7 - 6)),
                )
            val taken = shop.intake(Intake(Bringer.New(customer), ticket), if (index == 0) "2580" else null)
            for (status in one.way) shop.transition(taken.ticket, status, null)
        }
        shop.sync()
    }

    private data class Stock(
        val name: String,
        val sku: String,
        val price: Long,
        val quantity: Long,
    )
}
