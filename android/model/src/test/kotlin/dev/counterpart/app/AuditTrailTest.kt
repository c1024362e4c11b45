package dev.counterpart.app

import dev.counterpart.RecordKind
import dev.counterpart.model.CheckMark
import dev.counterpart.model.FieldValue
import dev.counterpart.model.Priority
import dev.counterpart.model.TicketStatus
import dev.counterpart.trial.Account
import dev.counterpart.trial.Device
import dev.counterpart.trial.Hub
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.time.Instant

/** The audit trail on a card, through the models, against a live hub. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditTrailTest {
    private val hub = Hub()
    private val bo = hub.invite("Bo Lindqvist", "technician")

    @AfterAll
    fun close() = hub.close()

    private suspend fun at(account: Account): Pair<Person, Desk> = Person(Device.open()).let { it to it.signIn(hub, account) }

    private suspend fun takeIn(desk: Desk): dev.counterpart.ids.TicketId =
        TakingIn(desk).use { counter ->
            counter.fill(IntakeForm(lastName = "Weber", subject = "Does not charge", problem = "Dead"))
            counter.takeIn()
            val taken = checkNotNull(counter.until { it.taken != null }.taken)
            desk.shop.sync()
            dev.counterpart.ids.TicketId(taken.ticket)
        }

    @Test
    fun `who leads sees who changed what from what to what, when and on which device`() =
        story {
            val (ada, front) = at(hub.owner)
            val (second, bench) = at(bo)
            val id = takeIn(front)
            bench.shop.sync()
            val before = checkNotNull(bench.shop.ticket(id))
            bench.shop.editTicket(before, before.copy(problem = "Dead since Monday", priority = Priority.Urgent))
            bench.shop.sync()
            AuditTrail(front, RecordKind.TICKET, id.value).use { trail ->
                assertNull(trail.state.value.deeds, "nobody is asked before somebody asks")
                trail.ask()
                val deeds = checkNotNull(trail.until { it.deeds != null || it.problem != null }.deeds) { "${trail.state.value.problem}" }
                val (edit, intake) = deeds.first() to deeds.last()
                assertEquals("Bo Lindqvist" to "Ada Okafor", edit.by to intake.by)
                assertEquals("Bo Lindqvist", (edit.device as TrailDevice.Other).of)
                assertEquals(TrailDevice.This, intake.device)
                val edited = edit.changes.associate { it.field to (it.from to it.to) }
                assertEquals(TrailValue.Text("Dead") to TrailValue.Text("Dead since Monday"), edited["problem"])
                assertEquals(TrailValue.Urgency(Priority.Normal) to TrailValue.Urgency(Priority.Urgent), edited["priority"])
                assertEquals(setOf("problem", "priority"), edited.keys)
                val taken = intake.changes.associate { it.field to it.to }
                assertEquals(TrailValue.Text("Does not charge"), taken["subject"])
                assertEquals(TrailValue.Text("Weber"), taken["customer_id"], "a customer is called by name")
                assertTrue(intake.changes.none { it.to == TrailValue.Nothing }, "what was left empty is not told")
                assertTrue(deeds.all { it.at <= Instant.now() && it.changes.all(TrailChange::kept) })
            }
            AuditTrail(bench, RecordKind.TICKET, id.value).use { trail ->
                trail.ask()
                assertEquals("denied", trail.until { it.problem != null }.problem?.code)
                assertNull(trail.state.value.deeds)
            }
            ada.leave()
            second.leave()
        }

    @Test
    fun `a long trail comes page by page`() =
        story {
            val (ada, front) = at(hub.owner)
            val id = takeIn(front)
            for (turn in 1..40) {
                val before = checkNotNull(front.shop.ticket(id))
                front.shop.editTicket(before, before.copy(diagnosis = "Try $turn"))
                front.shop.sync()
            }
            AuditTrail(front, RecordKind.TICKET, id.value).use { trail ->
                trail.ask()
                val first = trail.until { it.deeds != null || it.problem != null }
                assertTrue(first.more && first.deeds.orEmpty().size < 41, "${first.deeds?.size}")
                trail.showMore()
                val whole = trail.until { it.deeds.orEmpty().size == 41 }
                assertEquals(false, whole.more)
                assertEquals(TrailValue.Text("Try 40"), whole.deeds?.first()?.changes?.single()?.to)
                assertEquals(TrailValue.Nothing, whole.deeds?.last()?.changes?.first { it.field == "subject" }?.from)
            }
            ada.leave()
        }

    @Test
    fun `without the server it says so, and can be asked again`() =
        story {
            val (ada, front) = at(hub.owner)
            val id = takeIn(front)
            AuditTrail(front, RecordKind.TICKET, id.value).use { trail ->
                hub.stop()
                trail.ask()
                assertEquals(Problem("needs_server"), trail.until { it.problem != null || it.deeds != null }.problem)
                hub.serve()
                trail.ask()
                val asked = trail.until { it.deeds != null }
                assertEquals(null to 1, asked.problem to asked.deeds?.size)
            }
            ada.leave()
        }

    @Test
    fun `values are told as what they are, and what the app does not know as it stands`() =
        story {
            suspend fun of(
                field: String,
                value: FieldValue,
            ) = TrailValue.of(field, value) { id -> "Ada".takeIf { id == "e1" } }
            assertEquals(TrailValue.Step(TicketStatus.Qc), of("status", FieldValue.Text("qc")))
            assertEquals(TrailValue.Step(TicketStatus.Other("paused")), of("status", FieldValue.Text("paused")))
            assertEquals(TrailValue.Money(1_250), of("estimate_cents", FieldValue.Whole(1_250)))
            assertEquals(TrailValue.Text("3"), of("quantity", FieldValue.Whole(3)))
            assertEquals(TrailValue.Moment(Instant.parse("2026-03-12T09:30:00Z")), of("due_at", FieldValue.Text("2026-03-12T09:30:00.000Z")))
            assertEquals(TrailValue.Answer(true), of("sms_opt_out", FieldValue.Truth(true)))
            assertEquals(TrailValue.Text("Ada"), of("assignee_id", FieldValue.Text("e1")))
            val phones = listOf("mobile" to "+49", "work" to "+30").map { (label, number) -> phone(number, label) }
            assertEquals(TrailValue.Text("mobile +49, work +30"), of("phones", FieldValue.Several(phones)))
            val marks = mapOf("screen" to FieldValue.Text("fail"), "weight" to FieldValue.Whole(3))
            assertEquals(TrailValue.Checked(mapOf("screen" to CheckMark.Fail)), of("intake_checklist", FieldValue.Named(marks)))
            val nothing = listOf(FieldValue.Empty, FieldValue.Text(""), FieldValue.Several(emptyList()), FieldValue.Named(emptyMap()))
            for (value in nothing) assertEquals(TrailValue.Nothing, of("tags", value), "$value")
        }

    private fun phone(
        number: String,
        label: String,
    ) = FieldValue.Named(mapOf("number" to FieldValue.Text(number), "label" to FieldValue.Text(label)))
}
