package dev.counterpart.ui.states

import dev.counterpart.ExportReport
import dev.counterpart.ImportLayout
import dev.counterpart.ImportReport
import dev.counterpart.RefusedLine
import dev.counterpart.SyncEvent
import dev.counterpart.app.AppointmentForm
import dev.counterpart.app.AppointmentLine
import dev.counterpart.app.AppointmentUndo
import dev.counterpart.app.AppointmentsState
import dev.counterpart.app.AtWorkState
import dev.counterpart.app.CalendarDay
import dev.counterpart.app.Colleague
import dev.counterpart.app.DeveloperState
import dev.counterpart.app.DeviceLine
import dev.counterpart.app.Devices
import dev.counterpart.app.DeveloperView
import dev.counterpart.app.EmployeeForm
import dev.counterpart.app.FlagLine
import dev.counterpart.app.Mark
import dev.counterpart.app.MovingIn
import dev.counterpart.app.MovingState
import dev.counterpart.app.Network
import dev.counterpart.app.NewPin
import dev.counterpart.app.Older
import dev.counterpart.app.OverviewState
import dev.counterpart.app.Problem
import dev.counterpart.app.Right
import dev.counterpart.app.RowCount
import dev.counterpart.app.SettingsForm
import dev.counterpart.app.SettingsState
import dev.counterpart.app.ShopLine
import dev.counterpart.app.Shops
import dev.counterpart.app.Silent
import dev.counterpart.app.TeamState
import dev.counterpart.ids.AppointmentId
import dev.counterpart.ids.CustomerId
import dev.counterpart.ids.EmployeeId
import dev.counterpart.ids.ShopSettingsId
import dev.counterpart.model.AppointmentKind
import dev.counterpart.model.AppointmentState
import dev.counterpart.model.CustomerRow
import dev.counterpart.model.Day
import dev.counterpart.model.EmployeeRow
import dev.counterpart.model.NetworkCall
import dev.counterpart.model.Progress
import dev.counterpart.model.Role
import dev.counterpart.model.ShopSettings
import dev.counterpart.model.Space
import dev.counterpart.model.Status
import dev.counterpart.model.SyncKind
import dev.counterpart.ui.states.Samples.now
import java.time.LocalDate

private val day = LocalDate.parse("2026-03-12")
private val people =
    listOf(
        EmployeeRow(EmployeeId("e1"), "Ada Okafor", Role.Owner, null, true),
        EmployeeRow(EmployeeId("e2"), "Łukasz Wiśniewski", Role.Technician, null, true),
        EmployeeRow(EmployeeId("e3"), "ליאור כהן", Role.FrontDesk, null, true),
    )
private val visits =
    listOf(
        AppointmentLine(appointment(1, "Mira Núñez", 1), Mark(Status.PENDING), "Ada Okafor"),
        AppointmentLine(appointment(2, "Jonas Weber", 4, AppointmentKind.DropOff, AppointmentState.Confirmed, overlaps = true), Mark(), "Łukasz Wiśniewski"),
        AppointmentLine(appointment(3, "أمينة حداد", 4, AppointmentKind.OnSite, overlaps = true), Mark(Status.CONFLICT), "Łukasz Wiśniewski"),
        AppointmentLine(appointment(4, Samples.LONG_NAME, 6, AppointmentKind.Consultation, AppointmentState.Cancelled)),
    )
private val calendar =
    AppointmentsState(loading = false, today = day, days = listOf(CalendarDay(day, visits)), canFilterMine = true, people = people, rights = Right.entries.toSet())
private val writing = AppointmentForm(customer = "c1", words = "Mira Núñez", kind = AppointmentKind.PickUp, date = "2026-03-13", time = "14:30", assignee = "e1")

internal val appointmentsStates: Map<String, AppointmentsState> =
    mapOf(
        "day" to calendar,
        "week" to
            calendar.copy(
                week = true,
                days = listOf(CalendarDay(day, visits.take(2)), CalendarDay(day.plusDays(1), visits.drop(2))),
                undo = AppointmentUndo(AppointmentId("a1"), AppointmentState.Booked),
            ),
        "empty" to calendar.copy(day = day.plusDays(3), days = listOf(CalendarDay(day.plusDays(3), emptyList()))),
        "bench" to calendar.copy(days = listOf(CalendarDay(day, visits.map { it.copy(editable = it.assignee == people[1].name) })), rights = Samples.bench),
        "bench-typing" to calendar.copy(form = writing.copy(assignee = "e2"), rights = Samples.bench),
        "loading" to AppointmentsState(today = day),
        "older-fetching" to calendar.copy(day = day.minusDays(200), days = listOf(CalendarDay(day.minusDays(200), emptyList())), older = Older.FETCHING),
        "older-not-here" to calendar.copy(day = day.minusDays(61), days = listOf(CalendarDay(day.minusDays(61), visits.drop(2))), older = Older.NOT_HERE),
        "typing" to calendar.copy(form = writing.copy(customer = null, words = "mi"), found = listOf(CustomerRow(CustomerId("c1"), "Mira Núñez", null, "+4915112345601", null))),
        "wrong" to calendar.copy(form = writing.copy(time = "soon"), problem = Problem("time", "time")),
    )

private val colleagues =
    listOf(
        Colleague(people[0], here = true, pinIsMine = true),
        Colleague(people[1], Mark(Status.PENDING), here = true, looksAt = "1041", editable = true, pinIsMine = true),
        Colleague(people[2], editable = true, pinIsMine = true),
        Colleague(EmployeeRow(EmployeeId("e4"), "Tom Okoro", Role.Technician, null, false), editable = true),
    )
private val team =
    TeamState(
        loading = false,
        people = colleagues,
        otherDevices = 1,
        leads = true,
        roles = listOf(Role.FrontDesk, Role.Technician, Role.Manager, Role.Admin, Role.Owner),
        activity = news.newest.filterNot { it.you },
        devices =
            Devices.Here(
                listOf(
                    DeviceLine("C", "Łukasz Wiśniewski", shared = false, unsent = 3, silentMinutes = 40 * 60),
                    DeviceLine("E", Samples.LONG_NAME, shared = false, unsent = 1, silentMinutes = 7),
                    DeviceLine("D", null, shared = true, unsent = 0, silentMinutes = 9 * 24 * 60),
                    DeviceLine("B", "Ada Okafor", shared = false, unsent = 0, silentMinutes = 0, own = true),
                ),
            ),
    )

internal val teamStates: Map<String, TeamState> =
    mapOf(
        "leads" to team,
        "devices" to team.copy(people = colleagues.take(1), otherDevices = 0, roles = emptyList()),
        "devices-asking" to team.copy(devices = Devices.Asking),
        "devices-unreachable" to team.copy(devices = Devices.Unreachable),
        "bench" to TeamState(loading = false, people = colleagues.map { it.copy(editable = false, pinIsMine = it.row.id.value == "e2") }),
        "loading" to TeamState(),
        "typing" to team.copy(form = EmployeeForm(firstName = "Nia", role = Role.Technician)),
        "leaving" to team.copy(form = EmployeeForm("e2", "Łukasz", "Wiśniewski", active = false)),
        "pin" to team.copy(newPin = NewPin(EmployeeId("e2"), "Łukasz Wiśniewski", "258"), problem = Problem("four_to_eight_digits", "pin")),
    )

internal val atWorkStates: Map<String, AtWorkState> =
    mapOf(
        "who" to AtWorkState(people.drop(1), somebody = true),
        "pin" to AtWorkState(people, chosen = people[1], pin = "258"),
        "wrong" to AtWorkState(people, chosen = people[1], problem = Problem("wrong_pin")),
        "locked" to AtWorkState(people, chosen = people[1], lockedSeconds = 30),
        "first-time" to AtWorkState(people, chosen = people[1], problem = Problem("needs_server")),
    )

private val okafor =
    ShopSettings(
        ShopSettingsId("s1"), "Okafor Repairs", "Europe/Berlin", "EUR", emptyMap(), 90, 60, mapOf("signatures" to 10L), Samples.view.ticket.meta,
    )
private val settings =
    SettingsState(
        loading = false,
        settings = okafor,
        me = people[0],
        shop = "north",
        shops = Samples.shops.take(1),
        leads = true,
        flags = listOf(FlagLine("realtime", 100, true), FlagLine("signatures", 10, false)),
        space = Space(48_000_000u, 12_400_000_000u, false),
        numbersLeft = 87,
    )
private val still = MovingState(exportFile = "exports/counterpart-2026-03-12.jsonl")
private val refusals = listOf(RefusedLine(14u, "phone", "phones", "customers.phones: must be a phone number in E.164"))

internal val settingsStates: Map<String, Pair<SettingsState, MovingState>> =
    mapOf(
        "calm" to (settings to still),
        "bench" to (settings.copy(leads = false, me = people[1], shops = Samples.shops) to still),
        "loading" to (SettingsState() to still),
        "typing" to (settings.copy(form = SettingsForm.of(okafor), newFlag = "photos") to still),
        "full-disk" to (settings.copy(space = Space(480_000_000u, 40_000_000u, true)) to still),
        "exporting" to (settings to still.copy(progress = Progress(1_200u, 400_000u))),
        "exported" to (settings to still.copy(exported = ExportReport(Progress(3_417u, 900_000u), true, listOf("ticket_secrets")))),
        "imported" to
            (
                settings to
                    still.copy(
                        form = MovingIn("exports/old.csv", ImportLayout.CUSTOMERS, "RepairDesk", "49"),
                        imported = ImportReport(118u, 2u, 1u, refusals, emptyList(), Progress(121u, 9_000u), true),
                        tried = true,
                    )
            ),
        "picks" to (settings to still.copy(picks = true)),
        "picked" to (settings to still.copy(picks = true, form = MovingIn("exports/old-${Samples.LONG}.csv"))),
        "leaving" to (settings to still),
        "shops" to (settings.copy(shops = Samples.shops, hasOverview = true) to still),
    )

private val north = ShopLine("north", "Okafor Repairs", 4, 6, unsent = 2, Silent("C", 40 * 60), conflicts = 1, open = true)
private val south = ShopLine("south", "Okafor Repairs, Hamburg-Altona, am Bahnhof", 2, 3, unsent = 0, Silent("A", 12), conflicts = 0, open = false)
private val east = ShopLine("east", "ورشة حداد", 1, 0, unsent = 0, null, conflicts = 0, open = false)

internal val overviewStates: Map<String, OverviewState> =
    mapOf(
        "shops" to OverviewState(Shops.Here(listOf(north, south, east))),
        "loading" to OverviewState(),
        "none" to OverviewState(Shops.Here(emptyList())),
        "unreachable" to OverviewState(Shops.Unreachable),
        "long" to
            OverviewState(
                Shops.Here(listOf(north, north.copy(id = "west", name = "${Samples.LONG_NAME}: ${Samples.LONG}", people = 118, devices = 41, unsent = 17, conflicts = 23, open = false))),
            ),
    )

private val inspected =
    DeveloperState(
        loading = false,
        facts = listOf("phase" to "idle", "channel" to "joined", "cursor" to "412", "queue.queued" to "2"),
        rows = listOf(RowCount("customers", 31, 0), RowCount("tickets", 37, 2)),
        events =
            listOf(
                SyncEvent(now, SyncKind.PUSHED, null, mapOf("applied" to 2uL), 41),
                SyncEvent(now.minusSeconds(9), SyncKind.FAILED, "unreachable", emptyMap(), 5_003),
            ),
        calls = listOf(NetworkCall(now.toEpochMilli(), "sync_push", "200", 812u, 344u, 38), NetworkCall(now.toEpochMilli(), "sync_pull", "timeout", 120u, 0u, 5_003)),
        canInterfere = true,
        days = listOf(Day(20_524, 61u, 58u, 2u, 1u, 0u, 0u, listOf(3u, 40u, 10u, 8u, 0u, 0u, 0u, 0u, 0u), 204u, 3u, 840_000u, 0.985, 0.016)),
    )

internal val developerStates: Map<String, DeveloperState> =
    mapOf(
        "device" to inspected.copy(pretendsOffline = true, evicted = 12, checksum = "9f31c2 @ 412"),
        "counted" to inspected.copy(rows = listOf(RowCount("customers", 31, 0, 31), RowCount("tickets", 37, 2, 36)), counted = 413L to 412L),
        "purging" to inspected.copy(purging = true, network = Network.LOSSY),
        "shipped" to inspected.copy(canInterfere = false),
        "sync-log" to inspected.copy(view = DeveloperView.SYNC_LOG, kind = SyncKind.PUSHED),
        "network" to inspected.copy(view = DeveloperView.NETWORK),
        "analytics" to inspected.copy(view = DeveloperView.ANALYTICS),
        "record" to inspected.copy(view = DeveloperView.RECORD, wanted = "1041", record = listOf("shown.subject" to "Screen cracked", "stamp" to "398")),
        "elsewhere" to
            inspected.copy(
                view = DeveloperView.RECORD,
                wanted = "1041",
                record = listOf("shown.subject" to "Screen cracked"),
                field = "problem",
                value = "\"Fell into the sink\"",
                editedElsewhere = true,
            ),
    )
