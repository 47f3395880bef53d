-- A mailbox: what Outlook keeps in a store, in Outlook's own terms.
CREATE TABLE mailbox (
    id TEXT NOT NULL,               -- random: tokens of another mailbox are not taken for ours
    zone TEXT NOT NULL              -- Outlook's current zone, its IANA name
);

CREATE TABLE folder (
    entry_id TEXT PRIMARY KEY,
    parent TEXT REFERENCES folder (entry_id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,             -- 'event' | 'contact' | 'task'
    UNIQUE (parent, name)
) WITHOUT ROWID;

-- The change counter of the mailbox; a row's number is the version of an item.
CREATE TABLE counter (change INTEGER NOT NULL);

-- With row numbers: items then lie one behind the other, not strewn by their random ids.
CREATE TABLE item (
    entry_id TEXT NOT NULL UNIQUE,
    folder TEXT NOT NULL REFERENCES folder (entry_id),
    title TEXT NOT NULL,            -- for lists
    starts TEXT NOT NULL,           -- for lists: a start, a due date, or nothing
    properties TEXT NOT NULL,       -- the item as JSON
    create_key TEXT,                -- the UID under which a synchroniser made it: the same is not made twice
    modified TEXT NOT NULL,         -- LastModificationTime, UTC
    change INTEGER NOT NULL
);
CREATE INDEX item_change ON item (folder, change);
CREATE UNIQUE INDEX item_key ON item (folder, create_key);

-- Deleted Items.
CREATE TABLE deleted (
    entry_id TEXT PRIMARY KEY,
    folder TEXT NOT NULL,
    properties TEXT NOT NULL,
    modified TEXT NOT NULL,
    change INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX deleted_change ON deleted (folder, change);

CREATE TABLE category (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    color INTEGER NOT NULL,         -- OlCategoryColor
    shortcut_key INTEGER NOT NULL
) WITHOUT ROWID;
