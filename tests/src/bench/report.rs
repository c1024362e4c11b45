//! What a row says, for people and for scripts.

use super::pairs::Medians;
use serde::Serialize;

/// A row of the report.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What the figures count.
    pub unit: &'static str,
    /// The engine.
    pub ours: f64,
    /// The same through bare rusqlite.
    pub floor: f64,
    /// Ours divided by the floor: the cost; 1 is the floor.
    pub ratio: f64,
    /// How many pairs of samples the medians are of.
    pub n: usize,
}

impl Row {
    pub(super) fn new(name: &'static str, unit: &'static str, ours: f64, floor: f64, n: usize) -> Row {
        let rounded = |number: f64| (number * 1_000.0).round() / 1_000.0;
        Row { name, unit, ours: rounded(ours), floor: rounded(floor), ratio: rounded(ours / floor), n }
    }

    pub(super) fn micros(name: &'static str, medians: Medians) -> Row {
        Row::new(name, "us", medians.ours, medians.floor, medians.pairs)
    }

    pub(super) fn millis(name: &'static str, medians: Medians) -> Row {
        Row::new(name, "ms", medians.ours / 1e3, medians.floor / 1e3, medians.pairs)
    }
}

/// A row as a line of JSON.
pub fn print_json(row: &Row) -> Result<(), super::Failure> {
    println!("{}", serde_json::to_string(row)?);
    Ok(())
}

/// The head of the table.
pub fn print_head() {
    println!("{:<26} {:>4} {:>12} {:>12} {:>7} {:>6}", "row", "unit", "ours", "floor", "ratio", "n");
}

/// A row as a line of the table.
pub fn print_row(Row { name, unit, ours, floor, ratio, n }: &Row) {
    println!("{name:<26} {unit:>4} {ours:>12.3} {floor:>12.3} {ratio:>7.2} {n:>6}");
}
