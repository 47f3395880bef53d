-- Whether the last run asked in vain, as opposed to leaving the item for another reason: what nobody can ever read holds up
-- nothing for good.
ALTER TABLE pending ADD COLUMN in_vain BOOLEAN NOT NULL DEFAULT FALSE;
