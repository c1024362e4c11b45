package dev.counterpart.tests

import dev.counterpart.RecordKind
import dev.counterpart.Shop
import dev.counterpart.blankAppointment
import dev.counterpart.blankCustomer
import dev.counterpart.ids.EmployeeId
import dev.counterpart.model.FieldValue
import dev.counterpart.model.Role
import dev.counterpart.model.Status
import dev.counterpart.parkedOperations
import kotlinx.coroutines.flow.first
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration
import java.time.Instant

/** The queue: what cannot be sent now goes later, what cannot be taken waits for a person, and everything else goes on. */
class QueueTest {
    /** A hub of its own, which may stop, and a device. */
    private fun alone(work: suspend (Hub, Device) -> Unit) =
        story {
            Hub().use { hub -> Device.open().use { device -> work(hub, device) } }
        }

    private suspend fun Shop.status(
        kind: RecordKind,
        id: String,
    ): Status = standings(kind, listOf(id)).single().status

    @Test
    fun `what is done offline goes by itself when the network is back`() =
        alone { hub, device ->
            val shop = device.signIn(hub, hub.owner).shop
            device.offline()
            val id = shop.createCustomer(blankCustomer().copy(lastName = "Offline"))
            assertEquals(1uL, shop.state().pending)
            assertEquals(Status.PENDING, shop.status(RecordKind.CUSTOMER, id.value))
            device.online()
            device.until { it.pending == 0uL }
            assertEquals(Status.SYNCED, shop.status(RecordKind.CUSTOMER, id.value))
        }

    @Test
    fun `a server that is gone fails after three retries and takes the work when a person retries`() =
        alone { hub, device ->
            val shop = device.signIn(hub, hub.owner).shop
            device.meetsAGate(hub, "").use { gate ->
                shop.createCustomer(blankCustomer().copy(lastName = "Stranded"))
                repeat(4) {
                    val attempt = gate.next()
                    val state = shop.state()
                    assertTrue(state.reachable)
                    assertEquals(1uL to 0uL, state.pending to state.failed)
                    attempt.breakOff()
                }
                val failed = device.until { !it.reachable }
                assertEquals(1uL to "unreachable", failed.failed to failed.lastError)
            }
            hub.serve()
            shop.retryAll()
            device.until { it.pending == 0uL && it.reachable }
        }

    @Test
    fun `an operation that the server cannot take is tried three times more, and then waits for a person who retries`() =
        alone { hub, device ->
            val shop = device.signIn(hub, hub.owner).shop
            val gate = device.meetsAGate(hub, "sync_push")
            val id = shop.createCustomer(blankCustomer().copy(lastName = "Indigestible"))
            repeat(4) {
                val attempt = gate.next()
                assertTrue("Indigestible" in attempt.request)
                assertEquals(emptyList<Any>(), shop.parked())
                assertEquals(0uL, shop.state().failed)
                attempt.refuse("22P05")
            }
            val parked = shop.parkedOperations().first { it.isNotEmpty() }.single()
            assertEquals("unprocessable" to id.value, parked.code to parked.id)
            assertEquals("customers" to "insert", parked.table to parked.kind)
            assertEquals(FieldValue.Text("Indigestible"), parked.wanted["last_name"])
            assertEquals(1uL, shop.state().failed)
            assertEquals(Status.FAILED, shop.status(RecordKind.CUSTOMER, id.value))
            gate.close()
            hub.serve()
            shop.retry(parked.operation)
            shop.parkedOperations().first { it.isEmpty() }
            shop.idle(Duration.ofMinutes(1))
            assertEquals(Status.SYNCED, shop.status(RecordKind.CUSTOMER, id.value))
        }

    @Test
    fun `what the server refuses waits with its reason until a person edits, discards or retries it`() =
        alone { hub, device ->
            val pat = hub.invite("pat", "front_desk")
            Device.open().use { owner ->
                val office = owner.signIn(hub, hub.owner).shop
                val shop = device.signIn(hub, pat).shop
                val (own, others) = office.employees().partition { it.name == "pat" }.let { it.first.single().id to it.second.first().id }
                val starts = Instant.now().plusSeconds(3_600)
                val visit =
                    blankAppointment().copy(
                        customerId = shop.createCustomer(blankCustomer().copy(lastName = "Okafor")),
                        assigneeId = others,
                        startsAt = starts,
                        endsAt = starts.plusSeconds(1_800),
                        timeZone = "Europe/Berlin",
                    )
                shop.sync()

                // Somebody else's appointments are the front desk's to book, and no technician's.
                device.offline()
                val booked = List(3) { shop.createAppointment(visit) }
                office.give(Role.Technician, own)
                device.online()
                val waiting = shop.parkedOperations().first { it.size == 3 }
                assertEquals(booked.map { it.value }, waiting.map { it.id })
                assertEquals(List(3) { "denied" to "appointments" }, waiting.map { it.code to it.table })
                assertEquals(3uL, shop.state().failed)
                for (id in booked) assertEquals(Status.FAILED, shop.status(RecordKind.APPOINTMENT, id.value))

                shop.editParked(waiting[0].operation, mapOf("assignee_id" to FieldValue.Text(own.value)))
                shop.discard(waiting[1].operation)
                assertNull(shop.appointment(booked[1]))
                shop.idle(Duration.ofMinutes(1))
                assertEquals(listOf(booked[2].value), shop.parked().map { it.id })

                // Refused once more: the server was asked again.
                shop.retry(waiting[2].operation)
                val again = shop.parkedOperations().first { all -> all.any { it.operation != waiting[2].operation } }.single()
                assertEquals(booked[2].value to "denied", again.id to again.code)
                office.give(Role.FrontDesk, own)
                shop.retry(again.operation)
                shop.parkedOperations().first { it.isEmpty() }
                shop.idle(Duration.ofMinutes(1))
                office.sync()
                assertEquals(own, office.appointment(booked[0])?.assigneeId)
                assertNull(office.appointment(booked[1]))
                assertEquals(others, office.appointment(booked[2])?.assigneeId)
            }
        }

    private suspend fun Shop.give(
        role: Role,
        employee: EmployeeId,
    ) {
        val before = checkNotNull(employee(employee))
        editEmployee(before, before.copy(role = role))
        sync()
    }
}
