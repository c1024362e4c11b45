#if canImport(VisionKit) && canImport(SwiftUI) && os(iOS)
import AVFoundation
import ShopModel
import SwiftUI
import VisionKit

/// The camera of this device, as far as it reads codes.
public struct BarcodeCamera: ShopModel.Camera {
    public init() {}

    public func ask() async -> CameraTrouble? {
        guard await DataScannerViewController.isSupported else { return .missing }
        guard await AVCaptureDevice.requestAccess(for: .video) else { return .refused }
        // Somebody may have kept the camera from every app.
        return await DataScannerViewController.isAvailable ? nil : .refused
    }
}

/// The camera, looking for a barcode: the parts' own, and the code that connects a device.
public struct Barcodes: UIViewControllerRepresentable {
    private let read: @MainActor (String) -> Void

    public init(read: @escaping @MainActor (String) -> Void) {
        self.read = read
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
        // It refuses only what was asked for before.
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
