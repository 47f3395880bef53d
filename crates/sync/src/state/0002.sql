-- Who made the item of a link: the side whose item was copied to the other. NULL where each side had it by itself.
ALTER TABLE link ADD COLUMN made TEXT;

-- Whether a run with this scope went to its end.
ALTER TABLE scope ADD COLUMN finished INTEGER NOT NULL DEFAULT 1;
