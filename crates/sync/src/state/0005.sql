-- 1 as long as no run went through since what was known of the pair had been lost: a first run that is not the first.
ALTER TABLE scope ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;

-- 1 where its item was made again before anybody could tell what had become of it.
ALTER TABLE intent ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0;

-- What is one side's own, or was set apart, is rare.
CREATE INDEX link_own ON link (pair) WHERE state = 'own';
CREATE INDEX link_apart ON link (run) WHERE state = 'apart';
