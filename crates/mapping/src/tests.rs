//! What all dialects have in common.

mod generated;

use dovetail_model::event::Event;
use dovetail_model::item::{Attachment, AttachmentSource};
use dovetail_model::{Contact, Item, Task, When, Zone};

use super::{Dialect, Settings, holds};

mod contacts;
mod formats;
mod outlook_edits;
mod repairs;
mod series;
mod vectors;

fn settings() -> Settings {
    Settings::new(Zone::Utc, "-//Example//EN")
}

fn attachment(source: AttachmentSource) -> Attachment {
    Attachment { source, name: String::new(), media_type: String::new() }
}

fn inline() -> Attachment {
    attachment(AttachmentSource::Inline { digest: "00ff".into(), bytes: 2, content: Default::default() })
}

fn link(uri: &str) -> Attachment {
    attachment(AttachmentSource::Uri(uri.into()))
}

#[test]
fn what_is_inline_counts_as_held_in_its_place() {
    let attachments = vec![link("https://example.com/a"), inline(), link("https://example.com/b")];
    let mut event = Event::default();
    event.main.start = When::Date(jiff::civil::date(2026, 1, 1));
    event.main.end = When::Date(jiff::civil::date(2026, 1, 2));
    event.main.attachments = attachments.clone();
    let task = Task { attachments: attachments.clone(), ..Task::default() };
    for item in [Item::Event(Box::new(event)), Item::Task(Box::new(task))] {
        let held = match holds(Dialect::ICalendar, &item, &settings()) {
            Item::Event(event) => event.main.attachments,
            Item::Task(task) => task.attachments,
            other => panic!("{other:?}"),
        };
        assert_eq!(held, attachments);
    }
}

#[test]
fn a_photo_counts_as_held_whether_inline_or_linked() {
    for photo in [inline(), link("https://example.com/p")] {
        let contact = Contact { photo: Some(photo.clone()), ..Contact::default() };
        for dialect in [Dialect::VCard3, Dialect::VCard4] {
            let Item::Contact(held) = holds(dialect, &Item::Contact(Box::new(contact.clone())), &settings())
            else {
                panic!("not a contact");
            };
            assert_eq!(held.photo, Some(photo.clone()));
        }
    }
}

#[test]
fn what_a_dialect_does_not_know_is_left_as_it_is() {
    let item = Item::Event(Box::default());
    assert_eq!(holds(Dialect::VCard4, &item, &settings()), item);
}
