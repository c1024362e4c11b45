package dev.counterpart.tests

import dev.counterpart.RecordKind
import dev.counterpart.ShopException
import dev.counterpart.blankAppointment
import dev.counterpart.blankCustomer
import dev.counterpart.blankEmployee
import dev.counterpart.blankItem
import dev.counterpart.blankTicket
import dev.counterpart.boards
import dev.counterpart.changes
import dev.counterpart.code
import dev.counterpart.customers
import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.TicketId
import dev.counterpart.items
import dev.counterpart.itemsToOrder
import dev.counterpart.model.Choice
import dev.counterpart.model.Deed
import dev.counterpart.model.FieldValue
import dev.counterpart.model.Status
import dev.counterpart.model.Ticket
import dev.counterpart.model.TicketStatus
import dev.counterpart.model.Unsent
import dev.counterpart.news
import dev.counterpart.openConflicts
import dev.counterpart.staff
import dev.counterpart.states
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.transformWhile
import kotlinx.coroutines.launch
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.time.Duration
import java.time.Instant

/** A day's work of several devices and their hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoryTest {
    private val hub = Hub()
    private val bo = hub.invite("bo", "manager")

    private val tess = hub.invite("tess", "technician")

    @AfterAll
    fun close() = hub.close()

    @Test
    fun `a first sync tells how far it is and ends with everything`() =
        story {
            Device.open().use { old ->
                val office = old.signIn(hub, hub.owner).shop
                office.makeUp(1_100u, 7uL)
                office.sync()
                Device.open().use { new ->
                    // By pages: a snapshot would come in one piece.
                    Gate.before(hub, "sync_snapshot", "sync_range").use { gate ->
                        val shop = new.terminal.signIn(gate.address(hub), bo.email, bo.password).shop
                        new.network.isUp = true
                        gate.next().refuse("PGRST202")
                        var first: HeldCall? = gate.next()
                        var second: HeldCall? = null
                        var rest: Job? = null
                        val steps =
                            shop
                                .states()
                                .transformWhile {
                                    emit(it.progress)
                                    it.lastSyncedAt == null
                                }.onEach { progress ->
                                    if (progress == 0.0 && first != null) {
                                        first?.let(gate::pass)
                                        first = null
                                        second = gate.next()
                                    } else if (progress > 0 && second != null) {
                                        second?.let(gate::pass)
                                        second = null
                                        rest = launch { while (true) gate.pass(gate.next()) }
                                    }
                                }.toList()
                        rest?.cancelAndJoin()
                        assertEquals(0.0 to 1.0, steps.first() to steps.last())
                        assertTrue(steps.any { it > 0 && it < 1 })
                        assertEquals(steps.sorted(), steps)
                        shop.sync()
                        val page = shop.board(everything, null, 50u)
                        assertEquals(50, page.rows.size)
                        assertNotNull(page.next)
                        assertEquals(office.checksum().hash, shop.checksum().hash)
                        shop.close()
                    }
                }
            }
        }

    @Test
    fun `a change on one device shows on another in both directions without being asked for`() =
        story {
            Device.open().use { first ->
                Device.open().use { second ->
                    first.signIn(hub, hub.owner)
                    second.signIn(hub, bo)
                    val taken = first.shop.intake(intake("Live screen"), null)
                    second.shop.boards(everything).first { page -> page.rows.any { it.id == taken.ticket } }
                    second.shop.transition(taken.ticket, TicketStatus.Diagnosing, null)
                    first.shop.boards(everything).first { page ->
                        page.rows.any { it.id == taken.ticket && it.status == TicketStatus.Diagnosing }
                    }
                }
            }
        }

    /** One ticket, changed on a device and, by whoever had seen it before, on another that was offline and is back. */
    private suspend fun twoMinds(
        first: Device,
        second: Device,
        one: (Ticket) -> Ticket,
        other: (Ticket) -> Ticket,
    ): TicketId {
        first.signIn(hub, hub.owner)
        val ticket = first.shop.intake(intake("Two minds"), null).ticket
        first.shop.sync()
        second.signIn(hub, bo)
        val seen = checkNotNull(second.shop.ticket(ticket))
        second.offline()
        val before = checkNotNull(first.shop.ticket(ticket))
        first.shop.editTicket(before, one(before))
        first.shop.sync()
        second.shop.editTicket(seen, other(seen))
        second.online()
        return ticket
    }

    @Test
    fun `two versions of a problem wait for a person and any device resolves them`() =
        story {
            Device.open().use { first ->
                Device.open().use { second ->
                    val ticket =
                        twoMinds(first, second, { it.copy(problem = "wet") }, { it.copy(problem = "bent") })
                    val conflict = second.shop.openConflicts().first { all -> all.any { it.id == ticket.value } }
                    val ours = conflict.single { it.id == ticket.value }
                    assertEquals("problem" to FieldValue.Text("bent"), ours.field to ours.mine)
                    second.shop.resolve(ours.conflict, Choice.Mine)
                    second.shop.sync()
                    first.shop.sync()
                    assertEquals("bent", first.shop.ticket(ticket)?.problem)
                    assertTrue(first.shop.conflicts().none { it.id == ticket.value })
                }
            }
        }

    @Test
    fun `each field of a record is resolved by itself, by theirs and by a third version`() =
        story {
            Device.open().use { first ->
                Device.open().use { second ->
                    val wet: (Ticket) -> Ticket = { it.copy(problem = "wet", diagnosis = "board") }
                    val bent: (Ticket) -> Ticket = { it.copy(problem = "bent", diagnosis = "frame") }
                    val ticket = twoMinds(first, second, wet, bent)
                    val all = second.shop.openConflicts().first { all -> all.count { it.id == ticket.value } == 2 }
                    val open = all.filter { it.id == ticket.value }.associateBy { it.field }
                    val (problem, diagnosis) = listOf("problem", "diagnosis").map { open.getValue(it) }
                    assertEquals(FieldValue.Text("wet") to FieldValue.Text("bent"), problem.theirs to problem.mine)
                    assertEquals(Status.CONFLICT, second.shop.standings(RecordKind.TICKET, listOf(ticket.value)).single().status)
                    second.shop.resolve(problem.conflict, Choice.Theirs)
                    val left = second.shop.conflicts().single { it.id == ticket.value }
                    assertEquals("diagnosis", left.field, "the other field waits on")
                    val wrong = failure { second.shop.resolve(diagnosis.conflict, Choice.Value(FieldValue.Whole(7))) }
                    assertTrue(wrong is ShopException.Invalid && wrong.field == "diagnosis", "$wrong")
                    second.shop.resolve(diagnosis.conflict, Choice.Value(FieldValue.Text("board and frame")))
                    second.shop.sync()
                    first.shop.sync()
                    for (device in listOf(first, second)) {
                        val resolved = device.shop.ticket(ticket)
                        assertEquals("wet" to "board and frame", resolved?.problem to resolved?.diagnosis)
                        assertTrue(device.shop.conflicts().none { it.id == ticket.value })
                    }
                    val again = failure { first.shop.resolve(problem.conflict, Choice.Mine) }
                    assertEquals("not_found", again.code, "it is closed")
                }
            }
        }

    @Test
    fun `what others do is told by name and unread until it is looked at`() =
        story {
            Device.open().use { first ->
                Device.open().use { second ->
                    first.signIn(hub, hub.owner)
                    second.signIn(hub, bo)
                    val customer = second.shop.createCustomer(blankCustomer().copy(lastName = "Newcomer"))
                    val told =
                        first.shop.news().first { notices ->
                            notices.newest.any { notice -> notice.parts.any { customer.value in it.rows } }
                        }
                    val notice = told.newest.first { notice -> notice.parts.any { customer.value in it.rows } }
                    assertEquals("bo", notice.authorName)
                    assertEquals(Deed.ADDED, notice.parts.first { customer.value in it.rows }.deed)
                    assertFalse(notice.seen)
                    val standing = suspend { first.shop.standings(RecordKind.CUSTOMER, listOf(customer.value)).single() }
                    assertTrue(standing().unread)
                    first.shop.view(RecordKind.CUSTOMER, customer.value)
                    assertFalse(standing().unread)
                    first.shop.markNoticesSeen(told.newest.first().id)
                    assertEquals(0uL, first.shop.notices(10u).unseen)
                }
            }
        }

    @Test
    fun `people switch at a shared tablet by PIN and may do there what they may do`() =
        story {
            val station = hub.invite("tablet", "front_desk", "--station")
            Device.open().use { office ->
                office.signIn(hub, hub.owner)
                val technician = office.shop.employees().single { it.name == "tess" }.id
                office.shop.setPin(technician, "2580")
                office.shop.sync()
                Device.open().use { tablet ->
                    val shop = tablet.signIn(hub, station).shop
                    val wrong = failure { shop.switchTo(technician, "1111") }
                    assertTrue(wrong is ShopException.Denied, "$wrong")
                    shop.switchTo(technician, "2580")
                    assertEquals(technician.value, shop.who().actor)
                    val refused = failure { shop.createEmployee(blankEmployee().copy(firstName = "Nobody")) }
                    assertTrue(refused is ShopException.Denied, "$refused")
                    shop.switchOff()
                }
            }
        }

    @Test
    fun `whoever types too many wrong PINs waits, with the right one too, and is told how long`() =
        story {
            val station = hub.invite("bench-tablet", "front_desk", "--station")
            Device.open().use { office ->
                office.signIn(hub, hub.owner)
                val manager =
                    office.shop
                        .employees()
                        .single { it.name == "bo" }
                        .id
                office.shop.setPin(manager, "2580")
                office.shop.sync()
                Device.open().use { tablet ->
                    val shop = tablet.signIn(hub, station).shop
                    shop.switchTo(manager, "2580")
                    shop.switchOff()
                    repeat(4) { assertEquals("denied", failure { shop.switchTo(manager, "1111") }.code) }
                    val fifth = failure { shop.switchTo(manager, "1111") }
                    assertTrue(fifth is ShopException.NotNow && fifth.code == "pin_locked" && fifth.seconds == 30uL, "$fifth")
                    val right = failure { shop.switchTo(manager, "2580") }
                    assertTrue(right is ShopException.NotNow && right.code == "pin_locked", "$right")
                    assertTrue(checkNotNull((right as ShopException.NotNow).seconds) in 1uL..30uL, "$right")
                    assertNull(shop.who().actor)
                }
            }
        }

    @Test
    fun `customers, the shelf and the staff are told as they change on another device`() =
        story {
            Device.open().use { first ->
                val desk = first.signIn(hub, hub.owner).shop
                Device.open().use { second ->
                    val shelf = second.signIn(hub, bo).shop
                    val customer = desk.createCustomer(blankCustomer().copy(lastName = "Watched"))
                    shelf.customers(customer).first { it?.lastName == "Watched" }
                    desk.createEmployee(blankEmployee().copy(firstName = "Kim"))
                    shelf.staff().first { staff -> staff.any { it.name == "Kim" } }
                    val item = shelf.createItem(blankItem().copy(name = "Screen S9", reorderLevel = 2))
                    desk.itemsToOrder().first { rows -> rows.any { it.id == item } }
                    shelf.receive(item, 3, null)
                    desk.items(item).first { it?.quantity == 3L }
                    // Without the sync, which changes them as well.
                    first.offline()
                    val seen =
                        desk
                            .changes(RecordKind.CUSTOMER)
                            .onEach { if (it == 0uL) desk.createCustomer(blankCustomer().copy(lastName = "Another")) }
                            .take(2)
                            .toList()
                    assertEquals(listOf(0uL, 1uL), seen)
                }
            }
        }

    @Test
    fun `a calendar's earlier months come when they are asked for, and the shop's devices are known`() =
        story {
            Device.open().use { first ->
                val office = first.signIn(hub, hub.owner).shop
                val starts = Instant.now().minus(Duration.ofDays(100))
                val visit =
                    blankAppointment().copy(
                        customerId = office.createCustomer(blankCustomer().copy(lastName = "Long ago")),
                        startsAt = starts,
                        endsAt = starts.plusSeconds(1_800),
                        timeZone = "Europe/Berlin",
                    )
                val old = office.createAppointment(visit)
                val longAgo = Instant.now().minus(Duration.ofDays(200))
                val older = office.createAppointment(visit.copy(startsAt = longAgo, endsAt = longAgo.plusSeconds(1_800)))
                office.sync()
                Device.open().use { second ->
                    val bench = second.signIn(hub, bo).shop
                    assertNull(bench.appointment(old))
                    bench.fetchDays(RecordKind.APPOINTMENT, 120u)
                    assertEquals(old, bench.appointment(old)?.id)
                    assertNull(bench.appointment(older))
                    bench.fetchBetween(RecordKind.APPOINTMENT, longAgo, longAgo.plus(Duration.ofDays(1)))
                    assertEquals(older, bench.appointment(older)?.id)
                    val standings = bench.devices()
                    assertTrue(standings.map { it.device }.containsAll(listOf(office.device(), bench.device())))
                    assertTrue(standings.all { it.seenAt.isAfter(Instant.now().minus(Duration.ofHours(1))) })
                }
            }
        }

    @Test
    fun `a passcode is shown to who may see it and to nobody else`() =
        story {
            Device.open().use { first ->
                val bench = first.signIn(hub, tess).shop
                val taken = bench.intake(intake("Locked"), "4711")
                assertEquals("4711", bench.revealPasscode(taken.ticket))
                bench.sync()
                assertEquals(emptyList<Any>(), bench.parked())
                assertEquals(0uL, bench.safe(taken.ticket).unsent)
                Device.open().use { second ->
                    // A shared tablet at which nobody works.
                    val tablet = second.signIn(hub, hub.invite("counter", "front_desk", "--station")).shop
                    assertTrue(failure { tablet.revealPasscode(taken.ticket) } is ShopException.Denied)
                }
            }
        }

    @Test
    fun `who leaves with unsent work is asked`() =
        story {
            Device.open().use { device ->
                val shop = device.signIn(hub, bo).shop
                device.offline()
                shop.createCustomer(blankCustomer().copy(lastName = "Unsent"))
                val asked = failure { device.terminal.signOut() }
                assertEquals("unsent", asked.code)
                assertEquals(1uL, (asked as ShopException.NotNow).operations)
                device.terminal.signOut(Unsent.Keep)
                assertNull(device.terminal.shop())
                assertEquals("closed", failure { shop.customer(CustomerId("any")) }.code)
            }
        }

    @Test
    fun `a background task syncs while the app is suspended`() =
        story {
            Device.open().use { device ->
                val shop = device.signIn(hub, hub.owner).shop
                device.terminal.suspend()
                shop.createCustomer(blankCustomer().copy(lastName = "Asleep"))
                assertEquals(1uL, shop.state().pending)
                shop.syncOnce(Duration.ofSeconds(20))
                assertEquals(0uL, shop.state().pending)
                device.terminal.resume()
                shop.sync()
            }
        }
}
