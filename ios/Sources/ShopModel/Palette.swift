/// The colours that mean something, as red, green and blue in a number each: those of Kotlin's theme under the same
/// names. Never the only sign of anything.
public struct Palette: Sendable {
    public let good, attention, error: UInt32
    public let attentionGround, onAttentionGround: UInt32
    public let errorContainer, onErrorContainer: UInt32
    public let primary, onPrimary: UInt32
    public let primaryContainer, onPrimaryContainer: UInt32
    public let secondaryContainer, onSecondaryContainer: UInt32
    /// Of what stands beside or below something.
    public let onSurfaceVariant: UInt32

    public static let light = Palette(
        good: 0x1B6B3A,
        attention: 0x8A4B00,
        error: 0xB3261E,
        attentionGround: 0xFFE9C7,
        onAttentionGround: 0x4A2A00,
        errorContainer: 0xFBE0DE,
        onErrorContainer: 0x5C0F0A,
        primary: 0x0B5C6B,
        onPrimary: 0xFFFFFF,
        primaryContainer: 0xC9EBF2,
        onPrimaryContainer: 0x04313A,
        secondaryContainer: 0xD7E8EE,
        onSecondaryContainer: 0x152C34,
        onSurfaceVariant: 0x3E484C
    )

    public static let dark = Palette(
        good: 0x86D9A0,
        attention: 0xFFC078,
        error: 0xFFB4AB,
        attentionGround: 0x4D3200,
        onAttentionGround: 0xFFE2B8,
        errorContainer: 0x6B1711,
        onErrorContainer: 0xFBE0DE,
        primary: 0x86D2E2,
        onPrimary: 0x00363F,
        primaryContainer: 0x0F4853,
        onPrimaryContainer: 0xC9EBF2,
        secondaryContainer: 0x344A52,
        onSecondaryContainer: 0xD7E8EE,
        onSurfaceVariant: 0xC0CACE
    )
}
