#if canImport(SwiftUI)
import ShopModel
import SwiftUI

/// Signing in, and choosing the shop where an account has several. `connect` is how else a server is found.
struct SignInScreen<Connect: View>: View {
    let form: SignInForm
    let actions: any SignInActions
    @ViewBuilder let connect: Connect
    @Environment(\.words) private var words

    var body: some View {
        Form {
            Section {
                Label(words.signInTitle, systemImage: "storefront").font(.title2).accessibilityAddTraits(.isHeader)
                ProblemBar(problem: form.problem, dismiss: actions.dismiss)
                if let file = form.forgot { Text(words.foundForgot(file)) }
            }
            connect
            Section {
                field(words.signInServer, \.server).asTyped()
                Faint(text: words.nearbyHint)
                // As much of a fingerprint as a person compares: who makes itself known in a network proves nothing.
                if let root = form.root { Faint(text: words.nearbyOwnRoot(String(root.prefix(16)))) }
                field(words.signInKey, \.key).asTyped()
                field(words.signInEmail, \.email).asTyped().textContentType(.username)
                passwords
            }
            Section {
                if form.shops.isEmpty {
                    Button(form.busy ? words.signInBusy : going, action: actions.signIn).disabled(form.busy)
                    Button(form.invited ? words.signInAccount : words.signInInvited) { fill(\.invited, !form.invited) }
                        .disabled(form.busy)
                } else {
                    Text(words.signInShopAsked)
                    ForEach(form.shops, id: \.id) { shop in
                        Button(action: { actions.choose(shop.id) }) { Text(shop.name) }.disabled(form.busy)
                    }
                }
            } footer: {
                Text(words.signInSafe)
            }
        }
    }

    /// One's own password or, by an invitation, the one that came with it and one's own from now on.
    @ViewBuilder
    private var passwords: some View {
        let wrong = form.problem?.field
        if form.invited {
            Faint(text: words.signInInvitedLead)
            Secret(label: words.signInInvitation, text: form.password, wrong: wrong == "invitation") {
                fill(\.password, $0)
            }
            NewPasswordFields(new: form.own, wrong: wrong) { fill(\.own, $0) }
        } else {
            Secret(label: words.signInPassword, text: form.password, wrong: wrong == "password") {
                fill(\.password, $0)
            }
        }
    }

    private var going: String { form.invited ? words.signInJoin : words.signInGo }

    private func field(_ label: String, _ part: WritableKeyPath<SignInForm, String> & Sendable) -> some View {
        Field(label: label, text: form[keyPath: part]) { fill(part, $0) }
    }

    private func fill<Part>(_ part: WritableKeyPath<SignInForm, Part>, _ typed: Part) {
        var form = form
        form[keyPath: part] = typed
        actions.fill(form)
    }
}

struct SignInScreen_Previews: PreviewProvider {
    static var previews: some View {
        everyLook(SignInForm.states) { state in
            SignInScreen(form: state.shown, actions: Nobody()) {}
        }
    }
}
#endif
