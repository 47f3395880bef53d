//! `dovetail demo`: the main job, step by step, with nothing but this program.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use dovetail_sync::Report;
use dovetail_sync::storage::Call;
use serde_json::{Value, json};

use super::screen::{Screen, count, table};
use super::sync::{stop_of, stop_on_ctrl_c, summary};
use super::{Outcome, plan, verify, words};
use crate::demo::{Demo as Stage, Part, USER};
use crate::error::{Error, Result};

/// Show the main job on made-up items: a server and a mailbox of its own, two users who edit both, sync, preview, undo
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail demo --once
  dovetail demo --port 5232
  dovetail demo --listen 192.168.1.5

The server stays up until Ctrl-C, so that Thunderbird or another client can be pointed at it. It answers on this computer \
alone, unless --listen names another address of it: then a phone in the same network can use it as well, with a password \
that is made up each time. Nothing is encrypted. Your own profiles and mailboxes are not touched.")]
pub(crate) struct Demo {
    /// End after the last step, instead of leaving the server up
    #[arg(long)]
    once: bool,
    /// The address of this computer on which the server answers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    listen: IpAddr,
    /// The port of the server [default: one that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Where mailbox, state and journal are kept, and stay; a new folder [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Demo {
    /// Does it.
    pub(crate) fn run(&self, screen: &Screen) -> Result<Outcome> {
        let temporary = self.folder.is_none();
        let folder = self.folder.clone().unwrap_or_else(temporary_folder);
        if folder.exists() {
            let what = format!("{} is there already.", folder.display());
            return Err(Error::usage(what, "Name a folder that does not exist yet, or leave --folder out."));
        }
        let cancel = stop_on_ctrl_c();
        let played = self.play(&folder, &cancel, screen);
        if temporary && let Err(cause) = fs::remove_dir_all(&folder) {
            tracing::warn!(%cause, "{} stays", folder.display());
        }
        played
    }

    fn play(&self, folder: &Path, cancel: &Arc<AtomicBool>, screen: &Screen) -> Result<Outcome> {
        let began = Instant::now();
        let stage = Stage::begin(folder, self.listen, self.port)?;
        let mut teller = Teller { stage: &stage, screen, cancel, step: 0, fine: true };
        teller.told(folder)?;
        let fine = teller.fine;
        let took = began.elapsed().as_secs_f64();
        screen.answer(&json!({ "step": "end", "fine": fine, "seconds": took }), || match fine {
            true => format!("\nThat was the main job, in {took:.1} s. Everything came out as it should."),
            false => "\nSomething did not come out as it should: see above.".to_owned(),
        });
        if !self.once && !cancel.load(Ordering::Relaxed) {
            leave_up(&stage, folder, cancel, screen);
        }
        Ok(Outcome::fine_if(fine))
    }
}

/// Until Ctrl-C.
fn leave_up(stage: &Stage, folder: &Path, cancel: &AtomicBool, screen: &Screen) {
    let (address, password) = (stage.address(), &stage.password);
    let answer = json!({ "step": "up", "address": address, "user": USER, "password": password });
    screen.answer(&answer, || {
        format!(
            "\nThe server stays up until Ctrl-C: {address}, user {USER}, password {password}.\n\
             Point Thunderbird or another client at it, edit, and in a second terminal:\n  \
             dovetail --home {} sync",
            folder.display()
        )
    });
    while !cancel.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(50));
    }
}

fn temporary_folder() -> PathBuf {
    std::env::temp_dir().join(format!("dovetail-demo-{}", std::process::id()))
}

/// Plays the steps and tells of each.
struct Teller<'a> {
    stage: &'a Stage,
    screen: &'a Screen,
    cancel: &'a Arc<AtomicBool>,
    step: usize,
    /// Whether everything came out as it should so far.
    fine: bool,
}

impl Teller<'_> {
    fn told(&mut self, folder: &Path) -> Result<()> {
        self.open(folder)?;
        self.head("first sync", "First sync");
        let first = self.sync_all()?;
        self.fine &= first.iter().all(|report| report.clashes == 0);
        self.verify()?;
        self.head("edits", "Two users edit, one in the mailbox, one on the server");
        self.edit()?;
        self.head("preview", "Preview: what the next run would do");
        self.preview()?;
        self.head("second sync", "Second sync");
        let second = self.sync_all()?;
        self.fine &= second.iter().map(|report| report.clashes).sum::<u64>() == 1;
        self.verify()?;
        self.head("nothing to do", "A run without changes");
        let third = self.sync_all()?;
        self.fine &= third.iter().all(|report| writes(report) == 0);
        self.head("undo", "Undo of the second run of \"work\", and the run after it");
        self.undo(&second)
    }

    fn head(&mut self, name: &str, text: &str) {
        self.step += 1;
        let step = self.step;
        self.screen.answer(&json!({ "step": name }), || format!("\n{step}. {text}"));
    }

    fn open(&mut self, folder: &Path) -> Result<()> {
        self.head("stage", "A server in this program, a mailbox shaped like Outlook's, and what they hold");
        let began = Instant::now();
        self.stage.fill()?;
        self.stage.join()?;
        let took = began.elapsed().as_secs_f64();
        let (address, password) = (self.stage.address(), &self.stage.password);
        let rows: Vec<(&str, [usize; 3])> = self
            .stage
            .joined
            .iter()
            .map(|it| (it.folder, [Part::Both, Part::Mailbox, Part::Server].map(|part| it.count(part))))
            .collect();
        let answer = json!({
            "address": address, "user": USER, "password": password, "folder": folder, "items": rows, "seconds": took,
        });
        self.screen.answer(&answer, || {
            let lines = rows.iter().map(|(folder, counts)| {
                let [both, mailbox, server] = counts.map(|number| number.to_string());
                vec![(*folder).to_owned(), both, mailbox, server]
            });
            let heads = ["folder", "on both sides", "in the mailbox alone", "on the server alone"];
            let items = table(&heads, lines.collect());
            format!(
                "server   {address}  user {USER}, password {password}\nmailbox  {}\n{items}\nfilled in {took:.1} s",
                folder.join("mailbox.db").display()
            )
        });
        Ok(())
    }

    fn sync_all(&mut self) -> Result<Vec<Report>> {
        let mut reports = Vec::new();
        for profile in self.stage.joined.iter().map(|joined| joined.profile) {
            let bar = self.screen.progress(profile);
            let report =
                self.stage.app.sync(profile, &[], &self.call(bar.as_ref().map(|bar| bar.listener())))?;
            drop(bar);
            self.screen.answer(&summary(profile, &report), || words::report(profile, &report));
            if let Some(error) = stop_of(&report) {
                return Err(error);
            }
            self.fine &= report.failed == 0 && report.held == 0;
            reports.push(report);
        }
        Ok(reports)
    }

    fn call(&self, progress: Option<dovetail_sync::storage::Progress>) -> Call {
        Call { cancel: Arc::clone(self.cancel), progress, ..Call::default() }
    }

    fn verify(&mut self) -> Result<()> {
        for profile in self.stage.joined.iter().map(|joined| joined.profile) {
            let began = Instant::now();
            let verified = self.stage.app.verify(profile, &self.call(None))?;
            let took = began.elapsed().as_secs_f64();
            self.fine &= verified.is_equal();
            let answer = json!({
                "profile": profile, "same": verified.is_equal(), "compared": verified.equal, "seconds": took,
            });
            self.screen
                .answer(&answer, || format!("verified in {took:.1} s: {}", verify::told(profile, &verified)));
        }
        Ok(())
    }

    fn edit(&mut self) -> Result<()> {
        let began = Instant::now();
        let edits = self.stage.edit()?;
        let took = began.elapsed().as_secs_f64();
        let answer: Vec<Value> = edits
            .iter()
            .map(|edit| json!({ "side": edit.side, "title": edit.title, "what": edit.told }))
            .collect();
        self.screen.answer(&json!({ "edits": answer, "seconds": took }), || {
            let row = |edit: &crate::demo::Edit| {
                vec![edit.side.to_string(), edit.title.to_owned(), edit.told.to_owned()]
            };
            let table = table(&["side", "item", "what"], edits.iter().map(row).collect());
            format!("{table}\nedited in {took:.1} s")
        });
        Ok(())
    }

    fn preview(&mut self) -> Result<()> {
        for profile in self.stage.joined.iter().map(|joined| joined.profile) {
            let began = Instant::now();
            let planned = self.stage.app.plan(profile, &self.call(None))?;
            let took = began.elapsed().as_secs_f64();
            let answer = json!({ "profile": profile, "rows": plan::rows(&planned), "seconds": took });
            self.screen
                .answer(&answer, || format!("{}\nplanned in {took:.1} s", plan::told(profile, &planned)));
        }
        Ok(())
    }

    /// The run over the calendar is taken back. What differs then is meant to.
    fn undo(&mut self, second: &[Report]) -> Result<()> {
        let Some(run) = second.first() else { return Ok(()) };
        let app = &self.stage.app;
        let report = app.undo(&app.run_of(&run.run)?, &self.call(None))?;
        self.screen.answer(&summary("work", &report), || words::report("work", &report));
        self.fine &= report.failed == 0 && report.held == 0 && writes(&report) > 0;
        let after = self.stage.app.sync("work", &[], &self.call(None))?;
        self.screen.answer(&summary("work", &after), || words::report("work", &after));
        self.fine &= writes(&after) == 0;
        let verified = self.stage.app.verify("work", &self.call(None))?;
        self.fine &= verified.is_equal() && !verified.intended.is_empty();
        let apart = verified.intended.len();
        self.screen.answer(&json!({ "profile": "work", "apart": apart }), || {
            format!("{} stay apart until somebody edits them again", count(apart, "item"))
        });
        Ok(())
    }
}

fn writes(report: &Report) -> u64 {
    report.written.outlook.total() + report.written.server.total()
}
