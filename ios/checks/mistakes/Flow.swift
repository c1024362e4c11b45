// Mistakes that only the way of the values shows, once the types are right.
import ShopModel
import SwiftUI

@testable import ShopUI

final class Typing {
    var text = ""
}

@MainActor
func raced() {
    let typing = Typing()
    Task.detached { typing.text = "elsewhere" }  // expected-error {{race}}
    typing.text = "here"  // expected-note {{access can happen concurrently}}
}

func unset(_ known: Bool) -> String {
    let name: String  // expected-note {{constant defined here}}
    if known { name = "Mira" }
    return name  // expected-error {{constant 'name' used before being initialized}}
}

func unreturned(_ known: Bool) -> String {
    if known { return "Mira" }
}  // expected-error {{missing return in global function expected to return 'String'}}
