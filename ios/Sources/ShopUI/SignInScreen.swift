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
            }
            connect
            Section {
                field(words.signInServer, \.server).asTyped()
                Faint(text: words.nearbyHint)
                // As much of a fingerprint as a person compares: who makes itself known in a network proves nothing.
                if let root = form.root { Faint(text: words.nearbyOwnRoot(String(root.prefix(16)))) }
                field(words.signInKey, \.key).asTyped()
                field(words.signInEmail, \.email).asTyped().textContentType(.username)
                SecureField(words.signInPassword, text: Binding(form.password) { fill(\.password, $0) })
                    .textContentType(.password)
            }
            Section {
                if form.shops.isEmpty {
                    Button(form.busy ? words.signInBusy : words.signInGo, action: actions.signIn)
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

    private func field(_ label: String, _ part: WritableKeyPath<SignInForm, String> & Sendable) -> some View {
        Field(label: label, text: form[keyPath: part]) { fill(part, $0) }
    }

    private func fill(_ part: WritableKeyPath<SignInForm, String>, _ text: String) {
        var form = form
        form[keyPath: part] = text
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
