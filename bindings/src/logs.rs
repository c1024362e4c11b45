//! The engine's log, handed to the shell. Lines wait in a queue of bounded length and are handed over by a thread of
//! their own, so that no sink is ever called under a lock of the engine's or makes it wait.

use crate::adapters::AdapterError;
use log::{Level, LevelFilter, Log, Metadata, Record};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, Once, PoisonError};

/// Lines that wait at most. More are dropped rather than waited for.
const WAITING: usize = 1_000;

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// Defects, and what a person has to see to.
    Error,
    /// What went wrong and goes on.
    Warn,
    /// What happens.
    Info,
    /// How it happens.
    Debug,
}

/// A line of the log. It holds no customer's data.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the engine says it.
    pub target: String,
    /// What it says.
    pub message: String,
}

/// Takes the log's lines, one at a time, on a thread of its own.
#[uniffi::export(with_foreign)]
pub trait LogSink: Send + Sync {
    /// One line. What goes wrong here is nobody's concern but the sink's.
    fn log(&self, line: LogLine) -> Result<(), AdapterError>;
}

static SINK: Mutex<Option<Arc<dyn LogSink>>> = Mutex::new(None);
static STARTED: Once = Once::new();

/// From now on the process's log goes to this sink, in the place of an earlier one; without one it goes nowhere.
#[uniffi::export]
pub fn set_log_sink(sink: Option<Arc<dyn LogSink>>, level: LogLevel) {
    STARTED.call_once(start);
    log::set_max_level(if sink.is_some() { level.filter() } else { LevelFilter::Off });
    *SINK.lock().unwrap_or_else(PoisonError::into_inner) = sink;
}

fn start() {
    let (lines, waiting) = sync_channel(WAITING);
    if log::set_boxed_logger(Box::new(Forward { lines })).is_err() {
        // The process has a logger of its own, which sees these lines already.
        return;
    }
    let hand_over =
        std::thread::Builder::new().name("counterpart-log".into()).spawn(move || deliver(&waiting));
    if hand_over.is_err() {
        log::set_max_level(LevelFilter::Off);
    }
}

fn deliver(waiting: &Receiver<LogLine>) {
    for line in waiting {
        let sink = SINK.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A sink that fails is not told so through itself.
        sink.and_then(|sink| sink.log(line).err());
    }
}

struct Forward {
    lines: SyncSender<LogLine>,
}

impl Log for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        // What libraries below the engine say is not known to hold no customer's data.
        if !self.enabled(record.metadata()) || !record.target().starts_with("counterpart") {
            return;
        }
        let level = match record.level() {
            Level::Error => LogLevel::Error,
            Level::Warn => LogLevel::Warn,
            Level::Info => LogLevel::Info,
            Level::Debug | Level::Trace => LogLevel::Debug,
        };
        let line = LogLine { level, target: record.target().to_owned(), message: record.args().to_string() };
        match self.lines.try_send(line) {
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    fn flush(&self) {}
}

impl LogLevel {
    fn filter(self) -> LevelFilter {
        match self {
            LogLevel::Error => LevelFilter::Error,
            LogLevel::Warn => LevelFilter::Warn,
            LogLevel::Info => LevelFilter::Info,
            LogLevel::Debug => LevelFilter::Debug,
        }
    }
}
