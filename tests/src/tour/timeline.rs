//! What a person sees of the tour: a line for everything that happens, a bar for how far it is, and no claim that was
//! not checked.

use super::Attempt;
use counterpart_core::schema::time_from_ms;

/// Why the tour ended before its end.
pub type Failure = Box<dyn std::error::Error>;

const BAR: usize = 20;

/// The tour so far, written to standard error.
#[derive(Debug)]
pub struct Timeline {
    chapters: usize,
    chapter: usize,
}

impl Timeline {
    /// A tour of that many chapters.
    pub fn new(chapters: usize) -> Timeline {
        Timeline { chapters, chapter: 0 }
    }

    /// A chapter begins.
    pub fn chapter(&mut self, title: &str) {
        let percent = 100 * self.chapter / self.chapters.max(1);
        self.chapter += 1;
        eprintln!("\n[{}] {percent:>3} %  {title}", bar(percent));
    }

    /// Something happened, at this moment of the shop's day.
    pub fn says(&self, now: i64, what: &str) {
        eprintln!("    {}  {what}", time_from_ms(now).format("%H:%M:%S"));
    }

    /// Ends the tour unless that holds.
    pub fn holds(&self, now: i64, what: &str, holds: bool) -> Result<(), Failure> {
        if !holds {
            return Err(format!("this does not hold: {what}").into());
        }
        self.says(now, &format!("✓ {what}"));
        Ok(())
    }

    /// A push was tried.
    pub fn sends(&self, attempt: &Attempt) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        let percent = (attempt.progress * 100.0) as usize;
        let what =
            format!("→ {:>2} operations   queue [{}] {percent:>3} %", attempt.operations, bar(percent));
        self.says(attempt.at, &what);
    }

    /// The last chapter is over.
    pub fn ends(&self, what: &str) {
        eprintln!("\n[{}] 100 %  {what}", bar(100));
    }
}

/// A bar that is filled so far, of a hundred.
fn bar(percent: usize) -> String {
    let full = BAR * percent.min(100) / 100;
    format!("{}{}", "#".repeat(full), ".".repeat(BAR - full))
}
