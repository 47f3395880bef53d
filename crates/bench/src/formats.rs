//! Formats alone: documents that come back as they were, and the lenses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_mapping::component::Document;
use dovetail_mapping::{Dialect, read, write};
use dovetail_model::{Item, Kind};
use dovetail_testkit::sample;
use jiff::Timestamp;

use crate::Result;
use crate::figure::{Aim, Figure};
use crate::place::settings;
use crate::process::{Meter, Told, tell, told};

const ITEMS: usize = 10_000;
/// Every text is gone through so often.
const ROUNDS: usize = 5;

/// What is done to a text.
type Work = fn(Dialect, &[u8]) -> usize;

const WORKS: [(&str, Work, Option<Aim>); 4] = [
    ("parse and write back", parse_and_write, Some(Aim::MegabytesPerSecond(50.0))),
    ("read the item", read_item, None),
    ("read the item, write it from nothing", read_and_write_item, None),
    ("read, write to Outlook, and back", to_outlook_and_back, Some(Aim::MillisecondsPerItem(0.1))),
];

/// All works on events and contacts.
pub(crate) fn measure(sink: &mut dyn FnMut(Figure)) -> Result<()> {
    for (kind, dialect) in [("events", "ical"), ("contacts", "vcard")] {
        for (name, _, aim) in WORKS {
            let told = told("--format", &[dialect, name])?;
            let mut figure = Figure::new(&format!("{kind}: {name}"), told.items, told.cost);
            figure.bytes = told.bytes;
            sink(match aim {
                Some(aim) => figure.aimed(aim),
                None => figure,
            });
        }
    }
    let told = told("--format", &[PHOTOS, "cross"])?;
    let what = "contacts, a tenth with photos: to Outlook and back, less base64";
    sink(Figure::new(what, told.items, told.cost).aimed(Aim::MillisecondsPerItem(0.1)));
    Ok(())
}

const PHOTOS: &str = "photos";
const PHOTO_BYTES: usize = 50_000;
/// How many cards are read before it is known what that takes of memory, and by how much that may grow with the rest.
const WARM_UP: usize = ITEMS / 10;
const MOST_GROWTH_BYTES: u64 = 8 << 20;

/// Cards that are read, made records of Outlook, read again, and written back over what they were. What base64 takes of
/// that, which is done three times for each photo, is measured by itself and does not count. Memory is to stay as it is after
/// some of them.
fn cross_with_photos() -> Result<()> {
    let settings = settings();
    let plain = sample::items(Kind::Contact, ITEMS, 1);
    let photo: Vec<u8> =
        [0xff, 0xd8, 0xff].into_iter().chain((0..PHOTO_BYTES).map(|at| (at * 31 % 251) as u8)).collect();
    let texts: Vec<Vec<u8>> = plain
        .iter()
        .enumerate()
        .map(|(number, item)| {
            let card = write(Dialect::VCard3, item, None, Timestamp::UNIX_EPOCH, &settings);
            if number % 10 == 0 { with_photo(&card, &photo) } else { card }
        })
        .collect();
    drop(plain);
    let base64 = {
        let meter = Meter::start();
        for _ in 0..ITEMS / 10 {
            let text = std::hint::black_box(STANDARD.encode(&photo));
            for _ in 0..2 {
                std::hint::black_box(STANDARD.decode(&text)?);
            }
        }
        meter.stop()
    };
    let meter = Meter::start();
    let mut peak_early = None;
    for (number, text) in texts.iter().enumerate() {
        if number == WARM_UP {
            peak_early = meter.stop().peak_bytes;
        }
        let item = read(Dialect::VCard3, text, &settings).item.ok_or("a card is no contact")?;
        let record = write(Dialect::Outlook, &item, None, Timestamp::UNIX_EPOCH, &settings);
        let back = read(Dialect::Outlook, &record, &settings).item.ok_or("a record is no contact")?;
        let Item::Contact(mut contact) = item else { return Err("a card is no contact".into()) };
        let Item::Contact(back) = back else { return Err("a record is no contact".into()) };
        if contact.photo != back.photo {
            return Err("a photo got lost".into());
        }
        contact.job_title = back.job_title + "!";
        let written =
            write(Dialect::VCard3, &Item::Contact(contact), Some(text), Timestamp::UNIX_EPOCH, &settings);
        if written == *text {
            return Err("nothing was written".into());
        }
    }
    let mut cost = meter.stop();
    let growth = peak_early.zip(cost.peak_bytes).map_or(0, |(early, late)| late.saturating_sub(early));
    if growth > MOST_GROWTH_BYTES {
        return Err(format!("memory grew by {growth} bytes").into());
    }
    cost.cpu_seconds -= base64.cpu_seconds;
    cost.wall_seconds -= base64.wall_seconds;
    let bytes = texts.iter().map(Vec::len).sum::<usize>();
    tell(&Told { cost, items: ITEMS as u64, bytes: Some(bytes as u64), requests: None })
}

fn with_photo(card: &[u8], photo: &[u8]) -> Vec<u8> {
    let card = String::from_utf8_lossy(card);
    let mut line = String::from("PHOTO;ENCODING=b;TYPE=JPEG:");
    for (at, letter) in STANDARD.encode(photo).char_indices() {
        if at % 74 == 40 {
            line.push_str("\r\n ");
        }
        line.push(letter);
    }
    card.replace("END:VCARD", &(line + "\r\nEND:VCARD")).into_bytes()
}

/// One work on one kind.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let [dialect, name] = arguments else { return Err("a dialect and a work are needed".into()) };
    if dialect == PHOTOS {
        return cross_with_photos();
    }
    let (kind, dialect) = match dialect.as_str() {
        "ical" => (Kind::Event, Dialect::ICalendar),
        _ => (Kind::Contact, Dialect::VCard3),
    };
    let (_, work, _) = WORKS.into_iter().find(|(known, ..)| known == name).ok_or("no such work")?;
    let items = sample::items(kind, ITEMS, 1);
    let texts: Vec<Vec<u8>> =
        items.iter().map(|item| write(dialect, item, None, Timestamp::UNIX_EPOCH, &settings())).collect();
    drop(items);
    let meter = Meter::start();
    let mut written = 0;
    for text in std::iter::repeat_n(&texts, ROUNDS).flatten() {
        written += work(dialect, text);
    }
    let cost = meter.stop();
    if written == 0 {
        return Err("nothing was done".into());
    }
    let bytes = texts.iter().map(Vec::len).sum::<usize>() * ROUNDS;
    tell(&Told { cost, items: (ITEMS * ROUNDS) as u64, bytes: Some(bytes as u64), requests: None })
}

fn parse_and_write(_: Dialect, text: &[u8]) -> usize {
    Document::parse(text).to_bytes().len()
}

fn read_item(dialect: Dialect, text: &[u8]) -> usize {
    usize::from(read(dialect, text, &settings()).item.is_some())
}

fn read_and_write_item(dialect: Dialect, text: &[u8]) -> usize {
    let settings = settings();
    let item = read(dialect, text, &settings).item;
    item.map_or(0, |item| write(dialect, &item, None, Timestamp::UNIX_EPOCH, &settings).len())
}

/// What a server has becomes a record of Outlook, which is read and written over what the server has.
fn to_outlook_and_back(dialect: Dialect, text: &[u8]) -> usize {
    let settings = settings();
    let Some(item) = read(dialect, text, &settings).item else { return 0 };
    let record = write(Dialect::Outlook, &item, None, Timestamp::UNIX_EPOCH, &settings);
    let Some(item) = read(Dialect::Outlook, &record, &settings).item else { return 0 };
    write(dialect, &item, Some(text), Timestamp::UNIX_EPOCH, &settings).len()
}
