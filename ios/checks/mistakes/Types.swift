// Mistakes that the types refuse. Each line says which error it has to get, and an error that is not named fails as well.
import Counterpart
import ShopModel
import SwiftUI

@testable import ShopUI

struct Fields: View {
    @State var text = ""
    @Environment(\.words) private var words
    @Environment(\.word) private var misspelt  // expected-error {{has no member 'word'}}

    var body: some View {
        TextField(words.boardSearch, text: $text)
        TextField(words.boardSearch, text: text)  // expected-error {{cannot convert value 'text' of type 'String' to expected type 'Binding<String>'}}
    }
}

struct Words1: View {
    @Environment(\.words) private var words

    var body: some View {
        Text(words.boardEmpty)
        Text(words.bordEmpty)  // expected-error {{has no member 'bordEmpty'}}
    }
}

struct Words2: View {
    var body: some View {
        Text("Sign in")  // expected-error {{ambiguous use of 'init(_:)'}}
    }
}

struct Words3: View {
    @Environment(\.words) private var words

    var body: some View {
        Field(label: words.ageDays, text: "") { _ in }  // expected-error {{(Int) -> String' to expected argument type 'String'}}
    }
}

struct Modifiers: View {
    let row: BoardRow

    var body: some View {
        MarkIcon(mark: row.mark).fontsize(12)  // expected-error {{has no member 'fontsize'}}
    }
}

struct NoView: View {
    var body: some View {
        3  // expected-error {{requires that 'Int' conform to 'View'}}
    }
}

struct Living: View {
    let board: Board

    var body: some View {
        Text(board.state.words)
            .task { await board.live() }
            .task { board.live() }  // expected-error {{expression is 'async' but is not marked with 'await'}} expected-note {{call is 'async'}}
    }

    nonisolated func elsewhere() {
        board.search("")  // expected-error {{call to main actor-isolated instance method 'search' in a synchronous nonisolated context}}
    }

    func write() {
        board.state.words = ""  // expected-error {{'state' setter is inaccessible}}
    }
}

struct Screens: View {
    var body: some View {
        SignInScreen(form: SignInForm(), actions: Nobody()) {}
        SignInScreen(form: SignInForm(), actions: 1) {}  // expected-error {{argument type 'Int' does not conform to expected type 'SignInActions'}}
    }
}

struct Parts1: View {
    var body: some View {
        let field = ShopUI.Fields(form: CustomerForm(), fill: Nobody().fill)
        field("", \.city)
        field("", \.imei)  // expected-error {{has no member 'imei'}} expected-error {{cannot convert value of type}}
    }
}

struct Parts2: View {
    var body: some View {
        let field = ShopUI.Fields(form: CustomerForm(), fill: Nobody().fill)
        field("", \.noTexts)  // expected-error {{cannot convert value of type 'WritableKeyPath<CustomerForm, Bool>'}} expected-note {{'Bool'}}
    }
}

@MainActor
func otherCard(_ session: Session, _ item: InventoryItemId) {
    session.go(.customers(.of(item)))  // expected-error {{cannot convert value of type 'InventoryItemId' to expected argument type 'CustomerId'}}
}

@MainActor
func otherRecord(_ session: Session, _ customer: CustomerId) {
    session.go(.board(ticket: customer))  // expected-error {{cannot convert value of type 'CustomerId' to expected argument type 'TicketId?'}}
}

func unfinished(_ status: Status) -> Bool {
    switch status {  // expected-error {{switch must be exhaustive}} expected-note {{add missing case: '.conflict'}}
    case .synced: true
    case .pending, .syncing, .failed: false
    }
}
