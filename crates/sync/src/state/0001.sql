-- What a profile remembers between runs. Every table carries the pair.
-- With row numbers: bodies then lie one behind the other, not strewn by their hashes.
CREATE TABLE original (
    hash BLOB NOT NULL UNIQUE,      -- SHA-256 of the bytes
    bytes BLOB NOT NULL
);

CREATE TABLE link (
    id INTEGER PRIMARY KEY,
    pair TEXT NOT NULL,
    uid TEXT,                       -- the UID by which it is known
    other_uid TEXT,                 -- the UID of Outlook's item, where the server gave its item another
    state TEXT NOT NULL,            -- 'joined' | 'parked' | 'apart'
    run TEXT,                       -- of 'apart': which run set it apart
    outlook_id TEXT, outlook_version TEXT, outlook_modified TEXT, outlook_capture INTEGER, outlook_hash BLOB,
    server_id TEXT, server_version TEXT, server_modified TEXT, server_capture INTEGER, server_hash BLOB
);
CREATE UNIQUE INDEX link_outlook ON link (pair, outlook_id);
CREATE UNIQUE INDEX link_server ON link (pair, server_id);
CREATE INDEX link_uid ON link (pair, uid);
CREATE INDEX link_other_uid ON link (pair, other_uid);
CREATE INDEX link_outlook_hash ON link (outlook_hash);
CREATE INDEX link_server_hash ON link (server_hash);

CREATE TABLE token (
    pair TEXT NOT NULL, side TEXT NOT NULL, token TEXT NOT NULL,
    PRIMARY KEY (pair, side)
) WITHOUT ROWID;

-- The scope of the last run: a changed scope is a new base line.
CREATE TABLE scope (pair TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE not_ours (
    pair TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL, version TEXT NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (pair, side, id)
) WITHOUT ROWID;

-- Questions that the next run asks again.
CREATE TABLE pending (
    pair TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (pair, side, id)
) WITHOUT ROWID;

-- What is newer than the token of its side, by the run that made it: a report since that token need not tell that it is gone
-- again. Without a run: what was found there, until a token is kept that knows it.
CREATE TABLE made (
    pair TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL, run TEXT NOT NULL,
    PRIMARY KEY (pair, side, id)
) WITHOUT ROWID;

-- Writes that were begun, with what each side held when they were planned: read first after a crash.
CREATE TABLE intent (
    id INTEGER PRIMARY KEY,
    pair TEXT NOT NULL, run TEXT NOT NULL,
    link INTEGER,                   -- the link concerned, where there was one
    uid TEXT,
    apart INTEGER NOT NULL,         -- whether both sides are meant to differ afterwards
    outlook_entry INTEGER,          -- the row of the journal
    outlook_wanted TEXT NOT NULL,   -- what was to be held afterwards, as JSON
    outlook_id TEXT, outlook_version TEXT, outlook_modified TEXT, outlook_capture INTEGER, outlook_hash BLOB,
    server_entry INTEGER,
    server_wanted TEXT NOT NULL,
    server_id TEXT, server_version TEXT, server_modified TEXT, server_capture INTEGER, server_hash BLOB
);

CREATE TABLE held (
    id INTEGER PRIMARY KEY,
    pair TEXT NOT NULL, run TEXT NOT NULL,
    subject TEXT NOT NULL,          -- what waits, with both sides' versions: one row a subject
    verdict TEXT NOT NULL,          -- 'waiting' | 'approved' | 'rejected'
    row TEXT NOT NULL,              -- the step as the report shows it, as JSON
    since TEXT NOT NULL,
    UNIQUE (pair, subject)
);

-- Originals that a link or an intent held and holds no more: unused, unless something else holds them too.
CREATE TABLE loose (hash BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER link_lets_go AFTER DELETE ON link BEGIN
    INSERT OR IGNORE INTO loose
    SELECT hash FROM (SELECT old.outlook_hash AS hash UNION SELECT old.server_hash) WHERE hash IS NOT NULL;
END;
CREATE TRIGGER intent_lets_go AFTER DELETE ON intent BEGIN
    INSERT OR IGNORE INTO loose
    SELECT hash FROM (SELECT old.outlook_hash AS hash UNION SELECT old.server_hash) WHERE hash IS NOT NULL;
END;
