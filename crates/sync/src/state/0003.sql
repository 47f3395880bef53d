-- Steps that failed again and again: they are tried less often, as long as neither side's item changes.
CREATE TABLE failing (
    pair TEXT NOT NULL,
    subject TEXT NOT NULL,          -- what failed, with both sides' versions
    title TEXT NOT NULL,
    what TEXT NOT NULL,             -- what the storage said last
    times INTEGER NOT NULL,
    since TEXT NOT NULL,            -- when it failed first
    next TEXT NOT NULL,             -- it is not tried before
    PRIMARY KEY (pair, subject)
) WITHOUT ROWID;
