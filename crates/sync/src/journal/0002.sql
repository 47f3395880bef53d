-- How the bytes of a body are kept: NULL as they are, 1 compressed, 2 as a list of parts.
ALTER TABLE original ADD COLUMN coding INTEGER;

-- Pieces of large bodies: what several bodies have in common, such as a photo, lies here once.
CREATE TABLE part (
    hash BLOB NOT NULL UNIQUE,      -- SHA-256 of the bytes, as they are before they are kept
    coding INTEGER,                 -- NULL as they are, 1 compressed
    bytes BLOB NOT NULL
);

-- What was written, as a digest of what it says: to see when the same is written again and again. NULL where nobody asks.
ALTER TABLE entry ADD COLUMN content BLOB;
-- 1 where a person asked for it.
ALTER TABLE entry ADD COLUMN asked INTEGER;
CREATE INDEX entry_asked ON entry (pair, side, item_id) WHERE asked = 1;

-- Both versions of what both sides had edited, whole: a person may choose afterwards.
CREATE TABLE clash (
    id INTEGER PRIMARY KEY,
    pair TEXT NOT NULL,
    run TEXT NOT NULL,
    at INTEGER NOT NULL,            -- when its run began, in seconds since 1970
    uid TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    kept TEXT NOT NULL,             -- the side whose edit stands
    clashes TEXT NOT NULL,          -- as JSON
    taken TEXT,                     -- the side that a person chose; NULL as long as nobody has
    outlook_id TEXT, outlook_version TEXT, outlook_capture INTEGER, outlook_hash BLOB,
    server_id TEXT, server_version TEXT, server_capture INTEGER, server_hash BLOB
);
CREATE INDEX clash_pair ON clash (pair) WHERE taken IS NULL;
