//! The program is killed during a run, at 25 moments: one more run converges, nothing is doubled, nothing is lost.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::home::{Ended, Home, writes};
use crate::samples;
use crate::server::{Collection, Holding};

const KILLS: u32 = 25;

#[test]
fn a_kill_at_any_moment_is_made_good_by_the_next_run() {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    home.fine(&["outlook", "folders"]);
    home.join("people", "Contacts", &server);
    home.fine(&["profile", "set", "people", "chunk_items=3"]);
    let mut there = Vec::new();
    let mut longest = Duration::from_millis(600);
    for round in 0..KILLS {
        // Each round gives both sides something new and, of what is there, an edit each.
        let (first, second) = (round as usize * 2, round as usize * 2 + 1);
        server.put(&format!("sample-{first}.vcf"), &samples::card(first));
        let file = home.file("new.vcf", &samples::plain_card(second));
        home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
        if let Some(&known) = there.last() {
            edit_both(&home, &server, known, round);
        }
        there.push(first);

        kill_during_a_sync(&home, moment(round, longest));

        let started = Instant::now();
        let run = home.sync("people");
        longest = longest.max(started.elapsed()).min(Duration::from_secs(3));
        assert_eq!((&run["failed"], &run["held"]), (&0.into(), &0.into()), "round {round}: {run}");
        check_complete(&home, &server, second, round);
        let after = home.sync("people");
        assert_eq!(writes(&after), 0, "round {round}: {after}");
    }
    home.fine(&["verify", "people"]);
}

/// Moments spread over the length of a run; the order is a permutation, so that a slow start hits them all.
fn moment(round: u32, longest: Duration) -> Duration {
    longest * ((round * 11) % KILLS) / KILLS
}

fn kill_during_a_sync(home: &Home, after: Duration) {
    let mut child = home.start(&["sync", "people"]);
    thread::sleep(after);
    // SIGKILL on Unix: nothing in the process can react. It may also have ended by itself.
    let _ = child.kill();
    child.wait().expect("the process ends");
}

fn edit_both(home: &Home, server: &Collection, known: usize, round: u32) {
    server.replace(&format!("sample-{known}.vcf"), "Sample Company", &format!("Company {round:02}"));
    let id = home.id_of("Contacts", &format!("Sample Person {known:03}"));
    home.fine(&["outlook", "set", &id, &format!("JobTitle=Title {round:02}")]);
}

fn check_complete(home: &Home, server: &Collection, last: usize, round: u32) {
    let titles: Vec<_> = (0..=last).map(|number| format!("Sample Person {number:03}")).collect();
    assert_eq!(home.titles("Contacts"), titles, "round {round}");
    let on_server = server.objects();
    assert_eq!(on_server.len(), titles.len(), "round {round}");
    for title in &titles {
        let holders = on_server.iter().filter(|object| object.contains(&format!("FN:{title}")));
        assert_eq!(holders.count(), 1, "round {round}: {title}");
    }
    for earlier in 1..=round {
        for value in [format!("TITLE:Title {earlier:02}"), format!("ORG:Company {earlier:02}")] {
            let holders = on_server.iter().filter(|object| object.contains(&value)).count();
            assert_eq!(holders, 1, "round {round}: {value}");
        }
    }
}

/// How many kills there are to be, and how many contacts, unless the variables of the test below say otherwise.
const MANY: (usize, usize) = (6, 60);

/// The real thing takes some minutes, and is called by hand:
///
/// ```sh
/// DOVETAIL_KILLS=200 DOVETAIL_KILL_ITEMS=3500 cargo test --release -p dovetail --test it a_long_first_sync -- --nocapture
/// ```
#[allow(clippy::disallowed_macros, reason = "who calls it by hand wants to see it go on")]
#[test]
fn a_long_first_sync_to_cyrus_outlives_many_kills() {
    let number = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
    };
    let (kills, items) = (number("DOVETAIL_KILLS", MANY.0), number("DOVETAIL_KILL_ITEMS", MANY.1));
    let home = Home::new();
    let Some(server) = Collection::address_book_of_cyrus() else { return };
    let cards: String = (0..items).map(samples::plain_card).collect();
    let file = home.file("new.vcf", &cards);
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    home.join("people", "Contacts", &server);
    home.fine(&["profile", "set", "people", "chunk_items=10"]);

    let begun = Instant::now();
    let (mut alive, mut there) = (0, 0);
    for kill in 0..kills {
        let mut child = home.start(&["sync", "people", "--now"]);
        let mut runs = || child.try_wait().expect("the process can be asked").is_none();
        // Until its share is there, so that enough is left for the kills that are left, and for a last run.
        let share = there + (items - there) / (kills - kill + 1);
        while runs() && server.names().len() < share {
            thread::sleep(Duration::from_millis(5));
        }
        alive += usize::from(runs());
        let _ = child.kill();
        child.wait().expect("the process ends");
        there = server.names().len();
        eprintln!("kill {}: {there} of {items}", kill + 1);
        assert!(there <= items, "something is doubled");
    }
    let last = home.sync("people");
    eprintln!("{alive} of {kills} kills hit a running sync, in {:?}; the last run: {last}", begun.elapsed());
    assert!(alive * 2 > kills, "{alive} of {kills} kills hit anything");
    assert_eq!(
        (&last["failed"], &last["held"], &last["clashes"]),
        (&0.into(), &0.into(), &0.into()),
        "{last}"
    );
    let titles: Vec<_> = (0..items).map(|number| format!("Sample Person {number:03}")).collect();
    let sorted = |mut titles: Vec<String>| {
        titles.sort();
        titles
    };
    assert_eq!(
        sorted(home.titles("Contacts")),
        sorted(titles.clone()),
        "nothing lost, nothing doubled in the mailbox"
    );
    assert_eq!(server.values("FN"), sorted(titles), "nor on the server");
    let deleted = ["outlook", "server"].map(|side| last[side]["deleted"].as_u64());
    assert_eq!(deleted, [Some(0), Some(0)]);
    home.fine(&["verify", "people"]);
    assert_eq!(writes(&home.sync("people")), 0);
}

/// Ctrl-C, as a terminal sends it.
#[cfg(unix)]
#[test]
fn ctrl_c_stops_between_two_items_and_the_next_run_goes_on() {
    const ITEMS: usize = 60;
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    let cards: String = (0..ITEMS).map(samples::plain_card).collect();
    let file = home.file("new.vcf", &cards);
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    home.join("people", "Contacts", &server);

    let child = home.start(&["sync", "people", "--json"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.names().is_empty() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(10));
    }
    let signalled = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(signalled.expect("kill runs").success());
    let ended = Ended::of(child.wait_with_output().expect("the process ends"));

    assert_eq!(ended.code, 3, "{ended:#?}");
    assert!(ended.out.contains("\"outcome\":\"cancelled\""), "{ended:#?}");
    let written = server.names().len();
    assert!((1..ITEMS).contains(&written), "{written} were written");
    home.sync("people");
    assert_eq!(server.names().len(), ITEMS);
    assert_eq!(writes(&home.sync("people")), 0);
}
