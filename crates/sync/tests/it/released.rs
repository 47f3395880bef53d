//! Files of every version that was released open in this one, with all that they hold.
//!
//! `fixtures/released/VERSION-{state,journal}.sql` are dumps of them, in the schema of that version. A release adds two.

use std::fs;
use std::path::{Path, PathBuf};

use dovetail_sync::journal::Keep;
use dovetail_sync::state::{LinkId, Verdict};
use dovetail_sync::storage::{ItemId, Original};
use dovetail_sync::{Journal, Side, State, history};
use jiff::Timestamp;

const PAIR: &str = "p";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/released")
}

/// The versions of which there are dumps.
fn versions() -> Vec<String> {
    let names = fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut versions: Vec<String> =
        names.filter_map(|name| Some(name.strip_suffix("-state.sql")?.to_owned())).collect();
    versions.sort();
    assert!(!versions.is_empty());
    versions
}

/// A file as that version left it.
fn restored(folder: &Path, version: &str, what: &str) -> PathBuf {
    let sql = fs::read_to_string(fixtures().join(format!("{version}-{what}.sql"))).unwrap();
    let path = folder.join(format!("{what}.db"));
    rusqlite::Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
    path
}

#[test]
fn a_state_of_any_released_version_opens_with_all_that_it_holds() {
    for version in versions() {
        let folder = tempfile::tempdir().unwrap();
        let path = restored(folder.path(), &version, "state");
        for _ in 0..2 {
            let state = State::open(&path).unwrap();
            assert_eq!(state.damaged, None, "{version}");
            let links = state.links(PAIR, LinkId(0), 100).unwrap();
            assert_eq!(links.len(), 3, "{version}");
            for link in &links {
                for side in Side::BOTH {
                    let base = link.sides.of(side).as_ref().unwrap();
                    assert!(base.original.bytes.starts_with(b"{"), "{version}: {link:?}");
                }
            }
            assert!(state.token(PAIR, Side::Server).unwrap().is_some());
            assert!(state.token(PAIR, Side::Outlook).unwrap().is_some());
            assert_eq!(state.intents(PAIR).unwrap().len(), 1);
            assert_eq!(state.pending(PAIR, Side::Server).unwrap().len(), 1);
            let held = state.held(PAIR).unwrap();
            assert_eq!(
                (held.len(), held[0].verdict),
                (1, Verdict::Approved),
                "an approval outlives an update"
            );
        }
    }
}

#[test]
fn a_journal_of_any_released_version_opens_with_all_that_it_holds() {
    for version in versions() {
        let folder = tempfile::tempdir().unwrap();
        let path = restored(folder.path(), &version, "journal");
        let state = State::open(&restored(folder.path(), &version, "state")).unwrap();
        for _ in 0..2 {
            let mut journal = Journal::open(&path).unwrap();
            assert_eq!(journal.damaged, None, "{version}");
            let runs = journal.runs(PAIR, 100).unwrap();
            assert_eq!(runs.len(), 2, "{version}");
            let entries: Vec<_> = runs.iter().flat_map(|run| journal.entries(&run.id).unwrap()).collect();
            assert_eq!(entries.len(), 4);
            for entry in &entries {
                let stored = entry.after.as_ref().unwrap();
                assert!(stored.original.bytes.starts_with(b"{"), "{version}: {entry:?}");
            }
            assert!(entries.iter().any(|entry| entry.before.is_some()));
            let read = |_: Side, _: &Original| None;
            let found = history::find(PAIR, "Theirs", &state, &journal, &read).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].sides.outlook, Some(ItemId("00000002".into())));
            assert_eq!(journal.open_clashes(PAIR).unwrap(), []);
            journal.forget_old(&Keep::default(), &Default::default(), Timestamp::UNIX_EPOCH).unwrap();
        }
    }
}
