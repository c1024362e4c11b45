@_exported import CounterpartFacade
@_exported import CounterpartIds
import Foundation

extension Terminal {
    /// Opens the device's folder, or makes it, and goes on with the account and the shop that were open last.
    ///
    /// A device starts with the network down, until `reachability` or `network(up:)` says otherwise.
    /// The folder never lies in an app group's container: a suspended app may not hold a lock there.
    public static func open(
        folder: URL,
        storage: any SecureStorage,
        reachability: (any Reachability)? = nil,
        options: TerminalOptions = TerminalOptions()
    ) async throws -> Terminal {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #if !os(Linux)
        // What is here is on the server, or goes there: a backup would only bring an old copy of this device back.
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        var kept = folder
        try kept.setResourceValues(values)
        #endif
        return try await open(
            folder: folder.path,
            storage: storage,
            reachability: reachability,
            options: options
        )
    }
}

extension ShopError {
    /// A stable code for scripts, logs and translations: `required`, `denied`, `unsent` …
    public var code: String {
        switch self {
        case .Invalid(let code, _, _, _), .Denied(let code, _, _), .Missing(let code, _), .NotNow(let code, _, _),
            .Storage(let code), .NeedsServer(let code, _), .SignedOut(let code, _), .Defect(let code, _):
            code
        }
    }
}
