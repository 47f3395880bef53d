//! The command line: what can be asked, one file a command. Only these files print.
//!
//! Each command is a struct of arguments with a `run`, which asks [`App`] and shows the answer on a [`Screen`].

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind as Misuse;
use clap::{Parser, Subcommand};

use crate::app::App;
use crate::error::{Error, Result};
use screen::Screen;

mod check;
mod clashes;
mod color;
mod demo;
mod discover;
mod find;
mod free_busy;
mod held;
mod history;
mod outlook;
mod password;
mod plan;
mod profile;
mod report;
mod restore;
mod screen;
mod settings;
mod state;
mod status;
mod sync;
mod test;
mod undo;
mod verify;
mod without_profile;
mod words;

/// Keeps Microsoft Outlook and any CalDAV/CardDAV server in step: calendars, tasks and contacts.
///
/// Begin with a profile, which joins one folder of the mailbox and one collection of a server; then sync it.
#[derive(Parser)]
#[command(name = "dovetail", version, after_help = BEGINNING, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

const BEGINNING: &str = "\
Example:
  dovetail profile add work --url https://dav.example.org/ --user me --folder Calendar
  dovetail plan work
  dovetail sync work

Exit codes: 0 fine; 1 finished, but items failed, steps are held, or a check found a difference;
2 wrong usage; 3 a run stopped.";

/// What every command takes.
#[derive(clap::Args)]
struct Everywhere {
    /// The folder of profiles, state, journal and mailbox [default: the platform's folder for data of programs]
    #[arg(long, global = true, env = "DOVETAIL_HOME", value_name = "DIR", hide_env_values = true)]
    home: Option<PathBuf>,
    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    json: bool,
    /// Wait so long for another run on the same profile to end
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 0, hide_default_value = true)]
    wait: u64,
    /// Tell on the error output what is being done
    #[arg(long, short, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Make, show, change and remove profiles: pairs of a folder and a collection
    #[command(subcommand)]
    Profile(profile::Profile),
    /// Show and change what holds for all profiles
    #[command(subcommand)]
    Settings(settings::Settings),
    Discover(discover::Discover),
    Test(test::Test),
    Color(color::Color),
    Find(find::Find),
    FreeBusy(free_busy::FreeBusy),
    Sync(sync::Sync),
    Plan(plan::Plan),
    Status(status::Status),
    /// Show what past runs did
    #[command(subcommand)]
    Report(report::Report),
    /// Show, approve and reject steps that wait for a decision
    #[command(subcommand)]
    Held(held::Held),
    /// Show clashes with both versions, and choose otherwise afterwards
    #[command(subcommand)]
    Clashes(clashes::Clashes),
    History(history::History),
    Restore(restore::Restore),
    Undo(undo::Undo),
    Verify(verify::Verify),
    /// Show where a profile's state is kept, or forget it
    #[command(subcommand)]
    State(state::State),
    /// Look into the mailbox file and change it by hand
    #[command(subcommand)]
    Outlook(outlook::Outlook),
    Check(check::Check),
    Demo(demo::Demo),
}

/// How a command that ran to its end ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Fine,
    /// Something is left to be looked at: failed items, held steps, differences.
    Unfinished,
}

impl Outcome {
    fn fine_if(fine: bool) -> Outcome {
        if fine { Outcome::Fine } else { Outcome::Unfinished }
    }
}

/// Does what the command line says.
pub(crate) fn run() -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let json = typed.iter().any(|word| word == "--json");
    let arguments = match Arguments::try_parse_from(&typed) {
        Ok(arguments) => arguments,
        Err(misuse) => return refuse(&misuse, json),
    };
    log_to_stderr(arguments.everywhere.verbose);
    let screen = Screen::new(arguments.everywhere.json);
    match obey(arguments, &screen) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Unfinished) => ExitCode::from(1),
        Err(error) => {
            screen.complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn obey(arguments: Arguments, screen: &Screen) -> Result<Outcome> {
    let Arguments { everywhere, command } = arguments;
    // These need no home directory.
    let command = match command {
        Command::Check(check) => return check.run(screen),
        Command::Demo(demo) => return demo.run(screen),
        command => command,
    };
    let app = App::open(everywhere.home)?.waiting(Duration::from_secs(everywhere.wait));
    match command {
        Command::Profile(profile) => profile.run(&app, screen),
        Command::Settings(settings) => settings.run(&app, screen),
        Command::Discover(discover) => discover.run(&app, screen),
        Command::Test(test) => test.run(&app, screen),
        Command::Color(color) => color.run(&app, screen),
        Command::Find(find) => find.run(&app, screen),
        Command::FreeBusy(free_busy) => free_busy.run(&app, screen),
        Command::Sync(sync) => sync.run(&app, screen),
        Command::Plan(plan) => plan.run(&app, screen),
        Command::Status(status) => status.run(&app, screen),
        Command::Report(report) => report.run(&app, screen),
        Command::Held(held) => held.run(&app, screen),
        Command::Clashes(clashes) => clashes.run(&app, screen),
        Command::History(history) => history.run(&app, screen),
        Command::Restore(restore) => restore.run(&app, screen),
        Command::Undo(undo) => undo.run(&app, screen),
        Command::Verify(verify) => verify.run(&app, screen),
        Command::State(state) => state.run(&app, screen),
        Command::Outlook(outlook) => outlook.run(&app, screen),
        Command::Check(check) => check.run(screen),
        Command::Demo(demo) => demo.run(screen),
    }
}

/// Warns of what is unsafe on the way to the server of a profile. INVARIANT: whatever sends the password does so before.
fn warn(app: &App, profile: &str, screen: &Screen) -> Result<()> {
    app.warnings(profile)?.iter().for_each(|warning| screen.warn(Some(profile), warning));
    Ok(())
}

/// Says where those who are asked to a meeting get mail of the server: by the options of the profile, nobody is asked again.
fn warn_of_mail(app: &App, profile: &str, screen: &Screen) -> Result<()> {
    if app.lets_server_mail(profile)? {
        screen.warn(Some(profile), words::SERVER_MAILS);
    }
    Ok(())
}

/// Warns of what is unsafe on the way to a server that no profile names.
fn warn_at(app: &App, url: &str, screen: &Screen) -> Result<()> {
    app.warnings_at(url)?.iter().for_each(|warning| screen.warn(None, warning));
    Ok(())
}

/// Says what is wrong with the command line; help and version are no misuse.
fn refuse(misuse: &clap::Error, json: bool) -> ExitCode {
    if !misuse.use_stderr() {
        let _ = misuse.print();
        return ExitCode::SUCCESS;
    }
    if !json || misuse.kind() == Misuse::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = misuse.print();
        return ExitCode::from(2);
    }
    let text = misuse.to_string();
    let what = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    let what: Vec<&str> = what.split_whitespace().collect();
    Screen::new(true).complain(&Error::usage(what.join(" "), "See `dovetail help`."));
    ExitCode::from(2)
}

/// Diagnostics go to the error output: with `--verbose`, or as `DOVETAIL_LOG` says.
fn log_to_stderr(verbose: bool) {
    use tracing_subscriber::EnvFilter;
    let usual = if verbose {
        "warn,dovetail=debug,dovetail_sync=debug,dovetail_dav=debug,dovetail_backends=debug"
    } else {
        "off"
    };
    let filter = EnvFilter::try_from_env("DOVETAIL_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).without_time().init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
