/// Rows that a list asks for at once.
let window: UInt32 = 50

/// The first rows of a list, and whether there may be more.
struct Rows<Row: Sendable>: Sendable {
    var rows: [Row]
    var more = false
}

/// The first `wanted` rows of a list, window after window: each begins after the last row of the one before.
func first<Row: Sendable>(
    _ wanted: Int,
    of list: @Sendable (_ after: Row?, _ limit: UInt32) async throws -> [Row]
) async throws -> Rows<Row> {
    var rows: [Row] = []
    while rows.count < wanted {
        let next = try await list(rows.last, window)
        rows += next
        if next.count < Int(window) { return Rows(rows: rows) }
    }
    return Rows(rows: rows, more: true)
}
