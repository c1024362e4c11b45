#if canImport(VisionKit) && canImport(SwiftUI) && os(iOS)
import SwiftUI
import VisionKit

/// Why the camera reads nothing.
public enum CameraTrouble: Sendable {
    /// The person does not allow it.
    case refused
    /// There is no camera that reads barcodes.
    case missing
}

/// The camera, looking for a barcode: the parts' own, and the code that connects a device.
public struct Barcodes: UIViewControllerRepresentable {
    private let read: @MainActor (String) -> Void

    public init(read: @escaping @MainActor (String) -> Void) {
        self.read = read
    }

    /// What keeps the camera from reading; nothing where it can.
    @MainActor
    public static var trouble: CameraTrouble? {
        guard DataScannerViewController.isSupported else { return .missing }
        return DataScannerViewController.isAvailable ? nil : .refused
    }

    public func makeUIViewController(context: Context) -> DataScannerViewController {
        let scanner = DataScannerViewController(
            recognizedDataTypes: [.barcode(symbologies: [.ean8, .ean13, .upce, .code128, .qr])],
            isHighlightingEnabled: true
        )
        scanner.delegate = context.coordinator
        return scanner
    }

    public func updateUIViewController(_ scanner: DataScannerViewController, context: Context) {
        // It refuses only what `trouble` says before.
        try? scanner.startScanning()
    }

    public static func dismantleUIViewController(_ scanner: DataScannerViewController, coordinator: Reader) {
        scanner.stopScanning()
    }

    public func makeCoordinator() -> Reader {
        Reader(read)
    }

    /// Hears what the camera saw, and says it once.
    @MainActor
    public final class Reader: NSObject, DataScannerViewControllerDelegate {
        private let read: @MainActor (String) -> Void
        private var last: String?

        init(_ read: @escaping @MainActor (String) -> Void) {
            self.read = read
        }

        public func dataScanner(
            _ scanner: DataScannerViewController,
            didAdd added: [RecognizedItem],
            allItems: [RecognizedItem]
        ) {
            for case .barcode(let code) in added {
                guard let text = code.payloadStringValue, text != last else { continue }
                last = text
                read(text)
            }
        }
    }
}
#endif
