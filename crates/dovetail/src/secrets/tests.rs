use super::*;

fn in_a_file(home: &Path) -> Secrets {
    Secrets { path: home.join("secrets.json"), keyring: false }
}

#[test]
fn a_password_is_kept_found_and_forgotten() {
    let home = tempfile::tempdir().unwrap();
    let secrets = in_a_file(home.path());
    let place = secrets.keep("one", &SecretString::from("first")).unwrap();
    assert_eq!(place, Place::File(home.path().join("secrets.json")));
    secrets.keep("two", &SecretString::from("second")).unwrap();
    assert_eq!(secrets.find("one").unwrap().expose_secret(), "first");
    secrets.forget("one").unwrap();
    assert!(secrets.find("one").is_err());
    assert_eq!(secrets.find("two").unwrap().expose_secret(), "second");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_passwords() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    in_a_file(home.path()).keep("one", &SecretString::from("first")).unwrap();
    let mode = fs::metadata(home.path().join("secrets.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn an_unreadable_file_is_not_quoted_and_not_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("secrets.json");
    fs::write(&path, r#"{"one": hunter2"#).unwrap();
    let secrets = in_a_file(home.path());
    let error = secrets.keep("two", &SecretString::from("second")).unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"one": hunter2"#);
}

#[test]
fn a_keyring_that_fails_is_not_waited_for() {
    assert_eq!(patiently(|| None::<()>), None);
    assert_eq!(patiently(|| Some(3)), Some(3));
}
