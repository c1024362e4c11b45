#if canImport(SwiftUI)
import ShopModel
import SwiftUI

/// What the camera sees, on a device that reads codes: a view that says what it has read.
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
    /// What the camera sees, where there is one; elsewhere a number is typed.
    public var codeReader: CodeReader? {
        get { self[CodeReaderKey.self] }
        set { self[CodeReaderKey.self] = newValue }
    }
}

/// A button for the camera, and the camera over the screen while it reads.
struct ScanButton: View {
    let label: String
    let symbol: String
    let scan: Scan
    let actions: any ScanActions
    @Environment(\.words) private var words
    @Environment(\.codeReader) private var reader

    var body: some View {
        let reads = Binding(scan == .reading) { if !$0 { actions.stopScanning() } }
        Button(label, systemImage: symbol, action: actions.scan)
            .sheet(isPresented: reads) {
                NavigationStack {
                    reader?.view(actions.read)
                        .navigationTitle(label)
                        .toolbar { Button(words.actionClose, action: actions.stopScanning) }
                }
            }
    }
}

/// Why nothing came of reading a code.
struct ScanTrouble: View {
    let scan: Scan
    @Environment(\.words) private var words

    var body: some View {
        switch scan {
        case .closed, .reading: EmptyView()
        case .trouble(.refused): Label(words.scanRefused, systemImage: "camera")
        case .trouble(.missing): Label(words.scanMissing, systemImage: "camera")
        case .foreign: Label(words.nearbyForeign, systemImage: "qrcode")
        }
    }
}
#endif
