//! What a person, or with `--json` a program, is shown.
//!
//! Answers go to the standard output; complaints, prompts and progress to the error output. A reader that goes away
//! (`dovetail report list | head`) is no failure.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use comfy_table::{ContentArrangement, Table, presets};
use dovetail_sync::storage::Progress as Listener;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use crate::error::{Error, Result};

/// Where answers are shown.
pub(crate) struct Screen {
    /// Answers are for programs.
    pub(crate) json: bool,
}

impl Screen {
    /// A screen for people, or for programs.
    pub(crate) fn new(json: bool) -> Screen {
        Screen { json }
    }

    /// Shows an answer: as JSON on one line, or in the words that `say` makes.
    pub(crate) fn answer(&self, answer: &impl Serialize, say: impl FnOnce() -> String) {
        if self.json {
            self.line(&serde_json::to_string(answer).unwrap_or_default());
        } else {
            self.line(&say());
        }
    }

    /// Shows lines of text.
    pub(crate) fn line(&self, text: &str) {
        if !text.is_empty() {
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        }
    }

    /// Shows bytes as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    }

    /// Tells something beside the answer.
    pub(crate) fn remark(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Warns of how a profile is set up, or how one goes to a server that no profile names.
    pub(crate) fn warn(&self, profile: Option<&str>, warning: &str) {
        self.remark(&match (self.json, profile) {
            (true, _) => json!({ "profile": profile, "warning": warning }).to_string(),
            (false, Some(profile)) => format!("warning: {profile}: {warning}"),
            (false, None) => format!("warning: {warning}"),
        });
    }

    /// Says what failed and what to do now.
    pub(crate) fn complain(&self, error: &Error) {
        if self.json {
            self.remark(
                &json!({ "error": error.what, "hint": error.hint, "kind": error.code() }).to_string(),
            );
        } else {
            self.remark(&format!("error: {}\nhint: {}", error.what, error.hint));
        }
    }

    /// Asks a question that is answered with yes or no; `assumed` is the answer given beforehand (`--yes`).
    pub(crate) fn confirm(&self, question: &str, assumed: bool) -> Result<bool> {
        if assumed {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            return Err(Error::usage(question.to_owned(), "Nobody is there to answer: give --yes."));
        }
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "{question} [y/N] ").and_then(|()| out.flush());
        let mut answer = String::new();
        let _ = std::io::stdin().lock().read_line(&mut answer);
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }

    /// Who is told of progress: a bar on a terminal, nobody in a pipe.
    pub(crate) fn progress(&self, profile: &str) -> Option<Progress> {
        let shown = !self.json && std::io::stderr().is_terminal() && std::io::stdout().is_terminal();
        shown.then(|| Progress::new(profile))
    }
}

/// A progress bar, taken away when it is dropped.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    fn new(profile: &str) -> Progress {
        let bar = ProgressBar::no_length().with_style(style(Length::Unknown));
        bar.set_prefix(profile.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress(bar)
    }

    /// What a run tells of its progress.
    pub(crate) fn listener(&self) -> Listener {
        let bar = self.0.clone();
        Arc::new(move |what, done, of| {
            bar.set_message(what.to_owned());
            match of {
                Some(of) => {
                    bar.set_style(style(Length::Known));
                    bar.set_length(of);
                }
                None => {
                    bar.set_style(style(Length::Unknown));
                    bar.unset_length();
                }
            }
            bar.set_position(done);
        })
    }
}

/// Whether it is known how much there is to do.
#[derive(Clone, Copy)]
enum Length {
    Known,
    Unknown,
}

fn style(length: Length) -> ProgressStyle {
    let template = match length {
        Length::Known => "{prefix} {msg} {wide_bar} {pos}/{len} {elapsed}",
        Length::Unknown => "{prefix} {spinner} {msg} {elapsed}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A table with its heads; nothing where it has no rows.
pub(crate) fn table(heads: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.set_header(heads.iter().map(|head| head.to_uppercase()));
    for row in rows {
        table.add_row(row.iter().map(|cell| cell.chars().map(printable).collect::<String>()));
    }
    let text = table.to_string();
    text.lines()
        .map(|line| line.trim_end().strip_prefix(' ').unwrap_or(line.trim_end()))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a server sent may not steer the terminal.
pub(crate) fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// A number with its noun: `1 item`, `2 items`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
