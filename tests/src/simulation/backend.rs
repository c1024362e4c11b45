//! The server's side: a real ledger, its members, its backups, and a note of everything that it ever said.

use super::history::History;
use super::sabotage::Sabotage;
use super::{Scene, checks::broken};
use counterpart_core::env::{DAY_MS, Env};
use counterpart_core::outbox::{Operation, Outcome, Receipt, content_hash};
use counterpart_core::schema::{Row, Schema};
use counterpart_core::sync::Answer;
use counterpart_core::sync::wire::{Cursor, GrantRequest, PushAnswer, PushRequest};
use counterpart_hub::ledger::{Ledger, LedgerError, Member, PushEnd, Try};
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The shop that everybody works in.
pub(super) const SHOP: &str = "shop";
/// A row whose moment is no further away than that lies inside every window, whatever a device's clock says and however
/// long it was away.
const NEAR_DAYS: i64 = 50;

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
    backups: Vec<Backup>,
    /// Up to which commit devices may forget: the newest backup of this history has it.
    safe: i64,
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
    /// Operations that every device may have forgotten, and that an older backup did not hold.
    pub(super) gone_with_an_older: BTreeSet<String>,
    /// Whom the server let work at which shared tablet, ever.
    granted: BTreeSet<(String, String)>,
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
            backups: Vec::new(),
            safe: 0,
            copies: 0,
            restored: false,
            sabotage,
            history: History::default(),
            judged: BTreeMap::new(),
            said: BTreeMap::new(),
            first_said: BTreeMap::new(),
            copied: BTreeSet::new(),
            gone_with_an_older: BTreeSet::new(),
            granted: BTreeSet::new(),
        };
        backend.begin()?;
        for shop in [SHOP, ELSEWHERE] {
            backend.ledger()?.create_shop(shop).map_err(text)?;
        }
        let tag = backend.cursor()?.tag;
        backend.history.note(&tag, Vec::new());
        if let Some(head) = backend.ledger()?.record(SHOP, &(scene.staff)()).map_err(text)? {
            backend.note_commit(head.n, &head.tag)?;
        }
        Ok(backend)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join("ledger.db")
    }

    pub(super) fn ledger(&self) -> Result<&Ledger, String> {
        self.ledger.as_ref().ok_or_else(|| "the server is down".to_owned())
    }

    /// Whether a device may leave a row here: it lies outside its window, or near its edge, by the server's clock.
    pub(super) fn is_far(&self, table: &str, body: &str) -> bool {
        self.moment(table, body).is_some_and(|moment| (moment - self.env.now()).abs() > NEAR_DAYS * DAY_MS)
    }

    /// The moment that decides it.
    pub(super) fn moment(&self, table: &str, body: &str) -> Option<i64> {
        (self.scene.moment)(table, &serde_json::from_str(body).ok()?)
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
        self.backups.push(Backup { path, moment: self.history.moment(), head });
        self.safe = head;
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

    /// How many copies of the books there are.
    pub(super) fn backups(&self) -> usize {
        self.backups.len()
    }

    /// The books are lost, and a copy of them is put back.
    pub(super) fn restore(&mut self, at: usize) -> Result<(), String> {
        let Some(backup) = self.backups.get(at) else { return Ok(()) };
        let (moment, head, from) = (backup.moment, backup.head, backup.path.clone());
        let forgotten =
            self.judged.iter().filter(|(_, (_, n))| n.is_some_and(|n| n > head && n <= self.safe));
        self.gone_with_an_older.extend(forgotten.map(|((id, _), _)| id.clone()));
        self.safe = head;
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
        Ok(())
    }

    /// A push as it arrives.
    pub(super) fn push(&mut self, member: &Member, body: &str) -> Result<Result<PushAnswer, Answer>, String> {
        let request: PushRequest = serde_json::from_str(body).map_err(text)?;
        let end = match told(self.ledger()?.push(member, &request))? {
            Ok(end) => end,
            // A late push of an earlier session is refused whole.
            Err(refused) => return Ok(Err(refused)),
        };
        self.note_push(member, &request, &end)?;
        if let Some(sabotage) = self.sabotage {
            sabotage.after_push(&self.path()).map_err(text)?;
        }
        Ok(Ok(end.answer))
    }

    fn note_push(&mut self, member: &Member, request: &PushRequest, end: &PushEnd) -> Result<(), String> {
        if let Some(head) = end.head.as_ref().filter(|_| request.shop == SHOP) {
            self.note_commit(head.n, &head.tag)?;
        }
        self.note_content(request)?;
        self.note_receipts(&end.answer.receipts)?;
        self.nobody_was_forged(member, request, end)
    }

    /// A push as it arrives, and the process ends before it has written so many times, or after: nobody is answered.
    /// Gives back whether it was done.
    pub(super) fn die_in_push(&mut self, member: &Member, body: &str, writes: usize) -> Result<bool, String> {
        let request: PushRequest = serde_json::from_str(body).map_err(text)?;
        let before = self.cursor()?;
        self.change_books(&fuse(writes))?;
        let ended = self.ledger()?.push(member, &request);
        self.ledger = None;
        self.change_books(&no_fuse())?;
        self.begin()?;
        match ended {
            Ok(end) => {
                self.note_push(member, &request, &end)?;
                Ok(true)
            }
            Err(_) if self.cursor()? == before => Ok(false),
            Err(_) => Err(broken("the server", "a push that broke off left a commit".into())),
        }
    }

    fn change_books(&self, sql: &str) -> Result<(), String> {
        Connection::open(self.path()).and_then(|books| books.execute_batch(sql)).map_err(text)
    }

    /// Somebody shows a PIN at a shared tablet, and it is theirs.
    pub(super) fn grant(&mut self, member: &Member, request: &GrantRequest) -> Result<bool, String> {
        let ledger = self.ledger()?;
        match told(ledger.count_try(member, request))? {
            Ok(Try::Counted(_)) => ledger.grant(request).map_err(text)?,
            Ok(Try::Locked(_)) | Err(_) => return Ok(false),
        }
        self.granted.insert((request.device.clone(), request.employee.clone()));
        Ok(true)
    }

    /// At a shared tablet nothing takes effect in the name of somebody whom the server did not let work there.
    fn nobody_was_forged(&self, member: &Member, request: &PushRequest, end: &PushEnd) -> Result<(), String> {
        let took = [Outcome::Applied, Outcome::Merged, Outcome::Conflict];
        // What was judged before, another device may ask again: a copy of the file.
        let now = end.head.as_ref().filter(|_| member.station).map(|head| head.n);
        let judged_now =
            |receipt: &&Receipt| now.is_some() && receipt.n == now && took.contains(&receipt.outcome);
        for receipt in end.answer.receipts.iter().filter(judged_now) {
            let operation = self.said.get(&(receipt.id.clone(), receipt.hash.clone()));
            let actor = operation.and_then(|operation| operation.actor.clone());
            if actor.is_some_and(|actor| !self.granted.contains(&(request.device.clone(), actor))) {
                return Err(broken(
                    "stations",
                    "somebody worked at a tablet without having shown a PIN".into(),
                ));
            }
        }
        Ok(())
    }

    fn note_commit(&mut self, n: i64, tag: &str) -> Result<(), String> {
        let peek = self.peek()?;
        let sql = "SELECT tbl, id, body, deleted FROM ledger_rows WHERE shop = 'shop' AND stamp = ?1";
        let mut rows = peek.prepare(sql).map_err(text)?;
        let rows = rows
            .query_map([n], |row| {
                let (table, body): (String, String) = (row.get(0)?, row.get(2)?);
                let whole = in_whole(self.scene.schema, &table, &body);
                Ok(((table, row.get(1)?), (!row.get::<_, bool>(3)?).then_some(whole)))
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

/// A row as a device would tell it, empty fields too, however the books keep it.
fn in_whole(schema: &Schema, table: &str, body: &str) -> String {
    let row = schema.table(table).and_then(|table| Row::from_json_text(table, body)).and_then(Result::ok);
    row.map_or_else(|| body.to_owned(), |row| row.to_canonical_text())
}

/// What a push writes to, all of it.
const BOOKS: [&str; 5] = ["ledger_rows", "receipts", "commits", "devices", "ledger_shops"];
/// From now on the books take so many writes, and then none.
fn fuse(writes: usize) -> String {
    let mut sql = format!("CREATE TABLE fuse (left); INSERT INTO fuse VALUES ({writes});");
    for (book, way) in BOOKS.into_iter().flat_map(|book| [(book, "insert"), (book, "update")]) {
        sql.push_str(&format!(
            "CREATE TRIGGER {book}_{way} BEFORE {way} ON {book} BEGIN
               SELECT RAISE(ABORT, 'the process ends') FROM fuse WHERE left <= 0;
               UPDATE fuse SET left = left - 1;
             END;"
        ));
    }
    sql
}

fn no_fuse() -> String {
    let drop = |book: &str| format!("DROP TRIGGER {book}_insert; DROP TRIGGER {book}_update;");
    BOOKS.map(drop).concat() + "DROP TABLE fuse;"
}

/// Another shop, of which nobody here may ever see a byte.
pub(super) const ELSEWHERE: &str = "elsewhere";

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// What a device hears of the ledger's answer. What only a defect can bring about ends the run.
pub(crate) fn told<T>(answer: Result<T, LedgerError>) -> Result<Result<T, Answer>, String> {
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
