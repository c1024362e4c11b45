import Counterpart
import Foundation

/// What is typed to move in.
public struct MovingIn: Hashable, Sendable {
    public var file = ""
    /// What the file is of; nothing where it is an export of this app.
    public var layout: ImportLayout?
    /// The system it comes from: the same name again finds what came from there before.
    public var source = ""
    public var countryCode = ""

    private static let layouts: [String: ImportLayout] = [
        "customers": .customers, "inventory_items": .inventoryItems, "tickets": .tickets,
    ]

    public init() {}

    /// From a draft. A copy that the system has cleared away is not there any more.
    init(_ typed: [String: String]) {
        if let kept = typed["file"], FileManager.default.fileExists(atPath: kept) { file = kept }
        layout = typed["layout"].flatMap { Self.layouts[$0] }
        source = typed["source"] ?? ""
        countryCode = typed["country"] ?? ""
    }

    /// As a draft.
    var texts: [String: String?] {
        [
            "file": file.unlessEmpty, "layout": Self.layouts.first { $0.value == layout }?.key,
            "source": source.unlessEmpty, "country": countryCode.unlessEmpty,
        ]
    }
}

/// What moving in and out shows.
public struct MovingState: ScreenState {
    /// Where everything is written.
    public var exportFile = ""
    public var form = MovingIn()
    /// So far, while something moves.
    public var progress: Counterpart.Progress?
    public var exported: ExportReport?
    public var imported: ImportReport?
    /// Whether the last import was only tried.
    public var tried = false
    public var problem: Problem?

    public init() {}

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        progress = nil
    }
}

/// What a person can do to move in or out.
@MainActor
public protocol MovingActions: Sendable {
    func export()
    func fill(_ form: MovingIn)
    /// Takes a file that a person picked: the system lends it only for a moment.
    func pick(_ file: URL)
    /// Moves in, or only says what would become of each line.
    func bringIn(tries: Bool)
    func stop()
    func dismiss()
}

/// Everything into a file, and a file of another system in. What has moved stays moved when somebody stops.
public final class Moving: ScreenModel<MovingState>, MovingActions {
    private let desk: Desk
    private let folder: URL
    private var shop: Shop { desk.shop }
    private lazy var kept = keeping(desk, "moving")
    private var heard: Heard?

    public init(_ desk: Desk, folder: URL) {
        self.desk = desk
        self.folder = folder
        var first = MovingState()
        first.exportFile = folder.appendingPathComponent("counterpart-\(desk.calendar.typed(desk.today)).jsonl").path
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            let form = MovingIn(try await kept.read())
            // Who was quicker to type than the disk to read keeps what they typed.
            if state.form == MovingIn() { show { $0.form = form } }
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    public func fill(_ form: MovingIn) {
        show { $0.form = form }
        kept.soon(form.texts)
    }

    public func pick(_ file: URL) {
        let folder = FileManager.default.temporaryDirectory
        let copy = folder.appendingPathComponent("moving-in-\(file.lastPathComponent)")
        work { [self] in
            try await Task.detached { try lent(file, as: copy) }.value
            fill(with(file: copy))
        }
    }

    private func with(file: URL) -> MovingIn {
        var form = state.form
        form.file = file.path
        return form
    }

    public func stop() {
        heard?.stop()
    }

    public func export() {
        let file = URL(fileURLWithPath: state.exportFile)
        moves { [self] heard in
            // What was written before is written anew.
            try await Task.detached { try makeRoom(file) }.value
            let report = try await shop.exportTo(path: file.path, progress: heard)
            show { $0.exported = report }
        }
    }

    public func bringIn(tries: Bool) {
        let form = state.form
        moves { [self] heard in
            let path = form.file.trimmed
            let report =
                if let layout = form.layout {
                    try await shop.importFrom(
                        path: path,
                        layout: layout,
                        options: options(form, tries),
                        progress: heard
                    )
                } else {
                    try await shop.importExport(path: path, dryRun: tries, progress: heard)
                }
            if !tries { try await kept.drop() }
            show { state in
                state.imported = report
                state.tried = tries
            }
        }
    }

    private func options(_ form: MovingIn, _ tries: Bool) -> ImportOptions {
        ImportOptions(
            source: form.source.trimmed,
            format: form.file.trimmed.lowercased().hasSuffix(".csv") ? .csv : .json,
            derive: nil,
            countryCode: form.countryCode.filter(\.isNumber).unlessEmpty,
            decimal: nil,
            dates: nil,
            utcOffsetMinutes: Int32(desk.zone.secondsFromGMT(for: desk.time.now()) / 60),
            dryRun: tries
        )
    }

    /// One thing moves at a time.
    private func moves(_ deed: @escaping @MainActor (Heard) async throws -> Void) {
        guard state.progress == nil else { return }
        let (told, tell) = AsyncStream<Counterpart.Progress>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let heard = Heard(tell)
        self.heard = heard
        show { state in
            state.progress = Counterpart.Progress(rows: 0, bytes: 0)
            state.exported = nil
            state.imported = nil
        }
        work { [self] in
            let telling = Task {
                for await progress in told { show { $0.progress = progress } }
            }
            do {
                try await deed(heard)
                await ended(heard, telling)
            } catch {
                await ended(heard, telling)
                throw error
            }
        }
    }

    private func ended(_ heard: Heard, _ telling: Task<Void, Never>) async {
        heard.end()
        await telling.value
        show { $0.progress = nil }
    }

    /// Hears from the engine's threads how far it is, and says whether it goes on.
    private final class Heard: ProgressSink, @unchecked Sendable {
        private let lock = NSLock()
        private let told: AsyncStream<Counterpart.Progress>.Continuation
        private var stopped = false

        init(_ told: AsyncStream<Counterpart.Progress>.Continuation) {
            self.told = told
        }

        func progress(progress: Counterpart.Progress) throws -> Counterpart.Flow {
            told.yield(progress)
            return lock.withLock { stopped } ? .stop : .goOn
        }

        func stop() {
            lock.withLock { stopped = true }
        }

        func end() {
            told.finish()
        }
    }
}

/// A copy of a file that belongs to somebody else.
private func lent(_ file: URL, as copy: URL) throws {
    #if canImport(Darwin)
    let lent = file.startAccessingSecurityScopedResource()
    defer { if lent { file.stopAccessingSecurityScopedResource() } }
    #endif
    try makeRoom(copy)
    try FileManager.default.copyItem(at: file, to: copy)
}

private func makeRoom(_ file: URL) throws {
    if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
}
