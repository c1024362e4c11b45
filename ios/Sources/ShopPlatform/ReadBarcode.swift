#if canImport(SwiftUI) && canImport(VisionKit) && os(iOS)
import ShopUI
import SwiftUI

/// The camera, or why it reads nothing.
public struct ReadBarcode: View {
    private let read: @MainActor (String) -> Void
    @Environment(\.words) private var words

    public init(read: @escaping @MainActor (String) -> Void) {
        self.read = read
    }

    public var body: some View {
        switch Barcodes.trouble {
        case .refused: ContentUnavailableView(words.cameraRefused, systemImage: "camera")
        case .missing: ContentUnavailableView(words.cameraMissing, systemImage: "camera")
        case nil: Barcodes(read: read)
        }
    }
}
#endif
