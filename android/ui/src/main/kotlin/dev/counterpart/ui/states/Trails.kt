package dev.counterpart.ui.states

import dev.counterpart.app.Problem
import dev.counterpart.app.TrailChange
import dev.counterpart.app.TrailDeed
import dev.counterpart.app.TrailDevice
import dev.counterpart.app.TrailState
import dev.counterpart.app.TrailValue
import dev.counterpart.model.CheckMark
import dev.counterpart.model.Priority
import dev.counterpart.model.TicketStatus
import dev.counterpart.ui.states.Samples.now

private fun text(text: String) = TrailValue.Text(text)

private fun changed(
    field: String,
    from: TrailValue,
    to: TrailValue,
    kept: Boolean = true,
) = TrailChange(field, from, to, kept)

private fun deed(
    hours: Long,
    by: String?,
    device: TrailDevice,
    vararg changes: TrailChange,
) = TrailDeed(now.minusSeconds(3_600 * hours), by, device, changes.toList())

private val bench = TrailDevice.Other("B", "Łukasz Wiśniewski")
private val deeds =
    listOf(
        deed(
            1,
            "Łukasz Wiśniewski",
            bench,
            changed("status", TrailValue.Step(TicketStatus.Diagnosing), TrailValue.Step(TicketStatus.InRepair)),
            changed("priority", TrailValue.Urgency(Priority.Normal), TrailValue.Urgency(Priority.High)),
        ),
        deed(2, "Ada Okafor", bench, changed("diagnosis", text("Digitizer dead"), text("Digitizer and frame"), kept = false)),
        deed(3, "أمينة حداد", TrailDevice.Gone, changed("estimate_cents", TrailValue.Money(18_900), TrailValue.Money(23_400))),
        deed(4, null, TrailDevice.Server, changed("device_serial", text("C39XK1"), TrailValue.Nothing)),
        deed(
            5,
            "Ada Okafor",
            TrailDevice.This,
            changed("subject", TrailValue.Nothing, text("Screen cracked")),
            changed("due_at", TrailValue.Nothing, TrailValue.Moment(now.plusSeconds(90_000))),
            changed("intake_checklist", TrailValue.Nothing, TrailValue.Checked(mapOf("screen" to CheckMark.Fail, "sound" to CheckMark.Pass))),
        ),
    )

internal val trailStates: Map<String, TrailState> =
    mapOf(
        "asked-nobody" to TrailState(),
        "asking" to TrailState(asking = true),
        "full" to TrailState(deeds = deeds, more = true),
        "empty" to TrailState(deeds = emptyList()),
        "offline" to TrailState(problem = Problem("needs_server")),
        "denied" to TrailState(problem = Problem("denied")),
        "long" to TrailState(deeds = listOf(deed(1, Samples.LONG_NAME, bench, changed("problem", text(Samples.LONG), text("${Samples.LONG}. ${Samples.LONG}"))))),
    )
