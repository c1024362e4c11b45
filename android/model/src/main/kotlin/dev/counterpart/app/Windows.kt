package dev.counterpart.app

/** Rows that a list asks for at once. */
internal const val WINDOW = 50

/** The first rows of a list, and whether there may be more. */
internal class Rows<Row>(
    val rows: List<Row>,
    val more: Boolean,
)

/** The first [wanted] rows of a list, window after window: each begins after the last row of the one before. */
internal suspend fun <Row> firstOf(
    wanted: Int,
    window: suspend (after: Row?, limit: UInt) -> List<Row>,
): Rows<Row> {
    val rows = mutableListOf<Row>()
    while (rows.size < wanted) {
        val next = window(rows.lastOrNull(), WINDOW.toUInt())
        rows += next
        if (next.size < WINDOW) return Rows(rows, more = false)
    }
    return Rows(rows, more = true)
}
