//! What the fuzz targets do with their bytes, shared with the replay of their corpora. Each panics where a promise is
//! broken, and only there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a target fails by panicking")]

use counterpart_core::desk::layouts::{CUSTOMERS, INVENTORY_ITEMS, TICKETS};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::outbox::{Kind, Operation};
use counterpart_core::schema::{Json, Row, Schema};
use counterpart_core::shop::import::{DateOrder, Format, ImportOptions, ImportReport};
use counterpart_core::store::Durability;
use counterpart_core::sync::Page;
use counterpart_core::{Account, Opening, Shop};
use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

/// A target: it takes any bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also its corpus's.
pub const TARGETS: &[(&str, Target)] = &[
    ("import_csv", import_csv),
    ("import_json", import_json),
    ("import_export", import_export),
    ("row_from_json", row_from_json),
    ("operation_body", operation_body),
    ("open_file", open_file),
];

/// A shop is used for so many inputs, then made anew, so that what lies in it stays little.
const INPUTS_A_SHOP: usize = 500;

struct Site {
    shop: Shop,
    used: usize,
    _folder: TempDir,
}

thread_local! {
    static SITE: RefCell<Option<Site>> = const { RefCell::new(None) };
}

fn open(path: &Path) -> counterpart_core::Result<Shop> {
    let opening = Opening::new(path, &REPAIR_SHOP, "shop-1", Account::new("ada", "owner"));
    Shop::open(Opening { durability: Durability::Normal, ..opening })
}

fn with_shop(work: impl FnOnce(&Shop)) {
    SITE.with_borrow_mut(|site| {
        if site.as_ref().is_none_or(|site| site.used >= INPUTS_A_SHOP) {
            let folder = tempfile::tempdir().unwrap();
            let shop = open(&folder.path().join("shop.db")).unwrap();
            *site = Some(Site { shop, used: 0, _folder: folder });
        }
        let site = site.as_mut().unwrap();
        site.used += 1;
        work(&site.shop);
    });
}

/// How a file is read is in its first byte, so that a corpus reaches every option.
fn options(format: Format, byte: u8) -> ImportOptions {
    let told = |bit: u8| byte & (1 << bit) != 0;
    ImportOptions {
        derive: told(0).then(|| "sku".to_owned()),
        country_code: told(1).then(|| if told(2) { "1" } else { "49" }.to_owned()),
        decimal: told(3).then(|| if told(2) { "." } else { "," }.to_owned()),
        dates: told(4).then_some(if told(2) { DateOrder::DayFirst } else { DateOrder::MonthFirst }),
        ..ImportOptions::new("fuzz", format)
    }
}

fn import(format: Format, bytes: &[u8]) {
    let Some((first, file)) = bytes.split_first() else { return };
    let options = options(format, *first);
    with_shop(|shop| {
        for layout in [&CUSTOMERS, &INVENTORY_ITEMS, &TICKETS] {
            // A header that is no header is an error, and nothing else is.
            let Ok(once) = shop.import(layout, file, &options, &mut ()) else { continue };
            adds_up(&once, file.len());
            let before = queued(shop);
            let twice = shop.import(layout, file, &options, &mut ()).unwrap();
            assert_eq!(twice.created, 0, "twice is more than once");
            assert_eq!(twice.already_there, once.created + once.already_there);
            assert_eq!(twice.refused, once.refused);
            assert_eq!(queued(shop), before);
        }
    });
}

fn adds_up(report: &ImportReport, length: usize) {
    assert!(report.complete);
    assert_eq!(report.created + report.already_there + report.refused, report.read.rows);
    assert!(report.read.bytes <= length as u64);
}

fn queued(shop: &Shop) -> i64 {
    let sql = "SELECT count(*) FROM outbox";
    shop.read(|reader| reader.one(sql, [], |row| row.get(0))).unwrap().unwrap()
}

/// Any bytes as CSV of customers, items and tickets.
pub fn import_csv(bytes: &[u8]) {
    import(Format::Csv, bytes);
}

/// Any bytes as JSON of customers, items and tickets.
pub fn import_json(bytes: &[u8]) {
    import(Format::Json, bytes);
}

/// Any bytes as an export that is read back; what came in goes out again and is then all there.
pub fn import_export(bytes: &[u8]) {
    with_shop(|shop| {
        let Ok(once) = shop.import_export(bytes, false, &mut ()) else { return };
        adds_up(&once, bytes.len());
        let mut file = Vec::new();
        let written = shop.export(&mut file, &mut |_| counterpart_core::shop::Flow::GoOn).unwrap();
        let back = shop.import_export(file.as_slice(), false, &mut ()).unwrap();
        assert_eq!((back.created, back.refused), (0, 0), "{:?}", back.refusals);
        assert_eq!(back.already_there, written.written.rows);
    });
}

/// Any bytes as a row of each table: read, judged, shown, searched, and the same after a journey.
pub fn row_from_json(bytes: &[u8]) {
    let Ok(object) = serde_json::from_slice::<serde_json::Map<String, Json>>(bytes) else { return };
    for table in REPAIR_SHOP.tables {
        let Ok(row) = Row::from_json(table, &object) else { continue };
        let travelled = Row::from_json(table, &row.to_json()).unwrap();
        assert_eq!(travelled, row);
        let judged = table.check(&row);
        if let Some(search) = &table.search {
            (search.text)(&row);
            (search.keys)(&row);
        }
        if let Some(onto) = &table.onto {
            let mut parent = Row::blank(REPAIR_SHOP.table(onto.table).unwrap(), "parent");
            (onto.apply)(&row, &mut parent);
        }
        if let Err(wrong) = judged {
            assert_eq!(wrong.table, table.name);
        }
    }
}

/// A file of a shop with one customer, one item and one ticket, their operations queued.
fn template() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let shop = open(&path).unwrap();
        let rows = [
            r#"{"table":"customers","row":{"id":"c","last_name":"Okafor","phones":["+4930123456"]}}"#,
            r#"{"table":"inventory_items","row":{"id":"i","name":"Screen"}}"#,
            r#"{"table":"tickets","row":{"id":"t","customer_id":"c","subject":"Screen"}}"#,
            r#"{"table":"stock_movements","row":{"id":"m","item_id":"i","quantity":3,"kind":"receive"}}"#,
        ];
        let header = r#"{"counterpart_export":1,"schema":"repair_shop","shop":"s","at":""}"#;
        let file = format!("{header}\n{}", rows.join("\n"));
        assert_eq!(shop.import_export(file.as_bytes(), false, &mut ()).unwrap().created, 4);
        shop.store().checkpoint().unwrap();
        shop.close().unwrap();
        fs::read(path).unwrap()
    })
}

/// Any bytes as the body of an operation that a file holds: it shows, it is sent, settled, discarded, or the file is
/// said to be damaged.
pub fn operation_body(bytes: &[u8]) {
    let Ok(body) = std::str::from_utf8(bytes) else { return };
    let operation = serde_json::from_str::<Operation>(body);
    if let Ok(operation) = &operation {
        let again = serde_json::to_string(operation).unwrap();
        assert_eq!(serde_json::from_str::<Operation>(&again).unwrap(), *operation);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    fs::write(&path, template()).unwrap();
    let (id, table, row) = match &operation {
        Ok(operation) => (operation.id.as_str(), operation.table.as_str(), operation.row.as_str()),
        Err(_) => ("o", "customers", "c"),
    };
    let also = operation.as_ref().is_ok_and(|operation| operation.kind == Kind::Append).then_some("i");
    let sql = "INSERT OR REPLACE INTO outbox (seq, id, tbl, row_id, also_id, kind, lane, state, body)
               VALUES (99, ?1, ?2, ?3, ?4, 'patch', 0, 'queued', ?5)";
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute(sql, (id, table, row, also, body)).unwrap();
    file.close().unwrap();
    let Ok(shop) = open(&path) else { return };
    use_it(&shop, &REPAIR_SHOP);
    for (table, id) in [("customers", "c"), ("inventory_items", "i"), ("tickets", "t"), (table, row)] {
        let Some(table) = REPAIR_SHOP.table(table) else { continue };
        // The server's version of the row comes in under the operation.
        let mut confirmed = Row::blank(table, id);
        confirmed.meta.stamp = 7;
        let page = Page { rows: vec![confirmed], through: 7, ..Page::default() };
        typed(shop.take_page(&page));
        typed(shop.record(table.name, id));
        typed(shop.history(table.name, id));
    }
    typed(shop.discard(id));
    typed(shop.close());
}

/// Any bytes as a file, or as changes to a good one: it opens or says why not, and what was opened can be used.
pub fn open_file(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let file = if first % 2 == 0 { rest.to_vec() } else { changed(template(), rest) };
    fs::write(&path, file).unwrap();
    // The first time may find damage late, the second sets the file aside for it.
    for _ in 0..2 {
        let Ok(shop) = open(&path) else { continue };
        use_it(&shop, &REPAIR_SHOP);
        typed(shop.close());
    }
}

/// Every five bytes say where to put which byte.
fn changed(file: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    for change in changes.as_chunks::<5>().0 {
        let [a, b, c, d, byte] = *change;
        let at = u32::from_be_bytes([a, b, c, d]) as usize % file.len();
        file[at] = byte;
    }
    file
}

fn use_it(shop: &Shop, schema: &Schema) {
    for table in schema.tables {
        typed(shop.records(table.name, "", 50));
        typed(shop.search(table.name, "okafor", 10));
    }
    typed(shop.state());
    typed(shop.parked());
    typed(shop.retry_all());
    typed(shop.export(std::io::sink(), &mut |_| counterpart_core::shop::Flow::GoOn));
    typed(shop.save("customers", &serde_json::json!({"last_name": "New"}).as_object().unwrap().clone()));
}

/// Any outcome will do, as long as it is one: an error has a code.
fn typed<T>(outcome: counterpart_core::Result<T>) {
    if let Err(error) = outcome {
        assert!(!error.code().is_empty());
    }
}
