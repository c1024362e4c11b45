#if canImport(SwiftUI)
import Counterpart
import Foundation
import ShopModel

extension TrailState {
    static var states: [Shown<TrailState>] {
        let trail = TrailState()
        return [
            Shown("asked-nobody", trail),
            Shown("asking", trail) { $0.asking = true },
            Shown("full", trail) {
                $0.deeds = Self.several
                $0.more = true
            },
            Shown("empty", trail) { $0.deeds = [] },
            Shown("offline", trail) { $0.problem = Problem("needs_server") },
            Shown("denied", trail) { $0.problem = Problem("denied") },
            Shown("long", trail) { $0.deeds = [Self.long] },
        ]
    }

    private static let bench = TrailDevice.other(code: "B", of: "Łukasz Wiśniewski")

    private static let several = [
        deed(
            1,
            "Łukasz Wiśniewski",
            bench,
            [
                TrailChange("status", from: .step(.diagnosing), to: .step(.inRepair)),
                TrailChange("priority", from: .urgency(.normal), to: .urgency(.high)),
            ]
        ),
        deed(
            2,
            "Ada Okafor",
            .this,
            [TrailChange("diagnosis", from: .text("Digitizer dead"), to: .text("Digitizer and frame"), kept: false)]
        ),
        deed(3, "أمينة حداد", .gone, [TrailChange("estimate_cents", from: .money(18_900), to: .money(23_400))]),
        deed(4, nil, .server, [TrailChange("device_serial", from: .text("C39XK1"), to: .nothing)]),
        deed(
            5,
            "Ada Okafor",
            .this,
            [
                TrailChange("subject", from: .nothing, to: .text("Screen cracked")),
                TrailChange("due_at", from: .nothing, to: .moment(Samples.now.addingTimeInterval(90_000))),
                TrailChange("intake_checklist", from: .nothing, to: .checked(["screen": .fail, "sound": .pass])),
            ]
        ),
    ]

    private static let long = deed(
        1,
        "Maximiliane-Alexandra von und zu Hohenlohe-Waldenburg-Schillingsfürst",
        bench,
        [TrailChange("problem", from: .text(Samples.long), to: .text("\(Samples.long). \(Samples.long)"))]
    )

    private static func deed(
        _ hours: Double,
        _ by: String?,
        _ device: TrailDevice,
        _ changes: [TrailChange]
    ) -> TrailDeed {
        TrailDeed(at: Samples.now.addingTimeInterval(-3_600 * hours), by: by, device: device, changes: changes)
    }
}
#endif
