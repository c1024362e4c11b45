#if canImport(SwiftUI)
import ShopModel
import SwiftUI

/// The shop's devices, and whether they have unsent work: for who leads.
struct DevicesSection: View {
    let devices: Devices
    @Environment(\.words) private var words

    var body: some View {
        Section(words.teamDevices) {
            switch devices {
            case .asking: ProgressView(words.teamDevicesAsking)
            case .unreachable: Faint(text: words.teamDevicesUnreachable)
            case .here(let rows): ForEach(rows) { DeviceRow(row: $0) }
            }
        }
    }
}

private struct DeviceRow: View {
    let row: DeviceLine
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(line(words.deviceCode(row.code), whose)).font(.headline)
            if row.own { Tag(text: words.deviceThis) }
            SentMark(
                unsent: row.unsent > 0,
                says: row.unsent > 0 ? words.deviceUnsent(row.unsent) : words.deviceAllSent
            )
            Faint(text: row.silentMinutes == 0 ? words.deviceHeardNow : words.deviceHeard(words.age(row.silentMinutes)))
        }
        .accessibilityElement(children: .combine)
    }

    private var whose: String {
        row.shared ? words.deviceShared : row.of ?? words.syncSomebody
    }
}

/// Whether something is unsent: a shape of its own, beside the words.
struct SentMark: View {
    let unsent: Bool
    let says: String

    var body: some View {
        HStack(spacing: 6) {
            Image(systemName: unsent ? "icloud.and.arrow.up" : "checkmark.icloud")
                .foregroundStyle(unsent ? Shade.attention : Shade.good)
                .accessibilityHidden(true)
            Text(says).fontWeight(unsent ? .medium : .regular)
        }
    }
}
#endif
