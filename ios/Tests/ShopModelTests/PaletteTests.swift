import Foundation
import Testing

@testable import ShopModel

@Suite
struct PaletteTests {
    /// What iPad and iPhone draw pages, grouped lists and their entries on.
    private static let grounds: [(Palette, [UInt32])] = [
        (.light, [0xFFFFFF, 0xF2F2F7]), (.dark, [0x000000, 0x1C1C1E, 0x2C2C2E]),
    ]

    @Test("Every word stands out from its ground")
    func readable() {
        for (palette, grounds) in Self.grounds {
            let inks = [palette.good, palette.attention, palette.error, palette.primary, palette.onSurfaceVariant]
            let onPages = grounds.flatMap { ground in inks.map { ($0, ground) } }
            for (ink, ground) in onPages + onTags(palette) {
                #expect(contrast(ink, ground) >= 4.5, "\(String(ink, radix: 16)) on \(String(ground, radix: 16))")
            }
        }
        // What is swiped has white words on it, in the dark too.
        let light = Palette.light
        for ground in [light.good, light.attention, light.primary, light.onSurfaceVariant] {
            #expect(contrast(0xFFFFFF, ground) >= 4.5)
        }
    }

    private func onTags(_ palette: Palette) -> [(UInt32, UInt32)] {
        [
            (palette.onAttentionGround, palette.attentionGround), (palette.onErrorContainer, palette.errorContainer),
            (palette.onPrimary, palette.primary), (palette.onPrimaryContainer, palette.primaryContainer),
            (palette.onSecondaryContainer, palette.secondaryContainer),
        ]
    }

    @Test("The contrast is as WCAG counts it, and the system's own red, orange and green would not do")
    func measured() {
        #expect(abs(contrast(0x000000, 0xFFFFFF) - 21) < 0.01)
        #expect(abs(contrast(0x777777, 0xFFFFFF) - 4.48) < 0.01)
        for own: UInt32 in [0xFF3B30, 0xFF9500, 0x34C759] { #expect(contrast(own, 0xFFFFFF) < 4.5) }
    }

    @Test("Kotlin's theme has the same colours under the same names")
    func sameAsKotlin() throws {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
        let file = "\(root)/android/ui/src/main/kotlin/dev/counterpart/ui/Theme.kt"
        let theme = try String(contentsOfFile: file, encoding: .utf8)
        let lines = theme.replacingOccurrences(of: "Color.White", with: "Color(0xFFFFFFFF)").split(separator: "\n")
        for (palette, mode) in [(Palette.light, "light"), (.dark, "dark")] {
            let written = lines.first { $0.contains("\(mode)Shop = ShopColours") }
            let shop = try #require(written)
            let four = [palette.good, palette.attention, palette.attentionGround, palette.onAttentionGround]
            #expect(shop.hasSuffix("(\(four.map(typed).joined(separator: ", ")))"))
            let scheme = lines.drop { !$0.contains("\(mode)ColorScheme(") }.prefix { $0 != "    )" }
            let named = [
                ("error", palette.error), ("errorContainer", palette.errorContainer),
                ("onErrorContainer", palette.onErrorContainer), ("primary", palette.primary),
                ("onPrimary", palette.onPrimary), ("primaryContainer", palette.primaryContainer),
                ("onPrimaryContainer", palette.onPrimaryContainer), ("secondaryContainer", palette.secondaryContainer),
                ("onSecondaryContainer", palette.onSecondaryContainer), ("onSurfaceVariant", palette.onSurfaceVariant),
            ]
            for (name, colour) in named {
                let line = "        \(name) = \(typed(colour)),"
                #expect(scheme.contains(Substring(line)), "\(mode): \(line)")
            }
        }
    }

    private func typed(_ colour: UInt32) -> String {
        let plain = String(colour, radix: 16, uppercase: true)
        return "Color(0xFF\(String(repeating: "0", count: 6 - plain.count))\(plain))"
    }

    /// By WCAG: from 1 for the same colour to 21 for black and white.
    private func contrast(_ one: UInt32, _ other: UInt32) -> Double {
        let (first, second) = (luminance(one), luminance(other))
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    private func luminance(_ colour: UInt32) -> Double {
        let parts = [colour >> 16, colour >> 8 & 0xFF, colour & 0xFF].map { part in
            let share = Double(part) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
