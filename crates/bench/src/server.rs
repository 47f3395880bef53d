//! The server, in a process of its own: it says where it is, does what it is told line by line, and ends with its input.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use dovetail_davserver::{Server, Settings};
use dovetail_mapping::{Dialect, write};
use dovetail_model::{Item, Kind};
use dovetail_testkit::sample;
use jiff::Timestamp;

use crate::place::settings;
use crate::process::another;
use crate::{Result, say};

/// A running server.
pub(crate) struct Serving {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// The address book of its user.
    pub(crate) address_book: String,
}

impl Serving {
    /// Starts a server that holds so many contacts.
    pub(crate) fn start(contacts: usize) -> Result<Serving> {
        let mut command = another("--serve", &[&contacts.to_string()])?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        let input = child.stdin.take();
        let mut serving =
            Serving { child, input, output: BufReader::new(output), address_book: String::new() };
        serving.address_book = serving.answer()?;
        Ok(serving)
    }

    /// Edits so many contacts, as another client would.
    pub(crate) fn edit(&mut self, contacts: usize) -> Result<()> {
        if let Some(input) = &mut self.input {
            writeln!(input, "{contacts}")?;
            input.flush()?;
        }
        self.answer().map(drop)
    }

    fn answer(&mut self) -> Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let line = line.trim().to_owned();
        if line.is_empty() { Err("the server ended".into()) } else { Ok(line) }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends with its input; how does not matter any more.
        drop(self.child.wait());
    }
}

/// The server's own process.
pub(crate) fn serve(arguments: &[String]) -> Result<()> {
    let count = arguments.first().ok_or("a number of contacts is needed")?.parse()?;
    let server = Server::start(Settings::default())?;
    let mut contacts = sample::items(Kind::Contact, count, 1);
    for (number, contact) in contacts.iter().enumerate() {
        put(&server, number, contact)?;
    }
    say(&format!("{}sample/contacts/", server.url()));
    for (round, line) in std::io::stdin().lines().enumerate() {
        let edited: usize = line?.trim().parse()?;
        for (number, item) in contacts.iter_mut().enumerate().take(edited) {
            if let Item::Contact(contact) = item {
                contact.job_title = format!("Edited on the server, round {round}");
            }
            put(&server, number, item)?;
        }
        say("edited");
    }
    Ok(())
}

fn put(server: &Server, number: usize, contact: &Item) -> Result<()> {
    let card = write(Dialect::VCard3, contact, None, Timestamp::UNIX_EPOCH, &settings());
    let stored = server.put(&format!("/sample/contacts/{number}.vcf"), &card);
    stored.map(drop).map_err(|refusal| format!("{refusal:?}").into())
}
