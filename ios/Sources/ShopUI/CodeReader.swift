#if canImport(SwiftUI)
import SwiftUI

/// How this device reads a barcode, where it does: a view that says what it has read.
public struct CodeReader: Sendable {
    /// Hears what was read.
    public typealias Read = @MainActor (String) -> Void

    let view: @MainActor @Sendable (@escaping Read) -> AnyView

    public init<Camera: View>(_ view: @escaping @MainActor @Sendable (@escaping Read) -> Camera) {
        self.view = { read in AnyView(view(read)) }
    }
}

private struct CodeReaderKey: EnvironmentKey {
    static let defaultValue: CodeReader? = nil
}

extension EnvironmentValues {
    /// The camera, where there is one; elsewhere a number is typed.
    public var codeReader: CodeReader? {
        get { self[CodeReaderKey.self] }
        set { self[CodeReaderKey.self] = newValue }
    }
}

/// A button for the camera, where there is one.
struct ReadCode: View {
    let read: @MainActor (String) -> Void
    @State private var reading = false
    @Environment(\.words) private var words
    @Environment(\.codeReader) private var reader

    var body: some View {
        if let reader {
            Button(words.inventoryScan, systemImage: "barcode.viewfinder") { reading = true }
                .sheet(isPresented: $reading) {
                    NavigationStack {
                        reader.view { code in
                            reading = false
                            read(code)
                        }
                        .navigationTitle(words.inventoryScan)
                        .toolbar { Button(words.actionClose) { reading = false } }
                    }
                }
        }
    }
}
#endif
