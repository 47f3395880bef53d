//! The state database is lost or spoilt: the next run merges, deletes nothing and doubles nothing.

use std::fs;
use std::path::Path;

use crate::home::{Home, writes};
use crate::samples;
use crate::server::{Collection, Holding};

const ITEMS: usize = 12;

/// Syncs, edits both sides, spoils the state, syncs again.
fn check(spoil: fn(&Path)) {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    for number in 0..ITEMS {
        server.put(&format!("sample-{number}.vcf"), &samples::card(number));
    }
    home.join("people", "Contacts", &server);
    home.sync("people");
    let gone = home.id_of("Contacts", "Sample Person 003");
    home.fine(&["outlook", "delete", &gone]);
    let edited = home.id_of("Contacts", "Sample Person 004");
    home.fine(&["outlook", "set", &edited, "JobTitle=Sample title"]);
    server.replace("sample-5.vcf", "Sample Company", "Other Company");

    spoil(&home.state_folder("people"));
    let run = home.sync("people");

    let deleted = ["outlook", "server"].map(|side| run[side]["deleted"].as_u64());
    assert_eq!(deleted, [Some(0), Some(0)], "{run}");
    let titles: Vec<_> = (0..ITEMS).map(|number| format!("Sample Person {number:03}")).collect();
    assert_eq!(home.titles("Contacts"), titles);
    assert_eq!(server.values("FN"), titles);
    assert_eq!(server.values("TITLE"), ["Sample title"], "the edit in the mailbox survives");
    let shown = home.json(&["outlook", "show", &home.id_of("Contacts", "Sample Person 005")]).to_string();
    assert!(shown.contains("Other Company"), "the edit on the server survives: {shown}");
    home.fine(&["verify", "people"]);
    let next = home.sync("people");
    assert_eq!(writes(&next), 0, "{next}");
}

/// The files of the database: itself and what SQLite keeps beside it.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let found: Vec<_> = fs::read_dir(folder)
        .expect("the folder of the state")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("state.db")))
        .collect();
    assert!(!found.is_empty(), "{} holds a state", folder.display());
    found
}

#[test]
fn a_lost_state_merges() {
    check(|folder| {
        for file in files(folder) {
            fs::remove_file(file).expect("the file goes");
        }
    });
}

#[test]
fn a_state_of_garbage_merges() {
    check(|folder| {
        for file in files(folder) {
            fs::write(file, [0xA5; 9000]).expect("the file is spoilt");
        }
    });
}

#[test]
fn a_state_with_a_garbled_middle_merges() {
    check(|folder| {
        let file = folder.join("state.db");
        let mut bytes = fs::read(&file).expect("the state");
        let end = bytes.len();
        bytes[4096.min(end)..].fill(0xA5);
        for file in files(folder) {
            fs::remove_file(file).expect("the file goes");
        }
        fs::write(file, bytes).expect("the file is spoilt");
    });
}
