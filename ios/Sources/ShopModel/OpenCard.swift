import Counterpart

/// What is typed on a card, as a draft keeps it.
public protocol CardForm: Hashable, Sendable {
    /// The fields that are one value.
    static var together: [Set<String>] { get }
    /// From a draft.
    init(_ typed: [String: String])
    /// As a draft.
    var texts: [String: String?] { get }
}

extension CardForm {
    public static var together: [Set<String>] { [] }
}

/// What a record's card shows.
public protocol CardState: ScreenState {
    associatedtype Id: RawRepresentable<String> & Hashable & Sendable
    associatedtype Record: Versioned & Sendable
    associatedtype Form: CardForm
    associatedtype Row: Sendable

    var loading: Bool { get set }
    /// Nothing while it is being written for the first time, or once it is gone.
    var record: Record? { get }
    var mark: Mark { get set }
    /// What is typed, while somebody types.
    var form: Form? { get set }
    /// The one that is about to go into this one.
    var merging: Row? { get set }
}

/// What is done with the records of a kind.
@MainActor
struct CardDeeds<Shown: CardState> {
    typealias Record = Shown.Record

    let kind: RecordKind
    /// How their drafts are called.
    let word: String
    let blank: () -> Record
    let read: (Shown.Id) async throws -> Record?
    let form: (Record) -> Shown.Form
    /// What of the form cannot be saved.
    var wrong: (Shown.Form) -> Problem? = { _ in nil }
    /// A record with what was typed in the place of what it says.
    let typed: (Shown.Form, Record) -> Record
    let create: (Record) async throws -> Shown.Id
    let edit: (Record, Record) async throws -> Void
    /// The second goes into the first.
    let merge: (Shown.Id, Shown.Row) async throws -> Void
}

/// One record, or one that is being written: what is typed on its card, its mark, and a duplicate that goes into it.
public class OpenCard<Shown: CardState>: ScreenModel<Shown> {
    let desk: Desk
    let id: Shown.Id?
    let saved: @MainActor (Shown.Id?) -> Void
    var shop: Shop { desk.shop }

    private let deeds: CardDeeds<Shown>
    private lazy var kept = keeping(desk, "\(deeds.word)/\(id?.rawValue ?? Card<Shown.Id>.newWord)")
    private lazy var late = LateFailure(desk.time) { [weak self, id] marks in
        if let id, let mark = marks[id.rawValue] { self?.show { $0.mark = mark } }
    }

    /// What the person saw when they began to type: an edit is what they changed of it.
    private var began: Shown.Record?

    /// `saved` hears of the card that is to be shown then.
    init(
        _ desk: Desk,
        _ card: Card<Shown.Id>,
        _ first: Shown,
        _ deeds: CardDeeds<Shown>,
        saved: @escaping @MainActor (Shown.Id?) -> Void
    ) {
        self.desk = desk
        self.id = card.id
        self.deeds = deeds
        self.saved = saved
        super.init(first)
    }

    override func begin() {
        follow { [self] in
            try await readDraft()
            guard let id else { return show { $0.loading = false } }
            try await shop.view(kind: deeds.kind, id: id.rawValue)
            try await shop.atChanges { [self] in try await lookAgain(id) }
        }
    }

    override func keepTyped() async throws {
        try await kept.now()
    }

    private func readDraft() async throws {
        let typed = try await kept.read()
        var record: Shown.Record? = deeds.blank()
        if let id { record = try await deeds.read(id) }
        // Who was quicker to type than the disk to read keeps what they typed.
        guard state.form == nil else { return }
        let resumed = seen(record).flatMap { Resumed(typed, over: $0, together: Shown.Form.together) }
        if let record, let resumed {
            began = deeds.typed(Shown.Form(resumed.seen), record).at(resumed.stamp)
        } else {
            began = record
        }
        if id == nil || !typed.isEmpty { show { $0.form = Shown.Form(resumed?.typed ?? typed) } }
    }

    /// What stands in a record that is there already.
    private func seen(_ record: Shown.Record?) -> Seen? {
        guard id != nil, let record else { return nil }
        return Seen(deeds.form(record).texts, record.meta.stamp)
    }

    /// Reads what the card shows of the record.
    func look(_ id: Shown.Id) async throws {}

    final func lookAgain(_ id: Shown.Id) async throws {
        try await look(id)
        late.tell(try await shop.marks(deeds.kind, [id.rawValue]))
    }

    public final func edit() {
        guard let record = state.record else { return }
        began = record
        show { $0.form = deeds.form(record) }
    }

    public final func fill(_ form: Shown.Form) {
        show { $0.form = form }
        kept.soon(form.texts, seen: seen(began))
    }

    public final func save() {
        guard let before = began, let form = state.form else { return }
        if let wrong = deeds.wrong(form) { return show { $0.problem = wrong } }
        let after = deeds.typed(form, before)
        workOnce { [self] in
            if let id {
                try await deeds.edit(before, after)
                try await leaveForm()
                follow { [self] in try await lookAgain(id) }
            } else {
                let made = try await deeds.create(after)
                try await leaveForm()
                saved(made)
            }
        }
    }

    public final func cancel() {
        work { [self] in
            try await leaveForm()
            if id == nil { saved(nil) }
        }
    }

    private func leaveForm() async throws {
        try await kept.drop()
        show { $0.form = nil }
    }

    public final func askMerge(_ duplicate: Shown.Row?) {
        show { $0.merging = duplicate }
    }

    public final func merge() {
        guard let id, let duplicate = state.merging else { return }
        work { [self] in
            try await deeds.merge(id, duplicate)
            show { $0.merging = nil }
            try await lookAgain(id)
        }
    }
}
