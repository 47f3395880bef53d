//! The demo's address book: contacts, some with a photo, some with more than Outlook can hold, and lists of them.

use super::filling::{Entry, Part};

/// A contact of whom both sides change something.
pub(crate) const CARETAKER: &str = "Caretaker of Northbridge";
/// A contact who is removed.
pub(crate) const GARDENER: &str = "Gardener of Northbridge";

const ROLES: &[&str] = &[
    "Caretaker",
    "Gardener",
    "Librarian",
    "Accountant",
    "Coach",
    "Editor",
    "Teacher",
    "Doctor",
    "Printer",
    "Baker",
    "Übersetzer",
    "Ingénieure",
];
const TOWNS: &[&str] = &[
    "Northbridge",
    "Southbridge",
    "Eastfield",
    "Westfield",
    "Oldtown",
    "Newtown",
    "Hillside",
    "Riverside",
    "Lakeside",
    "Millbrook",
];

/// A blue disc, 32 pixels wide (PNG).
const PHOTO: &str = "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAABlBMVEX///8obqBONCHnAAAAPUlEQVR42mNgQAPyP4BE/T8g8f8/AwPz//8HIAT7//8PGPj///8AIeT///9BGoHQCzYKYTLYIoiVYMtRAABhDUS5hb7kUgAAAABJRU5ErkJggg==";

/// A contact for each role in each town, and a list for each role that has several.
pub(super) fn entries() -> Vec<Entry> {
    let contacts = TOWNS.iter().enumerate().flat_map(|(town_number, town)| {
        ROLES
            .iter()
            .enumerate()
            .map(move |(role_number, role)| contact(town_number * ROLES.len() + role_number, role, town))
    });
    contacts.chain(ROLES.iter().take(6).enumerate().map(|(number, role)| list(number, role))).collect()
}

/// An address of a role in a town.
fn address(role: &str, town: &str) -> String {
    let plain: String = role.chars().filter(char::is_ascii_alphabetic).collect();
    format!("{plain}@{town}.example.com").to_lowercase()
}

fn card(number: usize, title: &str, part: Part, lines: &[String]) -> Entry {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:card-{number}@example.com\r\nFN:{title}\r\n{lines}END:VCARD\r\n"
    );
    Entry { name: format!("card-{number}.vcf"), part, text }
}

fn contact(number: usize, role: &str, town: &str) -> Entry {
    let title = format!("{role} of {town}");
    let mut lines = vec![
        format!("N:of {town};{role};;;"),
        format!("TITLE:{role}"),
        "ORG:Example Works;Services".to_owned(),
        format!("EMAIL;TYPE=INTERNET,WORK:{}", address(role, town)),
        format!("TEL;TYPE=CELL:+1 555 01{number:02}"),
        format!("ADR;TYPE=WORK:;;{} Main Street;{town};;{:05};Sampleland", number + 1, 10_000 + number),
    ];
    if number.is_multiple_of(3) {
        lines.push(format!("BDAY:19{:02}-0{}-1{}", 50 + number % 45, 1 + number % 9, number % 9));
        lines.push(format!("TEL;TYPE=WORK,VOICE:+1 555 02{number:02}"));
    }
    if number.is_multiple_of(5) {
        lines.push("NOTE:Met at the trade fair\\nCall before noon".to_owned());
        lines.push("CATEGORIES:Work".to_owned());
    }
    let part = match title.as_str() {
        CARETAKER | GARDENER => Part::Both,
        _ => Part::of(number),
    };
    card(number, &title, part, &lines)
}

/// What a card says on the server alone: more than Outlook has room for.
pub(super) fn richer(number: usize, card: &str) -> String {
    let mut more = String::from("X-SAMPLE-BADGE:blue\r\n");
    if number.is_multiple_of(4) {
        more.push_str(&folded(&format!("PHOTO;ENCODING=b;TYPE=PNG:{PHOTO}")));
        more.push_str("IMPP:xmpp:sample@example.com\r\n");
    }
    card.replace("END:VCARD", &format!("{more}END:VCARD"))
}

/// A long line in pieces (RFC 2425 section 5.8.1).
fn folded(line: &str) -> String {
    let bytes = line.as_bytes().chunks(70).map(String::from_utf8_lossy);
    bytes.collect::<Vec<_>>().join("\r\n ") + "\r\n"
}

fn list(number: usize, role: &str) -> Entry {
    let title = format!("Everybody: {role}");
    let mut lines = vec![format!("N:{title};;;;"), "X-ADDRESSBOOKSERVER-KIND:group".to_owned()];
    lines.extend(TOWNS.iter().map(|town| {
        format!("X-ADDRESSBOOKSERVER-MEMBER;CN={role} of {town}:mailto:{}", address(role, town))
    }));
    card(1_000 + number, &title, Part::of(number), &lines)
}
