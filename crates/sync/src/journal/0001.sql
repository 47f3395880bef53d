-- What runs did, and every original that they replaced.
-- With row numbers: bodies then lie one behind the other, not strewn by their hashes.
CREATE TABLE original (
    hash BLOB NOT NULL UNIQUE,      -- SHA-256 of the bytes
    bytes BLOB NOT NULL
);

CREATE TABLE run (
    id TEXT PRIMARY KEY,            -- a UUID
    pair TEXT NOT NULL,
    started TEXT NOT NULL,
    report TEXT                     -- NULL while it runs, or when it was killed
);

CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run (id),
    pair TEXT NOT NULL,
    side TEXT NOT NULL,
    at INTEGER NOT NULL,            -- when its run began, in seconds since 1970
    operation TEXT NOT NULL,        -- 'create' | 'update' | 'delete'
    item_id TEXT,                   -- of a create: once it is known
    other_id TEXT,                  -- the counterpart
    uid TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    clashes TEXT NOT NULL,          -- as JSON
    loses INTEGER NOT NULL,         -- whether a value is destroyed: a deletion, or an overwrite that lost a clash
    outcome TEXT NOT NULL,          -- 'begun' | 'done' | 'failed'
    before_hash BLOB, before_capture INTEGER, before_version TEXT,
    after_hash BLOB, after_capture INTEGER, after_version TEXT
);
CREATE INDEX entry_run ON entry (run);
-- What the guard counts: of a first sync, nothing.
CREATE INDEX entry_loses ON entry (pair, side, at) WHERE loses;
CREATE INDEX entry_updates ON entry (pair, side, at) WHERE operation = 'update';
