-- The appointment of whose series this one shows a further occurrence. It is a part of that item, and no item of its own.
ALTER TABLE item ADD COLUMN master TEXT;
CREATE INDEX item_master ON item (master) WHERE master IS NOT NULL;
ALTER TABLE deleted ADD COLUMN master TEXT;
