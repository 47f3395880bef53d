//! A profile in the middle of its life, before things go wrong: both sides have something that the other is to get.

use expect_test::Expect;
use serde_json::Value;

use crate::gate::Gate;
use crate::home::{Ended, Home};
use crate::manual;
use crate::samples;
use crate::server::{Collection, Holding, base64};

/// What stands in the manual for a fingerprint.
pub(crate) const FINGERPRINT: &str =
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";

/// The fingerprint that a complaint shows, if it shows one.
pub(crate) fn fingerprint(complaint: &str) -> String {
    let shown = complaint.split("fingerprint is ").nth(1).unwrap_or_default();
    shown.chars().take_while(|c| c.is_ascii_hexdigit() || *c == ':').collect()
}

/// What a connection test says of the connection, without the blanks before it.
pub(crate) fn of_connection(tested: &str) -> String {
    let lines =
        tested.lines().skip(1).map(str::trim_start).take_while(|line| !line.contains("lets alice in"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The password as it goes over the wire.
const USER_AND_PASSWORD: &str = "alice:alicepw";

/// A home with the profile `people`, synced once; since then a card was made and another edited on each side.
pub(crate) struct Scene {
    pub(crate) home: Home,
    pub(crate) server: Collection,
    pub(crate) gate: Gate,
}

impl Scene {
    /// With a server, and an open gate before it, through which the profile goes.
    pub(crate) fn new() -> Option<Scene> {
        let home = Home::new();
        let server = Collection::make(Holding::Cards)?;
        for number in 0..3 {
            server.put(&format!("sample-{number}.vcf"), &samples::card(number));
        }
        home.join("people", "Contacts", &server);
        let gate = Gate::before(&server);
        // Before the first sync: what is reached by another address is taken for another collection.
        home.move_to("people", &format!("{}{}", gate.address, server.path()));
        home.sync("people");
        server.put("sample-3.vcf", &samples::card(3));
        server.replace("sample-0.vcf", "Sample Company", "Company of the server");
        let file = home.file("new.vcf", &samples::plain_card(4));
        home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
        let edited = home.id_of("Contacts", "Sample Person 001");
        home.fine(&["outlook", "set", &edited, "JobTitle=Title of the mailbox"]);
        gate.forget();
        Some(Scene { home, server, gate })
    }

    /// Sends the profile through a gate.
    pub(crate) fn go_through(&self, gate: &Gate) {
        self.go_to(&gate.address);
    }

    /// Sends the profile to another server, where its collection has the same path.
    pub(crate) fn go_to(&self, address: &str) {
        self.home.move_to("people", &format!("{address}{}", self.server.path()));
    }

    /// All that both sides hold.
    pub(crate) fn both(&self) -> (Vec<String>, Vec<Value>) {
        (self.server.objects(), self.home.list("Contacts"))
    }

    /// A sync fails: with this text, which the manual shows, and this kind; in JSON as well; without a change on
    /// either side; and without telling the password, however much is told.
    pub(crate) fn sync_fails(&self, kind: &str, told: Expect) {
        let before = self.both();
        self.fails(&["sync", "people"], 3, kind, told);
        let json = self.home.run(&["sync", "people", "--json"]);
        if !json.out.is_empty() {
            let run: Value = serde_json::from_str(&json.out).expect("a run in JSON");
            assert_eq!(run["outcome"], kind, "{run}");
        }
        assert_eq!(self.both(), before, "nothing is changed by a run that cannot begin");
        self.home.fine(&["status"]);
    }

    /// A command fails: see [`Scene::sync_fails`].
    pub(crate) fn fails(&self, words: &[&str], code: i32, kind: &str, told: Expect) {
        fails(&self.home, words, code, kind, told, &[(&self.gate.address, "https://dav.example.org")]);
    }

    /// Once the cause is gone, one more run does what is left: both sides have all edits and all items, once.
    pub(crate) fn recovers(&self) {
        self.gate.open();
        self.go_through(&self.gate);
        // Even where the server had asked for a pause.
        let run = self.home.json(&["sync", "people", "--now"]);
        assert_eq!((&run["outcome"], &run["failed"]), (&"finished".into(), &0.into()), "{run}");
        let all: Vec<String> = (0..5).map(|number| format!("Sample Person {number:03}")).collect();
        assert_eq!((self.home.titles("Contacts"), self.server.values("FN")), (all.clone(), all));
        assert_eq!(self.server.values("TITLE"), ["Title of the mailbox"]);
        let edited = self.home.id_of("Contacts", "Sample Person 000");
        let shown = self.home.json(&["outlook", "show", &edited]).to_string();
        assert!(shown.contains("Company of the server"), "{shown}");
        self.home.fine(&["verify", "people"]);
        let again = self.home.sync("people");
        assert_eq!(crate::home::writes(&again), 0, "{again}");
    }
}

/// A command fails with this exit code, text and kind. What differs from test to test is replaced by the second of each
/// pair of `examples`, so that the text reads as in the manual, which has to show it.
pub(crate) fn fails(
    home: &Home,
    words: &[&str],
    code: i32,
    kind: &str,
    told: Expect,
    examples: &[(&str, &str)],
) {
    let readable = |ended: &Ended| {
        let here = home.path().display().to_string();
        let shown = fingerprint(&ended.err);
        let always = [(here.as_str(), "/home/me/dovetail"), (shown.as_str(), FINGERPRINT)];
        let all = examples.iter().copied().chain(always.into_iter().filter(|(actual, _)| !actual.is_empty()));
        all.fold(ended.err.clone(), |text, (actual, example)| text.replace(actual, example))
    };
    let plain = home.run(words);
    let text = readable(&plain);
    told.assert_eq(&text);
    assert_eq!(plain.code, code, "{plain:#?}");
    assert_eq!(text.lines().count(), 2, "one sentence and one hint: {text}");
    manual::shows(&text);

    let json = home.run(&[words, &["--json"]].concat());
    let error: Value = serde_json::from_str(&readable(&json)).expect("a complaint in JSON");
    assert_eq!((json.code, &error["kind"]), (code, &kind.into()), "{error}");
    let both = ["error", "hint"].map(|key| format!("{key}: {}\n", error[key].as_str().unwrap()));
    assert_eq!(both.concat(), text);

    let mut talkative = home.command(&[words, &["--verbose"]].concat());
    let talkative = Ended::of(talkative.env("DOVETAIL_LOG", "trace").output().unwrap());
    assert_eq!(talkative.code, code, "{talkative:#?}");
    for ended in [plain, json, talkative] {
        check_discreet(&ended);
    }
    let mut holders = home.files_with("alicepw");
    // Some have written it into the settings themselves.
    holders.retain(|name| !matches!(name.as_str(), "secrets.json" | "config.json"));
    assert!(holders.is_empty(), "{holders:?}");
}

/// Nothing that was said holds the password, however it is written.
fn check_discreet(ended: &Ended) {
    let (_, password) = USER_AND_PASSWORD.split_once(':').expect("both");
    let encoded = base64(USER_AND_PASSWORD.as_bytes());
    for text in [&ended.out, &ended.err] {
        for secret in [password, encoded.trim_end_matches('=')] {
            let at = text.find(secret);
            assert_eq!(at, None, "{:?}", at.map(|at| &text[at.saturating_sub(200)..at]));
        }
    }
}
