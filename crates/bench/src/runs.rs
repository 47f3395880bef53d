//! Whole runs between a mailbox and a server: each in a process of its own, from opening the files to the report.

use std::path::Path;

use dovetail_model::{Item, Kind};
use dovetail_testkit::sample;

use crate::figure::{Aim, Figure};
use crate::place::{FOLDER, mailbox, now, sync};
use crate::process::{Meter, Told, finished, tell, told};
use crate::server::Serving;
use crate::{Result, say};

const SMALL: usize = 3_500;
const LARGE: usize = 100_000;
/// Runs without changes are measured so often; the one in the middle counts.
const REPEATED: usize = 5;

const FIRST: Aim = Aim::MillisecondsPerItem(0.3);
const UNCHANGED: Aim = Aim::MillisecondsAndMegabytes(50.0, 30.0);

/// A first sync each way, and runs without changes.
pub(crate) fn measure_small(sink: &mut dyn FnMut(Figure)) -> Result<()> {
    let server = Serving::start(0)?;
    let mine = tempfile::tempdir()?;
    finished("--fill", &[&path(mine.path()), &SMALL.to_string()])?;
    sink(first("first sync, mailbox to server", mine.path(), &server, SMALL)?);
    sink(unchanged(mine.path(), &server, SMALL)?);
    let other = tempfile::tempdir()?;
    sink(first("first sync, server to empty mailbox", other.path(), &server, SMALL)?);
    Ok(())
}

/// A first sync of a large collection, runs without changes, and some changes on both sides.
pub(crate) fn measure_large(sink: &mut dyn FnMut(Figure)) -> Result<()> {
    let mut server = Serving::start(LARGE)?;
    let folder = tempfile::tempdir()?;
    sink(first("first sync, server to empty mailbox", folder.path(), &server, LARGE)?);
    sink(unchanged(folder.path(), &server, LARGE)?);
    sink(changed(folder.path(), &mut server, 50, LARGE)?);
    sink(changed(folder.path(), &mut server, 100, LARGE)?);
    // As many among few: what is left as it is has to cost next to nothing.
    let mut server = Serving::start(SMALL)?;
    let folder = tempfile::tempdir()?;
    first("", folder.path(), &server, SMALL)?;
    sink(changed(folder.path(), &mut server, 100, SMALL)?);
    Ok(())
}

/// How much memory a first sync takes, by the size of the collection.
pub(crate) fn measure_memory(sink: &mut dyn FnMut(Figure)) -> Result<()> {
    for items in [1_000, 10_000, LARGE] {
        let server = Serving::start_with_photos(items)?;
        let folder = tempfile::tempdir()?;
        sink(first("first sync, a tenth with photos of 50 kB", folder.path(), &server, items)?);
        sink(unchanged(folder.path(), &server, items)?);
    }
    Ok(())
}

fn first(what: &str, folder: &Path, server: &Serving, items: usize) -> Result<Figure> {
    let told = told("--run", &[&path(folder), &server.address_book])?;
    expect(&told, items)?;
    Ok(figure(what, &told, told.items).aimed(FIRST))
}

/// As many contacts are edited on the server as are new in the mailbox.
fn changed(folder: &Path, server: &mut Serving, each: usize, among: usize) -> Result<Figure> {
    server.edit(each)?;
    finished("--fill", &[&path(folder), &each.to_string()])?;
    let told = told("--run", &[&path(folder), &server.address_book])?;
    expect(&told, 2 * each)?;
    Ok(figure(&format!("{} changes among {among}", 2 * each), &told, told.items))
}

fn unchanged(folder: &Path, server: &Serving, items: usize) -> Result<Figure> {
    let mut all = Vec::new();
    for _ in 0..REPEATED {
        let told = told("--run", &[&path(folder), &server.address_book])?;
        expect(&told, 0)?;
        all.push(told);
    }
    all.sort_by(|one, other| one.cost.cpu_seconds.total_cmp(&other.cost.cpu_seconds));
    let told = all.get(REPEATED / 2).ok_or("nothing was measured")?;
    Ok(figure("run without changes", told, items as u64).aimed(UNCHANGED))
}

fn figure(what: &str, told: &Told, items: u64) -> Figure {
    let mut figure = Figure::new(what, items, told.cost);
    figure.requests = told.requests;
    figure
}

fn expect(told: &Told, items: usize) -> Result<()> {
    let is_so = told.items == items as u64;
    if is_so { Ok(()) } else { Err(format!("{} items were written, not {items}", told.items).into()) }
}

fn path(folder: &Path) -> String {
    folder.display().to_string()
}

/// A process that puts new contacts into a mailbox.
pub(crate) fn fill(arguments: &[String]) -> Result<()> {
    let [folder, count] = arguments else { return Err("a folder and a number are needed".into()) };
    let named = |number| format!("Mailbox {number} of {count}");
    let mut contacts = sample::items(Kind::Contact, count.parse()?, 2);
    for (number, item) in contacts.iter_mut().enumerate() {
        if let Item::Contact(contact) = item {
            // Unlike anyone on the server.
            contact.name.family = named(number);
            contact.formatted_name = named(number);
        }
    }
    mailbox(Path::new(folder))?.import(FOLDER, &contacts, now())?;
    say("filled");
    Ok(())
}

/// A process that makes one run.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let [folder, address_book] = arguments else { return Err("a folder and an address are needed".into()) };
    let meter = Meter::start();
    let report = sync(Path::new(folder), address_book)?;
    let cost = meter.stop_whole();
    let items = report.written.outlook.total() + report.written.server.total();
    tell(&Told { cost, items, bytes: None, requests: Some(report.requests) })
}
