#if canImport(Security) && canImport(Network)
import Counterpart
import Foundation

extension Terminal {
    /// Opens the shop's folder of this app, with the keychain and the network monitor.
    ///
    /// The folder lies in the app's own container, is left out of backups, and can be read from the first unlock after a
    /// start on: a background refresh finds it while the device is locked.
    public static func open() async throws -> Terminal {
        let folder = URL.applicationSupportDirectory.appending(path: "shop", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #if os(iOS)
        // What is made in a folder takes its protection: the write-ahead log too.
        try FileManager.default.setAttributes(
            [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication],
            ofItemAtPath: folder.path
        )
        #endif
        return try await open(folder: folder, storage: KeychainStorage(), reachability: NetworkReachability())
    }

    /// Where files go that a person asks for: they find them in Files, and no backup takes them along.
    public static func exports() throws -> URL {
        var folder = URL.documentsDirectory.appending(path: "Exports", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try folder.setResourceValues(values)
        return folder
    }
}
#endif
