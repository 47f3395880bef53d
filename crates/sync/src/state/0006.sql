-- By what an item of another category that has no link is found, where no UID tells: what it is called.
CREATE TABLE outside_key (
    pair TEXT NOT NULL, side TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (pair, side, key, id)
) WITHOUT ROWID;
CREATE INDEX outside_key_of ON outside_key (pair, side, id);
CREATE TRIGGER outside_is_forgotten AFTER DELETE ON outside BEGIN
    DELETE FROM outside_key WHERE pair = old.pair AND side = old.side AND id = old.id;
END;

-- Of those that are known already it is asked once more.
INSERT OR IGNORE INTO pending (pair, side, id) SELECT pair, side, id FROM outside WHERE category AND uid IS NOT NULL;
