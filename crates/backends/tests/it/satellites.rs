//! A series with several occurrences on one day: Outlook shows those after the first as single appointments, and all of it
//! stays one item to a run.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dovetail_backends::dav::{Contents, DavCollection};
use dovetail_backends::store::{ItemRow, Mailbox};
use dovetail_dav::request::Expect;
use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_davserver::{CollectionKind, Server, Settings as ServerSettings, Storage, User};
use dovetail_mapping::{Options, Settings};
use dovetail_model::filter::Admits;
use dovetail_model::{CategoryFilter, Kind};
use dovetail_sync::scope::{Range, Scope};
use dovetail_sync::storage::{Call, Collection as _, Row};
use dovetail_sync::{RunOutcome, sync_pair, undo};
use jiff::civil::date;
use url::Url;

use super::in_step::{Steps, writes};
use super::{home, mailbox, noon, store};

/// Three days, twice on each.
const SERIES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Sample//EN\r\nBEGIN:VEVENT\r\nUID:twice-a-day\r\n\
                      DTSTAMP:20260101T000000Z\r\nSUMMARY:Feed the cat\r\nDTSTART:20260302T080000Z\r\n\
                      DTEND:20260302T081500Z\r\nRRULE:FREQ=DAILY;COUNT=6;BYHOUR=8,14\r\nX-BOWL:blue\r\nEND:VEVENT\r\n\
                      END:VCALENDAR\r\n";

/// Another one, so that there always is something.
const OTHER: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Sample//EN\r\nBEGIN:VEVENT\r\nUID:other\r\n\
                     DTSTAMP:20260101T000000Z\r\nSUMMARY:Other\r\nDTSTART:20260305T080000Z\r\nDTEND:20260305T090000Z\r\n\
                     END:VEVENT\r\nEND:VCALENDAR\r\n";

struct Scene {
    _server: Server,
    client: Client,
    calendar: Url,
    files: tempfile::TempDir,
    mailbox: Arc<Mailbox>,
    options: Options,
}

impl Scene {
    fn new() -> Scene {
        let users = vec![User::new("alice", "alicepw")];
        let settings = ServerSettings { users, storage: Storage::Memory, ..ServerSettings::default() };
        let server = Server::start(settings).unwrap();
        server.make_collection("/alice/work/", CollectionKind::Events, "Work").unwrap();
        let calendar = Url::parse(&format!("{}alice/work/", server.url())).unwrap();
        let credentials = Credentials { user: "alice".into(), password: "alicepw".into() };
        let client = Client::new(&calendar, Some(credentials.into()), &ClientSettings::default()).unwrap();
        let (files, mailbox) = mailbox();
        let scene = Scene { _server: server, client, calendar, files, mailbox, options: Options::default() };
        scene.put("series", SERIES);
        scene.put("other", OTHER);
        scene
    }

    /// What is kept in step, remembered in that folder.
    fn steps_in(&self, folder: &Path) -> Steps {
        let settings =
            Settings { options: self.options.clone(), ..Settings::new(home(), "-//Example//Sample//EN") };
        let client = self.client.clone();
        let dav = DavCollection::new(client, self.calendar.clone(), Contents::Calendar, settings, noon);
        let outlook = store(&self.mailbox, "Calendar").mapped(self.options.clone(), None).at(noon());
        let mut steps = Steps::new(Kind::Event, outlook, dav, folder);
        steps.scope.filter.clone_from(&self.options.calendar.filter);
        steps
    }

    fn steps(&self) -> Steps {
        self.steps_in(self.files.path())
    }

    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.files.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// The first run.
    fn synced(&self) -> Steps {
        let mut steps = self.steps();
        steps.run();
        steps.at_rest();
        steps
    }

    fn url(&self, name: &str) -> Url {
        self.calendar.join(&format!("{name}.ics")).unwrap()
    }

    fn put(&self, name: &str, body: &str) {
        let etag = self.client.get(&self.url(name)).ok().and_then(|resource| resource.etag);
        let expect = etag.as_deref().map_or(Expect::Absent, Expect::ETag);
        self.client.put(&self.url(name), "text/calendar; charset=utf-8", body.as_bytes(), expect).unwrap();
    }

    fn body(&self) -> String {
        String::from_utf8(self.client.get(&self.url("series")).unwrap().body).unwrap()
    }

    /// Edits the text of the series on the server.
    fn replace(&self, from: &str, to: &str) {
        let body = self.body();
        assert!(body.contains(from), "{body}");
        self.put("series", &body.replace(from, to));
    }

    /// What a person sees of the series: starts and titles.
    fn rows(&self) -> Vec<ItemRow> {
        let rows = self.mailbox.items("Calendar").unwrap();
        rows.into_iter().filter(|row| row.title != "Other").collect()
    }

    fn titles(&self) -> Vec<String> {
        self.rows().into_iter().map(|row| row.title).collect()
    }

    /// The appointment that shows that day and hour, by the clock of the mailbox.
    fn at(&self, start: &str) -> String {
        let rows = self.rows();
        let found = rows.iter().find(|row| row.starts.starts_with(start));
        found.unwrap_or_else(|| panic!("nothing is at {start}: {rows:?}")).entry_id.clone()
    }

    fn set(&self, start: &str, properties: &[(&str, &str)]) {
        self.mailbox.set(&self.at(start), properties, noon()).unwrap();
    }

    fn delete(&self, start: &str) {
        self.mailbox.delete(&self.at(start), noon()).unwrap();
    }
}

const FIRST: &str = "2026-03-02T09";
const ON_THE_THIRD: &str = "2026-03-03T15";

#[test]
fn every_occurrence_is_seen_and_follows_what_the_server_says() {
    let scene = Scene::new();
    let mut steps = scene.synced();
    assert_eq!(scene.body(), SERIES, "the server's series is not touched");
    assert_eq!(scene.titles(), ["Feed the cat"; 4]);
    assert_eq!(scene.mailbox.read_all("Calendar").unwrap().len(), 2, "an export has one series");
    let mut in_step = |edit: &dyn Fn(), wanted: &[&str]| {
        edit();
        let report = steps.run();
        assert_eq!(writes(&report), (1, 0), "{:?}", report.lines);
        assert_eq!(scene.titles(), wanted);
        steps.at_rest();
    };
    in_step(&|| scene.replace("Feed the cat", "Feed the dog"), &["Feed the dog"; 4]);
    let without = "X-BOWL:blue\r\nEXDATE:20260303T140000Z";
    in_step(&|| scene.replace("X-BOWL:blue", without), &["Feed the dog"; 3]);
    in_step(&|| scene.replace(without, "X-BOWL:blue"), &["Feed the dog"; 4]);
    in_step(&|| scene.replace("BYHOUR=8,14", "BYHOUR=8,11,14"), &["Feed the dog"; 5]);
    in_step(&|| scene.replace(";BYHOUR=8,11,14", ""), &["Feed the dog"]);
    in_step(&|| scene.replace("COUNT=6", "COUNT=4;BYHOUR=8,14"), &["Feed the dog"; 3]);
    in_step(&|| scene.client.delete(&scene.url("series"), None).unwrap(), &[]);
}

#[test]
fn an_edit_of_one_in_outlook_is_one_of_that_occurrence_on_the_server() {
    let scene = Scene::new();
    let mut steps = scene.synced();
    scene.set(ON_THE_THIRD, &[("Location", "Garden"), ("Start", "2026-03-03T16:30")]);
    let report = steps.run();
    assert_eq!(writes(&report), (0, 1), "{:?}", report.lines);
    steps.at_rest();
    let body = scene.body();
    for line in [
        "RECURRENCE-ID:20260303T140000Z",
        "LOCATION:Garden",
        "DTSTART:20260303T153000Z",
        "DTEND:20260303T154500Z",
        "RRULE:FREQ=DAILY;COUNT=6;BYHOUR=8,14",
        "DTSTART:20260302T080000Z",
        "X-BOWL:blue",
    ] {
        assert!(body.contains(&format!("{line}\r\n")), "{line}\n{body}");
    }
    // An edit of the series in Outlook takes the others along, in the same run.
    scene.set(FIRST, &[("Subject", "Feed the dog")]);
    let report = steps.run();
    assert_eq!(writes(&report), (1, 1), "{:?}", report.lines);
    assert_eq!(scene.titles(), ["Feed the dog"; 4]);
    steps.at_rest();
    assert_eq!(scene.body().matches("SUMMARY:Feed the dog").count(), 2, "{}", scene.body());
}

#[test]
fn one_that_is_deleted_in_outlook_takes_place_no_more() {
    let scene = Scene::new();
    let mut steps = scene.synced();
    scene.delete(ON_THE_THIRD);
    let report = steps.run();
    assert_eq!(writes(&report), (0, 1), "{:?}", report.lines);
    steps.at_rest();
    assert!(scene.body().contains("EXDATE:20260303T140000Z"), "{}", scene.body());
    scene.replace("Feed the cat", "Feed the dog");
    steps.run();
    assert_eq!(scene.titles(), ["Feed the dog"; 3]);
    steps.at_rest();
}

#[test]
fn a_series_that_is_deleted_in_outlook_goes_with_all_that_shows_it() {
    let scene = Scene::new();
    let mut steps = scene.synced();
    scene.delete(FIRST);
    assert_eq!((scene.titles().len(), scene.mailbox.deleted().unwrap().len()), (0, 4));
    let report = steps.run();
    assert_eq!(writes(&report), (0, 1), "{:?}", report.lines);
    steps.at_rest();
    assert_eq!(steps.uids_on_server(), ["other"]);
}

#[test]
fn both_sides_edit_the_series_and_both_edits_stay() {
    let scene = Scene::new();
    let mut steps = scene.synced();
    scene.set(ON_THE_THIRD, &[("Location", "Garden")]);
    scene.delete("2026-03-04T15");
    scene.replace("Feed the cat", "Feed the dog");
    steps.run();
    steps.at_rest();
    let body = scene.body();
    for line in ["SUMMARY:Feed the dog", "LOCATION:Garden", "EXDATE:20260304T140000Z"] {
        assert!(body.contains(&format!("{line}\r\n")), "{line}\n{body}");
    }
    assert_eq!(scene.rows().len(), 3);
    let place = |start: &str| {
        let item = serde_json::to_value(scene.mailbox.item(&scene.at(start)).unwrap().item).unwrap();
        item["Location"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!((place(ON_THE_THIRD), place("2026-03-02T15")), ("Garden".into(), String::new()));
}

#[test]
fn what_is_put_into_another_folder_is_an_appointment_of_its_own_there() {
    let scene = Scene::new();
    let mut steps = scene.synced();
    scene.mailbox.create_folder("Calendar/Work", Kind::Event).unwrap();
    let moved = scene.mailbox.item(&scene.at(ON_THE_THIRD)).unwrap();
    scene.mailbox.add("Calendar/Work", &moved.item, noon()).unwrap();
    scene.delete(ON_THE_THIRD);
    // A copy beside the others is one, too.
    let copied = scene.mailbox.item(&scene.at("2026-03-02T15")).unwrap();
    scene.mailbox.add("Calendar", &copied.item, noon()).unwrap();
    steps.run();
    steps.at_rest();
    assert!(scene.body().contains("EXDATE:20260303T140000Z"), "{}", scene.body());
    assert_eq!(steps.uids_on_server().len(), 3);
    let mut rows = 0;
    let mut sink = |row| {
        rows += usize::from(matches!(row, Row::Present(..)));
        Ok(())
    };
    let scope = Scope::of(vec![Kind::Event]);
    store(&scene.mailbox, "Calendar/Work").changes(None, &scope, &mut sink, &Call::default()).unwrap();
    assert_eq!(rows, 1);
}

#[test]
fn a_run_is_taken_back_with_all_that_shows_the_series() {
    // What the server removed is back in Outlook, whole.
    let scene = Scene::new();
    let mut steps = scene.synced();
    scene.set(ON_THE_THIRD, &[("Location", "Garden")]);
    steps.run();
    let before = scene.rows().into_iter().map(|row| (row.starts, row.title)).collect::<Vec<_>>();
    scene.client.delete(&scene.url("series"), None).unwrap();
    let run = steps.run().run;
    assert_eq!(scene.rows(), []);
    let back = |steps: &mut Steps, run: &str| {
        let report = steps
            .work(|pair, state, journal, now| undo(pair, run, state, journal, now, &Call::default()))
            .unwrap();
        assert_eq!(report.outcome, RunOutcome::Finished, "{:?}", report.lines);
        steps.at_rest();
    };
    back(&mut steps, &run);
    assert_eq!(scene.rows().into_iter().map(|row| (row.starts, row.title)).collect::<Vec<_>>(), before);

    // What an edit of a single one did on the server is taken back there.
    let scene = Scene::new();
    let mut steps = scene.synced();
    scene.set(ON_THE_THIRD, &[("Location", "Garden")]);
    let run = steps.run().run;
    assert!(scene.body().contains("RECURRENCE-ID"));
    back(&mut steps, &run);
    assert!(!scene.body().contains("RECURRENCE-ID"), "{}", scene.body());
    // And what a run wrote into Outlook.
    scene.replace("Feed the cat", "Feed the dog");
    let run = steps.run().run;
    // That occurrence is one of Outlook's own since, with all that it says.
    assert_eq!(scene.titles(), ["Feed the dog", "Feed the dog", "Feed the cat", "Feed the dog"]);
    back(&mut steps, &run);
    assert_eq!(scene.titles(), ["Feed the cat"; 4]);
}

#[test]
fn a_lost_state_merges_and_doubles_nothing() {
    let scene = Scene::new();
    let steps = scene.synced();
    drop(steps);
    scene.set(ON_THE_THIRD, &[("Location", "Garden")]);
    let mut again = scene.steps_in(&scene.folder("again"));
    again.run();
    again.at_rest();
    assert_eq!((scene.rows().len(), again.uids_on_server().len()), (4, 2));
    assert!(scene.body().contains("LOCATION:Garden"), "{}", scene.body());
}

#[test]
fn two_computers_on_one_mailbox_agree() {
    let scene = Scene::new();
    let mut one = scene.synced();
    let mut other = scene.steps_in(&scene.folder("other"));
    other.run();
    other.at_rest();
    scene.set(ON_THE_THIRD, &[("Location", "Garden")]);
    scene.set(FIRST, &[("Subject", "Feed the dog")]);
    scene.delete("2026-03-04T15");
    one.run();
    one.at_rest();
    other.run();
    other.at_rest();
    one.at_rest();
    assert_eq!(scene.titles(), ["Feed the dog"; 3]);
    assert!(scene.body().contains("EXDATE:20260304T140000Z"), "{}", scene.body());
}

/// Every step of a run that is durable by itself is the last one, once.
#[test]
fn a_run_that_is_killed_anywhere_loses_no_appointment_and_takes_none_for_deleted() {
    let mut kills = 0;
    loop {
        let scene = Scene::new();
        let mut steps = scene.synced();
        scene.set(ON_THE_THIRD, &[("Location", "Garden")]);
        scene.delete("2026-03-04T15");
        scene.replace("Feed the cat", "Feed the dog");
        let passed = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&passed);
        let between = move || assert!(counter.fetch_add(1, Ordering::Relaxed) != kills, "killed");
        let call = Call { between: Some(Arc::new(between)), ..Call::default() };
        let killed = catch_unwind(AssertUnwindSafe(|| {
            steps.work(|pair, state, journal, now| sync_pair(pair, state, journal, now, &call)).map(drop)
        }));
        drop(steps);
        let mut steps = scene.steps();
        steps.run();
        steps.at_rest();
        let body = scene.body();
        let lines: BTreeMap<&str, usize> =
            ["EXDATE:20260304T140000Z", "LOCATION:Garden", "RECURRENCE-ID", "EXDATE"]
                .map(|line| (line, body.matches(line).count()))
                .into();
        assert!(lines.values().all(|count| *count == 1), "{kills}: {body}");
        // An occurrence that was edited in Outlook keeps what it said there.
        assert_eq!(scene.titles(), ["Feed the dog", "Feed the dog", "Feed the cat"], "{kills}");
        if killed.is_ok() {
            break;
        }
        kills += 1;
    }
    assert!(kills > 5, "killed {kills} times");
}

#[test]
fn nothing_of_a_series_crosses_while_it_lacks_the_profiles_category() {
    let mut scene = Scene::new();
    scene.options.calendar.filter = Some(CategoryFilter { name: "Work".into(), admits: Admits::Category });
    let mut steps = scene.synced();
    let before = scene.body();
    scene.set(FIRST, &[("Categories", "")]);
    scene.set(ON_THE_THIRD, &[("Location", "Garden")]);
    scene.delete("2026-03-04T15");
    let report = steps.run();
    assert_eq!(writes(&report), (0, 0), "{:?}", report.lines);
    assert_eq!((scene.body(), scene.rows().len()), (before, 3));
    scene.set(FIRST, &[("Categories", "Work")]);
    steps.run();
    steps.at_rest();
    let body = scene.body();
    assert!(body.contains("LOCATION:Garden") && body.contains("EXDATE:20260304T140000Z"), "{body}");
}

#[test]
fn nothing_of_a_series_crosses_once_it_has_left_the_time_range() {
    let scene = Scene::new();
    let range = |today| Range { days_back: 30, days_ahead: 30, today, home: home() };
    let mut steps = scene.steps();
    steps.scope.range = Some(range(date(2026, 3, 1)));
    steps.run();
    steps.at_rest();
    let before = scene.body();
    steps.scope.range = Some(range(date(2026, 6, 1)));
    scene.set(ON_THE_THIRD, &[("Location", "Garden")]);
    scene.delete("2026-03-04T15");
    let report = steps.run();
    assert_eq!(writes(&report), (0, 0), "{:?}", report.lines);
    assert_eq!((scene.body(), scene.rows().len()), (before, 3));
}

#[test]
fn what_is_shown_moves_on_and_nothing_that_falls_out_of_it_is_lost() {
    let scene = Scene::new();
    scene.put("series", &SERIES.replace("COUNT=6;", "INTERVAL=7;"));
    let mut steps = scene.synced();
    scene.set("2026-03-02T15", &[("Location", "Garden")]);
    scene.delete("2026-03-09T15");
    steps.run();
    steps.at_rest();
    drop(steps);
    let body = scene.body();
    let later = "2029-05-20T12:00:00Z".parse().unwrap();
    let settings = Settings { now: Some(later), ..Settings::new(home(), "-//Example//Sample//EN") };
    let calendar = scene.calendar.clone();
    let dav = DavCollection::new(scene.client.clone(), calendar, Contents::Calendar, settings, noon);
    let outlook = store(&scene.mailbox, "Calendar").at(later);
    let mut steps = Steps::new(Kind::Event, outlook, dav, scene.files.path());
    let report = steps.run();
    assert_eq!(writes(&report), (1, 0), "{:?}", report.lines);
    steps.at_rest();
    assert_eq!(scene.body(), body);
    assert!(scene.rows().len() > 52);
    scene.set("2029-06-04T16", &[("Location", "Hall")]);
    steps.run();
    steps.at_rest();
    for line in ["LOCATION:Garden", "LOCATION:Hall", "RECURRENCE-ID:20290604T140000Z"] {
        assert!(scene.body().contains(line), "{line}\n{}", scene.body());
    }
}
