//! What a person sees of the day: a line for everything that happens, a bar for how far it is, and no claim that was
//! not checked. It goes to standard error, with colours and a bar that moves only where that is a terminal.

use super::{Bell, Failure};
use counterpart_core::env::{Clock, SystemClock};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

const BAR: usize = 24;

/// One line of the day.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Milliseconds since the demo began.
    pub at: i64,
    /// Whether a chapter begins, something happened, or something was checked.
    pub kind: Kind,
    /// Which device; nothing where it is about the whole shop.
    pub who: String,
    /// What happened.
    pub what: String,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A chapter begins.
    Chapter,
    /// Something happened.
    Event,
    /// Something was checked, and holds.
    Check,
}

/// The day so far.
#[derive(Debug)]
pub struct Timeline {
    began: i64,
    lively: bool,
    bell: Bell,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    percent: usize,
    lines: Vec<Line>,
}

impl Timeline {
    /// A day begins. Whoever shows it listens to the bell.
    pub fn new(bell: Bell) -> Timeline {
        let lively = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Timeline { began: SystemClock.awake_and_asleep(), lively, bell, told: Mutex::default() }
    }

    /// Seconds since it began.
    pub fn seconds(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "some seconds")]
        let seconds = (SystemClock.awake_and_asleep() - self.began) as f64 / 1_000.0;
        seconds
    }

    /// How far the day is, and what happened after the first so many lines.
    pub fn since(&self, lines: usize) -> (usize, Vec<Line>) {
        let told = self.told();
        (told.percent, told.lines.get(lines..).unwrap_or_default().to_vec())
    }

    /// A chapter begins, so far into the day.
    pub fn chapter(&self, percent: usize, title: &str) {
        self.tell(percent, Kind::Chapter, "", title);
    }

    /// The day went on to there.
    pub fn reaches(&self, percent: usize) {
        let mut told = self.told();
        told.percent = told.percent.max(percent.min(100));
        self.show_bar(&told);
        drop(told);
        self.bell.ring();
    }

    /// Something happened at a device.
    pub fn says(&self, who: &str, what: &str) {
        self.tell(0, Kind::Event, who, what);
    }

    /// Ends the day unless that holds.
    pub fn holds(&self, what: &str, holds: bool) -> Result<(), Failure> {
        if !holds {
            return Err(format!("this does not hold: {what}").into());
        }
        self.tell(0, Kind::Check, "", what);
        Ok(())
    }

    fn tell(&self, percent: usize, kind: Kind, who: &str, what: &str) {
        let at = SystemClock.awake_and_asleep() - self.began;
        let mut told = self.told();
        told.percent = told.percent.max(percent.min(100));
        let line = Line { at, kind, who: who.to_owned(), what: what.to_owned() };
        self.print(&line, told.percent);
        told.lines.push(line);
        self.show_bar(&told);
        drop(told);
        self.bell.ring();
    }

    fn print(&self, line: &Line, percent: usize) {
        let Line { at, kind, who, what } = line;
        let seconds = format!("{:>3}.{:02}", at / 1_000, at % 1_000 / 10);
        let text = match (kind, self.lively) {
            (Kind::Chapter, true) => format!("\n\x1b[1m{what}\x1b[0m\n"),
            (Kind::Chapter, false) => format!("\n[{}] {percent:>3} %  {what}\n", bar(percent, '#', '.')),
            (Kind::Event, true) => format!("  \x1b[2m{seconds}\x1b[0m  \x1b[36m{who:<8}\x1b[0m {what}\n"),
            (Kind::Event, false) => format!("  {seconds}  {who:<8} {what}\n"),
            (Kind::Check, true) => format!("  \x1b[2m{seconds}\x1b[0m  \x1b[32m✓ {what}\x1b[0m\n"),
            (Kind::Check, false) => format!("  {seconds}  ✓ {what}\n"),
        };
        self.put(&text);
    }

    /// The bar stays below the last line; the next line takes its place.
    fn show_bar(&self, told: &Told) {
        if self.lively && told.percent < 100 {
            self.put(&format!("  {} {:>3} %", bar(told.percent, '█', '░'), told.percent));
        }
    }

    fn put(&self, text: &str) {
        let clear = if self.lively { "\r\x1b[2K" } else { "" };
        let mut out = std::io::stderr().lock();
        // A terminal that went away is no reason to stop the day.
        write!(out, "{clear}{text}").and_then(|()| out.flush()).ok();
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bar that is filled so far, of a hundred.
fn bar(percent: usize, full: char, empty: char) -> String {
    let filled = BAR * percent.min(100) / 100;
    let part = |what: char, count: usize| std::iter::repeat_n(what, count).collect::<String>();
    part(full, filled) + &part(empty, BAR - filled)
}
