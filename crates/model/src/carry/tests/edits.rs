//! Items to edit, and edits of every field.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{date, datetime};

use super::super::Field;
use crate::contact::{
    Address, Contact, Custom, Email, Gender, Im, Line, Name, PartialDate, Phone, Phonetic, Place, WebPage,
};
use crate::event::{Attendee, Busy, Event, EventStatus, Occurrence, Participant, Response, Role};
use crate::group::{Group, Member};
use crate::item::{
    Alarm, AlarmAction, Attachment, AttachmentSource, Item, Kind, Priority, Sensitivity, Trigger,
};
use crate::recurrence::{Frequency, Rule, RuleEnd};
use crate::task::{Task, TaskStatus};
use crate::when::{When, Zone};

/// An edit that a user makes.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The field that it is about; what else it changes is of the same unit.
    pub(super) field: Field,
    /// The entry of a list that it is about.
    pub(super) entry: Option<&'static str>,
    /// Whether it only takes something away.
    pub(super) removes: bool,
    pub(super) apply: fn(&mut Item),
}

/// What the poorer side holds of [`rich`].
pub(super) fn poor(kind: Kind) -> Item {
    match kind {
        Kind::Event => Item::Event(Box::new(event())),
        Kind::Task => Item::Task(Box::new(task())),
        Kind::Contact => Item::Contact(Box::new(contact())),
        Kind::Group => Item::Group(Box::new(group())),
    }
}

/// The same with entries that only the richer side can hold.
pub(super) fn rich(kind: Kind) -> Item {
    let mut item = poor(kind);
    match &mut item {
        Item::Event(event) => {
            let mains = event.overrides.values_mut().chain([&mut event.main]);
            for occurrence in mains {
                occurrence.alarms.push(alarm(1440));
                occurrence.attendees.push(attendee("only@server.example.com"));
                occurrence.attachments.push(attachment("https://example.com/only"));
            }
        }
        Item::Task(task) => {
            task.alarms.push(alarm(1440));
            task.attachments.push(attachment("https://example.com/only"));
        }
        Item::Contact(contact) => {
            contact.emails.push(email("only@server.example.com", Place::Other));
            contact.phones.push(phone("+49 30 9999999", Line::Voice, Place::Other));
            contact.addresses.push(address(Place::Other, "Only on the server"));
            contact.urls.push(WebPage { url: "https://example.com/only".into(), place: Place::Other });
        }
        Item::Group(group) => group.members.push(member("only@server.example.com")),
    }
    item
}

/// What [`rich`] has beyond [`poor`], as far as an item still has it.
pub(super) fn extras(item: &Item) -> Vec<String> {
    let text = format!("{item:?}");
    ["only@server", "9999999", "Only on the server", "example.com/only", "Some(1440)"]
        .into_iter()
        .map(|extra| format!("{extra} {}", usize::from(text.contains(extra))))
        .collect()
}

/// The same item whatever the order of its lists.
pub(super) fn unordered(mut item: Item) -> Item {
    fn sort<T: std::fmt::Debug>(list: &mut [T]) {
        list.sort_by_key(|entry| format!("{entry:?}"));
    }
    match &mut item {
        Item::Event(event) => {
            for occurrence in event.overrides.values_mut().chain([&mut event.main]) {
                sort(&mut occurrence.categories);
                sort(&mut occurrence.alarms);
                sort(&mut occurrence.attendees);
                sort(&mut occurrence.attachments);
            }
        }
        Item::Task(task) => {
            sort(&mut task.categories);
            sort(&mut task.alarms);
            sort(&mut task.attachments);
            sort(&mut task.contacts);
        }
        Item::Contact(contact) => {
            sort(&mut contact.nicknames);
            sort(&mut contact.emails);
            sort(&mut contact.phones);
            sort(&mut contact.addresses);
            sort(&mut contact.urls);
            sort(&mut contact.children);
            sort(&mut contact.ims);
            sort(&mut contact.custom);
            sort(&mut contact.categories);
        }
        Item::Group(group) => {
            sort(&mut group.members);
            sort(&mut group.categories);
        }
    }
    item
}

/// The start of the series of [`poor`], so many weeks later.
pub(super) fn monday(week: i8) -> When {
    let local = datetime(2026, 3, 2, 10, 0, 0, 0).checked_add(jiff::Span::new().weeks(week)).unwrap();
    When::Time { local, zone: Zone::named("Europe/Berlin") }
}

pub(super) fn alarm(minutes: i64) -> Alarm {
    Alarm {
        trigger: Trigger::Start(-60 * minutes),
        action: AlarmAction::Display,
        minutes_before_start: Some(minutes),
    }
}

fn attachment(uri: &str) -> Attachment {
    Attachment {
        source: AttachmentSource::Uri(uri.into()),
        name: "notes".into(),
        media_type: "text/plain".into(),
    }
}

fn custom(name: &str, value: &str) -> Custom {
    Custom { name: name.into(), value: value.into() }
}

fn attendee(address: &str) -> Attendee {
    let who = Participant { address: format!("mailto:{address}"), ..Participant::default() };
    Attendee { who, role: Role::Required, response: Response::NeedsAction, rsvp: true }
}

fn email(address: &str, place: Place) -> Email {
    Email { address: address.into(), place, name: String::new() }
}

fn phone(number: &str, line: Line, place: Place) -> Phone {
    Phone { number: number.into(), line, place }
}

fn address(place: Place, street: &str) -> Address {
    Address { place, street: street.into(), locality: "Sampleton".into(), ..Address::default() }
}

fn member(address: &str) -> Member {
    Member { name: "Sample Member".into(), address: address.into(), uid: None, entry: None }
}

fn event() -> Event {
    let start = monday(0);
    let end = start.at_wall_clock(datetime(2026, 3, 2, 11, 0, 0, 0));
    let main = Occurrence {
        summary: "Planning".into(),
        location: "Room 1".into(),
        description: "Agenda".into(),
        html: Some("<p>Agenda</p>".into()),
        start,
        end,
        status: EventStatus::Confirmed,
        busy: Busy::Busy,
        priority: Priority(5),
        sensitivity: Sensitivity::Public,
        categories: vec!["Work".into(), "Team".into()],
        alarms: vec![alarm(15)],
        url: "https://example.com/planning".into(),
        organizer: Some(Participant {
            address: "mailto:chair@example.com".into(),
            name: "Chair".into(),
            ..Participant::default()
        }),
        attendees: vec![attendee("guest@example.com")],
        attachments: vec![attachment("https://example.com/agenda")],
        custom: vec![custom("Project", "blue")],
    };
    let mut moved = main.moved_to(&monday(2));
    moved.location = "Room 2".into();
    Event {
        uid: Some("planning".into()),
        rule: Some(Rule { end: RuleEnd::Count(10), ..Rule::every(1, Frequency::Weekly) }),
        rdates: BTreeSet::new(),
        exdates: BTreeSet::from([monday(5)]),
        overrides: BTreeMap::from([(monday(2), moved)]),
        main,
    }
}

fn task() -> Task {
    Task {
        uid: Some("report".into()),
        summary: "Write the report".into(),
        description: "With figures".into(),
        start: Some(When::Date(date(2026, 3, 2))),
        due: Some(When::Date(date(2026, 3, 9))),
        status: TaskStatus::InProgress,
        percent: 40,
        completed: None,
        priority: Priority(5),
        sensitivity: Sensitivity::Public,
        categories: vec!["Work".into()],
        alarms: vec![alarm(15)],
        rule: Some(Rule::every(1, Frequency::Monthly)),
        url: "https://example.com/report".into(),
        attachments: vec![attachment("https://example.com/figures")],
        regenerates: None,
        total_work: 600,
        actual_work: 90,
        mileage: "12 km".into(),
        billing: "Project 7".into(),
        contacts: vec!["Sample Person".into()],
        companies: "Example Ltd".into(),
        owner: "Sample Owner".into(),
        custom: vec![custom("Project", "blue")],
        relations: Vec::new(),
    }
}

fn contact() -> Contact {
    Contact {
        uid: Some("person".into()),
        name: Name {
            family: "Person".into(),
            given: "Sample".into(),
            additional: "Q.".into(),
            prefix: "Dr.".into(),
            suffix: "Jr.".into(),
        },
        formatted_name: "Dr. Sample Person".into(),
        file_as: Some("Person, Sample".into()),
        initials: "S.Q.P.".into(),
        phonetic: Phonetic { family: "person".into(), given: "sampel".into(), company: String::new() },
        nicknames: vec!["Sam".into()],
        company: "Example Ltd".into(),
        department: "Research".into(),
        job_title: "Engineer".into(),
        profession: "Chemist".into(),
        assistant: "Assistant".into(),
        manager: "Manager".into(),
        spouse: String::new(),
        children: vec!["First".into()],
        emails: vec![email("sample@example.com", Place::Home), email("s.person@example.com", Place::Work)],
        phones: vec![
            phone("+49 30 1111111", Line::Voice, Place::Home),
            phone("+49 170 222222", Line::Mobile, Place::Other),
        ],
        addresses: vec![address(Place::Home, "Long Street 1")],
        mailing_address: Some(Place::Home),
        ims: vec![Im { service: "AIM".into(), handle: "sample".into() }],
        birthday: Some(PartialDate::Full(date(1980, 4, 12))),
        anniversary: Some(PartialDate::Yearless { month: 6, day: 1 }),
        gender: Gender::Female,
        note: "Met at the fair".into(),
        categories: vec!["Friends".into()],
        sensitivity: Sensitivity::Public,
        urls: vec![WebPage { url: "https://example.com/sample".into(), place: Place::Work }],
        free_busy_url: String::new(),
        photo: Some(attachment("https://example.com/photo")),
        certificate: Some(attachment("https://example.com/key")),
        custom: vec![Custom { name: "Hobby".into(), value: "Sailing".into() }],
    }
}

fn group() -> Group {
    Group {
        uid: Some("team".into()),
        name: "Team".into(),
        nickname: "Crew".into(),
        members: vec![member("one@example.com"), member("two@example.com")],
        note: "Everybody".into(),
        categories: vec!["Work".into()],
        sensitivity: Sensitivity::Public,
    }
}

fn on_event(item: &mut Item, change: impl FnOnce(&mut Event)) {
    if let Item::Event(event) = item {
        change(event);
    }
}

fn on_task(item: &mut Item, change: impl FnOnce(&mut Task)) {
    if let Item::Task(task) = item {
        change(task);
    }
}

fn on_contact(item: &mut Item, change: impl FnOnce(&mut Contact)) {
    if let Item::Contact(contact) = item {
        change(contact);
    }
}

fn on_group(item: &mut Item, change: impl FnOnce(&mut Group)) {
    if let Item::Group(group) = item {
        change(group);
    }
}

const fn value(name: &'static str, kind: Kind, field: Field, apply: fn(&mut Item)) -> Sample {
    Sample { name, kind, field, entry: None, removes: false, apply }
}

const fn emptied(name: &'static str, kind: Kind, field: Field, apply: fn(&mut Item)) -> Sample {
    Sample { name, kind, field, entry: None, removes: true, apply }
}

const fn entry(
    name: &'static str,
    kind: Kind,
    field: Field,
    entry: &'static str,
    apply: fn(&mut Item),
) -> Sample {
    Sample { name, kind, field, entry: Some(entry), removes: false, apply }
}

const fn removed(
    name: &'static str,
    kind: Kind,
    field: Field,
    entry: &'static str,
    apply: fn(&mut Item),
) -> Sample {
    Sample { name, kind, field, entry: Some(entry), removes: true, apply }
}

use Kind::Contact as C;
use Kind::Event as E;
use Kind::Group as G;
use Kind::Task as T;

/// At least one edit for each field; of lists, entries added, removed and changed, some in what makes their key.
pub(super) const EDITS: &[Sample] = &[
    value("rename", E, Field::Summary, |i| on_event(i, |e| e.main.summary = "Review".into())),
    value("move elsewhere", E, Field::Location, |i| on_event(i, |e| e.main.location = "Hall".into())),
    emptied("no place", E, Field::Location, |i| on_event(i, |e| e.main.location.clear())),
    value("rewrite", E, Field::Description, |i| on_event(i, |e| e.main.description = "New agenda".into())),
    value("rewrite as HTML", E, Field::Html, |i| on_event(i, |e| e.main.html = Some("<p>New</p>".into()))),
    value("link", E, Field::Url, |i| on_event(i, |e| e.main.url = "https://example.com/new".into())),
    value("a week later", E, Field::Start, |i| {
        on_event(i, |e| {
            let moved = e.main.moved_to(&monday(1));
            (e.main.start, e.main.end) = (moved.start, moved.end);
        });
    }),
    value("longer", E, Field::End, |i| {
        on_event(i, |e| e.main.end = e.main.end.at_wall_clock(datetime(2026, 3, 2, 12, 0, 0, 0)));
    }),
    value("more often", E, Field::Rule, |i| {
        on_event(i, |e| e.rule = Some(Rule { end: RuleEnd::Count(20), ..Rule::every(1, Frequency::Weekly) }));
    }),
    entry("once more", E, Field::Rdates, "rdate", |i| {
        on_event(i, |e| {
            e.rdates.insert(monday(0).at_wall_clock(datetime(2026, 3, 3, 10, 0, 0, 0)));
        });
    }),
    entry("cancel week 6", E, Field::Exdates, "6", |i| {
        on_event(i, |e| {
            e.exdates.insert(monday(6));
        });
    }),
    removed("week 5 after all", E, Field::Exdates, "5", |i| {
        on_event(i, |e| {
            e.exdates.remove(&monday(5));
        });
    }),
    entry("week 2 elsewhere", E, Field::Overrides, "2", |i| {
        on_event(i, |e| e.overrides.values_mut().for_each(|o| o.location = "Room 3".into()));
    }),
    removed("week 2 as usual", E, Field::Overrides, "2", |i| on_event(i, |e| e.overrides.clear())),
    entry("week 3 later", E, Field::Overrides, "3", |i| {
        on_event(i, |e| {
            let later = monday(3).at_wall_clock(datetime(2026, 3, 23, 15, 0, 0, 0));
            e.overrides.insert(monday(3), e.main.moved_to(&later));
        });
    }),
    value("cancel", E, Field::Status, |i| on_event(i, |e| e.main.status = EventStatus::Cancelled)),
    value("away", E, Field::Busy, |i| on_event(i, |e| e.main.busy = Busy::OutOfOffice)),
    value("urgent", E, Field::Priority, |i| on_event(i, |e| e.main.priority = Priority(1))),
    value("private", E, Field::Sensitivity, |i| on_event(i, |e| e.main.sensitivity = Sensitivity::Private)),
    entry("add a category", E, Field::Categories, "travel", |i| {
        on_event(i, |e| e.main.categories.push("Travel".into()))
    }),
    removed("drop a category", E, Field::Categories, "team", |i| {
        on_event(i, |e| e.main.categories.retain(|c| c != "Team"))
    }),
    entry("remind earlier", E, Field::Alarms, "15", |i| on_event(i, |e| e.main.alarms[0] = alarm(30))),
    removed("do not remind", E, Field::Alarms, "15", |i| {
        on_event(i, |e| {
            e.main.alarms.remove(0);
        });
    }),
    entry("remind twice", E, Field::Alarms, "60", |i| on_event(i, |e| e.main.alarms.insert(0, alarm(60)))),
    value("another chair", E, Field::Organizer, |i| {
        on_event(i, |e| {
            e.main.organizer = Some(Participant {
                address: "mailto:new@example.com".into(),
                name: "New".into(),
                ..Participant::default()
            })
        });
    }),
    entry("invite", E, Field::Attendees, "third", |i| {
        on_event(i, |e| e.main.attendees.push(attendee("third@example.com")))
    }),
    entry("accept", E, Field::Attendees, "guest", |i| {
        on_event(i, |e| e.main.attendees[0].response = Response::Accepted)
    }),
    removed("disinvite", E, Field::Attendees, "guest", |i| {
        on_event(i, |e| {
            e.main.attendees.remove(0);
        });
    }),
    removed("detach", E, Field::Attachments, "agenda", |i| {
        on_event(i, |e| {
            e.main.attachments.remove(0);
        });
    }),
    emptied("no HTML", E, Field::Html, |i| on_event(i, |e| e.main.html = None)),
    emptied("only once", E, Field::Rule, |i| {
        on_event(i, |e| {
            e.rule = None;
            e.exdates.clear();
            e.overrides.clear();
        });
    }),
    entry("attach", E, Field::Attachments, "minutes", |i| {
        on_event(i, |e| e.main.attachments.push(attachment("https://example.com/minutes")));
    }),
    value("again when done", T, Field::Regenerates, |i| {
        on_task(i, |t| t.regenerates = Some(Rule::every(2, Frequency::Weekly)));
    }),
    value("more work", T, Field::TotalWork, |i| on_task(i, |t| t.total_work = 1_200)),
    value("worked", T, Field::ActualWork, |i| on_task(i, |t| t.actual_work = 120)),
    value("farther", T, Field::Mileage, |i| on_task(i, |t| t.mileage = "30 km".into())),
    emptied("not far", T, Field::Mileage, |i| on_task(i, |t| t.mileage.clear())),
    value("bill it", T, Field::Billing, |i| on_task(i, |t| t.billing = "Project 8".into())),
    value("for others", T, Field::Companies, |i| on_task(i, |t| t.companies = "Others".into())),
    value("hand over", T, Field::Owner, |i| on_task(i, |t| t.owner = "New Owner".into())),
    entry("talk to", T, Field::ContactNames, "other", |i| {
        on_task(i, |t| t.contacts.push("Other Person".into()));
    }),
    removed("do not talk to", T, Field::ContactNames, "sample", |i| {
        on_task(i, |t| t.contacts.retain(|name| name != "Sample Person"));
    }),
    entry("another project", E, Field::Custom, "project", |i| {
        on_event(i, |e| e.main.custom[0].value = "green".into())
    }),
    removed("no project", E, Field::Custom, "project", |i| on_event(i, |e| e.main.custom.clear())),
    entry("a customer", T, Field::Custom, "customer", |i| {
        on_task(i, |t| t.custom.push(custom("Customer", "one")))
    }),
    value("rename", T, Field::Summary, |i| on_task(i, |t| t.summary = "Send the report".into())),
    value("rewrite", T, Field::Description, |i| on_task(i, |t| t.description = "Without figures".into())),
    value("start earlier", T, Field::Start, |i| on_task(i, |t| t.start = Some(When::Date(date(2026, 2, 1))))),
    emptied("start whenever", T, Field::Start, |i| on_task(i, |t| t.start = None)),
    value("due later", T, Field::Due, |i| on_task(i, |t| t.due = Some(When::Date(date(2026, 4, 1))))),
    value("wait", T, Field::Status, |i| on_task(i, |t| t.status = TaskStatus::Waiting)),
    value("work", T, Field::Percent, |i| on_task(i, |t| t.percent = 60)),
    value("complete", T, Field::Completed, |i| {
        on_task(i, |t| {
            (t.status, t.percent) = (TaskStatus::Complete, 100);
            t.completed = Some(When::utc(datetime(2026, 3, 5, 12, 0, 0, 0)));
        });
    }),
    value("urgent", T, Field::Priority, |i| on_task(i, |t| t.priority = Priority(1))),
    value("private", T, Field::Sensitivity, |i| on_task(i, |t| t.sensitivity = Sensitivity::Private)),
    entry("add a category", T, Field::Categories, "travel", |i| {
        on_task(i, |t| t.categories.push("Travel".into()))
    }),
    entry("remind earlier", T, Field::Alarms, "15", |i| on_task(i, |t| t.alarms[0] = alarm(30))),
    value("more often", T, Field::Rule, |i| on_task(i, |t| t.rule = Some(Rule::every(1, Frequency::Weekly)))),
    value("link", T, Field::Url, |i| on_task(i, |t| t.url = "https://example.com/new".into())),
    entry("attach", T, Field::Attachments, "minutes", |i| {
        on_task(i, |t| t.attachments.push(attachment("https://example.com/minutes")));
    }),
    value("marry", C, Field::FamilyName, |i| on_contact(i, |c| c.name.family = "Partner".into())),
    value("correct the given name", C, Field::GivenName, |i| {
        on_contact(i, |c| c.name.given = "Simple".into())
    }),
    value("another middle name", C, Field::AdditionalNames, |i| {
        on_contact(i, |c| c.name.additional = "R.".into())
    }),
    emptied("no title", C, Field::NamePrefix, |i| on_contact(i, |c| c.name.prefix.clear())),
    value("another suffix", C, Field::NameSuffix, |i| on_contact(i, |c| c.name.suffix = "Sr.".into())),
    value("show another name", C, Field::FormattedName, |i| {
        on_contact(i, |c| c.formatted_name = "S. Person".into())
    }),
    value("file elsewhere", C, Field::FileAs, |i| on_contact(i, |c| c.file_as = Some("Example Ltd".into()))),
    entry("a nickname", C, Field::Nicknames, "sammy", |i| {
        on_contact(i, |c| c.nicknames.push("Sammy".into()))
    }),
    value("initials", C, Field::Initials, |i| on_contact(i, |c| c.initials = "S.P.".into())),
    value("speak the family name", C, Field::PhoneticFamilyName, |i| {
        on_contact(i, |c| c.phonetic.family = "pur-sun".into())
    }),
    emptied("no spoken given name", C, Field::PhoneticGivenName, |i| {
        on_contact(i, |c| c.phonetic.given.clear())
    }),
    value("speak the company", C, Field::PhoneticCompany, |i| {
        on_contact(i, |c| c.phonetic.company = "ex-am-pull".into())
    }),
    value("new company", C, Field::Company, |i| on_contact(i, |c| c.company = "Sample Ltd".into())),
    value("new department", C, Field::Department, |i| on_contact(i, |c| c.department = "Sales".into())),
    value("new position", C, Field::JobTitle, |i| on_contact(i, |c| c.job_title = "Head".into())),
    value("new profession", C, Field::Profession, |i| on_contact(i, |c| c.profession = "Baker".into())),
    value("new assistant", C, Field::Assistant, |i| on_contact(i, |c| c.assistant = "Helper".into())),
    emptied("no manager", C, Field::Manager, |i| on_contact(i, |c| c.manager.clear())),
    value("wed", C, Field::Spouse, |i| on_contact(i, |c| c.spouse = "Partner".into())),
    entry("a child", C, Field::Children, "second", |i| on_contact(i, |c| c.children.push("Second".into()))),
    value("letters to work", C, Field::MailingAddress, |i| {
        on_contact(i, |c| c.mailing_address = Some(Place::Work))
    }),
    entry("another handle", C, Field::Ims, "aim:", |i| on_contact(i, |c| c.ims[0].handle = "sample2".into())),
    removed("no messages", C, Field::Ims, "aim:", |i| on_contact(i, |c| c.ims.clear())),
    value("male", C, Field::Gender, |i| on_contact(i, |c| c.gender = Gender::Male)),
    value("busy elsewhere", C, Field::FreeBusyUrl, |i| {
        on_contact(i, |c| c.free_busy_url = "https://example.com/busy".into())
    }),
    emptied("no certificate", C, Field::Certificate, |i| on_contact(i, |c| c.certificate = None)),
    entry("another hobby", C, Field::Custom, "hobby", |i| {
        on_contact(i, |c| c.custom[0].value = "Rowing".into())
    }),
    entry("correct an address", C, Field::Emails, "sample@", |i| {
        on_contact(i, |c| c.emails[0].address = "correct@example.com".into());
    }),
    entry("a private address", C, Field::Emails, "s.person@", |i| {
        on_contact(i, |c| c.emails[1].place = Place::Home)
    }),
    removed("no such address", C, Field::Emails, "s.person@", |i| {
        on_contact(i, |c| {
            c.emails.remove(1);
        });
    }),
    entry("one more address", C, Field::Emails, "more@", |i| {
        on_contact(i, |c| c.emails.insert(0, email("more@example.com", Place::Work)));
    }),
    entry("new number", C, Field::Phones, "1111111", |i| {
        on_contact(i, |c| c.phones[0].number = "+49 30 3333333".into())
    }),
    entry("spell a number", C, Field::Phones, "170", |i| {
        on_contact(i, |c| c.phones[1].number = "+49 (170) 222222".into())
    }),
    removed("no such number", C, Field::Phones, "170", |i| {
        on_contact(i, |c| {
            c.phones.remove(1);
        });
    }),
    entry("one more number", C, Field::Phones, "444", |i| {
        on_contact(i, |c| c.phones.insert(1, phone("+49 30 4444444", Line::Fax, Place::Work)));
    }),
    removed("no address", C, Field::Addresses, "home", |i| {
        on_contact(i, |c| {
            c.addresses.remove(0);
        });
    }),
    removed("no nickname", C, Field::Nicknames, "sam", |i| on_contact(i, |c| c.nicknames.clear())),
    removed("no page", C, Field::Urls, "sample", |i| {
        on_contact(i, |c| {
            c.urls.remove(0);
        });
    }),
    emptied("no photo", C, Field::Photo, |i| on_contact(i, |c| c.photo = None)),
    entry("move house", C, Field::Addresses, "home", |i| {
        on_contact(i, |c| c.addresses[0].street = "Short Street 2".into())
    }),
    entry("an office", C, Field::Addresses, "work", |i| {
        on_contact(i, |c| c.addresses.push(address(Place::Work, "Office Park 3")));
    }),
    value("born later", C, Field::Birthday, |i| {
        on_contact(i, |c| c.birthday = Some(PartialDate::Full(date(1981, 4, 12))))
    }),
    emptied("no anniversary", C, Field::Anniversary, |i| on_contact(i, |c| c.anniversary = None)),
    value("another note", C, Field::Note, |i| on_contact(i, |c| c.note = "Met at work".into())),
    entry("add a category", C, Field::Categories, "team", |i| {
        on_contact(i, |c| c.categories.push("Team".into()))
    }),
    value("private", C, Field::Sensitivity, |i| on_contact(i, |c| c.sensitivity = Sensitivity::Private)),
    entry("new page", C, Field::Urls, "sample", |i| {
        on_contact(i, |c| c.urls[0].url = "https://example.com/new".into())
    }),
    value("new photo", C, Field::Photo, |i| {
        on_contact(i, |c| c.photo = Some(attachment("https://example.com/smile")))
    }),
    value("rename", G, Field::FormattedName, |i| on_group(i, |g| g.name = "Crew".into())),
    value("another nickname", G, Field::Nicknames, |i| on_group(i, |g| g.nickname = "Gang".into())),
    emptied("no nickname", G, Field::Nicknames, |i| on_group(i, |g| g.nickname.clear())),
    entry("join", G, Field::Members, "three", |i| {
        on_group(i, |g| g.members.push(member("three@example.com")))
    }),
    removed("leave", G, Field::Members, "two", |i| {
        on_group(i, |g| {
            g.members.remove(1);
        });
    }),
    entry("correct a member", G, Field::Members, "two", |i| {
        on_group(i, |g| g.members[1].name = "Sample Colleague".into())
    }),
    entry("add a category", G, Field::Categories, "travel", |i| {
        on_group(i, |g| g.categories.push("Travel".into()))
    }),
    value("private", G, Field::Sensitivity, |i| on_group(i, |g| g.sensitivity = Sensitivity::Private)),
    value("another note", G, Field::Note, |i| on_group(i, |g| g.note = "Nobody".into())),
];
