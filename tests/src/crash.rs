//! Work that is killed, and what has to be left of it. The child prints `try …` before a write and `did …` once it
//! returned, so that after the kill at most one line is open.

use crate::courtesy::answered;
use crate::dice::Dice;
use crate::server::{Server, Verdict};
use crate::world::Cells;
use crate::worlds::SHOP;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::keys::FolderKeys;
use counterpart_core::outbox::Outcome;
use counterpart_core::schema::{Row, Table, Value};
use counterpart_core::shop::{Finding, Lease};
use counterpart_core::store::{Durability, Moment, Tripwire};
use counterpart_core::sync::{Answer, Call, Event, PushAnswer};
use counterpart_core::{Account, Opening, Result, Shop};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Ends this process, without a word to anybody, at one boundary of its transactions.
#[derive(Debug)]
pub struct KillAt {
    boundary: u64,
    passed: AtomicU64,
}

impl KillAt {
    /// At the boundary of that number, from 1; every transaction has two.
    pub fn new(boundary: u64) -> KillAt {
        KillAt { boundary, passed: AtomicU64::new(0) }
    }
}

impl Tripwire for KillAt {
    fn at(&self, _: Moment) -> Result<()> {
        if self.passed.fetch_add(1, Ordering::SeqCst) + 1 == self.boundary {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
                .expect("a process may end itself");
        }
        Ok(())
    }
}

/// A shop in a folder, with its secure storage beside it.
pub fn opening(folder: &Path) -> Opening {
    let mut account = Account::new("ada", "owner");
    account.employee = Some("employee-ada".into());
    Opening {
        // A kill takes nothing that the system was given, so the disk need not be waited for.
        durability: Durability::Normal,
        keys: Arc::new(FolderKeys::new(folder.join("keys")).expect("a folder for keys")),
        ..Opening::new(folder.join("shop.db"), &REPAIR_SHOP, "shop-1", account)
    }
}

/// The server of these tests: what was pushed stands in a file, and is judged again from there.
struct Remote {
    server: Server,
    log: PathBuf,
}

impl Remote {
    fn of(folder: &Path) -> Remote {
        let log = folder.join("pushed.jsonl");
        let mut server = Server::new(SHOP);
        let mut file = OpenOptions::new().create(true).append(true).read(true).open(&log).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        // A kill may cut a line off where a page of the file ends. Nobody was answered, and the next one begins anew.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).unwrap();
        for line in text[..whole].lines() {
            let bodies: Vec<String> = serde_json::from_str(line).unwrap();
            server.push(&bodies, |_| Verdict::Take(Outcome::Applied));
        }
        Remote { server, log }
    }

    fn push(&mut self, bodies: &[String]) -> PushAnswer {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        file.write_all(format!("{}\n", json!(bodies)).as_bytes()).unwrap();
        let receipts = self.server.push(bodies, |_| Verdict::Take(Outcome::Applied));
        PushAnswer { receipts, ..PushAnswer::default() }
    }
}

/// What the child does until it is killed, or has done enough.
pub fn work(folder: &Path, seed: u64, steps: usize, tripwire: Option<Arc<dyn Tripwire>>) -> Result<()> {
    let shop = Shop::open(Opening { tripwire, ..opening(folder) })?;
    say("did open");
    let mut worker =
        Worker { remote: Remote::of(folder), shop, dice: Dice::new(seed), seed, made: 0, lossy: true };
    if worker.shop.numbers_left()? == 0 {
        worker.shop.begin_session(1, "K7")?;
        say("did session");
    }
    worker.tell(Event::Network { up: true })?;
    for _ in 0..steps {
        worker.step()?;
    }
    worker.shop.close()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the parent reads");
}

struct Worker {
    remote: Remote,
    shop: Shop,
    dice: Dice,
    seed: u64,
    made: usize,
    // Whether answers get lost.
    lossy: bool,
}

fn table(name: &str) -> &'static Table {
    REPAIR_SHOP.table(name).expect("a table")
}

fn cells(table: &'static Table, values: &Json) -> Vec<(&'static counterpart_core::schema::Field, Value)> {
    table.read(values.as_object().expect("an object")).expect("good values")
}

impl Worker {
    fn new_id(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what}-{}-{:04}", self.seed, self.made)
    }

    fn step(&mut self) -> Result<()> {
        match self.dice.below(12) {
            0 | 1 => self.make("customers", &json!({ "last_name": "first" })),
            2 => self.make("inventory_items", &json!({ "name": "first" })),
            3 | 4 => self.edit(),
            5 => self.group(),
            6 | 7 => self.movement(),
            8 | 9 => self.push(),
            10 => self.page(),
            _ => self.discard(),
        }
    }

    fn make(&mut self, name: &str, values: &Json) -> Result<()> {
        let id = self.new_id(name);
        say(&format!("try make {name} {id}"));
        self.shop.alone(|edits| edits.insert(table(name), Some(&id), &cells(table(name), values)))?;
        say(&format!("did make {name} {id}"));
        Ok(())
    }

    fn any(&mut self, name: &str) -> Result<Option<Row>> {
        let rows =
            self.shop.read(|reader| reader.rows(table(name), "WHERE deleted_at IS NULL ORDER BY id", []))?;
        Ok(self.dice.pick(&rows).cloned())
    }

    fn edit(&mut self) -> Result<()> {
        let Some(row) = self.any("customers")? else { return Ok(()) };
        let name = self.new_id("name");
        say(&format!("try edit {} {name}", row.id));
        let values = cells(row.table, &json!({ "last_name": name }));
        self.shop.alone(|edits| edits.change(row.table, &row.id, &values))?;
        say(&format!("did edit {} {name}", row.id));
        Ok(())
    }

    fn movement(&mut self) -> Result<()> {
        let Some(item) = self.any("inventory_items")? else { return Ok(()) };
        self.make("stock_movements", &json!({ "item_id": item.id, "quantity": 1, "kind": "receive" }))
    }

    /// A customer, their ticket and a part for it: all three or none.
    fn group(&mut self) -> Result<()> {
        let Some(item) = self.any("inventory_items")? else { return Ok(()) };
        let [customer, ticket, moved] =
            ["customers", "tickets", "stock_movements"].map(|name| self.new_id(name));
        say(&format!("try group {customer} {ticket} {moved}"));
        let mark = format!("group of {ticket}");
        let number = self.shop.together(|edits| {
            let insert = |name: &str, id: &str, values: Json| {
                edits.insert(table(name), Some(id), &cells(table(name), &values))
            };
            insert("customers", &customer, json!({ "last_name": "first", "company": mark }))?;
            insert("tickets", &ticket, json!({ "customer_id": customer, "subject": mark }))?;
            let movement = json!({ "item_id": item.id, "quantity": -1, "kind": "use", "reason": mark });
            insert("stock_movements", &moved, movement)?;
            Ok(edits
                .row(table("tickets"), &ticket)?
                .map(|row| row.text("number").to_owned())
                .unwrap_or_default())
        })?;
        say(&format!("did group {customer} {ticket} {moved} {number}"));
        // A lease now and then; between them the device's own code has to do.
        if self.dice.percent(30) {
            let first = i64::try_from(self.seed * 1_000).unwrap_or(0) + i64::try_from(self.made).unwrap_or(0);
            self.shop.add_lease(Lease { first, last: first + 1 })?;
        }
        Ok(())
    }

    fn push(&mut self) -> Result<()> {
        self.tell(Event::Asked)
    }

    fn tell(&mut self, event: Event) -> Result<()> {
        let mut calls = answered(&self.shop, self.shop.step(event)?);
        while let Some(Call::Push(request)) = calls.pop() {
            let bodies: Vec<String> = request.ops.iter().map(|op| op.get().to_owned()).collect();
            let answer = self.remote.push(&bodies);
            let lost = self.lossy && self.dice.percent(30);
            let calls_then = self.shop.pushed(if lost { Err(Answer::NoAnswer) } else { Ok(answer) })?;
            calls = answered(&self.shop, calls_then);
        }
        Ok(())
    }

    fn page(&mut self) -> Result<()> {
        let cursor = self.shop.read(|reader| reader.fact("cursor"))?;
        let cursor = cursor.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.shop.take_page(&self.remote.server.page(cursor))
    }

    fn discard(&mut self) -> Result<()> {
        let sql = "SELECT id, row_id FROM outbox WHERE state IN ('queued', 'frozen') AND kind <> 'void'
                   AND grp IS NULL ORDER BY seq DESC LIMIT 3";
        let some = self.shop.read(|reader| {
            reader.all(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        })?;
        let Some((operation, row)) = self.dice.pick(&some).cloned() else { return Ok(()) };
        say(&format!("try discard {row}"));
        self.shop.discard(&operation)?;
        say(&format!("did discard {row}"));
        Ok(())
    }
}

/// The child, at work in a folder: a seed, how many steps, and, if it is to end itself, at which boundary.
pub fn child(program: &Path, folder: &Path, args: &[String]) -> Child {
    let mut command = Command::new(program);
    command.arg("work").arg(folder).args(args).stdout(Stdio::piped()).spawn().unwrap()
}

/// Lets the child work until it kills itself at a boundary. Gives back what it said.
pub fn killed(program: &Path, folder: &Path, boundary: u64) -> Vec<String> {
    let mut process = child(program, folder, &["7".to_owned(), "1000".to_owned(), boundary.to_string()]);
    let mut said = String::new();
    process.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!process.wait().unwrap().success(), "boundary {boundary} was never reached");
    lines(&said)
}

/// What was said: a line that was cut off by the kill was not.
pub fn lines(text: &str) -> Vec<String> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(str::to_owned).collect()
}

/// What was promised so far, over all lives of a folder.
#[derive(Debug, Default)]
pub struct Promised {
    opened: bool,
    rows: BTreeMap<String, String>,
    names: BTreeMap<String, BTreeSet<String>>,
    // Rows of which something was discarded: they show whatever is left.
    loose: BTreeSet<String>,
    numbers: BTreeSet<String>,
}

impl Promised {
    /// Takes in what a child said before it was killed.
    pub fn heard(&mut self, lines: &[String]) {
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["did", "open"] => self.opened = true,
                ["did", "make", table, id] => self.promise(table, id),
                ["did", "group", customer, ticket, moved, number] => {
                    self.promise("customers", customer);
                    self.promise("tickets", ticket);
                    self.promise("stock_movements", moved);
                    assert!(
                        self.numbers.insert((*number).to_owned()),
                        "ticket number {number} was given twice"
                    );
                }
                ["did", "edit", id, name] => {
                    self.names.insert((*id).to_owned(), BTreeSet::from([(*name).to_owned()]));
                }
                // It may have been done or not: both names are right from now on.
                ["try", "edit", id, name] => {
                    self.names
                        .entry((*id).to_owned())
                        .or_insert_with(|| BTreeSet::from(["first".to_owned()]))
                        .insert((*name).to_owned());
                }
                ["try" | "did", "discard", id] => {
                    self.loose.insert((*id).to_owned());
                }
                ["try" | "did", ..] => {}
                other => panic!("the child said {other:?}"),
            }
        }
    }

    fn promise(&mut self, table: &str, id: &str) {
        self.rows.insert(id.to_owned(), table.to_owned());
    }

    /// Opens the folder and holds it against what was promised.
    pub fn verify(&mut self, folder: &Path) {
        let shop = Shop::open(opening(folder)).unwrap();
        let first_opening = !self.opened && matches!(shop.findings(), [Finding::Copied]);
        assert!(shop.findings().is_empty() || first_opening, "{:?}", shop.findings());
        self.opened = true;
        self.rows_are_there(&shop);
        groups_are_whole(&shop);
        operations_and_effects_agree(&shop);
        numbers_are_unique(&shop);
        shop.close().unwrap();
        let connection = rusqlite::Connection::open(folder.join("shop.db")).unwrap();
        let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok");
    }

    fn rows_are_there(&self, shop: &Shop) {
        for (id, name) in self.rows.iter().filter(|(id, _)| !self.loose.contains(*id)) {
            let row = shop.read(|reader| reader.row(table(name), id)).unwrap();
            let row = row.unwrap_or_else(|| panic!("{id} was saved and is gone"));
            if let Some(names) = self.names.get(id) {
                assert!(names.contains(row.text("last_name")), "an edit of {id} was saved and is gone");
            }
            let operations = "SELECT (SELECT count(*) FROM outbox WHERE row_id = ?1)
                              + (SELECT count(*) FROM settled WHERE row_id = ?1)";
            let found: Option<i64> =
                shop.read(|reader| reader.one(operations, [id], |row| row.get(0))).unwrap();
            assert!(found > Some(0), "{id} was saved without its operation");
        }
    }
}

fn groups_are_whole(shop: &Shop) {
    let sql = "SELECT subject, (SELECT count(*) FROM customers WHERE company = subject AND id = customer_id),
                      (SELECT count(*) FROM stock_movements WHERE reason = subject)
               FROM tickets UNION ALL SELECT company, 0, 0 FROM customers
               WHERE company IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tickets WHERE subject = company)";
    let groups: Vec<(String, i64, i64)> =
        shop.read(|reader| reader.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))).unwrap();
    for group in groups {
        assert_eq!((group.1, group.2), (1, 1), "half of {}", group.0);
    }
}

/// No row of this device alone without its operation, no operation without its effect, stock a sum of distinct moves.
fn operations_and_effects_agree(shop: &Shop) {
    let ids = |sql: &str| -> BTreeSet<String> {
        shop.read(|reader| reader.all(sql, [], |row| row.get::<_, String>(0))).unwrap().into_iter().collect()
    };
    let made = ids("SELECT row_id FROM outbox WHERE kind IN ('insert', 'append')");
    for play in SHOP.plays {
        let alone = ids(&format!("SELECT id FROM {} WHERE stamp = 0", play.table));
        assert!(alone.is_subset(&made), "rows without an operation: {:?}", alone.difference(&made));
    }
    let sql = "SELECT tbl, row_id, body FROM outbox WHERE kind IN ('insert', 'append') ORDER BY seq";
    let operations: Vec<(String, String, String)> =
        shop.read(|reader| reader.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))).unwrap();
    let mut moved: BTreeMap<String, i64> = BTreeMap::new();
    for (name, id, body) in &operations {
        let row = shop.read(|reader| reader.row(table(name), id)).unwrap();
        assert!(row.is_some(), "an operation of {name} without its effect");
        let op: Json = serde_json::from_str(body).unwrap();
        if let Some(item) = op["fields"]["item_id"]["to"].as_str() {
            *moved.entry(item.to_owned()).or_default() += op["fields"]["quantity"]["to"].as_i64().unwrap();
        }
    }
    for item in shop.read(|reader| reader.rows(table("inventory_items"), "", [])).unwrap() {
        let body = "SELECT body FROM base_rows WHERE row_id = ?1";
        let base: Option<String> =
            shop.read(|reader| reader.one(body, [&item.id], |row| row.get(0))).unwrap();
        let mine = moved.get(&item.id).copied().unwrap_or(0);
        let base: Option<Cells> = base.map(|body| serde_json::from_str(&body).unwrap());
        let confirmed = match (base, item.meta.stamp) {
            (Some(base), _) => base["quantity"].as_i64(),
            (None, 0) => Some(0),
            (None, _) => item.int("quantity").map(|shown| shown - mine).filter(|_| mine == 0),
        };
        assert_eq!(item.int("quantity"), confirmed.map(|confirmed| confirmed + mine), "stock of {}", item.id);
    }
    let state = shop.state().unwrap();
    let pending = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'frozen', 'voiding')";
    assert_eq!(i64::try_from(state.pending).unwrap(), crate::device::count(shop, pending));
}

fn numbers_are_unique(shop: &Shop) {
    let sql = "SELECT count(*) FROM (SELECT number FROM tickets GROUP BY number HAVING count(*) > 1)";
    assert_eq!(crate::device::count(shop, sql), 0, "a ticket number twice");
    let sql = "SELECT count(*) FROM tickets WHERE number IS NULL";
    assert_eq!(crate::device::count(shop, sql), 0, "a ticket without its number");
}

/// In the end everything gets through, and the server has each thing once.
pub fn drains(folder: &Path) {
    let shop = Shop::open(opening(folder)).unwrap();
    let mut worker =
        Worker { remote: Remote::of(folder), shop, dice: Dice::new(0), seed: 0, made: 0, lossy: false };
    worker.tell(Event::Network { up: true }).unwrap();
    for _ in 0..20 {
        worker.push().unwrap();
        worker.page().unwrap();
        for parked in worker.shop.parked().unwrap() {
            // What stood behind a discarded row has nothing to apply to any more. One of a group takes the others along.
            match worker.shop.discard(&parked.operation).map_err(counterpart_core::Error::into_fault) {
                Ok(()) | Err(counterpart_core::Fault::Missing { .. }) => {}
                Err(error) => panic!("discarding failed: {error}"),
            }
        }
    }
    let left: Vec<String> = worker
        .shop
        .read(|reader| {
            reader.all(
                "SELECT state || ' ' || tries || ' ' || coalesce(code, '') || body FROM outbox",
                [],
                |row| row.get(0),
            )
        })
        .unwrap();
    assert_eq!(left, Vec::<String>::new(), "the queue did not drain: {:?}", worker.shop.state());
    for (key, row) in &worker.remote.server.rows {
        let shown = worker.shop.read(|reader| reader.row(table(key.0), &key.1)).unwrap();
        let shown = shown.map(|row| crate::oracle::Shown::of(&row).cells);
        assert_eq!(shown.as_ref(), Some(&row.cells), "{key:?} differs from the server");
    }
}
