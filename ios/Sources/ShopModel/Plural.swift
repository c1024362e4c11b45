/// Which of a word's forms a number takes in a language, as Unicode's CLDR tells it.
func plural(_ language: String, _ count: Int) -> String {
    guard language == "ar" else { return count == 1 ? "one" : "other" }
    return switch (count, count % 100) {
    case (0, _): "zero"
    case (1, _): "one"
    case (2, _): "two"
    case (_, 3...10): "few"
    case (_, 11...99): "many"
    default: "other"
    }
}
