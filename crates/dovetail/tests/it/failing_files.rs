//! Files that fail: settings, state, journal and mailbox that are held, spoilt, closed or of another time.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use expect_test::{Expect, expect};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::gate::Act;
use crate::home::Home;
use crate::samples;
use crate::scene::{Scene, fails};
use crate::server::{Collection, Holding};

/// A command that needs the settings fails for what they are, and leaves them as they are.
fn check_settings(text: &str, told: Expect) {
    let home = Home::new();
    let path = PathBuf::from(home.file("config.json", text));
    fails(&home, &["sync"], 2, "config", told, &[]);
    assert_eq!(home.run(&["settings", "set", "zone=UTC"]).code, 2);
    assert_eq!(fs::read_to_string(path).unwrap(), text);
}

#[test]
fn settings_that_are_not_json() {
    check_settings(
        "profiles: none\n",
        expect![[r#"
        error: /home/me/dovetail/config.json is no JSON: line 1, column 1: expected value.
        hint: Correct the file, or move it away and add the profiles again; it was not changed.
    "#]],
    );
}

#[test]
fn settings_of_another_shape() {
    check_settings(
        "[profiles]\nwork = \"yes\"\n",
        expect![[r#"
            error: /home/me/dovetail/config.json does not say what settings say: line 1, column 0: invalid type: sequence, expected an object of settings and profiles.
            hint: Correct the file, or move it away and add the profiles again; it was not changed.
        "#]],
    );
}

#[test]
fn settings_that_end_early() {
    check_settings(
        "{\n  \"profiles\": {",
        expect![[r#"
            error: /home/me/dovetail/config.json ends too early: line 2, column 15: EOF while parsing an object.
            hint: Correct the file, or move it away and add the profiles again; it was not changed.
        "#]],
    );
}

#[test]
fn settings_of_a_wrong_type() {
    check_settings(
        "{\n  \"profiles\": {\n    \"people\": { \"id\": 7, \"collection\": \"x\", \"user\": \"x\", \"folder\": \"x\" }\n  }\n}\n",
        expect![[r#"
            error: /home/me/dovetail/config.json does not say what settings say: line 3, column 23: invalid type: integer `7`, expected a string.
            hint: Correct the file, or move it away and add the profiles again; it was not changed.
        "#]],
    );
}

#[test]
fn settings_that_lack_what_a_profile_needs() {
    check_settings(
        "{\n  \"profiles\": {\n    \"people\": { \"id\": \"x\" }\n  }\n}\n",
        expect![[r#"
            error: /home/me/dovetail/config.json does not say what settings say: line 3, column 27: missing field `collection`.
            hint: Correct the file, or move it away and add the profiles again; it was not changed.
        "#]],
    );
}

#[test]
fn settings_with_a_value_that_the_option_does_not_take() {
    check_settings(
        "{ \"settings\": { \"timeout_seconds\": \"soon\" } }\n",
        expect![[r#"
        error: In /home/me/dovetail/config.json, settings, timeout_seconds is "soon".
        hint: timeout_seconds takes a whole number from 1 to 3600. Correct the file; it was not changed.
    "#]],
    );
}

#[test]
fn settings_with_a_password_in_an_address() {
    check_settings(
        "{\n  \"profiles\": {\n    \"people\": { \"id\": \"x\", \"collection\": \"https://alice:alicepw@dav.example.org/\", \"user\": \"x\", \"folder\": \"x\" }\n  }\n}\n",
        expect![[r#"
            error: In /home/me/dovetail/config.json, profile "people", the collection's address holds a login.
            hint: Take it out and give the password with `dovetail profile password people`.
        "#]],
    );
}

#[test]
fn settings_of_a_newer_version_are_used_and_kept() {
    let Some(scene) = Scene::new() else { return };
    let path = scene.home.path().join("config.json");
    let mut config: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    config["colour"] = json!("blue");
    config["profiles"]["people"]["options"]["mood"] = json!({ "good": true });
    config["profiles"]["people"]["colour"] = json!("green");
    fs::write(&path, config.to_string()).unwrap();
    scene.home.fine(&["profile", "set", "people", "chunk_items=7"]);
    let after: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    config["profiles"]["people"]["options"]["chunk_items"] = json!(7);
    assert_eq!(after, config);
    scene.recovers();
}

#[test]
fn a_folder_in_place_of_the_settings() {
    let home = Home::new();
    fs::create_dir(home.path().join("config.json")).unwrap();
    fails(
        &home,
        &["sync"],
        3,
        "local",
        expect![[r#"
        error: Cannot read /home/me/dovetail/config.json: it is a folder.
        hint: Check that the file is there and that you may read and write it, then try again.
    "#]],
        &[],
    );
}

#[test]
fn a_file_in_place_of_the_home_directory() {
    let home = Home::new();
    let file = home.file("file", "");
    fails(
        &home,
        &["sync", "--home", &file],
        3,
        "local",
        expect![[r#"
            error: Cannot make the folder /home/me/dovetail/file: something else is there already.
            hint: Check that the file is there and that you may read and write it, then try again.
        "#]],
        &[],
    );
}

/// Root may read what nobody may, so that it takes another user to see a closed file.
#[cfg(unix)]
#[test]
fn settings_that_may_not_be_read() {
    use std::os::unix::fs::{PermissionsExt, chown};

    const NOBODY: u32 = 65_534;
    let mut home = Home::new();
    let path = PathBuf::from(home.file("config.json", "{}"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        chown(home.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        home.run_as(NOBODY);
    }
    fails(
        &home,
        &["sync"],
        3,
        "local",
        expect![[r#"
        error: Cannot read /home/me/dovetail/config.json: permission denied.
        hint: Check that the file is there and that you may read and write it, then try again.
    "#]],
        &[],
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(
        home.run(&["sync"]).code,
        2,
        "there is no profile yet, which is told once the file can be read"
    );
}

#[test]
fn passwords_that_cannot_be_read() {
    let Some(scene) = Scene::new() else { return };
    let path = scene.home.path().join("secrets.json");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, before.replace('}', "")).unwrap();
    scene.fails(
        &["sync", "people"],
        2,
        "config",
        expect![[r#"
        error: /home/me/dovetail/secrets.json does not hold passwords in a way that can be read.
        hint: Move the file away and give the passwords again with `dovetail profile password people`.
    "#]],
    );
    fs::write(&path, before).unwrap();
    scene.recovers();
}

#[test]
fn another_run_is_at_work() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.set(|_, _| Act::Wait(Duration::from_secs(60)));
    let mut first = scene.home.start(&["sync", "people"]);
    while scene.gate.seen().is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
    let process = format!("process {}", first.id());
    let examples = [(process.as_str(), "process 4711")];
    fails(
        &scene.home,
        &["sync", "people"],
        3,
        "locked",
        expect![[r#"
        error: Another run is at work on this profile (process 4711).
        hint: Wait until it is done, then try again; what was done so far is kept.
    "#]],
        &examples,
    );
    assert_eq!(scene.gate.seen().len(), 1, "nothing is asked of anybody");
    // Nothing is left behind by a process that is killed.
    first.kill().unwrap();
    first.wait().unwrap();
    scene.recovers();
}

/// Runs a sync that fails because of a database, which `hold` does something to.
fn check_database(path: impl Fn(&Home) -> PathBuf, hold: &str, release: &str, kind: &str, told: Expect) {
    let Some(scene) = Scene::new() else { return };
    let state_folder = scene.home.state_folder("people").display().to_string();
    let examples = [(state_folder.as_str(), STATE_FOLDER)];
    let before = scene.home.list("Contacts");
    let database = Connection::open(path(&scene.home)).unwrap();
    let version = database.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap();
    database.execute_batch(hold).unwrap();
    fails(&scene.home, &["sync", "people"], 3, kind, told, &examples);
    database.execute_batch(&release.replace("VERSION", &version.to_string())).unwrap();
    drop(database);
    assert_eq!(scene.home.list("Contacts"), before);
    assert!(scene.server.names().len() >= 4, "nothing is deleted");
    scene.recovers();
}

/// As the manual has it; the last part is an id.
pub(crate) const STATE_FOLDER: &str = "/home/me/dovetail/profiles/0a1b2c3d";

fn mailbox(home: &Home) -> PathBuf {
    home.path().join("mailbox.db")
}

fn state(home: &Home) -> PathBuf {
    home.state_folder("people").join("state.db")
}

fn journal(home: &Home) -> PathBuf {
    home.state_folder("people").join("journal.db")
}

#[test]
fn a_mailbox_that_another_program_holds() {
    check_database(
        mailbox,
        "BEGIN EXCLUSIVE",
        "ROLLBACK",
        "locked",
        expect![[r#"
        error: Another program holds the mailbox /home/me/dovetail/mailbox.db.
        hint: Wait until it is done, then try again; what was done so far is kept.
    "#]],
    );
}

#[test]
fn a_state_that_another_program_holds() {
    check_database(
        state,
        "BEGIN IMMEDIATE",
        "ROLLBACK",
        "locked",
        expect![[r#"
        error: Another program holds the state of this profile.
        hint: Wait until it is done, then try again; what was done so far is kept.
    "#]],
    );
}

#[test]
fn a_state_of_a_newer_version() {
    check_database(
        state,
        "PRAGMA user_version = 1000",
        "PRAGMA user_version = VERSION",
        "outdated",
        expect![[r#"
            error: /home/me/dovetail/profiles/0a1b2c3d/state.db was written by a newer version of Dovetail.
            hint: Update Dovetail; nothing was changed.
        "#]],
    );
}

#[test]
fn a_journal_of_a_newer_version() {
    check_database(
        journal,
        "PRAGMA user_version = 1000",
        "PRAGMA user_version = VERSION",
        "outdated",
        expect![[r#"
            error: /home/me/dovetail/profiles/0a1b2c3d/journal.db was written by a newer version of Dovetail.
            hint: Update Dovetail; nothing was changed.
        "#]],
    );
}

#[test]
fn a_mailbox_of_a_newer_version() {
    check_database(
        mailbox,
        "PRAGMA user_version = 1000",
        "PRAGMA user_version = VERSION",
        "outdated",
        expect![[r#"
            error: /home/me/dovetail/mailbox.db was written by a newer version of Dovetail.
            hint: Update Dovetail; nothing was changed.
        "#]],
    );
}

#[test]
fn a_mailbox_that_is_none() {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    home.join("people", "Contacts", &server);
    home.sync("people");
    let (path, aside) = (mailbox(&home), home.path().join("aside.db"));
    fs::rename(&path, &aside).unwrap();
    fs::write(&path, "Dear diary,\nthis is no database, and it is longer than a header of one.\n".repeat(20))
        .unwrap();
    fails(
        &home,
        &["sync", "people"],
        3,
        "damaged",
        expect![[r#"
            error: The mailbox /home/me/dovetail/mailbox.db is damaged, or no database at all.
            hint: Put the file back from a backup. State and journal of a profile are made anew by the next run.
        "#]],
        &[],
    );
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    fails(
        &home,
        &["sync", "people"],
        3,
        "local",
        expect![[r#"
        error: The mailbox /home/me/dovetail/mailbox.db cannot be opened.
        hint: Check that the file is there and that you may read and write it, then try again.
    "#]],
        &[],
    );
    fs::remove_dir(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    home.sync("people");
}

/// As the manual tells those who have no backup of it.
#[test]
fn a_mailbox_that_is_lost_deletes_nothing_and_is_filled_again() {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    for number in 0..3 {
        server.put(&format!("sample-{number}.vcf"), &samples::card(number));
    }
    home.join("people", "Contacts", &server);
    home.sync("people");
    let all = home.titles("Contacts");
    for file in ["mailbox.db", "mailbox.db-wal", "mailbox.db-shm"] {
        drop(fs::remove_file(home.path().join(file)));
    }
    let ended = home.run(&["sync", "people"]);
    assert_eq!(
        (ended.code, server.values("FN")),
        (0, all.clone()),
        "another mailbox is a new base line: {ended:#?}"
    );
    assert_eq!(home.titles("Contacts"), all);
    home.fine(&["verify", "people"]);
}
