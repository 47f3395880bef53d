//! Rows of state and journal: whatever stands in them, reading and running may fail but not break, and a link that is
//! stored again is the same.
//!
//! An input has a row a line: the table, then the columns in order, separated by tabs. The first letter of a column says
//! what it is: `n` nothing, `i` a number, `t` text, `b` bytes as they are, `x` bytes in hexadecimal digits.

use std::cell::RefCell;
use std::path::Path;

use dovetail_model::{Kind, Zone, item::Item};
use dovetail_sync::state::{Link, LinkId, listing::Coverage};
use dovetail_sync::storage::{Call, ItemId, Row, Scope, Traits, Version};
use dovetail_sync::{
    Direction, Journal, Limits, Pair, Result, Rule, Side, Sides, State, preview, sync_pair, undo, verify,
};
use dovetail_testkit::{Dialect, MemoryCollection};
use jiff::Timestamp;
use jiff::civil::date;
use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, ToSql, params_from_iter};

/// Where rows go: tables of the state, then of the journal. Each before those whose rows, when they go, leave something in it.
const TABLES: [&[&str]; 2] = [
    &[
        "original",
        "loose",
        "link",
        "token",
        "scope",
        "not_ours",
        "pending",
        "made",
        "intent",
        "held",
        "failing",
        "outside",
        "outside_key",
        "lens",
        "reread",
    ],
    &["original", "part", "run", "entry", "clash"],
];
const PAIR: &str = "p";

/// One profile for all inputs, since making one takes longer than trying an input.
struct Profile {
    state: State,
    journal: Journal,
    /// The same two files, written to past the engine.
    files: [Connection; 2],
    _folder: tempfile::TempDir,
}

thread_local! {
    static PROFILE: RefCell<Option<Profile>> = const { RefCell::new(None) };
}

/// Rows of all tables.
pub(crate) fn check(data: &[u8]) {
    PROFILE.with_borrow_mut(|kept| {
        let mut profile = kept.take().unwrap_or_else(|| Profile::new().expect("a profile can be made"));
        profile.fill(data).expect("rows can be replaced");
        look_at(&profile);
        stores_again_what_it_read(&mut profile);
        runs(&mut profile);
        *kept = Some(profile);
    });
}

impl Profile {
    fn new() -> std::result::Result<Profile, Box<dyn std::error::Error>> {
        // Nothing has to be durable here.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? };
        let (state, journal) = (folder.path().join("state.db"), folder.path().join("journal.db"));
        Ok(Profile {
            state: State::open(&state)?,
            journal: Journal::open(&journal)?,
            files: [Connection::open(state)?, Connection::open(journal)?],
            _folder: folder,
        })
    }

    /// Leaves nothing but the rows of an input; a row that its table does not take is passed over.
    fn fill(&mut self, data: &[u8]) -> rusqlite::Result<()> {
        for (file, tables) in self.files.iter_mut().zip(TABLES) {
            let transaction = file.transaction()?;
            for table in tables.iter().rev() {
                transaction.execute(&format!("DELETE FROM {table}"), [])?;
            }
            for line in data.split(|byte| *byte == b'\n') {
                let mut columns = line.split(|byte| *byte == b'\t');
                let name = columns.next().unwrap_or_default();
                if let Some(table) = tables.iter().find(|table| table.as_bytes() == name) {
                    drop(insert(&transaction, table, columns.map(Column::read)));
                }
            }
            transaction.commit()?;
        }
        Ok(())
    }
}

/// A column of a row, as the input has it.
enum Column {
    Value(Value),
    /// Text that need not be UTF-8.
    Text(Vec<u8>),
}

impl Column {
    fn read(bytes: &[u8]) -> Column {
        let (kind, rest) = bytes.split_first().unwrap_or((&b'n', &[]));
        let text = String::from_utf8_lossy(rest);
        match kind {
            b'i' => Column::Value(text.parse().map_or(Value::Null, Value::Integer)),
            b't' => Column::Text(rest.to_vec()),
            b'b' => Column::Value(Value::Blob(rest.to_vec())),
            b'x' => {
                let digit =
                    |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let pairs = rest
                    .chunks(2)
                    .map(|pair| pair.iter().filter_map(digit).fold(0, |byte, digit| byte << 4 | digit));
                Column::Value(Value::Blob(pairs.collect()))
            }
            _ => Column::Value(Value::Null),
        }
    }
}

impl ToSql for Column {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Column::Value(value) => ToSqlOutput::Owned(value.clone()),
            Column::Text(text) => ToSqlOutput::Borrowed(rusqlite::types::ValueRef::Text(text)),
        })
    }
}

fn insert(file: &Connection, table: &str, columns: impl Iterator<Item = Column>) -> rusqlite::Result<()> {
    let sql = "SELECT count(*) FROM pragma_table_info(?1)";
    let count: u32 = file.prepare_cached(sql)?.query_row([table], |row| row.get(0))?;
    let count = count as usize;
    let columns = columns.chain(std::iter::repeat_with(|| Column::Value(Value::Null))).take(count);
    let places = vec!["?"; count].join(",");
    let mut statement = file.prepare_cached(&format!("INSERT OR REPLACE INTO {table} VALUES ({places})"))?;
    statement.execute(params_from_iter(columns)).map(drop)
}

fn look_at(profile: &Profile) {
    let Profile { state, journal, .. } = profile;
    let _ = (state.link(LinkId(1)), state.link_by_uid(PAIR, "u"), state.links(PAIR, LinkId(0), 100));
    let _ = (state.intents(PAIR), state.held(PAIR), state.verdicts(PAIR), state.failing(PAIR));
    let _ = (state.lens(PAIR), state.reread(PAIR), state.longest_interval(PAIR));
    let _ = (state.is_new_scope(PAIR), state.is_forgotten(PAIR), state.is_new_lens(PAIR));
    for side in Side::BOTH {
        let id = ItemId("1".to_owned());
        let _ = (state.linked(PAIR, side), state.link_of(PAIR, side, &id), state.token(PAIR, side));
        let _ = (state.some_linked(PAIR, side, std::slice::from_ref(&id)), state.pending(PAIR, side));
        let _ = state.asked_in_vain(PAIR, side);
        let _ = (state.is_not_ours(PAIR, side, &id), state.outside(PAIR, side, &id));
        let _ = (state.has_outside(PAIR, side), state.outside_by_uid(PAIR, side, "u"));
        let _ = (state.has_outside_keys(PAIR, side), state.outside_by_key(PAIR, side, "k"));
        let _ = state.entering(PAIR, side, date(2026, 3, 2));
        let _ = journal.destroyed_since(PAIR, side, Timestamp::UNIX_EPOCH);
    }
    let _ = journal.run("r");
    for run in journal.runs(PAIR, 10).unwrap_or_default() {
        let _ = journal.entries(&run.id);
    }
}

fn stores_again_what_it_read(profile: &mut Profile) {
    let state = &mut profile.state;
    let links = state.links(PAIR, LinkId(0), 20).unwrap_or_default();
    for link in &links {
        let stored = state.transaction(|changing| changing.put_link(PAIR, link));
        assert_eq!(stored.ok(), Some(link.id));
        // Its bases were read anew.
        let same = Link { is_reread: false, ..link.clone() };
        assert_eq!(state.link(link.id).ok().flatten(), Some(same));
    }
    for side in Side::BOTH {
        let _ = lists(state, side);
    }
}

/// A listing that names one item, joined with the links.
fn lists(state: &mut State, side: Side) -> Result<()> {
    state.begin_listing()?;
    state.list(&Row::Present(ItemId("1".to_owned()), Version("1".to_owned())))?;
    state.questions(PAIR, side, Coverage::Whole, Traits::default()).map(drop)
}

fn runs(profile: &mut Profile) {
    let Profile { state, journal, .. } = profile;
    let sides = Sides {
        outlook: MemoryCollection::new(Dialect::Outlook, Traits::default(), 1),
        server: MemoryCollection::new(Dialect::Server, Traits::default(), 2),
    };
    for (side, title) in Side::BOTH.into_iter().zip(["Sample", "Another sample"]) {
        let mut event = dovetail_model::Event::default();
        event.main.summary = title.to_owned();
        sides.of(side).make(&Item::Event(Box::new(event)), "");
    }
    let pair = Pair {
        id: PAIR.to_owned(),
        storages: Sides { outlook: &sides.outlook, server: &sides.server },
        scope: Scope::of(vec![Kind::Event]),
        rule: Rule::Merge,
        direction: Direction::TwoWay,
        chunk: 10,
        home: Zone::Utc,
        limits: Limits::default(),
        server_may_schedule: false,
        duplicates: dovetail_sync::Duplicates::Keep,
    };
    let (now, call) = (Timestamp::UNIX_EPOCH, Call::default());
    let _ = preview(&pair, state, journal, now, &call);
    let _ = sync_pair(&pair, state, journal, now, &call);
    let _ = verify(&pair, state, &call);
    let _ = undo(&pair, "r", state, journal, now, &call);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a line number")]

    use std::collections::BTreeSet;

    use super::{Profile, TABLES};

    fn fixtures() -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/state");
        let files =
            std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.collect::<Vec<_>>().join(&b'\n')
    }

    #[test]
    fn all_tables_are_filled_and_there_are_rows_to_begin_with() {
        let mut profile = Profile::new().unwrap();
        for (file, known) in profile.files.iter().zip(TABLES) {
            let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
            let mut statement = file.prepare(sql).unwrap();
            let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
            let there: BTreeSet<String> = names.map(Result::unwrap).collect();
            assert_eq!(there, known.iter().map(|name| (*name).to_owned()).collect());
        }
        profile.fill(&fixtures()).unwrap();
        let [state, _] = &profile.files;
        for table in TABLES[0] {
            let count: i64 =
                state.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
            assert!(count > 0, "no fixture has a row of {table}");
        }
    }
}
