import CounterpartFacade
import CounterpartIds
import Foundation

/// Waits for the engine as a task waits for anything: when the task is cancelled, so is the wait, and what had begun to
/// be written is written all the same.
func cancellable<Answer: Sendable>(
    _ work: @Sendable (CancelToken) async throws -> Answer
) async throws -> Answer {
    let token = CancelToken()
    do {
        return try await withTaskCancellationHandler {
            try await work(token)
        } onCancel: {
            token.cancel()
        }
    } catch let error as ShopError where error.code == "cancelled" {
        throw CancellationError()
    }
}

extension Terminal {
    /// Signs in, and opens the shop that the account works in: the named one, where there are several.
    public func signIn(
        server: ServerAddress,
        email: String,
        password: String,
        shop: String? = nil
    ) async throws -> SignedIn {
        try await cancellable {
            try await self.signIn(server: server, email: email, password: password, shop: shop, cancel: $0)
        }
    }

    /// Signs up by an invitation, and opens the shop as `signIn` does: the first password that came with it lets in once,
    /// and `password`, which nobody else knows, takes its place before anything else is done. Where the answer was lost,
    /// the same call goes on.
    public func signUp(
        server: ServerAddress,
        email: String,
        invitation: String,
        password: String,
        shop: String? = nil
    ) async throws -> SignedIn {
        try await cancellable {
            try await self.signUp(
                server: server,
                email: email,
                invitation: invitation,
                password: password,
                shop: shop,
                cancel: $0
            )
        }
    }

    /// Changes the password of whoever is signed in, who has to know the one there is. The session on this device goes
    /// on; those on others end. It needs the server.
    public func changePassword(current: String, password: String) async throws {
        try await cancellable { try await self.changePassword(current: current, password: password, cancel: $0) }
    }

    /// Every shop that the account manages: its people, its devices and what they have unsent, what waits for a decision.
    /// It needs the server.
    public func overview() async throws -> [ShopOverview] {
        try await cancellable { try await self.overview(cancel: $0) }
    }

    /// Signs the account out, of all its shops. While operations are not sent, it has to be said what becomes of them.
    public func signOut(unsent: Unsent? = nil) async throws {
        try await cancellable { try await self.signOut(unsent: unsent, cancel: $0) }
    }
}

extension Shop {
    /// One full sync: what is here goes, what is there comes. An error says why it cannot be done now.
    public func sync() async throws {
        try await cancellable { try await self.sync(cancel: $0) }
    }

    /// A sync for a background task, within a time: the app may be suspended before and is afterwards.
    public func syncOnce(within: Duration) async throws {
        try await cancellable { try await self.syncOnce(within: within.seconds, cancel: $0) }
    }

    /// Waits until nothing is queued or on its way; too long is an error.
    public func idle(within: Duration) async throws {
        try await cancellable { try await self.idle(within: within.seconds, cancel: $0) }
    }

    /// Fetches a record that lies outside the windows, with what belongs to it.
    public func fetch(kind: RecordKind, id: String) async throws {
        try await cancellable { try await self.fetch(kind: kind, id: id, cancel: $0) }
    }

    /// Fetches what of a kind lies further back than this device keeps, as many days as asked for, and nothing else: a
    /// calendar's earlier months, tickets that were closed long ago.
    public func fetchDays(kind: RecordKind, days: UInt32) async throws {
        try await cancellable { try await self.fetchDays(kind: kind, days: days, cancel: $0) }
    }

    /// Fetches what of a kind came to its end between two moments: the appointments of a month, the tickets that were
    /// closed in it. What is still open is here anyway.
    public func fetch(kind: RecordKind, between moments: Range<Date>) async throws {
        try await cancellable {
            try await self.fetchBetween(
                kind: kind,
                from: moments.lowerBound,
                until: moments.upperBound,
                cancel: $0
            )
        }
    }

    /// The shop's devices as the server last heard of them. It needs the server.
    public func devices() async throws -> [DeviceStanding] {
        try await cancellable { try await self.devices(cancel: $0) }
    }

    /// How many rows the server has for this device, to be put beside those that `inspect` counts here. It needs the
    /// server.
    public func serverCounts() async throws -> ServerCounts {
        try await cancellable { try await self.serverCounts(cancel: $0) }
    }

    /// Who changed what of a record, when, on which device, newest first: for managers. So many entries, those before
    /// `before` where an earlier page named it. It needs the server.
    public func trail(kind: RecordKind, id: String, limit: UInt32, before: Int64? = nil) async throws -> Trail {
        try await cancellable { try await self.trail(kind: kind, id: id, limit: limit, before: before, cancel: $0) }
    }

    /// Whether a ticket may leave the shop: what this device has not sent of it, and which others have unsent work.
    public func safe(ticket: TicketId) async throws -> TicketSafety {
        try await cancellable { try await self.safe(ticket: ticket, cancel: $0) }
    }

    /// Writes everything that this person may see to a new file, as JSON lines. Cancelled, it stops where it is.
    public func exportTo(path: String, progress: (any ProgressSink)? = nil) async throws -> ExportReport {
        try await cancellable { try await self.exportTo(path: path, progress: progress, cancel: $0) }
    }

    /// Moves in a file of another system. A line that was moved in before changes nothing, and what was moved in before
    /// the task was cancelled stays.
    public func importFrom(
        path: String,
        layout: ImportLayout,
        options: ImportOptions,
        progress: (any ProgressSink)? = nil
    ) async throws -> ImportReport {
        try await cancellable {
            try await self.importFrom(
                path: path,
                layout: layout,
                options: options,
                progress: progress,
                cancel: $0
            )
        }
    }

    /// Reads an export into this shop. Records that are here already stay as they are.
    public func importExport(
        path: String,
        dryRun: Bool,
        progress: (any ProgressSink)? = nil
    ) async throws -> ImportReport {
        try await cancellable {
            try await self.importExport(path: path, dryRun: dryRun, progress: progress, cancel: $0)
        }
    }

    /// On a shared tablet: this person works now, if the PIN is theirs.
    public func switchTo(employee: EmployeeId, pin: String) async throws {
        try await cancellable { try await self.switchTo(employee: employee, pin: pin, cancel: $0) }
    }
}

extension Duration {
    /// As Foundation counts.
    var seconds: TimeInterval {
        let (seconds, attoseconds) = components
        return TimeInterval(seconds) + TimeInterval(attoseconds) / 1e18
    }
}
