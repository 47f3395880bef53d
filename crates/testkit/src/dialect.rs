//! What each of two made-up dialects can hold of an item: they are poor where Outlook and servers really are.

use dovetail_model::event::{Event, Occurrence};
use dovetail_model::group::Member;
use dovetail_model::item::Sensitivity;
use dovetail_model::{Contact, Group, Item, Task};

/// What a memory storage can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// As Outlook: one alarm, three e-mail addresses, members of lists by their addresses; no attendees, pages, HTML or attachments; one sensitivity a series;
    /// UIDs of events only; categories in alphabetical order.
    Outlook,
    /// As a server: no personal sensitivity, no filing name.
    Server,
}

/// How many e-mail addresses Outlook keeps of a contact.
const EMAILS: usize = 3;

impl Dialect {
    /// What this dialect keeps of an item.
    pub fn holds(self, item: &Item) -> Item {
        let mut item = item.clone();
        match (self, &mut item) {
            (Dialect::Outlook, Item::Event(event)) => outlook_event(event),
            (Dialect::Outlook, Item::Task(task)) => outlook_task(task),
            (Dialect::Outlook, Item::Contact(contact)) => outlook_contact(contact),
            (Dialect::Outlook, Item::Group(group)) => outlook_group(group),
            (Dialect::Server, Item::Event(event)) => {
                occurrences(event).for_each(|occurrence| not_personal(&mut occurrence.sensitivity));
            }
            (Dialect::Server, Item::Task(task)) => server_task(task),
            (Dialect::Server, Item::Contact(contact)) => server_contact(contact),
            (Dialect::Server, Item::Group(group)) => server_group(group),
        }
        item
    }

    /// Whether it keeps the UID of such an item.
    pub fn keeps_uid(self, item: &Item) -> bool {
        self == Dialect::Server || matches!(item, Item::Event(_))
    }
}

fn occurrences(event: &mut Event) -> impl Iterator<Item = &mut Occurrence> {
    event.overrides.values_mut().chain([&mut event.main])
}

fn outlook_event(event: &mut Event) {
    let sensitivity = event.main.sensitivity;
    for occurrence in occurrences(event) {
        occurrence.sensitivity = sensitivity;
        occurrence.alarms.truncate(1);
        occurrence.categories.sort();
        occurrence.url.clear();
        occurrence.html = None;
        occurrence.organizer = None;
        occurrence.attendees.clear();
        occurrence.attachments.clear();
    }
}

fn outlook_task(task: &mut Task) {
    task.uid = None;
    task.alarms.truncate(1);
    task.categories.sort();
    task.url.clear();
    task.attachments.clear();
}

fn outlook_contact(contact: &mut Contact) {
    contact.uid = None;
    contact.emails.truncate(EMAILS);
    contact.categories.sort();
}

fn outlook_group(group: &mut Group) {
    group.uid = None;
    group.categories.sort();
    // A list that is a member has an entry of Outlook's; what is known by a UID is the server's.
    group
        .members
        .retain(|member| !member.address.is_empty() || member.entry.is_some() && member.uid.is_none());
    for member in group.members.iter_mut().filter(|member| !member.address.is_empty()) {
        (member.uid, member.entry) = (None, None);
    }
}

fn server_task(task: &mut Task) {
    not_personal(&mut task.sensitivity);
}

fn server_contact(contact: &mut Contact) {
    contact.file_as = None;
    not_personal(&mut contact.sensitivity);
}

fn server_group(group: &mut Group) {
    not_personal(&mut group.sensitivity);
    group
        .members
        .retain(|Member { address, uid, entry, .. }| !address.is_empty() || uid.is_some() || entry.is_some());
}

fn not_personal(sensitivity: &mut Sensitivity) {
    if *sensitivity == Sensitivity::Personal {
        *sensitivity = Sensitivity::Private;
    }
}
