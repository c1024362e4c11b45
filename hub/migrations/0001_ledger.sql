-- Every table's key begins with the shop. A row's body is what devices receive; `fields` is what merging needs.

CREATE TABLE ledger_shops (
    shop TEXT PRIMARY KEY NOT NULL,
    epoch TEXT NOT NULL,
    head INTEGER NOT NULL,
    tag TEXT NOT NULL,
    next_number INTEGER NOT NULL,
    next_code INTEGER NOT NULL,
    safe_through INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE commits (
    shop TEXT NOT NULL,
    n INTEGER NOT NULL,
    tag TEXT NOT NULL,
    at INTEGER NOT NULL,
    device TEXT NOT NULL,
    PRIMARY KEY (shop, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_rows (
    shop TEXT NOT NULL,
    tbl TEXT NOT NULL,
    id TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    -- The row that this one belongs to.
    parent TEXT,
    body TEXT NOT NULL,
    -- States, each with the names of the fields that share it.
    fields TEXT NOT NULL,
    PRIMARY KEY (shop, tbl, id)
) STRICT;
CREATE INDEX ledger_rows_stamp ON ledger_rows (shop, stamp, tbl, id);
CREATE INDEX ledger_rows_parent ON ledger_rows (shop, tbl, parent) WHERE parent IS NOT NULL;

CREATE TABLE receipts (
    shop TEXT NOT NULL,
    op TEXT NOT NULL,
    device TEXT NOT NULL,
    hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    n INTEGER NOT NULL,
    code TEXT,
    field TEXT,
    message TEXT,
    -- The operation that was sent in its place.
    instead TEXT,
    PRIMARY KEY (shop, op)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_device ON receipts (shop, device, n);

CREATE TABLE devices (
    shop TEXT NOT NULL,
    device TEXT NOT NULL,
    account TEXT NOT NULL,
    generation INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    code TEXT NOT NULL,
    unsent INTEGER NOT NULL,
    -- Up to which commit its receipts have arrived, and their details are gone.
    acked INTEGER NOT NULL DEFAULT 0,
    -- Whether a backup was put back since it began its last session: its generation may have been raised unnoticed.
    restored INTEGER NOT NULL DEFAULT 0,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (shop, device)
) STRICT, WITHOUT ROWID;

-- Who may be named by operations of which shared tablet, because their PIN was right there.
CREATE TABLE grants (
    shop TEXT NOT NULL,
    device TEXT NOT NULL,
    employee TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (shop, device, employee)
) STRICT, WITHOUT ROWID;

-- Wrong PINs of one person, and the lock they led to.
CREATE TABLE pin_guard (
    shop TEXT NOT NULL,
    employee TEXT NOT NULL,
    failures INTEGER NOT NULL,
    locked_ms INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (shop, employee)
) STRICT, WITHOUT ROWID;
CREATE INDEX pin_guard_since ON pin_guard (since);

-- Who changed which field from what to what, when, on which device. What was merged away is here too.
CREATE TABLE audit (
    shop TEXT NOT NULL,
    id TEXT NOT NULL,
    n INTEGER NOT NULL,
    -- Its number within the commit.
    part INTEGER NOT NULL,
    tbl TEXT NOT NULL,
    field TEXT NOT NULL,
    was TEXT,
    became TEXT,
    kept INTEGER NOT NULL,
    actor TEXT,
    device TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (shop, id, n, part)
) STRICT, WITHOUT ROWID;

-- Rows changed in SQL beside the hub, which stamps what it writes with a commit that is not the head yet. `doctor` tells
-- of them, `doctor --restamp` sends them on their way.
CREATE TABLE unstamped (
    shop TEXT NOT NULL,
    tbl TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (shop, tbl, id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER ledger_rows_entered AFTER INSERT ON ledger_rows
WHEN new.stamp <= (SELECT head FROM ledger_shops WHERE shop = new.shop)
BEGIN INSERT OR IGNORE INTO unstamped VALUES (new.shop, new.tbl, new.id); END;
CREATE TRIGGER ledger_rows_changed AFTER UPDATE ON ledger_rows
WHEN new.stamp <= (SELECT head FROM ledger_shops WHERE shop = new.shop)
BEGIN INSERT OR IGNORE INTO unstamped VALUES (new.shop, new.tbl, new.id); END;
