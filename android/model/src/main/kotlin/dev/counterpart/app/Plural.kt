package dev.counterpart.app

/** Which of a word's forms a number takes in a language, as Unicode's CLDR tells it. */
fun plural(
    language: String,
    count: Long,
): String =
    when (language) {
        "ar" ->
            when {
                count == 0L -> "zero"
                count == 1L -> "one"
                count == 2L -> "two"
                count % 100 in 3..10 -> "few"
                count % 100 in 11..99 -> "many"
                else -> "other"
            }
        else -> if (count == 1L) "one" else "other"
    }
