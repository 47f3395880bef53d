//! Single items in the past, end to end: their versions, putting one back, choosing the loser of a clash; steps that wait;
//! and beginning anew.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::home::{Home, writes};
use crate::samples;
use crate::server::{Collection, Holding};

/// A synced profile of some cards.
fn synced(cards: usize) -> Option<(Home, Collection)> {
    let home = Home::new();
    let server = Collection::make(Holding::Cards)?;
    for number in 0..cards {
        server.put(&format!("sample-{number}.vcf"), &samples::card(number));
    }
    home.join("people", "Contacts", &server);
    home.sync("people");
    Some((home, server))
}

/// Outlook's company of a contact.
fn company(home: &Home, title: &str) -> String {
    let shown = home.json(&["outlook", "show", &home.id_of("Contacts", title)]);
    shown["properties"]["CompanyName"].as_str().unwrap_or_default().to_owned()
}

/// The versions of an item in which a field got a value: their numbers.
fn numbers(history: &Value, side: &str, value: &str) -> Vec<i64> {
    let versions = history["versions"].as_array().unwrap().iter();
    versions
        .filter(|version| version["side"] == side && version["changes"].to_string().contains(value))
        .filter_map(|version| version["number"].as_i64())
        .collect()
}

#[test]
fn an_item_has_a_history_and_any_version_of_it_can_be_put_back() {
    let Some((home, server)) = synced(2) else { return };
    for company in ["First Company", "Second Company"] {
        let before = if company.starts_with("First") { "Sample Company" } else { "First Company" };
        server.replace("sample-0.vcf", before, company);
        home.sync("people");
    }
    let id = home.id_of("Contacts", "Sample Person 000");
    for name in [
        id.as_str(),
        &id[..8],
        "Sample Person 000",
        "sample-0.vcf",
        "sample-card-0",
        &format!("{}sample-0.vcf", server.url()),
    ] {
        let history = home.json(&["history", name]);
        assert_eq!(history["title"], "Sample Person 000", "{name}: {history}");
    }
    let history = home.json(&["history", &id]);
    let first = numbers(&history, "outlook", "First Company");
    let told = home.fine(&["history", &id]);
    assert!(told.contains("Sample Company\" -> \"First Company\""), "{told}");
    assert!(told.contains(&format!("dovetail restore {id}@VERSION")), "{told}");

    let restored = home.json(&["restore", &format!("{id}@{}", first[0])]);
    assert_eq!(restored["report"]["written"]["server"]["updated"], 1, "{restored}");
    assert_eq!(server.values("ORG"), ["First Company", "Sample Company"]);
    assert_eq!(company(&home, "Sample Person 000"), "First Company");
    assert!(server.objects().iter().all(|card| card.contains("X-SAMPLE;X-PARAM=\"a;b\":kept")));
    assert_eq!(writes(&home.sync("people")), 0);
    home.fine(&["verify", "people"]);

    home.fine(&["undo", restored["report"]["run"].as_str().unwrap()]);
    assert_eq!(server.values("ORG"), ["Sample Company", "Second Company"]);
    assert_eq!(company(&home, "Sample Person 000"), "Second Company");
}

#[test]
fn a_deleted_item_is_found_by_its_title_and_comes_back_whole() {
    let Some((home, server)) = synced(2) else { return };
    let before = server.request("GET", "sample-1.vcf", "").body;
    home.fine(&["outlook", "delete", &home.id_of("Contacts", "Sample Person 001")]);
    home.sync("people");
    assert_eq!(server.names().len(), 1);
    let history = home.json(&["history", "sample person 001"]);
    let versions = history["versions"].as_array().unwrap();
    let removed = versions.iter().position(|version| version["how"] == "removed").unwrap();
    assert_eq!(versions[removed]["side"], "server", "{history}");
    let last = numbers(&history, "server", "Sample Company").pop().unwrap();

    home.fine(&["restore", &format!("Sample Person 001@{last}")]);
    assert_eq!(home.titles("Contacts"), ["Sample Person 000", "Sample Person 001"]);
    let lines = |card: &str| {
        let mut lines: Vec<String> = card.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let back = server.objects().into_iter().find(|card| card.contains("Person 001")).unwrap();
    assert_eq!(lines(&back), lines(&before), "with all that only the server holds");
    assert_eq!(writes(&home.sync("people")), 0);
    home.fine(&["verify", "people"]);
}

#[test]
fn what_cannot_be_restored_is_told_with_what_can() {
    let Some((home, _server)) = synced(1) else { return };
    for (version, told) in [
        ("Sample Person 000", "names no version"),
        ("@7", "names no version"),
        ("Sample Person 000@x", "names no version"),
        ("Sample Person 000@9999", "The journal has no version 9999"),
        ("Nobody@1", "No item \"Nobody\" was ever synced"),
    ] {
        let ended = home.run(&["restore", version]);
        assert_eq!(ended.code, 2, "{ended:#?}");
        assert!(ended.err.contains(told) && ended.err.contains("hint: "), "{ended:#?}");
    }
    assert_eq!(home.run(&["history", "Nobody", "--json"]).code, 2);
}

#[test]
fn the_loser_of_a_clash_can_be_chosen_afterwards() {
    let Some((home, server)) = synced(1) else { return };
    let id = home.id_of("Contacts", "Sample Person 000");
    server.replace("sample-0.vcf", "Sample Company", "Company of the server");
    home.fine(&["outlook", "set", &id, "CompanyName=Company of Outlook"]);
    assert_eq!(home.sync("people")["clashes"], 1);
    let kept = server.values("ORG").remove(0);
    let (kept_side, lost_side, lost) = match kept.as_str() {
        "Company of Outlook" => ("outlook", "server", "Company of the server"),
        _ => ("server", "outlook", "Company of Outlook"),
    };
    assert_eq!(home.json(&["status"])[0]["clashes"], 1);
    let clashes = home.json(&["clashes", "list"]);
    assert_eq!((&clashes[0]["kept"], &clashes[0]["title"]), (&json!(kept_side), &json!("Sample Person 000")));
    let name = clashes[0]["id"].as_str().unwrap();
    let shown = home.json(&["clashes", "show", name]);
    let fields = shown["fields"].as_array().unwrap();
    let field = fields.iter().find(|field| field["clashed"] == true).unwrap();
    assert_eq!(
        (&field["outlook"], &field["server"]),
        (&json!("Company of Outlook"), &json!("Company of the server"))
    );
    assert!(home.fine(&["clashes", "show", name]).contains("Company of the server"));

    let taken = home.json(&["clashes", "take", name, lost_side]);
    assert_eq!(taken["taken"], lost_side, "{taken}");
    assert_eq!(
        (server.values("ORG"), company(&home, "Sample Person 000")),
        (vec![lost.to_owned()], lost.to_owned())
    );
    assert_eq!(home.json(&["clashes", "list"]), json!([]));
    assert_eq!(home.json(&["clashes", "list", "--all"])[0]["taken"], lost_side);
    assert_eq!(home.json(&["status"])[0]["clashes"], 0);
    assert_eq!(writes(&home.sync("people")), 0);

    home.fine(&["undo", taken["report"]["run"].as_str().unwrap()]);
    assert_eq!(server.values("ORG"), [kept]);
    assert_eq!(home.run(&["clashes", "show", "people:99"]).code, 2);
}

#[test]
fn a_step_that_waits_is_shown_field_by_field_and_an_approval_is_checked_again() {
    let Some((home, server)) = synced(15) else { return };
    for number in 0..11 {
        home.fine(&["outlook", "delete", &home.id_of("Contacts", &format!("Sample Person {number:03}"))]);
    }
    let run = home.run(&["sync", "people"]);
    assert_eq!(run.code, 1, "{run:#?}");
    let held = home.json(&["held", "list", "people"]);
    assert_eq!(held.as_array().unwrap().len(), 11);
    assert_eq!(server.names().len(), 15, "nothing is deleted yet");

    let step = |title: &str| -> Value {
        let held = home.json(&["held", "list"]);
        held.as_array().unwrap().iter().find(|step| step["step"]["title"] == title).cloned().unwrap()
    };
    let name = |title: &str| step(title)["id"].as_str().unwrap().to_owned();
    let shown = home.json(&["held", "show", &name("Sample Person 003")]);
    assert_eq!(shown["step"]["operations"]["server"], "delete");
    assert!(shown["items"]["server"].to_string().contains("Sample Company"), "{shown}");
    let told = home.fine(&["held", "show", &name("Sample Person 003")]);
    assert!(told.contains("Sample Company") && told.contains("held approve"), "{told}");

    // Each command is a process of its own: what was approved outlives it.
    home.fine(&["held", "approve", &name("Sample Person 003"), &name("Sample Person 004")]);
    assert_eq!(step("Sample Person 003")["decision"], "approved");
    server.replace("sample-4.vcf", "Sample Company", "Edited meanwhile");
    home.fine(&["held", "reject", &name("Sample Person 005")]);
    home.run(&["sync", "people"]);
    let left = server.values("FN");
    assert!(!left.contains(&"Sample Person 003".to_owned()), "what was approved is done");
    assert!(left.contains(&"Sample Person 004".to_owned()), "it was edited since");
    assert!(left.contains(&"Sample Person 005".to_owned()), "it was rejected");
    assert_eq!(left.len(), 14);
    let held = home.json(&["held", "list"]);
    let waiting: Vec<_> = held.as_array().unwrap().iter().map(|step| step["step"]["title"].clone()).collect();
    assert!(!waiting.contains(&json!("Sample Person 003")) && !waiting.contains(&json!("Sample Person 005")));
}

#[test]
fn a_forgotten_state_matches_and_deletes_nothing() {
    let Some((home, server)) = synced(4) else { return };
    let path = home.json(&["state", "path", "people"]);
    assert_eq!(path["folder"], home.state_folder("people").to_str().unwrap());
    let state = path["state"].as_str().unwrap().to_owned();
    assert!(fs::exists(&state).unwrap());
    assert_eq!(home.fine(&["state", "path", "people"]).trim(), path["folder"]);

    server.delete("sample-1.vcf");
    let asked = home.run(&["state", "forget", "people"]);
    assert_eq!(asked.code, 2, "nobody is there to answer: {asked:#?}");
    home.fine(&["state", "forget", "people", "--yes"]);
    assert!(!fs::exists(&state).unwrap());
    let run = home.sync("people");
    for side in ["outlook", "server"] {
        assert_eq!(run[side]["deleted"], 0, "{run}");
    }
    assert_eq!(run["server"]["created"], 1, "what one side lacks comes from the other: {run}");
    assert_eq!((server.names().len(), home.titles("Contacts").len()), (4, 4));
    assert_eq!(writes(&home.sync("people")), 0);
    assert!(home.json(&["report", "list"]).as_array().unwrap().len() >= 3, "the journal stays");
}

#[test]
fn the_status_tells_how_much_room_state_and_journal_take() {
    let Some((home, _server)) = synced(3) else { return };
    let size = |name: &str| fs::metadata(home.state_folder("people").join(name)).unwrap().len();
    let (state, journal) = (size("state.db"), size("journal.db"));
    assert!(state > 0 && journal > 0);
    let status = home.json(&["status"])[0].clone();
    assert_eq!((&status["state_bytes"], &status["journal_bytes"]), (&json!(state), &json!(journal)));
    let told = home.fine(&["status"]);
    for bytes in [state, journal] {
        assert!(told.contains(&format!("{} KiB", bytes.div_ceil(1024))), "{told}");
    }
}

#[test]
fn a_damaged_state_is_kept_and_told_of() {
    let Some((home, _server)) = synced(2) else { return };
    let folder = home.state_folder("people");
    for name in ["state.db-wal", "state.db-shm"] {
        let _ = fs::remove_file(folder.join(name));
    }
    fs::write(folder.join("state.db"), [0xA5; 9_000]).unwrap();
    let told = home.fine(&["sync", "people"]);
    let aside = folder.join("state.db.damaged-1");
    assert!(told.contains("the state was damaged") && told.contains(aside.to_str().unwrap()), "{told}");
    assert_eq!(fs::read(aside).unwrap(), [0xA5; 9_000]);
    assert!(!home.fine(&["sync", "people"]).contains("damaged"));
}

#[cfg(unix)]
#[test]
fn what_is_remembered_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let Some((home, _server)) = synced(2) else { return };
    let entries = fs::read_dir(home.state_folder("people")).unwrap();
    let mut seen = 0;
    for entry in entries {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert!(seen >= 3, "state, journal and lock");
}

#[test]
fn a_second_run_on_a_profile_says_so_or_waits_as_long_as_it_is_told() {
    let Some((home, _server)) = synced(1) else { return };
    let path = home.state_folder("people").join("state.lock");
    let lock = fs::File::options().write(true).open(path).unwrap();
    lock.lock().unwrap();
    let ended = home.run(&["sync", "people"]);
    assert_eq!(ended.code, 3, "{ended:#?}");
    assert!(ended.err.contains("Another run is at work on this profile"), "{ended:#?}");
    let ended = home.run(&["sync", "people", "--wait", "1"]);
    assert_eq!(ended.code, 3, "{ended:#?}");
    assert!(ended.err.contains("still is after 1 seconds"), "{ended:#?}");

    let child = home.start(&["sync", "people", "--wait", "300", "--json"]);
    thread::sleep(Duration::from_millis(300));
    drop(lock);
    let ended = crate::home::Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, 0, "{ended:#?}");
}

#[test]
fn nothing_is_mended_where_nothing_differs() {
    let Some((home, _server)) = synced(2) else { return };
    assert_eq!(home.fine(&["verify", "people", "--repair"]).trim(), "people: nothing to mend");
    assert_eq!(home.json(&["verify", "people", "--repair"])["rows"], json!([]));
    let mended = home.json(&["verify", "people", "--repair", "--yes"]);
    assert_eq!(writes(&mended), 0);
}
