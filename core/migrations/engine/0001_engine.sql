-- What the engine keeps beside the rows: facts about the file, the queue, the confirmed copies under it.

CREATE TABLE facts (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Operations on their way. `body` is what is sent, to the byte; it never changes once `state` has left 'queued'.
-- state: queued, frozen (may have been sent), voiding, accepted (at commit_n, not yet covered), parked.
-- refused: a parked operation whose refusal is known for certain.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY NOT NULL,
    id TEXT NOT NULL,
    grp TEXT,
    tbl TEXT NOT NULL,
    row_id TEXT NOT NULL,
    also_id TEXT,
    kind TEXT NOT NULL,
    actor TEXT,
    lane INTEGER NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    commit_n INTEGER,
    refused INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    field TEXT,
    message TEXT
) STRICT;
CREATE UNIQUE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_row ON outbox (row_id, seq);
CREATE INDEX outbox_also ON outbox (also_id, seq) WHERE also_id IS NOT NULL;
CREATE INDEX outbox_group ON outbox (grp, seq) WHERE grp IS NOT NULL;
CREATE INDEX outbox_accepted ON outbox (commit_n) WHERE commit_n IS NOT NULL;
CREATE INDEX outbox_parked ON outbox (seq) WHERE state = 'parked';

-- Operations whose outcome is known, kept until the server cannot lose them any more; and what was discarded, and why.
CREATE TABLE settled (
    seq INTEGER PRIMARY KEY NOT NULL,
    id TEXT NOT NULL UNIQUE,
    tbl TEXT NOT NULL,
    row_id TEXT NOT NULL,
    body TEXT,
    outcome TEXT NOT NULL,
    epoch TEXT,
    commit_n INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX settled_row ON settled (row_id, seq);
CREATE INDEX settled_commit ON settled (commit_n) WHERE commit_n IS NOT NULL;

-- Operations on what this account may not see any more: sealed with a key in secure storage, sent once, then erased but
-- for their outcome.
CREATE TABLE sealed (
    seq INTEGER PRIMARY KEY NOT NULL,
    id TEXT NOT NULL UNIQUE,
    grp TEXT,
    tbl TEXT NOT NULL,
    row_id TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- The row as the server last confirmed it, for rows that carry operations and for no others. It has a rowid so that
-- whole rows lie one after the other; in a tree ordered by id each would go to a page of its own and overflow it.
CREATE TABLE base_rows (
    tbl TEXT NOT NULL,
    row_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (row_id, tbl)
) STRICT;

-- Ranges that this device wants and does not have whole. `token` is where the last page ended.
CREATE TABLE ranges (
    seq INTEGER PRIMARY KEY NOT NULL,
    what TEXT NOT NULL UNIQUE,
    token TEXT,
    whole INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Pages that wait until the cursor may cover them, as they came. `next` is where the page after begins.
CREATE TABLE staged (
    seq INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    next TEXT,
    body TEXT NOT NULL
) STRICT;

-- Two versions of one field that a person has to choose between: a synced table that every schema has.
CREATE TABLE conflicts (
    id TEXT PRIMARY KEY NOT NULL,
    tbl TEXT,
    row_id TEXT,
    field TEXT,
    base TEXT,
    mine TEXT,
    theirs TEXT,
    mine_by TEXT,
    theirs_by TEXT,
    on_stamp INTEGER,
    open INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;
CREATE INDEX conflicts_open ON conflicts (row_id) WHERE open;

-- What a screen has not saved yet. Never sent.
CREATE TABLE drafts (
    name TEXT PRIMARY KEY NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Blocks of numbers that the server leased to this device.
CREATE TABLE leases (
    first INTEGER PRIMARY KEY NOT NULL,
    next INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;

-- Wrong PINs, so that a lock-out survives a restart.
CREATE TABLE pin_guard (
    employee TEXT PRIMARY KEY NOT NULL,
    failures INTEGER NOT NULL,
    locked_ms INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Search, filled behind the writes.
CREATE TABLE search_rows (
    doc INTEGER PRIMARY KEY NOT NULL,
    tbl TEXT NOT NULL,
    row_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE VIRTUAL TABLE search_text USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TABLE search_keys (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    row_id TEXT NOT NULL,
    PRIMARY KEY (kind, key, row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_keys_row ON search_keys (row_id);
CREATE TABLE search_due (
    row_id TEXT PRIMARY KEY NOT NULL,
    tbl TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Rows that somebody else changed and nobody here has looked at since. A mark goes with its row. `parent` is the row
-- that it belongs to: looking at that one is looking at this one.
CREATE TABLE unread (
    row_id TEXT NOT NULL,
    tbl TEXT NOT NULL,
    parent TEXT,
    PRIMARY KEY (row_id, tbl)
) STRICT, WITHOUT ROWID;
CREATE INDEX unread_parent ON unread (parent) WHERE parent IS NOT NULL;

-- What others did, and what became of one's own work: the newest 200. `own` is the same person on another device.
CREATE TABLE notices (
    seq INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    author TEXT,
    own INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    parts TEXT NOT NULL
) STRICT;
CREATE INDEX notices_last ON notices (kind, author, own, seq);

-- What the sync did: the newest 1,000 events. `counts` is an object of numbers.
CREATE TABLE sync_log (
    seq INTEGER PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    code TEXT,
    counts TEXT NOT NULL,
    ms INTEGER
) STRICT;

-- Calls to the server: the newest 500, without anything of what they said.
CREATE TABLE network_log (
    seq INTEGER PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    call TEXT NOT NULL,
    status TEXT NOT NULL,
    up INTEGER NOT NULL,
    down INTEGER NOT NULL,
    ms INTEGER NOT NULL
) STRICT;

-- Sums by day, counted from 1970: the newest 30 days.
CREATE TABLE analytics (
    day INTEGER NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (day, name)
) STRICT, WITHOUT ROWID;
