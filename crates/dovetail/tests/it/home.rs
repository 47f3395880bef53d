//! A home directory and the binary that runs on it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::server::Collection;

/// A temporary home directory, and what commands on it find in their environment.
pub(crate) struct Home {
    folder: TempDir,
    environment: Vec<(&'static str, PathBuf)>,
    /// The user who runs commands, where it is not the one who runs the tests.
    user: Option<u32>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    /// An empty one.
    pub(crate) fn new() -> Home {
        Home { folder: tempfile::tempdir().expect("a temporary folder"), environment: Vec::new(), user: None }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a variable of the environment for all further commands.
    pub(crate) fn set(&mut self, variable: &'static str, value: PathBuf) {
        self.environment.push((variable, value));
    }

    /// Makes all further commands those of another user.
    pub(crate) fn run_as(&mut self, user: u32) {
        self.user = Some(user);
    }

    /// A command on this home, not yet started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dovetail"));
        command
            .args(words)
            .env("DOVETAIL_HOME", self.path())
            .env("DOVETAIL_KEYRING", "off")
            .env("TZ", "UTC")
            .env_remove("DOVETAIL_LOG")
            .envs(self.environment.iter().map(|(variable, value)| (variable, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        if let Some(user) = self.user {
            std::os::unix::process::CommandExt::uid(&mut command, user);
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        self.run_with_input(words, "")
    }

    /// Runs a command to its end, with something on its standard input.
    pub(crate) fn run_with_input(&self, words: &[&str], input: &str) -> Ended {
        let mut child = self.command(words).spawn().expect("the binary starts");
        // A command that does not read its input closes it early, which is no matter.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        Ended::of(child.wait_with_output().expect("the binary ends"))
    }

    /// Starts a command and leaves it running.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        self.command(words).stdin(Stdio::null()).spawn().expect("the binary starts")
    }

    /// Runs a command that must succeed; what it printed.
    pub(crate) fn fine(&self, words: &[&str]) -> String {
        let ended = self.run(words);
        assert_eq!(ended.code, 0, "{words:?}: {ended:#?}");
        ended.out
    }

    /// Runs a command that must succeed with `--json`; its one answer.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        let out = self.fine(&words);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{words:?} printed {out:?}: {error}"))
    }

    /// Writes a file into the home and gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("the file is written");
        path.to_str().expect("a path that is text").to_owned()
    }

    /// Makes a profile of a folder and a collection.
    pub(crate) fn join(&self, profile: &str, folder: &str, collection: &Collection) -> Ended {
        let words = [
            "profile",
            "add",
            profile,
            "--url",
            &collection.url(),
            "--user",
            collection.user(),
            "--password-stdin",
            "--folder",
            folder,
            "--email",
            "sample.owner@example.test",
            // The samples lie on fixed days.
            "--set",
            "time_range=no",
        ];
        let ended = self.run_with_input(&words, &format!("{}\n", collection.password()));
        assert_eq!(ended.code, 0, "{ended:#?}");
        ended
    }

    /// Syncs one profile without anything left over; what `--json` told of it.
    pub(crate) fn sync(&self, profile: &str) -> Value {
        self.json(&["sync", profile])
    }

    /// The entries of a folder of the mailbox.
    pub(crate) fn list(&self, folder: &str) -> Vec<Value> {
        let answer = self.json(&["outlook", "list", "--folder", folder]);
        answer.as_array().expect("a list").clone()
    }

    /// The id of the one entry of a folder that has this title.
    pub(crate) fn id_of(&self, folder: &str, title: &str) -> String {
        let ids: Vec<_> = self.list(folder).into_iter().filter(|entry| entry["title"] == title).collect();
        assert_eq!(ids.len(), 1, "one entry is called {title:?}: {ids:?}");
        ids[0]["id"].as_str().expect("an id").to_owned()
    }

    /// The titles in a folder, sorted.
    pub(crate) fn titles(&self, folder: &str) -> Vec<String> {
        let mut titles: Vec<_> = self
            .list(folder)
            .iter()
            .map(|entry| entry["title"].as_str().unwrap_or_default().to_owned())
            .collect();
        titles.sort();
        titles
    }

    /// Gives a profile another address of its server than the one that it was made with.
    pub(crate) fn move_to(&self, profile: &str, url: &str) {
        let path = self.path().join("config.json");
        let text = std::fs::read_to_string(&path).expect("the settings are there");
        let mut config: Value = serde_json::from_str(&text).expect("the settings are JSON");
        config["profiles"][profile]["collection"] = Value::from(url);
        std::fs::write(path, config.to_string()).expect("the settings are written");
    }

    /// Takes an option away that was set for a profile, so that what is set for all holds again.
    pub(crate) fn without(&self, profile: &str, key: &str) {
        let path = self.path().join("config.json");
        let text = std::fs::read_to_string(&path).expect("the settings are there");
        let mut config: Value = serde_json::from_str(&text).expect("the settings are JSON");
        let options =
            config["profiles"][profile]["options"].as_object_mut().expect("the profile has options");
        assert!(options.remove(key).is_some(), "{key} is set for {profile}");
        std::fs::write(path, config.to_string()).expect("the settings are written");
    }

    /// The names of all files that hold these bytes.
    pub(crate) fn files_with(&self, needle: &str) -> Vec<String> {
        let mut found = Vec::new();
        files_with(self.path(), needle.as_bytes(), &mut found);
        found
    }

    /// The folder of a profile's state and journal.
    pub(crate) fn state_folder(&self, profile: &str) -> PathBuf {
        let text = std::fs::read_to_string(self.path().join("config.json")).expect("the settings are there");
        let config: Value = serde_json::from_str(&text).expect("the settings are JSON");
        let id = config["profiles"][profile]["id"].as_str().expect("the profile has an id");
        self.path().join("profiles").join(id)
    }
}

impl Ended {
    pub(crate) fn of(output: Output) -> Ended {
        Ended {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

fn files_with(folder: &Path, needle: &[u8], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_with(&path, needle, found);
        } else if std::fs::read(&path).expect("a file").windows(needle.len()).any(|bytes| bytes == needle) {
            found.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
}

/// How many writes a run made on both sides.
pub(crate) fn writes(run: &Value) -> u64 {
    ["outlook", "server"]
        .iter()
        .flat_map(|side| {
            ["created", "updated", "deleted"].map(|deed| run[side][deed].as_u64().expect("a count"))
        })
        .sum()
}
