//! The server's side: a real ledger, its members, its backups, and a note of everything that it ever said.

use super::history::History;
use super::sabotage::Sabotage;
use super::{Scene, checks::broken};
use counterpart_core::env::Env;
use counterpart_core::outbox::{Operation, Outcome, Receipt, content_hash};
use counterpart_core::sync::Answer;
use counterpart_core::sync::wire::{Cursor, PushAnswer, PushRequest};
use counterpart_hub::ledger::{Ledger, LedgerError, Member};
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The shop that everybody works in.
pub(super) const SHOP: &str = "shop";

struct Backup {
    path: PathBuf,
    moment: usize,
    head: i64,
}

/// The server.
pub(super) struct Backend {
    scene: &'static Scene,
    folder: PathBuf,
    env: Env,
    ledger: Option<Ledger>,
    members: BTreeMap<String, Member>,
    outside: BTreeSet<String>,
    backup: Option<Backup>,
    copies: usize,
    restored: bool,
    sabotage: Option<Sabotage>,
    /// What was there at every commit.
    pub(super) history: History,
    /// The first receipt that each operation got: its outcome and its commit.
    judged: BTreeMap<(String, String), (Outcome, Option<i64>)>,
    /// What was said under an operation's id, by the hash of it.
    pub(super) said: BTreeMap<(String, String), Operation>,
    /// What each device first said under an id.
    first_said: BTreeMap<(String, String), String>,
    /// Devices of whose file there was another copy, which may say other things under the same ids.
    pub(super) copied: BTreeSet<String>,
}

impl Backend {
    pub(super) fn new(
        scene: &'static Scene,
        folder: &Path,
        env: Env,
        sabotage: Option<Sabotage>,
    ) -> Result<Backend, String> {
        let mut backend = Backend {
            scene,
            folder: folder.to_owned(),
            env,
            ledger: None,
            members: BTreeMap::new(),
            outside: BTreeSet::new(),
            backup: None,
            copies: 0,
            restored: false,
            sabotage,
            history: History::default(),
            judged: BTreeMap::new(),
            said: BTreeMap::new(),
            first_said: BTreeMap::new(),
            copied: BTreeSet::new(),
        };
        backend.begin()?;
        for shop in [SHOP, ELSEWHERE] {
            backend.ledger()?.create_shop(shop).map_err(text)?;
        }
        let tag = backend.cursor()?.tag;
        backend.history.note(&tag, Vec::new());
        Ok(backend)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join("ledger.db")
    }

    pub(super) fn ledger(&self) -> Result<&Ledger, String> {
        self.ledger.as_ref().ok_or_else(|| "the server is down".to_owned())
    }

    /// Whether a device may leave a row here, by the server's clock.
    pub(super) fn is_far(&self, table: &str, body: &str) -> bool {
        serde_json::from_str(body).is_ok_and(|row| (self.scene.far)(table, &row, self.env.now()))
    }

    /// The process begins, or begins again.
    pub(super) fn begin(&mut self) -> Result<(), String> {
        self.ledger = None;
        self.ledger = Some(Ledger::open(&self.path(), self.scene.schema, self.env.clone()).map_err(text)?);
        Ok(())
    }

    /// Another look at the ledger's file.
    pub(super) fn peek(&self) -> Result<Connection, String> {
        Connection::open_with_flags(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(text)
    }

    pub(super) fn admit(&mut self, member: Member) {
        self.members.insert(member.account.clone(), member);
    }

    /// The member that asks, unless the membership has ended.
    pub(super) fn member(&self, account: &str) -> Option<&Member> {
        self.members.get(account).filter(|_| !self.outside.contains(account))
    }

    /// Somebody becomes something else.
    pub(super) fn promote(&mut self, account: &str, role: &str) {
        if let Some(member) = self.members.get_mut(account) {
            role.clone_into(&mut member.role);
        }
    }

    /// A membership ends, or is given back.
    pub(super) fn show_out(&mut self, account: &str, out: bool) {
        if out {
            self.outside.insert(account.to_owned());
        } else {
            self.outside.remove(account);
        }
    }

    /// A copy of the books is made.
    pub(super) fn back_up(&mut self) -> Result<(), String> {
        self.copies += 1;
        let path = self.folder.join(format!("backup-{}.db", self.copies));
        self.ledger()?.back_up(&path).map_err(text)?;
        let head = self.cursor()?.n;
        self.backup = Some(Backup { path, moment: self.history.moment(), head });
        Ok(())
    }

    /// Where the shop stands.
    pub(super) fn cursor(&self) -> Result<Cursor, String> {
        Ok(self.ledger()?.checksum(SHOP).map_err(text)?.cursor)
    }

    /// Whether a backup was ever put back.
    pub(super) fn was_restored(&self) -> bool {
        self.restored
    }

    /// The books are lost, and the last copy of them is put back. Gives back whether there was one.
    pub(super) fn restore(&mut self) -> Result<bool, String> {
        let Some(backup) = &self.backup else { return Ok(false) };
        let (moment, head, from) = (backup.moment, backup.head, backup.path.clone());
        self.ledger = None;
        let lost = self.folder.join("lost.db");
        fs::rename(self.path(), &lost).map_err(text)?;
        let log = self.folder.join("ledger.db-wal");
        if log.exists() {
            fs::rename(log, self.folder.join("lost.db-wal")).map_err(text)?;
        }
        fs::copy(from, self.path()).map_err(text)?;
        self.begin()?;
        self.ledger()?.restored(Some(&lost)).map_err(text)?;
        self.restored = true;
        let tag = self.cursor()?.tag;
        self.history.take_back(moment, &tag);
        self.judged.retain(|_, (_, n)| n.is_some_and(|n| n <= head));
        Ok(true)
    }

    /// A push as it arrives.
    pub(super) fn push(&mut self, member: &Member, body: &str) -> Result<Result<PushAnswer, Answer>, String> {
        let request: PushRequest = serde_json::from_str(body).map_err(text)?;
        let end = match told(self.ledger()?.push(member, &request))? {
            Ok(end) => end,
            // A late push of an earlier session is refused whole.
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(head) = end.head.filter(|_| request.shop == SHOP) {
            self.note_commit(head.n, &head.tag)?;
        }
        self.note_content(&request)?;
        self.note_receipts(&end.answer.receipts)?;
        if let Some(sabotage) = self.sabotage {
            sabotage.after_push(&self.path()).map_err(text)?;
        }
        Ok(Ok(end.answer))
    }

    fn note_commit(&mut self, n: i64, tag: &str) -> Result<(), String> {
        let peek = self.peek()?;
        let sql = "SELECT tbl, id, body, deleted FROM ledger_rows WHERE shop = 'shop' AND stamp = ?1";
        let mut rows = peek.prepare(sql).map_err(text)?;
        let rows = rows
            .query_map([n], |row| {
                let body: String = row.get(2)?;
                Ok(((row.get(0)?, row.get(1)?), (!row.get::<_, bool>(3)?).then_some(body)))
            })
            .map_err(text)?
            .collect::<rusqlite::Result<Vec<_>>>()
            .map_err(text)?;
        self.history.note(tag, rows);
        Ok(())
    }

    /// What was once sent under an id is never sent with other content, but by another copy of the file.
    fn note_content(&mut self, request: &PushRequest) -> Result<(), String> {
        for raw in &request.ops {
            let operation: Operation = serde_json::from_str(raw.get()).map_err(text)?;
            let (id, hash) = (operation.id.clone(), content_hash(raw.get()));
            let first = self.first_said.entry((request.device.clone(), id.clone())).or_insert(hash.clone());
            if *first != hash && !self.copied.contains(&request.device) {
                return Err(broken(
                    "frozen",
                    format!("an operation on {} was sent twice with other content", operation.table),
                ));
            }
            self.said.insert((id, hash), operation);
        }
        Ok(())
    }

    /// The same content gets the same outcome in the same commit, for as often as it is asked.
    fn note_receipts(&mut self, receipts: &[Receipt]) -> Result<(), String> {
        for receipt in receipts.iter().filter(|receipt| receipt.outcome != Outcome::Held) {
            let now = (receipt.outcome, receipt.n);
            let first = *self.judged.entry((receipt.id.clone(), receipt.hash.clone())).or_insert(now);
            if first != now {
                return Err(broken("at most once", format!("an operation was {first:?} and then {now:?}")));
            }
            let code = receipt.code.as_deref().unwrap_or_default();
            if !code.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_') {
                return Err(broken("rejections", format!("{code} is no rule")));
            }
        }
        Ok(())
    }
}

/// Another shop, of which nobody here may ever see a byte.
pub(super) const ELSEWHERE: &str = "elsewhere";

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// What a device hears of the ledger's answer. What only a defect can bring about ends the run.
pub(super) fn told<T>(answer: Result<T, LedgerError>) -> Result<Result<T, Answer>, String> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(LedgerError::NoShop) => Ok(Err(Answer::NoShop)),
        Err(LedgerError::NoSession) => Ok(Err(Answer::NoSession)),
        Err(LedgerError::OtherEpoch) => Ok(Err(Answer::OtherEpoch)),
        Err(
            error @ (LedgerError::Malformed(_)
            | LedgerError::Denied
            | LedgerError::Invalid(_)
            | LedgerError::Database(_)
            | LedgerError::Damaged(_)),
        ) => Err(broken("the server", error.to_string())),
    }
}
