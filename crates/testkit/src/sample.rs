//! Made-up items as people really have them, for tests and benchmarks. Equal seeds give equal items.
//!
//! Names are roles, addresses are at `example.com`. UIDs are unique within one call.

use dovetail_model::contact::{Address, Email, Line, Name, PartialDate, Phone, Place, WebPage};
use dovetail_model::event::{Attendee, Busy, Event, EventStatus, Occurrence, Participant, Response, Role};
use dovetail_model::group::Member;
use dovetail_model::item::{Alarm, AlarmAction, Priority, Sensitivity, Trigger};
use dovetail_model::recurrence::{Frequency, Rule, RuleDay, RuleEnd};
use dovetail_model::task::TaskStatus;
use dovetail_model::{Contact, Group, Item, Kind, Task, When, Zone};
use jiff::Span;
use jiff::civil::{Date, DateTime, date};

use crate::Dice;

const SUBJECTS: &[&str] = &[
    "Weekly planning",
    "Dentist",
    "Lunch",
    "Project review",
    "Call the workshop",
    "Parents' evening",
    "Choir practice",
    "Budget talk",
    "Übergabe",
    "Réunion d’équipe",
    "Train to the coast",
    "Steuererklärung",
    "Buy paint; brushes, tape",
];
const PLACES: &[&str] = &["Room 2", "Office", "Café am Markt", "Online", "", "Building C, 3rd floor"];
const NOTES: &[&str] = &[
    "",
    "Bring the sample papers.",
    "First line\nSecond line, with a comma; and a semicolon\n\nLast line",
    "Agenda:\n1. Last time\n2. Open questions\n3. Next steps",
    "Ein längerer Text mit Umlauten (äöüß) und einem Backslash \\ dazwischen.",
];
const CATEGORIES: &[&str] = &["Work", "Family", "Travel", "Important", "Sport & Games"];
const ZONES: &[&str] =
    &["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Europe/London", "Australia/Sydney"];
const ROLES: &[&str] =
    &["Accountant", "Caretaker", "Coach", "Doctor", "Editor", "Gardener", "Librarian", "Teacher"];
const FIRST_DAY: Date = date(2025, 1, 6);

/// Items of a kind.
pub fn items(kind: Kind, count: usize, seed: u64) -> Vec<Item> {
    let mut dice = Dice::new(seed);
    // Some servers take a UID once for all collections of a user.
    let word = match kind {
        Kind::Event => "event",
        Kind::Task => "task",
        Kind::Contact => "contact",
        Kind::Group => "group",
    };
    (0..count)
        .map(|number| {
            let uid = Some(format!("{word}-{seed}-{number}@example.com"));
            match kind {
                Kind::Event => Item::Event(Box::new(event(uid, number, &mut dice))),
                Kind::Task => Item::Task(Box::new(task(uid, number, &mut dice))),
                Kind::Contact => Item::Contact(Box::new(contact(uid, number, &mut dice))),
                Kind::Group => Item::Group(Box::new(group(uid, number, &mut dice))),
            }
        })
        .collect()
}

fn text(from: &[&str], dice: &mut Dice) -> String {
    dice.pick(from).copied().unwrap_or_default().to_owned()
}

fn number_up_to(most: u64, dice: &mut Dice) -> i64 {
    i64::try_from(dice.roll(most)).unwrap_or(0)
}

/// Mostly none, else one or two.
fn categories(dice: &mut Dice) -> Vec<String> {
    let mut categories: Vec<String> = (0..dice.roll(3)).map(|_| text(CATEGORIES, dice)).collect();
    categories.sort();
    categories.dedup();
    categories
}

fn day(dice: &mut Dice) -> Date {
    FIRST_DAY.saturating_add(Span::new().days(number_up_to(700, dice)))
}

fn at(local: DateTime, zone: &str) -> When {
    match zone {
        "UTC" => When::utc(local),
        named => When::Time { local, zone: Zone::named(named) },
    }
}

/// One in five takes whole days; three in ten are series, some with changed and dropped occurrences; one in eight is a
/// meeting.
fn event(uid: Option<String>, number: usize, dice: &mut Dice) -> Event {
    let mut main = Occurrence {
        summary: format!("{} ({number})", text(SUBJECTS, dice)),
        location: text(PLACES, dice),
        description: text(NOTES, dice),
        categories: categories(dice),
        ..Occurrence::default()
    };
    let first = day(dice);
    if dice.once_in(5) {
        main.start = When::Date(first);
        main.end = When::Date(first.saturating_add(Span::new().days(1 + number_up_to(3, dice))));
        main.busy = Busy::Free;
    } else {
        let zone = if dice.once_in(8) { "UTC".to_owned() } else { text(ZONES, dice) };
        let start = first.at(8, 0, 0, 0).saturating_add(Span::new().minutes(15 * number_up_to(40, dice)));
        main.start = at(start, &zone);
        main.end = at(start.saturating_add(Span::new().minutes(15 * (1 + number_up_to(8, dice)))), &zone);
    }
    if !dice.once_in(3) {
        main.alarms = vec![alarm(*dice.pick(&[5, 15, 30, 60, 1_440]).unwrap_or(&15))];
    }
    if dice.once_in(10) {
        main.sensitivity = Sensitivity::Private;
    }
    if dice.once_in(12) {
        main.status = EventStatus::Tentative;
        main.busy = Busy::Tentative;
    }
    if dice.once_in(8) {
        meet(&mut main, dice);
    }
    let mut event = Event { uid, main, ..Event::default() };
    if dice.roll(10) < 3 {
        repeat(&mut event, dice);
    }
    event
}

fn alarm(minutes: i64) -> Alarm {
    Alarm {
        trigger: Trigger::Start(-60 * minutes),
        action: AlarmAction::Display,
        minutes_before_start: Some(minutes),
    }
}

fn participant(role: &str) -> Participant {
    Participant {
        address: format!("mailto:{}@example.com", role.to_lowercase()),
        name: format!("Sample {role}"),
        ..Participant::default()
    }
}

fn meet(main: &mut Occurrence, dice: &mut Dice) {
    main.organizer = Some(participant("Organiser"));
    for role in ROLES.iter().take(2 + usize::try_from(dice.roll(4)).unwrap_or(0)) {
        let response = *dice
            .pick(&[Response::NeedsAction, Response::Accepted, Response::Declined])
            .unwrap_or(&Response::Accepted);
        let part = if dice.once_in(4) { Role::Optional } else { Role::Required };
        main.attendees.push(Attendee { who: participant(role), role: part, response, rsvp: dice.once_in(2) });
    }
}

fn repeat(event: &mut Event, dice: &mut Dice) {
    let frequency = *dice
        .pick(&[
            Frequency::Daily,
            Frequency::Weekly,
            Frequency::Weekly,
            Frequency::Monthly,
            Frequency::Yearly,
        ])
        .unwrap_or(&Frequency::Weekly);
    let mut rule = Rule::every(1 + u32::try_from(dice.roll(2)).unwrap_or(0), frequency);
    let weekday = event.main.start.date().weekday().to_monday_zero_offset().unsigned_abs();
    if frequency == Frequency::Weekly {
        rule.by_day = vec![RuleDay { ordinal: None, weekday }];
    }
    if !dice.once_in(3) {
        rule.end = RuleEnd::Count(5 + u32::try_from(dice.roll(40)).unwrap_or(0));
    }
    let starts: Vec<DateTime> = rule.occurrences(&event.main.start).skip(1).take(4).collect();
    event.rule = Some(rule);
    for (nth, start) in starts.into_iter().enumerate() {
        let id = event.main.start.at_wall_clock(start);
        match (nth, dice.once_in(3)) {
            (0, true) => drop(event.exdates.insert(id)),
            (1 | 3, true) => {
                let mut changed = event.main.moved_to(&id);
                changed.location = "Elsewhere this time".into();
                event.overrides.insert(id, changed);
            }
            _ => {}
        }
    }
}

fn task(uid: Option<String>, number: usize, dice: &mut Dice) -> Task {
    let mut task = Task {
        uid,
        summary: format!("{} ({number})", text(SUBJECTS, dice)),
        description: text(NOTES, dice),
        categories: categories(dice),
        priority: Priority(*dice.pick(&[0, 0, 1, 5, 9]).unwrap_or(&0)),
        ..Task::default()
    };
    let due = day(dice);
    task.due = (!dice.once_in(3)).then_some(When::Date(due));
    if task.due.is_some() && dice.once_in(2) {
        task.start = Some(When::Date(due.saturating_sub(Span::new().days(number_up_to(10, dice)))));
    }
    match dice.roll(4) {
        0 => {
            task.status = TaskStatus::Complete;
            task.percent = 100;
            task.completed = Some(When::utc(due.at(16, 30, 0, 0)));
        }
        1 => {
            task.status = TaskStatus::InProgress;
            task.percent = 50;
        }
        _ => {}
    }
    task
}

fn contact(uid: Option<String>, number: usize, dice: &mut Dice) -> Contact {
    let role = text(ROLES, dice);
    let name = Name { family: format!("{role} {number}"), given: "Sample".into(), ..Name::default() };
    let formatted_name = format!("Sample {role} {number}");
    let mut contact = Contact {
        uid,
        name,
        formatted_name,
        company: if dice.once_in(2) { "Example & Sons; Ltd.".into() } else { String::new() },
        job_title: role.clone(),
        note: text(NOTES, dice),
        categories: categories(dice),
        ..Contact::default()
    };
    for place in [Place::Work, Place::Home].into_iter().take(usize::try_from(dice.roll(3)).unwrap_or(0)) {
        let address = format!("{}.{number}.{place:?}@example.com", role.to_lowercase());
        contact.emails.push(Email { address, place, ..Email::default() });
    }
    for (line, place) in [(Line::Mobile, Place::Other), (Line::Voice, Place::Work), (Line::Fax, Place::Work)]
    {
        if dice.once_in(2) {
            let number = format!("+49 555 {:07}", dice.roll(10_000_000));
            contact.phones.push(Phone { number, line, place });
        }
    }
    if dice.once_in(2) {
        contact.addresses.push(Address {
            place: Place::Home,
            street: format!("Sample Street {}", 1 + dice.roll(99)),
            locality: "Exampletown".into(),
            postal_code: format!("{:05}", dice.roll(100_000)),
            country: "Germany".into(),
            ..Address::default()
        });
    }
    contact.birthday = dice.once_in(3).then(|| {
        PartialDate::Full(date(1950, 1, 1).saturating_add(Span::new().days(number_up_to(18_000, dice))))
    });
    if dice.once_in(4) {
        contact.urls.push(WebPage { url: format!("https://example.com/{number}"), place: Place::Work });
    }
    contact
}

fn group(uid: Option<String>, number: usize, dice: &mut Dice) -> Group {
    let members = ROLES.iter().take(1 + usize::try_from(dice.roll(7)).unwrap_or(0)).map(|role| Member {
        name: format!("Sample {role}"),
        address: format!("{}@example.com", role.to_lowercase()),
        uid: None,
        entry: None,
    });
    Group {
        uid,
        name: format!("Sample list {number}"),
        members: members.collect(),
        note: text(NOTES, dice),
        ..Group::default()
    }
}
