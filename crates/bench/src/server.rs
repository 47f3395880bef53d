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

/// What is said to a server whose contacts have photos.
const PHOTOS: &str = "photos";
/// How large a photo is.
const PHOTO_BYTES: usize = 50_001;

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
        Self::started(&[&contacts.to_string()])
    }

    /// Starts a server that holds so many contacts, a tenth of them with a photo of 50 kilobytes.
    pub(crate) fn start_with_photos(contacts: usize) -> Result<Serving> {
        Self::started(&[&contacts.to_string(), PHOTOS])
    }

    fn started(arguments: &[&str]) -> Result<Serving> {
        let mut command = another("--serve", arguments)?;
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
    let photos = arguments.get(1).is_some_and(|word| word == PHOTOS);
    let mut contacts = sample::items(Kind::Contact, count, 1);
    for (number, contact) in contacts.iter().enumerate() {
        put(&server, number, contact, photos && number.is_multiple_of(10))?;
    }
    say(&format!("{}sample/contacts/", server.url()));
    for (round, line) in std::io::stdin().lines().enumerate() {
        let edited: usize = line?.trim().parse()?;
        for (number, item) in contacts.iter_mut().enumerate().take(edited) {
            if let Item::Contact(contact) = item {
                contact.job_title = format!("Edited on the server, round {round}");
            }
            put(&server, number, item, false)?;
        }
        say("edited");
    }
    Ok(())
}

fn put(server: &Server, number: usize, contact: &Item, has_photo: bool) -> Result<()> {
    let mut card = write(Dialect::VCard3, contact, None, Timestamp::UNIX_EPOCH, &settings());
    if has_photo {
        let end = card.len().saturating_sub(END.len());
        drop(card.splice(end..end, photo(number)));
    }
    let stored = server.put(&format!("/sample/contacts/{number}.vcf"), &card);
    stored.map(drop).map_err(|refusal| format!("{refusal:?}").into())
}

const END: &str = "END:VCARD\r\n";

/// A property with the bytes of a photo, other ones for each number.
fn photo(number: usize) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut property = b"PHOTO;ENCODING=b;TYPE=JPEG:".to_vec();
    let mut state = number as u64 + 1;
    for at in 0..PHOTO_BYTES / 3 * 4 {
        if at % 70 == 40 {
            property.extend_from_slice(b"\r\n ");
        }
        // A generator of which any letter may come next (Knuth).
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        property.extend(LETTERS.get((state >> 58) as usize));
    }
    property.extend_from_slice(b"\r\n");
    property
}
