use serde_json::json;

use super::*;
use crate::error::Kind;

impl Profile {
    /// One of a calendar, with these options.
    pub(crate) fn sample(options: &[(&str, &str)]) -> Profile {
        let typed = |(key, value): &(&str, &str)| ((*key).to_owned(), Value::from(*value));
        Profile {
            id: "00000000-0000-4000-8000-000000000001".to_owned(),
            collection: "https://dav.example.test/sample/calendar/".to_owned(),
            user: "sample".to_owned(),
            folder: "Calendar".to_owned(),
            mailbox: None,
            options: options.iter().map(typed).collect(),
            unknown: Map::new(),
        }
    }
}

fn home_with(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(FILE), text).unwrap();
    home
}

#[test]
fn what_was_written_is_read() {
    let home = tempfile::tempdir().unwrap();
    Config::edit(home.path(), |config| {
        config.profiles.insert("work".to_owned(), Profile::sample(&[]));
        set(&mut config.settings, &options::OF_ALL, &["zone=Europe/Berlin".to_owned()])
    })
    .unwrap();
    let config = Config::read(home.path()).unwrap();
    assert_eq!(config.profile("work").unwrap(), &Profile::sample(&[]));
    assert_eq!(text(&config.settings, &options::OF_ALL, "zone"), "Europe/Berlin");
}

#[test]
fn an_absent_file_is_an_empty_configuration() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(Config::read(home.path()).unwrap(), Config::default());
}

#[test]
fn keys_of_a_newer_version_stay() {
    let home = home_with(
        r#"{"theme": "dark", "settings": {"soon": 1}, "profiles": {"work": {"id": "1", "collection": "u", "user": "s",
            "folder": "Calendar", "colour": "red", "options": {"later": [1, 2]}}}}"#,
    );
    Config::edit(home.path(), |config| {
        set(&mut config.profile_mut("work")?.options, &options::OF_PROFILES, &["chunk_items=7".to_owned()])
    })
    .unwrap();
    let stored: Value = serde_json::from_str(&fs::read_to_string(home.path().join(FILE)).unwrap()).unwrap();
    assert_eq!(stored["theme"], json!("dark"));
    assert_eq!(stored["settings"]["soon"], json!(1));
    assert_eq!(stored["profiles"]["work"]["colour"], json!("red"));
    assert_eq!(stored["profiles"]["work"]["options"], json!({"later": [1, 2], "chunk_items": 7}));
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_its_line_and_left_alone() {
    let text = "{\n  \"profiles\": {\n    \"work\": 5\n  }\n}\n";
    let home = home_with(text);
    let error = Config::edit(home.path(), |_| Ok(())).unwrap_err();
    assert_eq!(error.kind, Kind::Config);
    assert!(error.what.contains("line 3"), "{error}");
    assert_eq!(fs::read_to_string(home.path().join(FILE)).unwrap(), text);
}

#[test]
fn a_value_that_an_option_does_not_take_is_named() {
    let home = home_with(r#"{"settings": {"zone": 5}}"#);
    let error = Config::read(home.path()).unwrap_err();
    assert_eq!(error.kind, Kind::Config);
    assert!(error.what.ends_with("settings, zone is 5."), "{error}");
    assert_eq!(
        error.hint,
        "zone takes the name of a time zone such as Europe/Berlin, or nothing. Correct the file; it was not changed."
    );
}

#[test]
fn options_are_set_all_or_none() {
    let mut stored = Map::new();
    let typed = ["chunk_items=7".to_owned(), "chunk_items=zero".to_owned()];
    assert!(set(&mut stored, &options::OF_PROFILES, &typed).is_err());
    assert!(stored.is_empty());
    for wrong in ["chunk_items", "nonsense=1"] {
        assert!(set(&mut stored, &options::OF_PROFILES, &[wrong.to_owned()]).is_err(), "{wrong}");
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    Config::edit(home.path(), |_| Ok(())).unwrap();
    let mode = fs::metadata(home.path().join(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn writing_leaves_no_other_file_behind() {
    let home = tempfile::tempdir().unwrap();
    Config::edit(home.path(), |_| Ok(())).unwrap();
    let mut names: Vec<_> =
        fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["config.json", "config.lock"]);
}
