#if canImport(SwiftUI)
import ShopModel
import SwiftUI

/// One's own password: changing it, and being asked to where somebody else gave it.
struct PasswordSection: View {
    let state: PasswordState
    let actions: any PasswordActions
    @Environment(\.words) private var words

    var body: some View {
        Section(words.passwordTitle) {
            ProblemBar(problem: state.problem, dismiss: actions.dismiss)
            if let form = state.form {
                if state.given {
                    Text(words.passwordGiven)
                } else {
                    Secret(label: words.passwordCurrent, text: form.current, wrong: wrong("current_password")) { text in
                        fill(form) { $0.current = text }
                    }
                }
                NewPasswordFields(new: form.new, wrong: state.problem?.field) { new in fill(form) { $0.new = new } }
                Button(words.passwordChange, action: actions.save).disabled(state.busy)
                Button(state.given ? words.passwordLater : words.actionCancel, action: actions.cancel)
            } else {
                if state.changed { Text(words.passwordChanged) }
                Button(words.passwordChange, action: actions.change)
            }
        }
    }

    private func wrong(_ field: String) -> Bool {
        state.problem?.field == field
    }

    private func fill(_ form: PasswordForm, _ change: (inout PasswordForm) -> Void) {
        var form = form
        change(&form)
        actions.fill(form)
    }
}

/// A new password, twice; `wrong` is the field that was not accepted.
struct NewPasswordFields: View {
    let new: NewPassword
    let wrong: String?
    let fill: @MainActor (NewPassword) -> Void
    @Environment(\.words) private var words

    var body: some View {
        Secret(label: words.passwordNew, text: new.password, wrong: wrong == "password", isNew: true) {
            fill(NewPassword($0, again: new.again))
        }
        Secret(label: words.passwordAgain, text: new.again, wrong: wrong == "again", isNew: true) {
            fill(NewPassword(new.password, again: $0))
        }
    }
}

/// A field for what nobody else is to read, with its name, which stays to be read when something is typed.
struct Secret: View {
    let label: String
    let text: String
    var wrong = false
    var isNew = false
    let typed: @MainActor (String) -> Void

    var body: some View {
        VStack(alignment: .leading, spacing: 2) {
            Text(label).font(.caption).foregroundStyle(wrong ? Shade.error : Shade.faint).accessibilityHidden(true)
            SecureField(label, text: Binding(text, typed)).textContentType(isNew ? .newPassword : .password)
        }
    }
}

struct PasswordSection_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(PasswordState.states) { state in
            Form { PasswordSection(state: state.shown, actions: Nobody()) }
        }
    }
}
#endif
