//! The backups that a serving hub makes by itself: one a day and one when it stops, the last of each day kept for some
//! days.

use super::{BackupError, back_up};
use crate::clock::Clock;
use crate::files;
use crate::functions::env;
use crate::ledger::Ledger;
use chrono::DateTime;
use counterpart_core::entity::REPAIR_SHOP;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const ENDING: &str = ".backup";
/// After a backup that failed: when to try again.
const AGAIN: Duration = Duration::from_secs(3_600);

/// How often a serving hub backs up, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Where the backups go.
    pub folder: PathBuf,
    /// How long after one the next is made.
    pub every: Duration,
    /// Of how many days one is kept.
    pub days: usize,
}

/// Makes the backups of a serving hub.
pub struct Keeper {
    data: PathBuf,
    plan: Plan,
    clock: Arc<dyn Clock>,
    ledger: Ledger,
    /// One at a time.
    turn: Mutex<()>,
}

impl Keeper {
    /// Keeps the backups of a data folder.
    pub fn open(data: &Path, plan: Plan, clock: Arc<dyn Clock>) -> Result<Arc<Keeper>, BackupError> {
        let ledger = Ledger::open(&Ledger::path(data), &REPAIR_SHOP, env(clock.clone()))?;
        Ok(Arc::new(Keeper { data: data.to_owned(), plan, clock, ledger, turn: Mutex::new(()) }))
    }

    /// Makes one whenever it is time. It never ends.
    pub async fn run(self: &Arc<Keeper>) {
        loop {
            let wait = match newest(&self.plan.folder) {
                Ok(newest) => newest.map_or(Duration::ZERO, |at| self.left(at)),
                Err(error) => {
                    tracing::error!(%error, "the folder of the backups cannot be read");
                    AGAIN
                }
            };
            self.clock.reached(self.clock.elapsed() + wait).await;
            if !self.make(Keeper::now).await {
                self.clock.reached(self.clock.elapsed() + AGAIN).await;
            }
        }
    }

    /// The last one, when the hub has stopped: what the books hold is safe, if it was not already.
    pub async fn finish(self: &Arc<Keeper>) {
        self.make(Keeper::what_is_left).await;
    }

    async fn make(self: &Arc<Keeper>, work: fn(&Keeper) -> Result<(), BackupError>) -> bool {
        let keeper = self.clone();
        match tokio::task::spawn_blocking(move || work(&keeper)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "the backup failed");
                false
            }
            Err(_) => false,
        }
    }

    /// Makes one, without what was deleted long ago, and removes those that are older than any that is to be kept.
    pub fn now(&self) -> Result<(), BackupError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.one_more()
    }

    fn what_is_left(&self) -> Result<(), BackupError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.ledger.all_is_safe()? { Ok(()) } else { self.one_more() }
    }

    fn one_more(&self) -> Result<(), BackupError> {
        files::private_folder(&self.plan.folder)?;
        let mut now_ms = self.clock.now_ms();
        let to = loop {
            let to = self.plan.folder.join(name_of(now_ms) + ENDING);
            if !fs::exists(&to)? {
                break to;
            }
            now_ms += 1_000;
        };
        self.ledger.forget_deleted()?;
        back_up(&self.data, &self.ledger, &to, now_ms)?;
        tracing::info!("backed up");
        prune(&self.plan)
    }

    fn left(&self, newest_ms: i64) -> Duration {
        let age = u64::try_from(self.clock.now_ms().saturating_sub(newest_ms)).unwrap_or(0);
        self.plan.every.saturating_sub(Duration::from_millis(age))
    }
}

/// When the newest backup in a folder was made, if there is one.
pub fn newest(folder: &Path) -> Result<Option<i64>, BackupError> {
    Ok(all(folder)?.keys().next_back().copied())
}

/// The backups of a folder that carry a name of ours, by when they were made.
fn all(folder: &Path) -> Result<BTreeMap<i64, PathBuf>, BackupError> {
    let mut found = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let made_at = entry.file_name().to_str().and_then(|name| name.strip_suffix(ENDING)).and_then(time_of);
        if let Some(made_at) = made_at {
            found.insert(made_at, entry.path());
        }
    }
    Ok(found)
}

/// Of each day the last one stays, of as many days as are kept.
fn prune(plan: &Plan) -> Result<(), BackupError> {
    let (mut days, mut last_day) = (0, None);
    for (made_at, path) in all(&plan.folder)?.into_iter().rev() {
        let day = made_at.div_euclid(86_400_000);
        let first_of_its_day = last_day != Some(day);
        days += usize::from(first_of_its_day);
        last_day = Some(day);
        if !first_of_its_day || days > plan.days.max(1) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

const SHAPE: &str = "%Y-%m-%dT%H-%M-%SZ";

/// A moment as a file's name.
pub(super) fn name_of(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format(SHAPE).to_string()
}

fn time_of(name: &str) -> Option<i64> {
    let at = chrono::NaiveDateTime::parse_from_str(name, SHAPE).ok()?.and_utc().timestamp_millis();
    (name_of(at) == name).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_each_day_is_kept_and_what_is_not_ours_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "2026-11-18T10-00-00Z.backup",
            "2026-11-19T10-00-00Z.backup",
            "2026-11-19T12-00-00Z.backup",
            "2026-11-21T08-00-00Z.backup",
            "2026-11-21T09-00-00Z.backup",
            "mine.backup",
            "2026-11-01.backup",
        ];
        names.iter().for_each(|name| fs::write(folder.path().join(name), "").unwrap());
        let plan = Plan { folder: folder.path().into(), every: Duration::from_secs(1), days: 2 };
        prune(&plan).unwrap();
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        let expected = [
            "2026-11-01.backup",
            "2026-11-19T12-00-00Z.backup",
            "2026-11-21T09-00-00Z.backup",
            "mine.backup",
        ];
        assert_eq!(expected, left.iter().map(|name| name.to_str().unwrap()).collect::<Vec<_>>().as_slice());
        assert_eq!(time_of("2026-11-21T09-00-00Z"), newest(folder.path()).unwrap());
    }
}
