//! Other people's clients, as `servers/clients/install` installs them: they discover, sync and sync again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dovetail_davserver::{Server, Settings, Storage};

use crate::http::meeting;

/// The environment of a client. `None`, said loudly, where it cannot be installed; with the variable `CI` nothing may be
/// skipped.
fn client(name: &str) -> Option<PathBuf> {
    let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../servers/clients/install");
    let said = match Command::new(install).arg(name).output() {
        Ok(output) if output.status.success() => {
            let line = String::from_utf8(output.stdout).unwrap();
            return Some(PathBuf::from(line.trim().split_once(' ').unwrap().1));
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    dovetail_testkit::skip(name, &said);
    None
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder of files beside the server, kept in step by vdirsyncer.
struct Vdir {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Vdir {
    fn new(program: PathBuf, server: &Server) -> Vdir {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display();
        let mut text = format!("[general]\nstatus_path = \"{place}/status/\"\n");
        for (pair, kind, ending) in [("calendars", "caldav", ".ics"), ("books", "carddav", ".vcf")] {
            text.push_str(&format!(
                "[pair {pair}]\na = \"{pair}_local\"\nb = \"{pair}_remote\"\ncollections = [\"from b\"]\n\
                 metadata = [\"displayname\"]\n\
                 [storage {pair}_local]\ntype = \"filesystem\"\npath = \"{place}/{pair}/\"\nfileext = \"{ending}\"\n\
                 [storage {pair}_remote]\ntype = \"{kind}\"\nurl = \"{}\"\nusername = \"sample\"\n\
                 password = \"sample\"\n",
                server.url()
            ));
        }
        fs::write(folder.path().join("config"), text).unwrap();
        Vdir { program, folder }
    }

    fn run(&self, command: &str) {
        let mut child = Command::new(&self.program)
            .args(["--config".as_ref(), self.folder.path().join("config").as_os_str(), command.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Whether folders are to be made.
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), "y\n".repeat(10).as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{command}: {}", said(&output));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The bodies in a folder, sorted.
    fn bodies(&self, name: &str) -> Vec<String> {
        let files = fs::read_dir(self.file(name)).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|it| it == "ics" || it == "vcf"));
        let mut bodies: Vec<String> = files.map(|path| lines(&fs::read_to_string(path).unwrap())).collect();
        bodies.sort();
        bodies
    }
}

/// vdirsyncer ends lines in its own way.
fn lines(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join("\n")
}

fn held(server: &Server, path: &str) -> Vec<String> {
    let objects = server.objects(path).into_iter();
    let mut bodies: Vec<String> =
        objects.map(|object| lines(&String::from_utf8(object.bytes).unwrap())).collect();
    bodies.sort();
    bodies
}

#[test]
fn vdirsyncer_discovers_syncs_and_has_nothing_left_to_do() {
    let Some(environment) = client("vdirsyncer") else { return };
    let folder = tempfile::tempdir().unwrap();
    for storage in [Storage::Memory, Storage::Folder(folder.path().to_owned())] {
        let server = Server::start(Settings { storage, ..Settings::default() }).unwrap();
        is_kept_in_step(&server, environment.join("bin/vdirsyncer"));
    }
}

fn is_kept_in_step(server: &Server, vdirsyncer: PathBuf) {
    let card = |uid: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nN:{uid};;;;\r\nFN:Ünd <&> {uid}\r\nEND:VCARD\r\n")
    };
    let task = |uid: &str| meeting(uid).replace("VEVENT", "VTODO").replace("DTEND", "DUE");
    for number in 0..10 {
        let uid = format!("o{number}");
        server.put(&format!("/sample/calendar/{uid}.ics"), meeting(&uid).as_bytes()).unwrap();
        server.put(&format!("/sample/tasks/{uid}.ics"), task(&uid).as_bytes()).unwrap();
        server.put(&format!("/sample/contacts/{uid}.vcf"), card(&uid).as_bytes()).unwrap();
    }
    let vdir = Vdir::new(vdirsyncer, server);
    let pairs =
        [("calendars/calendar", "calendar"), ("calendars/tasks", "tasks"), ("books/contacts", "contacts")];
    let agree = |count: [usize; 3]| {
        for ((local, remote), count) in pairs.iter().zip(count) {
            let there = held(server, &format!("/sample/{remote}/"));
            assert_eq!((vdir.bodies(local), there.len()), (there, count), "{local}");
        }
    };
    vdir.run("discover");
    vdir.run("sync");
    agree([10, 10, 10]);
    vdir.run("metasync");

    fs::write(vdir.file("calendars/calendar/new here.ics"), meeting("new here")).unwrap();
    fs::write(vdir.file("calendars/tasks/o3.ics"), task("o3").replace("Sample", "Edited here")).unwrap();
    fs::remove_file(vdir.file("books/contacts/o4.vcf")).unwrap();
    server.put("/sample/contacts/o5.vcf", card("o5").replace("FN:", "FN:Edited there ").as_bytes()).unwrap();
    server.put("/sample/contacts/new.vcf", card("new there").as_bytes()).unwrap();
    server.delete("/sample/calendar/o6.ics").unwrap();
    server.delete("/sample/calendar/o7.ics").unwrap();
    vdir.run("sync");
    agree([9, 10, 10]);

    let before = server.requests().len();
    vdir.run("sync");
    let methods: Vec<String> =
        server.requests().split_off(before).into_iter().map(|seen| seen.method).collect();
    let idle = methods.iter().all(|method| method == "PROPFIND" || method == "REPORT");
    assert!(idle && !methods.is_empty(), "{methods:?}");
    agree([9, 10, 10]);
}

#[test]
fn the_python_library_discovers_searches_and_syncs() {
    let Some(environment) = client("caldav") else { return };
    let server = Server::start(Settings::default()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients/caldav_session.py");
    let output = Command::new(environment.join("bin/python")).arg(script).arg(server.url()).output().unwrap();
    assert!(output.status.success(), "{}\n{:#?}", said(&output), server.requests().last());
    let syncs = server.requests().into_iter().filter(|seen| seen.body.contains("sync-collection"));
    assert!(syncs.count() >= 4, "it synchronises by tokens");
    assert_eq!(server.objects("/sample/calendar/").len(), 2);
}
