-- What lies outside the scope, by its time or by its category: nothing of it crosses, and it is not asked again while its
-- version is the same, before the day on which it enters.
CREATE TABLE outside (
    pair TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL,
    version TEXT,                   -- NULL: it is gone, which crosses when the link is inside again
    uid TEXT,                       -- where it has no link: the UID by which its counterpart finds it
    category INTEGER NOT NULL,      -- whether it has another category, or else another time
    enters TEXT,                    -- the day on which it will be inside; NULL: on none, if nobody changes it
    PRIMARY KEY (pair, side, id)
) WITHOUT ROWID;
CREATE INDEX outside_enters ON outside (pair, side, enters) WHERE enters IS NOT NULL;
CREATE INDEX outside_uid ON outside (pair, side, uid) WHERE uid IS NOT NULL;

-- Whether a run went through since the scope changed, and what was synced: the folder; the collection and the account.
ALTER TABLE scope ADD COLUMN settled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE scope ADD COLUMN outlook_source TEXT NOT NULL DEFAULT '';
ALTER TABLE scope ADD COLUMN server_source TEXT NOT NULL DEFAULT '';
-- The longest interval of a series that was seen, in days, which a person was told of.
ALTER TABLE scope ADD COLUMN longest_interval INTEGER NOT NULL DEFAULT 0;

-- How originals were read by the last run: read differently, they may say something that they did not say.
CREATE TABLE lens (
    pair TEXT PRIMARY KEY,
    lens TEXT NOT NULL,
    settled INTEGER NOT NULL        -- whether a run went through since
) WITHOUT ROWID;

-- Links whose bases differ now that they are read differently: they are joined as if they met for the first time.
CREATE TABLE reread (link INTEGER PRIMARY KEY);
CREATE TRIGGER link_is_reread AFTER DELETE ON link BEGIN
    DELETE FROM reread WHERE link = old.id;
END;

-- What an intent held is mostly held by a link by then.
DROP TRIGGER intent_lets_go;
CREATE TRIGGER intent_lets_go AFTER DELETE ON intent BEGIN
    INSERT OR IGNORE INTO loose
    SELECT hash FROM (SELECT old.outlook_hash AS hash UNION SELECT old.server_hash) WHERE hash IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM link WHERE outlook_hash = hash)
        AND NOT EXISTS (SELECT 1 FROM link WHERE server_hash = hash);
END;
