use std::path::Path;

use super::*;

const ZONED: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sample//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n\
    BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\n\
    TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n\
    END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:sample-1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:One\r\n\
    DTSTART;TZID=Europe/Berlin:20260302T100000\r\nDTEND;TZID=Europe/Berlin:20260302T110000\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:sample-2\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Two\r\n\
    DTSTART;TZID=Europe/Berlin:20260303T100000\r\nDTEND;TZID=Europe/Berlin:20260303T110000\r\nEND:VEVENT\r\n\
    BEGIN:VTODO\r\nUID:sample-3\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Three\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";

fn with_file(text: &str) -> (tempfile::TempDir, App, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let app = App::open(Some(home.path().to_path_buf())).unwrap();
    let file = home.path().join("sample.ics");
    fs::write(&file, text).unwrap();
    (home, app, file)
}

#[test]
fn a_folder_takes_of_a_file_what_it_holds() {
    let (_home, app, file) = with_file(ZONED);
    let imported = app.import(None, &file, "Calendar").unwrap();
    assert_eq!((imported.created.len(), imported.left_out), (2, 1));
    let imported = app.import(None, &file, "Tasks").unwrap();
    assert_eq!((imported.created.len(), imported.left_out), (1, 2));
}

#[test]
fn an_import_that_is_repeated_updates() {
    let (_home, app, file) = with_file(ZONED);
    app.import(None, &file, "Calendar").unwrap();
    let again = app.import(None, &file, "Calendar").unwrap();
    assert_eq!((again.created.len(), again.updated.len()), (0, 2));
}

#[test]
fn an_export_is_one_calendar_with_each_time_zone_once() {
    let (_home, app, file) = with_file(ZONED);
    app.import(None, &file, "Calendar").unwrap();
    let (items, bytes) = app.export(None, "Calendar").unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let count = |part: &str| text.matches(part).count();
    assert_eq!(items, 2);
    assert_eq!(
        (count("BEGIN:VCALENDAR"), count("END:VCALENDAR"), count("BEGIN:VEVENT")),
        (1, 1, 2),
        "{text}"
    );
    assert_eq!(count("BEGIN:VTIMEZONE"), 1, "{text}");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
}

#[test]
fn an_export_can_be_imported() {
    let (_home, app, file) = with_file(ZONED);
    app.import(None, &file, "Calendar").unwrap();
    fs::write(&file, app.export(None, "Calendar").unwrap().1).unwrap();
    let other = Path::new(&file).with_file_name("other.db");
    let imported = app.import(Some(&other), &file, "Calendar").unwrap();
    assert_eq!(imported.created.len(), 2);
    let titles: Vec<_> =
        app.items(Some(&other), "Calendar").unwrap().into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["One", "Two"]);
}

#[test]
fn an_empty_folder_exports_nothing() {
    let (_home, app, _) = with_file("");
    assert_eq!(app.export(None, "Tasks").unwrap(), (0, Vec::new()));
}

#[test]
fn what_was_typed_wrongly_is_wrong_usage() {
    let (_home, app, _) = with_file("");
    let id = "0000";
    for error in [
        app.items(None, "Kalender").unwrap_err(),
        app.item(None, id).err().unwrap(),
        app.set_properties(None, id, &["Subject".to_owned()]).err().unwrap(),
        app.delete_items(None, &[id.to_owned()]).unwrap_err(),
    ] {
        assert_eq!(error.exit_code(), 2, "{error}");
    }
}
