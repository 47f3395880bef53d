//! What users do to items, and what items say, as facts that can be compared one by one.

use std::collections::BTreeMap;

use dovetail_model::contact::{Email, Line, PartialDate, Phone, Place};
use dovetail_model::event::{Attendee, Busy, Occurrence, Participant};
use dovetail_model::group::Member;
use dovetail_model::item::{Alarm, AlarmAction, Priority, Sensitivity, Trigger};
use dovetail_model::recurrence::{Frequency, Rule, RuleEnd};
use dovetail_model::task::TaskStatus;
use dovetail_model::{Contact, Event, Group, Item, Kind, Task, When, Zone};
use dovetail_sync::Side;
use jiff::Span;
use jiff::civil::{DateTime, datetime};

use crate::Dice;

/// What an item says, by aspect: a field, or an entry of a list (`category:red`), which is `held` or nothing.
pub(crate) type Facts = BTreeMap<String, String>;

const HELD: &str = "held";

/// What the side can show of the value of an aspect.
pub(crate) fn shown(side: Side, aspect: &str, value: &str) -> String {
    let kind = aspect.split(':').next().unwrap_or(aspect);
    match (side, kind, value) {
        (Side::Outlook, "page" | "attendee", _) | (Side::Server, "filed", _) => String::new(),
        (Side::Server, "secrecy", "Personal") => "Private".into(),
        _ => value.to_owned(),
    }
}

/// Whether the side may show nothing although there is something: it holds only so many.
pub(crate) fn may_be_hidden(side: Side, aspect: &str) -> bool {
    side == Side::Outlook && (aspect.starts_with("alarm:") || aspect.starts_with("email:"))
}

/// The aspects that clash together.
pub(crate) fn unit(aspect: &str) -> &str {
    match aspect.split(':').next().unwrap_or(aspect) {
        "time" | "rule" | "override" | "exdate" => "time",
        "name" | "filed" => "name",
        _ => aspect,
    }
}

/// Whether an edit of one aspect can clash with an edit of the other.
pub(super) fn clash(one: &str, other: &str) -> bool {
    let entry = |aspect: &str| aspect.split_once(':').map(|(_, entry)| entry.to_owned());
    let apart = match (entry(one), entry(other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    unit(one) == unit(other) && !apart
}

/// What an item says.
pub(crate) fn facts(item: &Item) -> Facts {
    let mut facts = Facts::new();
    let mut say = |aspect: &str, value: String| drop(facts.insert(aspect.to_owned(), value));
    match item {
        Item::Event(event) => event_facts(event, &mut say),
        Item::Task(task) => task_facts(task, &mut say),
        Item::Contact(contact) => contact_facts(contact, &mut say),
        Item::Group(group) => {
            say("title", group.name.clone());
            say("text", group.note.clone());
            group.members.iter().for_each(|member| say(&format!("member:{}", member.address), HELD.into()));
            group.categories.iter().for_each(|category| say(&format!("category:{category}"), HELD.into()));
        }
    }
    facts.retain(|_, value| !value.is_empty());
    facts
}

fn event_facts(event: &Event, say: &mut impl FnMut(&str, String)) {
    let Occurrence { summary, location, description, start, end, .. } = &event.main;
    say("title", summary.clone());
    say("place", location.clone());
    say("text", description.clone());
    say("time", format!("{start} to {end}"));
    say("rule", event.rule.as_ref().map(ToString::to_string).unwrap_or_default());
    say("secrecy", format!("{:?}", event.main.sensitivity));
    say("busy", format!("{:?}", event.main.busy));
    say("page", event.main.url.clone());
    for attendee in &event.main.attendees {
        say(&format!("attendee:{}", attendee.who.address), HELD.into());
    }
    for (id, occurrence) in &event.overrides {
        say(&format!("override:{}", id.wall_clock_key()), occurrence.location.clone());
    }
    event.exdates.iter().for_each(|day| say(&format!("exdate:{}", day.wall_clock_key()), HELD.into()));
    alarm_facts(&event.main.alarms, say);
    event.main.categories.iter().for_each(|category| say(&format!("category:{category}"), HELD.into()));
}

fn task_facts(task: &Task, say: &mut impl FnMut(&str, String)) {
    say("title", task.summary.clone());
    say("text", task.description.clone());
    say("due", task.due.as_ref().map(ToString::to_string).unwrap_or_default());
    say("status", format!("{:?}", task.status));
    say("priority", task.priority.0.to_string());
    say("secrecy", format!("{:?}", task.sensitivity));
    say("page", task.url.clone());
    alarm_facts(&task.alarms, say);
    task.categories.iter().for_each(|category| say(&format!("category:{category}"), HELD.into()));
}

fn contact_facts(contact: &Contact, say: &mut impl FnMut(&str, String)) {
    say("name", format!("{} {}", contact.name.family, contact.formatted_name));
    say("filed", contact.file_as.clone().unwrap_or_default());
    say("company", contact.company.clone());
    say("job", contact.job_title.clone());
    say("text", contact.note.clone());
    say("birthday", contact.birthday.map(|day| format!("{day:?}")).unwrap_or_default());
    contact.emails.iter().for_each(|email| say(&format!("email:{}", email.address), HELD.into()));
    contact.phones.iter().for_each(|phone| say(&format!("phone:{}", phone.number), HELD.into()));
    contact.categories.iter().for_each(|category| say(&format!("category:{category}"), HELD.into()));
}

fn alarm_facts(alarms: &[Alarm], say: &mut impl FnMut(&str, String)) {
    for alarm in alarms {
        say(&format!("alarm:{}", alarm.minutes_before_start.unwrap_or_default()), HELD.into());
    }
}

/// A new item that carries its name as a category.
pub(crate) fn fresh(kind: Kind, name: &str, title: String, dice: &mut Dice) -> Item {
    let uid = Some(format!("{name}@example.com"));
    let categories = vec![name.to_owned()];
    match kind {
        Kind::Event => Item::Event(Box::new(fresh_event(uid, categories, title, dice))),
        Kind::Task => Item::Task(Box::new(Task {
            uid,
            summary: title,
            due: Some(When::Date(day(dice).date())),
            alarms: vec![before_due(15), before_due(60)],
            categories,
            ..Task::default()
        })),
        Kind::Contact => {
            let emails = (0..2 + dice.roll(4)).map(|n| email(&format!("{name}.{n}"))).collect();
            let mut contact =
                Contact { uid, formatted_name: title.clone(), emails, categories, ..Contact::default() };
            contact.name.family = title;
            Item::Contact(Box::new(contact))
        }
        Kind::Group => Item::Group(Box::new(Group {
            uid,
            name: title,
            members: vec![member(name)],
            categories,
            ..Group::default()
        })),
    }
}

fn fresh_event(uid: Option<String>, categories: Vec<String>, title: String, dice: &mut Dice) -> Event {
    let mut event = Event { uid, ..Event::default() };
    event.main.summary = title;
    event.main.categories = categories;
    event.main.alarms = vec![before_start(15), before_start(60)];
    set_time(&mut event, dice);
    if dice.once_in(2) {
        event.rule = Some(weekly(20));
    }
    event
}

fn weekly(count: u32) -> Rule {
    Rule { end: RuleEnd::Count(count), ..Rule::every(1, Frequency::Weekly) }
}

fn day(dice: &mut Dice) -> DateTime {
    let days = i64::try_from(dice.roll(300)).unwrap_or(0);
    datetime(2026, 3, 2, 9, 0, 0, 0).saturating_add(Span::new().days(days))
}

fn set_time(event: &mut Event, dice: &mut Dice) {
    let start = day(dice);
    if dice.once_in(5) {
        event.main.start = When::Date(start.date());
        event.main.end = When::Date(start.date().saturating_add(Span::new().days(1)));
        return;
    }
    let zone = dice.pick(&["Europe/Berlin", "America/New_York", "UTC"]).copied().unwrap_or("UTC");
    let at = |local| match zone {
        "UTC" => When::utc(local),
        named => When::Time { local, zone: Zone::named(named) },
    };
    event.main.start = at(start);
    event.main.end = at(start.saturating_add(Span::new().minutes(45)));
}

fn before_start(minutes: i64) -> Alarm {
    alarm(Trigger::Start(-60 * minutes), minutes)
}

/// Where there is no start, the due date is what an alarm is counted from.
fn before_due(minutes: i64) -> Alarm {
    alarm(Trigger::End(-60 * minutes), minutes)
}

fn alarm(trigger: Trigger, minutes: i64) -> Alarm {
    Alarm { trigger, action: AlarmAction::Display, minutes_before_start: Some(minutes) }
}

fn email(name: &str) -> Email {
    Email { address: format!("{name}@example.com"), ..Email::default() }
}

fn member(word: &str) -> Member {
    Member { name: format!("Sample {word}"), address: format!("{word}@example.com"), uid: None, entry: None }
}

/// A user on this side edits an item: what is new in it is, or holds, `word`. Nothing may come of it.
pub(crate) fn edit(item: &mut Item, side: Side, word: &str, dice: &mut Dice) {
    let which = dice.roll(12);
    match item {
        Item::Event(event) => edit_event(event, side, word, which, dice),
        Item::Task(task) => edit_task(task, side, word, which, dice),
        Item::Contact(contact) => edit_contact(contact, side, word, which, dice),
        Item::Group(group) => edit_group(group, word, which, dice),
    }
}

fn edit_event(event: &mut Event, side: Side, word: &str, which: u64, dice: &mut Dice) {
    let main = &mut event.main;
    match which {
        0 => main.summary = word.into(),
        1 => main.location = word.into(),
        2 => main.description = word.into(),
        3 => edit_categories(&mut main.categories, word, dice),
        4 => main.sensitivity = secrecy(side, dice),
        5 => main.busy = *dice.pick(&[Busy::Free, Busy::Tentative, Busy::OutOfOffice]).unwrap_or(&Busy::Busy),
        6 if side == Side::Server => main.url = format!("https://example.com/{word}"),
        7 if side == Side::Server => edit_attendees(&mut main.attendees, word, dice),
        8 => edit_alarms(&mut main.alarms, before_start, dice),
        9 => {
            // A series that moves loses its exceptions, as Outlook has it.
            event.overrides.clear();
            event.exdates.clear();
            set_time(event, dice);
        }
        10 if event.overrides.is_empty() && event.exdates.is_empty() => {
            let count = 10 + u32::try_from(dice.roll(20)).unwrap_or(0);
            event.rule = (!dice.once_in(3)).then(|| weekly(count));
        }
        _ => edit_occurrence(event, word, dice),
    }
}

fn edit_occurrence(event: &mut Event, word: &str, dice: &mut Dice) {
    let Some(rule) = &event.rule else { return };
    let nth = usize::try_from(1 + dice.roll(6)).unwrap_or(1);
    let Some(local) = rule.occurrences(&event.main.start).nth(nth) else { return };
    let id = event.main.start.at_wall_clock(local);
    if event.exdates.contains(&id) {
        return;
    }
    if dice.once_in(4) {
        event.overrides.remove(&id);
        event.exdates.insert(id);
        return;
    }
    let as_series = event.main.moved_to(&id);
    event.overrides.entry(id).or_insert(as_series).location = word.into();
}

fn edit_task(task: &mut Task, side: Side, word: &str, which: u64, dice: &mut Dice) {
    match which {
        0 => task.summary = word.into(),
        1 | 2 => task.description = word.into(),
        3 | 4 => edit_categories(&mut task.categories, word, dice),
        5 => task.sensitivity = secrecy(side, dice),
        6 => task.due = Some(When::Date(day(dice).date())),
        7 if task.due.is_some() => edit_alarms(&mut task.alarms, before_due, dice),
        7 => {}
        8 if side == Side::Server => task.url = format!("https://example.com/{word}"),
        9 => task.priority = Priority(*dice.pick(&[1, 5, 9]).unwrap_or(&5)),
        _ => edit_progress(task, side, dice),
    }
}

fn edit_progress(task: &mut Task, side: Side, dice: &mut Dice) {
    use TaskStatus::{Complete, Deferred, InProgress, NotStarted, Waiting};
    let mut states = vec![NotStarted, InProgress, Complete, Deferred];
    states.extend((side == Side::Outlook).then_some(Waiting));
    task.status = *dice.pick(&states).unwrap_or(&InProgress);
    let complete = task.status == Complete;
    task.percent = if complete { 100 } else { 0 };
    task.completed = complete.then(|| When::utc(datetime(2026, 3, 1, 12, 0, 0, 0)));
}

fn edit_contact(contact: &mut Contact, side: Side, word: &str, which: u64, dice: &mut Dice) {
    match which {
        0 => {
            contact.name.family = word.into();
            contact.formatted_name = word.into();
        }
        1 => contact.company = word.into(),
        2 => contact.job_title = word.into(),
        3 => contact.note = word.into(),
        4 | 5 => edit_categories(&mut contact.categories, word, dice),
        6 if side == Side::Outlook => contact.file_as = Some(word.into()),
        7 => {
            let month = i8::try_from(1 + dice.roll(12)).unwrap_or(1);
            contact.birthday = Some(PartialDate::Yearless { month, day: 17 });
        }
        8 if !contact.phones.is_empty() && dice.once_in(2) => drop(contact.phones.pop()),
        8 => {
            let number = format!("+49 {}", word.trim_matches(|c: char| !c.is_ascii_digit()));
            contact.phones.push(Phone { number, line: Line::Mobile, place: Place::Home });
        }
        _ => edit_emails(&mut contact.emails, side, word, dice),
    }
}

fn edit_emails(emails: &mut Vec<Email>, side: Side, word: &str, dice: &mut Dice) {
    let at = usize::try_from(dice.roll(emails.len() as u64)).unwrap_or(0);
    let full = side == Side::Outlook && emails.len() >= 3;
    match dice.roll(3) {
        0 if !full => emails.push(email(word)),
        1 if at < emails.len() => drop(emails.remove(at)),
        _ => {
            if let Some(entry) = emails.get_mut(at) {
                *entry = email(word);
            }
        }
    }
}

fn edit_group(group: &mut Group, word: &str, which: u64, dice: &mut Dice) {
    match which {
        0 => group.name = word.into(),
        1 | 2 => group.note = word.into(),
        3..6 => edit_categories(&mut group.categories, word, dice),
        6 if group.members.len() > 1 => drop(group.members.pop()),
        _ => group.members.push(member(word)),
    }
}

/// Categories come and go; the item's name, which is one of them, stays.
fn edit_categories(categories: &mut Vec<String>, word: &str, dice: &mut Dice) {
    let other = categories.iter().position(|category| !category.starts_with("name"));
    match other {
        Some(at) if dice.once_in(2) => drop(categories.remove(at)),
        _ => categories.push(word.into()),
    }
}

fn edit_attendees(attendees: &mut Vec<Attendee>, word: &str, dice: &mut Dice) {
    if !attendees.is_empty() && dice.once_in(2) {
        attendees.remove(0);
        return;
    }
    let who = Participant { address: format!("mailto:{word}@example.com"), ..Participant::default() };
    attendees.push(Attendee { who, ..Attendee::default() });
}

fn edit_alarms(alarms: &mut Vec<Alarm>, alarm: fn(i64) -> Alarm, dice: &mut Dice) {
    // Every alarm is another one: entries that are equal cannot be told apart.
    let minutes = i64::try_from(100 + dice.roll(10_000)).unwrap_or(100);
    match alarms.first_mut() {
        Some(_) if dice.once_in(6) => drop(alarms.remove(0)),
        Some(first) => *first = alarm(minutes),
        None => alarms.push(alarm(minutes)),
    }
}

fn secrecy(side: Side, dice: &mut Dice) -> Sensitivity {
    let mut all = vec![Sensitivity::Public, Sensitivity::Private, Sensitivity::Confidential];
    all.extend((side == Side::Outlook).then_some(Sensitivity::Personal));
    *dice.pick(&all).unwrap_or(&Sensitivity::Private)
}

/// The name that an item carries.
pub(super) fn name_of(item: &Item) -> String {
    let categories = match item {
        Item::Event(event) => &event.main.categories,
        Item::Task(task) => &task.categories,
        Item::Contact(contact) => &contact.categories,
        Item::Group(group) => &group.categories,
    };
    categories.iter().find(|category| category.starts_with("name")).cloned().unwrap_or_default()
}
