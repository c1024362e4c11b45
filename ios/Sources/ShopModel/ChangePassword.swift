import Counterpart

/// A new password, typed twice. It is kept nowhere.
public struct NewPassword: Hashable, Sendable {
    public var password = ""
    public var again = ""

    public init(_ password: String = "", again: String = "") {
        self.password = password
        self.again = again
    }

    /// What is wrong with it before anybody is asked.
    func wrong() -> Problem? {
        password == again ? nil : Problem("passwords_differ", field: "again")
    }
}

/// What is typed of a password that is being changed. It is kept nowhere.
public struct PasswordForm: Hashable, Sendable {
    public var current = ""
    public var new = NewPassword()

    public init() {}
}

/// What is shown of one's password.
public struct PasswordState: ScreenState {
    /// Whether one came in by a password that somebody else gave: nobody types that a second time.
    public var given = false
    public var form: PasswordForm?
    public var busy = false
    public var changed = false
    public var problem: Problem?

    public init() {}

    public mutating func failed(_ problem: Problem) {
        self.problem = problem
        busy = false
    }
}

/// What a person can do with their password.
@MainActor
public protocol PasswordActions: Sendable {
    func change()
    func fill(_ form: PasswordForm)
    func save()
    func cancel()
    func dismiss()
}

/// Changing one's own password: from the settings, or because the one there is was given by somebody else.
public final class ChangePassword: ScreenModel<PasswordState>, PasswordActions {
    private let session: Session

    public init(_ session: Session, given: Bool = false) {
        self.session = session
        var first = PasswordState()
        first.given = given
        first.form = given ? PasswordForm() : nil
        super.init(first)
    }

    public func change() {
        show { state in
            state.form = PasswordForm()
            state.changed = false
        }
    }

    public func fill(_ form: PasswordForm) {
        show { $0.form = form }
    }

    public func save() {
        guard let form = state.form else { return }
        if let wrong = form.new.wrong() {
            return show { $0.problem = wrong }
        }
        show { $0.busy = true }
        workOnce { [self] in
            try await session.changePassword(from: state.given ? nil : form.current, to: form.new.password)
            show { state in
                state.form = nil
                state.busy = false
                state.changed = true
            }
        }
    }

    public func cancel() {
        if state.given { session.keepPassword() } else { show { $0.form = nil } }
    }
}
