//! `dovetail demo`, as a newcomer and as a script see it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;

use serde_json::Value;

use crate::home::Home;

const STEPS: [&str; 7] = ["stage", "first sync", "edits", "preview", "second sync", "nothing to do", "undo"];

#[test]
fn the_demo_shows_the_main_job_and_leaves_nothing_behind() {
    let mut home = Home::new();
    let rooms = tempfile::tempdir().expect("a temporary folder");
    home.set("TMPDIR", rooms.path().to_path_buf());
    let told = home.fine(&["demo", "--once"]);
    for number in 1..=STEPS.len() {
        assert!(told.contains(&format!("\n{number}. ")), "step {number}: {told}");
    }
    let plain = told.split_whitespace().collect::<Vec<_>>().join(" ");
    // What a newcomer should see of each promise: a merge, a clash that keeps the loser, a preview, an undo.
    for words in [
        "server update event Design review location: \"Room 4\" -> \"Room 9\"",
        // Which of the two is kept depends on the second in which each was made.
        "both sides edited summary; kept \"Budget talk",
        "the journal keeps \"Budget talk",
        "user sample, password sample",
        "people: both sides hold the same",
        "work: in step, nothing to do",
        "stay apart until somebody edits them again",
        "Everything came out as it should.",
    ] {
        assert!(plain.contains(words), "{words:?} is not in {told}");
    }
    let preview: Vec<&str> = told.lines().filter(|line| line.contains(" update  ")).collect();
    let mut once = preview.clone();
    once.dedup();
    assert_eq!(preview, once, "nothing is told twice");
    for timed in
        ["filled in ", "done (run ", "verified in ", "edited in ", "planned in ", "nothing to do (run "]
    {
        assert!(told.contains(timed), "{timed:?} is not in {told}");
    }
    assert_eq!(rooms.path().read_dir().expect("a folder").count(), 0, "the temporary folder is gone");
    assert_eq!(home.path().read_dir().expect("a folder").count(), 0, "the user's own home is not touched");
}

#[test]
fn a_script_reads_the_steps_of_the_demo() {
    let home = Home::new();
    let folder = home.path().join("stage");
    let told = home.fine(&["demo", "--once", "--json", "--folder", &folder.to_string_lossy()]);
    let answers: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let steps: Vec<&str> = answers.iter().filter_map(|answer| answer["step"].as_str()).collect();
    assert_eq!(steps, [&STEPS[..], &["end"]].concat());
    let end = answers.last().expect("an end");
    assert_eq!(end["fine"], true, "{told}");
    assert!(answers[1]["items"][0][1][0].as_u64().is_some_and(|both| both > 50), "{}", answers[1]);
    // A folder that was named stays, and is not used twice.
    assert!(folder.join("mailbox.db").is_file());
    let again = home.run(&["demo", "--once", "--folder", &folder.to_string_lossy()]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already."), "{}", again.err);
}

#[test]
fn the_server_of_the_demo_stays_up_until_ctrl_c() {
    let home = Home::new();
    let folder = home.path().join("stage");
    let mut demo = home.start(&["demo", "--json", "--folder", &folder.to_string_lossy()]);
    let mut lines = BufReader::new(demo.stdout.take().expect("a pipe")).lines();
    let up = lines
        .by_ref()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .find(|answer| answer["step"] == "up")
        .expect("the demo says where it is");
    assert_eq!((&up["user"], &up["password"]), (&"sample".into(), &"sample".into()));
    let address = up["address"].as_str().expect("an address").to_owned();
    let authority = address.trim_start_matches("http://").trim_end_matches('/').to_owned();

    // Another client, then the program in a second terminal.
    let mut stream = TcpStream::connect(&authority).expect("the server listens");
    let request =
        "PROPFIND /sample/ HTTP/1.0\r\nDepth: 1\r\nAuthorization: Basic c2FtcGxlOnNhbXBsZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("the server takes a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    assert!(answer.contains(" 207 ") && answer.contains("/sample/contacts/"), "{answer}");
    let synced = home.fine(&["--home", &folder.to_string_lossy(), "sync"]);
    assert!(synced.contains("people: in step, nothing to do"), "{synced}");

    let signalled = Command::new("kill").args(["-INT", &demo.id().to_string()]).status();
    assert!(signalled.expect("kill runs").success());
    assert!(demo.wait().expect("it ends").success());
    assert!(TcpStream::connect(&authority).is_err(), "the server is gone");
}

#[test]
fn a_demo_that_the_network_can_reach_has_a_password_that_nobody_knows() {
    let home = Home::new();
    let folder = home.path().join("stage");
    let told = home.fine(&[
        "demo",
        "--once",
        "--json",
        "--listen",
        "0.0.0.0",
        "--folder",
        &folder.to_string_lossy(),
    ]);
    let stage = told.lines().nth(1).expect("what is on the stage");
    let stage: Value = serde_json::from_str(stage).expect("a line of JSON");
    let password = stage["password"].as_str().expect("a password");
    assert!(password.len() >= 12 && password != "sample", "{stage}");
    assert!(stage["address"].as_str().expect("an address").starts_with("http://127.0.0.1:"), "{stage}");

    let ended = home.run(&["demo", "--once", "--listen", "192.0.2.1"]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    assert!(ended.err.contains("an address of this computer"), "{}", ended.err);
}
