import Counterpart
import Foundation
import ShopTrial
import Testing

@testable import ShopModel

@Suite
struct WordsTests {
    @Test("Numbers take the form that their language gives them")
    func numbers() {
        #expect(English().ageDays(1) == "1 day" && English().ageDays(5) == "5 days")
        let said = [1, 2, 3, 11, 100].map { Arabic().ageDays($0) }
        #expect(said == ["يوم واحد", "يومين", "3 أيام", "11 يومًا", "100 يوم"])
    }

    @Test("Each of the engine's reasons has a sentence in every language")
    func reasons() {
        let codes = [
            "required", "denied", "not_found", "in_use", "device_locked", "pin_locked", "busy", "unanswered", "unsent",
            "cancelled", "closed", "disk_full", "read_only", "newer_file", "damaged", "foreign_file", "needs_server",
            "signed_out", "defect", "length", "range", "phone", "email", "imei", "barcode", "wrong_credentials",
            "other",
        ]
        for words in allWords {
            for code in codes { #expect(words.problems[code] != nil, "\(words.language): \(code)") }
        }
    }

    @Test("A word of a kind, an approval, a state or a role is called as where it is chosen")
    func engineWords() {
        for words in allWords {
            #expect(words.wordName("drop_off") == words.of(AppointmentKind.dropOff))
            #expect(words.wordName("no_show") == words.of(AppointmentState.noShow))
            #expect(words.wordName("labour") == words.of(LineKind.labour))
            #expect(words.wordName("declined") == words.of(Approval.declined))
            #expect(words.wordName("shrink") == words.of(MovementKind.shrink))
            #expect(words.wordName("diagnostic") == words.of(NoteKind.diagnostic))
            #expect(words.wordName("front_desk") == words.of(Role.frontDesk))
            #expect(words.wordName("only a newer server has it") == "only a newer server has it")
        }
    }

    @Test("Somebody's languages choose the words, the dearest first, and English is there for the rest")
    func choice() {
        #expect(words(for: ["ar-EG", "en"]).language == "ar")
        #expect(words(for: ["de-DE", "ar"]).language == "ar")
        #expect(words(for: ["de-DE"]).language == "en" && words(for: []).language == "en")
    }

    @Test("A problem names its field and never leaves a place unfilled")
    func problems() {
        for words in allWords {
            for code in Array(words.problems.keys) + ["new_code"] {
                let said = words.of(Problem(code, field: "last_name"))
                #expect(!said.contains("{") && !said.isEmpty, "\(words.language): \(code)")
            }
        }
        #expect(English().of(Problem("required", field: "subject")) == "Please fill in: Subject.")
    }

    @Test("Money and moments are written as people of the language read them")
    func formats() throws {
        let words = English()
        #expect(words.money(123_456, "EUR") == "€1,234.56" && words.money(-50, "EUR") == "-€0.50")
        #expect(words.money(1_500, "JPY").hasSuffix("1,500"))
        #expect(Arabic().money(123_456, "EUR").contains("1,234.56"))
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        let said = words.moment(Date(timeIntervalSince1970: 1_773_307_800), zone)
        #expect(said.contains("12 Mar 2026") && said.contains("10:30"))
    }

    @Test("A ticket may leave only when the server has everything and nobody else holds something back")
    func safety() {
        let words = English()
        let other = DeviceStanding(device: "d", code: "D", employee: nil, unsent: 1, seenAt: .distantPast)
        #expect(words.of(Safety.notAsked) == nil)
        #expect(words.of(Safety.known(TicketSafety(unsent: 0, devices: []))) == words.ticketSafe)
        #expect(words.of(Safety.known(TicketSafety(unsent: 2, devices: []))) == words.ticketUnsafe(2))
        #expect(words.of(Safety.known(TicketSafety(unsent: 0, devices: nil))) == words.ticketUnsafeUnknown)
        #expect(words.of(Safety.known(TicketSafety(unsent: 0, devices: [other]))) == words.ticketUnsafeOthers(1))
    }
}

@Suite
struct TypedTests {
    @Test("What was typed comes back as it was, whatever it contains")
    func drafts() {
        let texts = ["problem": "a=b&c %2B + \n 🛠", "diagnosis": "", "note": "שלום"]
        #expect(Typed.read(Typed.write(texts)) == texts)
        #expect(Typed.read(Typed.write(["problem": nil])) == [:])
        let draft = TypedDraft(problem: "", note: "later")
        #expect(TypedDraft(Typed.read(Typed.write(draft.texts))) == draft && draft.diagnosis == nil)
        var form = form("Núñez", "Screen & more")
        form.checklist = ["screen": .fail, "sound": .other(word: "humming")]
        #expect(IntakeForm(Typed.read(Typed.write(form.texts))) == form)
    }

    @Test("A value is told fact by fact")
    func facts() {
        let value = FieldValue.named(values: [
            "b": .several(values: [.whole(number: 1), .text(text: "x")]),
            "a": .named(values: ["c": .truth(truth: true)]),
        ])
        #expect(value.facts("of") == [Fact("of.a.c", "true"), Fact("of.b.0", "1"), Fact("of.b.1", "x")])
        #expect(value.plain == "true 1, x" && FieldValue.empty.asText == nil)
    }

    @Test("A place is kept by a word, and an unknown word is the board")
    func places() {
        let places: [Place] = [
            .board(ticket: nil), .board(ticket: "t1"), .intake, .customers(nil), .customers(.new),
            .customers(.of("c1")), .inventory(nil), .inventory(.new), .inventory(.of("i1")), .appointments, .team,
            .atWork, .syncCentre, .settings, .developer, .more,
        ]
        for place in places { #expect(Place(word: place.word) == place) }
        #expect(Place(word: nil) == .board(ticket: nil) && Place(word: "moon") == .board(ticket: nil))
    }

    @Test("A hub's code says where it is and how to believe it, and another code says nothing")
    func pairing() {
        let link = "counterpart://hub?url=https://10.0.0.5:8443/a%26b&root_sha256=ab12&anon_key=k1"
        let server = Pairing(link)?.server
        #expect(server == ServerAddress(url: "https://10.0.0.5:8443/a&b", anonKey: "k1", rootSha256: "ab12"))
        #expect(Pairing("counterpart://hub?url=http://10.0.0.5&anon_key=k")?.server.rootSha256 == nil)
        for other in ["4006381333931", "https://example.org/?url=x&anon_key=k", "counterpart://hub?url=x", ""] {
            #expect(Pairing(other) == nil)
        }
    }
}
