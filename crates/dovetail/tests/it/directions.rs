//! The options `direction` and `rule`, each value against a real server.

use serde_json::json;

use crate::home::{Home, writes};
use crate::samples;
use crate::server::{Collection, Holding};

/// Three cards on both sides, in step.
fn joined() -> Option<(Home, Collection)> {
    let home = Home::new();
    let server = Collection::make(Holding::Cards)?;
    for number in 0..3 {
        server.put(&format!("sample-{number}.vcf"), &samples::card(number));
    }
    home.join("people", "Contacts", &server);
    home.sync("people");
    Some((home, server))
}

fn set(home: &Home, option: &str) {
    home.fine(&["profile", "set", "people", option]);
}

fn edit_in_outlook(home: &Home, number: usize, value: &str) {
    let id = home.id_of("Contacts", &format!("Sample Person {number:03}"));
    home.fine(&["outlook", "set", &id, value]);
}

fn import(home: &Home, number: usize) {
    let file = home.file("one.vcf", &samples::plain_card(number));
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
}

fn titles(numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(|number| format!("Sample Person {number:03}")).collect()
}

fn rests(home: &Home) {
    home.fine(&["verify", "people"]);
    for _ in 0..2 {
        let run = home.sync("people");
        assert_eq!(writes(&run), 0, "{run}");
    }
}

#[test]
fn the_server_becomes_a_copy_of_outlook() {
    let Some((home, server)) = joined() else { return };
    set(&home, "direction=replicate-to-server");
    server.replace("sample-0.vcf", "Sample Company", "Other Company");
    server.put("sample-7.vcf", &samples::card(7));
    server.delete("sample-1.vcf");
    edit_in_outlook(&home, 2, "JobTitle=Sample title");
    let plan = home.json(&["plan", "people"]);
    assert_eq!(
        plan["notices"],
        json!([{ "code": "replicates", "target": "server", "removed": 1, "replaced": 1 }]),
        "{plan}"
    );
    let told = home.fine(&["plan", "people"]);
    assert!(told.contains("warning: from now on the server is a copy of Outlook: 1 item"), "{told}");
    let told = home.fine(&["sync", "people"]);
    assert!(told.contains("taken back: \"Sample Person 000\" (server): company was edited there"), "{told}");
    assert_eq!(server.values("FN"), titles(&[0, 1, 2]));
    assert_eq!(server.values("ORG"), ["Sample Company"; 3]);
    assert_eq!(server.values("TITLE"), ["Sample title"]);
    assert_eq!(home.titles("Contacts"), titles(&[0, 1, 2]));
    rests(&home);
}

#[test]
fn outlook_becomes_a_copy_of_the_server() {
    let Some((home, server)) = joined() else { return };
    set(&home, "direction=replicate-to-outlook");
    edit_in_outlook(&home, 0, "JobTitle=Sample title");
    import(&home, 7);
    server.delete("sample-1.vcf");
    let run = home.sync("people");
    assert_eq!(
        (&run["server"], run["held"].as_u64()),
        (&json!({"created":0,"updated":0,"deleted":0}), Some(0))
    );
    assert_eq!(home.titles("Contacts"), titles(&[0, 2]));
    let shown = home.json(&["outlook", "show", &home.id_of("Contacts", "Sample Person 000")]).to_string();
    assert!(!shown.contains("Sample title"), "{shown}");
    rests(&home);
}

#[test]
fn an_empty_folder_does_not_empty_a_server() {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    server.put("sample-0.vcf", &samples::card(0));
    home.join("people", "Contacts", &server);
    set(&home, "direction=replicate-to-server");
    let ended = home.run(&["sync", "people"]);
    assert_eq!(ended.code, 1, "{ended:#?}");
    assert!(ended.out.contains("has nothing at all"), "{ended:#?}");
    assert_eq!(server.values("FN"), titles(&[0]));
    // Unless a person says so.
    let held = home.json(&["held", "list", "people"]);
    home.fine(&["held", "approve", held[0]["id"].as_str().expect("its name")]);
    home.sync("people");
    assert_eq!(server.names(), [""; 0]);
}

#[test]
fn each_side_can_take_the_others_items_and_keep_its_own() {
    for (direction, to_server) in [("direction=merge-to-server", true), ("direction=merge-to-outlook", false)]
    {
        let Some((home, server)) = joined() else { return };
        set(&home, direction);
        import(&home, 7);
        server.put("sample-8.vcf", &samples::card(8));
        let run = home.sync("people");
        let written = ["outlook", "server"].map(|side| run[side]["created"].as_u64());
        assert_eq!(written, [Some(u64::from(!to_server)), Some(u64::from(to_server))], "{run}");
        let (there, here) = if to_server {
            (vec![0, 1, 2, 7, 8], vec![0, 1, 2, 7])
        } else {
            (vec![0, 1, 2, 8], vec![0, 1, 2, 7, 8])
        };
        assert_eq!((server.values("FN"), home.titles("Contacts")), (titles(&there), titles(&here)));
        rests(&home);
    }
}

#[test]
fn the_rule_says_who_wins() {
    for (rule, company, title, stands) in [
        ("rule=merge", "Other Company", &["Sample title"][..], true),
        ("rule=outlook-wins", "Sample Company", &["Sample title"], true),
        ("rule=server-wins", "Other Company", &[], false),
        ("rule=automatic", "", &[], false),
    ] {
        let Some((home, server)) = joined() else { return };
        set(&home, rule);
        // One field on each side, of one item; and one side removes what the other edits.
        edit_in_outlook(&home, 0, "JobTitle=Sample title");
        server.replace("sample-0.vcf", "Sample Company", "Other Company");
        edit_in_outlook(&home, 1, "JobTitle=Sample title");
        server.delete("sample-1.vcf");
        home.sync("people");
        let expected = if stands { titles(&[0, 1, 2]) } else { titles(&[0, 2]) };
        assert_eq!((server.values("FN"), home.titles("Contacts")), (expected.clone(), expected), "{rule}");
        if !company.is_empty() {
            assert_eq!(
                server.values("ORG").contains(&"Other Company".to_owned()),
                company == "Other Company",
                "{rule}"
            );
            let titles = server.values("TITLE");
            assert_eq!(titles.first().map(String::as_str), title.first().copied(), "{rule}");
        }
        rests(&home);
    }
}

#[test]
fn with_ask_a_clash_waits_for_a_person() {
    let Some((home, server)) = joined() else { return };
    set(&home, "rule=ask");
    edit_in_outlook(&home, 0, "CompanyName=My Company");
    server.replace("sample-0.vcf", "Sample Company", "Other Company");
    edit_in_outlook(&home, 1, "JobTitle=Sample title");
    let ended = home.run(&["sync", "people"]);
    assert_eq!(ended.code, 1, "{ended:#?}");
    assert!(ended.out.contains("both sides changed it, and the rule is to ask you"), "{ended:#?}");
    assert_eq!(server.values("TITLE"), ["Sample title"]);
    let held = home.json(&["held", "list", "people"]);
    home.fine(&["held", "approve", held[0]["id"].as_str().expect("its name")]);
    home.sync("people");
    let companies = server.values("ORG");
    assert!(companies.contains(&"My Company".into()) != companies.contains(&"Other Company".into()));
    rests(&home);
}
