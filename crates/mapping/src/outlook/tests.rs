use dovetail_model::recurrence::{Frequency, Rule, RuleDay, RuleEnd};
use dovetail_model::{Contact, Event, Item, When, Zone};
use jiff::civil::{date, datetime};
use serde_json::json;

use super::*;

fn settings() -> Settings {
    Settings::new(Zone::named("Europe/Berlin"), "-//Dovetail//EN")
}

fn time(day: i8, hour: i8) -> When {
    When::Time { local: datetime(2026, 3, day, hour, 0, 0, 0), zone: Zone::named("Europe/Berlin") }
}

fn series(rule: Rule) -> Event {
    let mut event = Event { uid: Some("abc-1".into()), rule: Some(rule), ..Event::default() };
    event.main.summary = "Planning".into();
    event.main.description = "one\ntwo".into();
    event.main.priority = dovetail_model::item::Priority(5);
    event.main.categories = vec!["Work".into()];
    (event.main.start, event.main.end) = (time(2, 10), time(2, 11));
    event
}

fn held(item: &Item) -> Item {
    let written = write(item, None, &settings());
    read(&written, &settings()).item.unwrap()
}

fn held_event(event: &Event) -> Event {
    let Item::Event(event) = held(&Item::Event(Box::new(event.clone()))) else { unreachable!() };
    *event
}

fn day(ordinal: Option<i8>, weekday: u8) -> RuleDay {
    RuleDay { ordinal, weekday }
}

#[test]
fn what_outlook_has_a_pattern_for_gives_the_same_occurrences() {
    let rule = |frequency| Rule { end: RuleEnd::Count(12), ..Rule::every(1, frequency) };
    let rules = [
        rule(Frequency::Daily),
        Rule { interval: 3, ..rule(Frequency::Daily) },
        Rule { by_day: (0..5).map(|d| day(None, d)).collect(), ..rule(Frequency::Daily) },
        rule(Frequency::Weekly),
        Rule { interval: 2, by_day: vec![day(None, 0), day(None, 3)], ..rule(Frequency::Weekly) },
        rule(Frequency::Monthly),
        Rule { by_month_day: vec![15], ..rule(Frequency::Monthly) },
        Rule { by_month_day: vec![-1], ..rule(Frequency::Monthly) },
        Rule { by_month_day: vec![28, 29, 30], by_set_position: vec![-1], ..rule(Frequency::Monthly) },
        Rule { by_day: vec![day(Some(2), 1)], ..rule(Frequency::Monthly) },
        Rule { by_day: vec![day(Some(-1), 4)], ..rule(Frequency::Monthly) },
        Rule {
            by_day: (0..5).map(|d| day(None, d)).collect(),
            by_set_position: vec![-1],
            ..rule(Frequency::Monthly)
        },
        rule(Frequency::Yearly),
        Rule { by_month: vec![11], by_day: vec![day(Some(4), 3)], ..rule(Frequency::Yearly) },
    ];
    for rule in rules {
        let event = series(rule.clone());
        let held = held_event(&event).rule.unwrap_or_else(|| panic!("{rule} has a pattern"));
        let dates = |rule: &Rule| rule.occurrences(&event.main.start).collect::<Vec<_>>();
        assert_eq!(dates(&held), dates(&rule), "{rule} became {held}");
    }
}

#[test]
fn a_day_that_a_month_may_lack_is_the_months_last() {
    let yearly = |month, day| RecurrencePattern {
        recurrence_type: recurrence::YEARLY,
        month_of_year: month,
        day_of_month: day,
        ..RecurrencePattern::default()
    };
    let rule = |months: &[i8], days: &[i8], positions: &[i16]| Rule {
        by_month: months.to_vec(),
        by_month_day: days.to_vec(),
        by_set_position: positions.to_vec(),
        ..Rule::every(1, Frequency::Yearly)
    };
    let start = When::Date(date(2024, 2, 29));
    for (pattern, wanted, last) in [
        (
            yearly(2, 29),
            rule(&[2], &[28, 29], &[-1]),
            [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)],
        ),
        (
            yearly(2, 31),
            rule(&[2], &[28, 29], &[-1]),
            [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)],
        ),
        (yearly(2, 28), rule(&[2], &[28], &[]), [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)]),
        (yearly(4, 31), rule(&[4], &[30], &[]), [date(2024, 2, 29), date(2024, 4, 30), date(2025, 4, 30)]),
        (yearly(3, 31), rule(&[3], &[31], &[]), [date(2024, 2, 29), date(2024, 3, 31), date(2025, 3, 31)]),
    ] {
        let found = recurrence::rule(&pattern).unwrap();
        assert_eq!(found, wanted);
        let dates: Vec<Date> = found.occurrences(&start).take(3).map(DateTime::date).collect();
        assert_eq!(dates, last, "{found}");
    }
    for (rule, wanted) in [
        (rule(&[2], &[28, 29], &[-1]), Some((2, 29))),
        (rule(&[2], &[-1], &[]), Some((2, 29))),
        (rule(&[], &[-1], &[]), Some((2, 29))),
        (rule(&[6], &[-1], &[]), Some((6, 30))),
        (rule(&[2], &[29], &[]), None),
        (rule(&[], &[], &[]), None),
        (rule(&[6], &[28, 29], &[-1]), None),
    ] {
        let found = recurrence::pattern(&rule, &start);
        assert_eq!(found.map(|pattern| (pattern.month_of_year, pattern.day_of_month)), wanted, "{rule}");
    }
}

#[test]
fn what_outlook_does_not_count_is_not_written_as_a_count() {
    let nth = RecurrencePattern {
        recurrence_type: recurrence::MONTH_NTH,
        day_of_week_mask: 2,
        instance: 0,
        ..RecurrencePattern::default()
    };
    assert_eq!(recurrence::rule(&nth).unwrap().by_set_position, Vec::<i16>::new());
    let start = time(2, 10);
    for (count, counted, last) in [(999, 999, date(2028, 11, 24)), (1_000, 0, date(2028, 11, 25))] {
        let rule = Rule { end: RuleEnd::Count(count), ..Rule::every(1, Frequency::Daily) };
        let pattern = recurrence::pattern(&rule, &start).unwrap();
        assert_eq!(
            (pattern.occurrences, pattern.pattern_end_date, pattern.no_end_date),
            (counted, last, false)
        );
        let held = recurrence::rule(&pattern).unwrap();
        assert_eq!(held.occurrences(&start).count(), usize::try_from(count).unwrap());
    }
}

#[test]
fn exceptions_cross_both_ways() {
    let mut event = series(Rule { by_day: vec![day(None, 0)], ..Rule::every(1, Frequency::Weekly) });
    let mut moved = event.main.moved_to(&time(10, 14));
    moved.location = "Room 2".into();
    event.overrides.insert(time(9, 10), moved);
    event.exdates.insert(time(16, 10));
    assert_eq!(held_event(&event), event);
}

#[test]
fn what_is_written_from_nothing_reads_back_as_what_outlook_holds_and_stays_so() {
    let mut all_day = series(Rule::every(1, Frequency::Daily));
    all_day.rule = None;
    (all_day.main.start, all_day.main.end) = (When::Date(date(2026, 3, 2)), When::Date(date(2026, 3, 4)));
    all_day.main.status = dovetail_model::event::EventStatus::Cancelled;
    let utc = Event {
        main: all_day.main.moved_to(&When::utc(datetime(2026, 3, 2, 9, 0, 0, 0))),
        ..all_day.clone()
    };
    for event in [all_day, utc] {
        let once = held_event(&event);
        assert_eq!(once, event);
        assert_eq!(held_event(&once), once);
    }
}

#[test]
fn an_unchanged_item_keeps_its_bytes_and_an_edit_changes_its_properties_alone() {
    let event = series(Rule::every(1, Frequency::Weekly));
    let mut bytes: serde_json::Value =
        serde_json::from_slice(&write(&Item::Event(Box::new(event)), None, &settings())).unwrap();
    bytes["BillingInformation"] = "kept".into();
    let bytes = serde_json::to_vec(&bytes).unwrap();
    let item = read(&bytes, &settings()).item.unwrap();
    let records = |bytes: &[u8]| serde_json::from_slice::<serde_json::Map<String, Value>>(bytes).unwrap();
    assert_eq!(records(&write(&item, Some(&bytes), &settings())), records(&bytes));

    let Item::Event(mut edited) = item else { unreachable!() };
    edited.main.location = "Room 9".into();
    let changed = records(&write(&Item::Event(edited), Some(&bytes), &settings()));
    let differing: Vec<&String> = changed
        .iter()
        .filter(|(name, value)| records(&bytes).get(*name) != Some(value))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(differing, ["Location"]);
}

#[test]
fn a_record_is_kept_without_its_empty_properties_and_those_of_others_stay() {
    let series = Item::Event(Box::new(series(Rule::every(1, Frequency::Weekly))));
    let contact = Item::Contact(Box::new(Contact { note: "\"\" []".into(), ..Contact::default() }));
    for item in [series, contact, Item::Task(Box::default()), Item::Group(Box::default())] {
        let written = write_item(&item, None, &settings());
        let mut whole = serde_json::to_value(&written).unwrap();
        for (name, value) in
            [("Flag", json!("")), ("Links", json!([])), ("Form", json!({})), ("None", json!(null))]
        {
            whole[name] = value;
        }
        let record = OutlookItem::parse(&serde_json::to_vec(&whole).unwrap()).unwrap();
        let lean = record.to_json();
        assert_eq!(OutlookItem::parse(lean.as_bytes()).unwrap(), record);
        let lean: Map<String, Value> = serde_json::from_str(&lean).unwrap();
        assert!(["Flag", "Links", "Form", "None"].iter().all(|name| lean.contains_key(*name)), "{lean:?}");
        for (name, value) in whole.as_object().unwrap() {
            let is_empty = [json!(""), json!([]), json!({}), json!(null)].contains(value);
            let of_others = record.other().contains_key(name);
            assert_eq!(lean.get(name), (!is_empty || of_others).then_some(value), "{name}");
        }
    }
}

#[test]
fn a_uid_travels_inside_the_global_id_and_an_id_of_outlooks_own_is_the_uid() {
    let wrapped = "040000008200E00074C5B7101A82E0080000000000000000000000000000000000000000120000007643616C2D55696401000000\
                   6162632D3100";
    assert_eq!(global_id::global_id("abc-1"), wrapped);
    assert_eq!(global_id::uid(wrapped).as_deref(), Some("abc-1"));
    let umlaut = global_id::global_id("tür@example.com");
    assert_eq!(global_id::uid(&umlaut).as_deref(), Some("tür@example.com"));
    let own = "040000008200E00074C5B7101A82E00800000000A0B1C2";
    assert_eq!(global_id::uid(own).as_deref(), Some(own));
    assert_eq!(global_id::global_id(own), own);
    assert_eq!(global_id::uid(""), None);
}

#[test]
fn the_id_of_an_occurrence_has_its_day_in_it() {
    for (day, digits) in [(date(2024, 3, 17), "07E80311"), (date(1999, 12, 31), "07CF0C1F")] {
        let of_series = global_id::global_id("abc-1");
        let id = global_id::of_occurrence("abc-1", day);
        assert_eq!((&id[..32], &id[32..40], &id[40..]), (&of_series[..32], digits, &of_series[40..]));
        assert_eq!(global_id::uid(&id).as_deref(), Some("abc-1"));
    }
    let mut event = series(Rule::every(1, Frequency::Weekly));
    event.overrides.insert(time(9, 10), event.main.moved_to(&time(9, 14)));
    let OutlookItem::Appointment(item) = write_item(&Item::Event(Box::new(event)), None, &settings()) else {
        panic!()
    };
    let changed = item.recurrence_pattern.unwrap().exceptions[0].appointment_item.clone().unwrap();
    assert_eq!(changed.global_appointment_id, global_id::of_occurrence("abc-1", date(2026, 3, 9)));
}

#[test]
fn contacts_keep_their_slots_and_what_finds_none_is_not_held() {
    use dovetail_model::contact::{Address, Contact, Email, Line, PartialDate, Phone, Place};
    let email = |address: &str, place| Email { address: address.into(), place, ..Email::default() };
    let phone = |number: &str, line, place| Phone { number: number.into(), line, place };
    let contact = Contact {
        formatted_name: "Sample Person".into(),
        emails: vec![
            email("home@example.com", Place::Home),
            email("work@example.com", Place::Work),
            email("third@example.com", Place::Other),
            email("fourth@example.com", Place::Other),
        ],
        phones: vec![
            phone("1", Line::Voice, Place::Home),
            phone("2", Line::Voice, Place::Home),
            phone("3", Line::Voice, Place::Home),
            phone("4", Line::Mobile, Place::Work),
        ],
        addresses: vec![Address { place: Place::Work, street: "One\nTwo".into(), ..Address::default() }],
        birthday: Some(PartialDate::Yearless { month: 4, day: 12 }),
        ..Contact::default()
    };
    let Item::Contact(once) = held(&Item::Contact(Box::new(contact.clone()))) else { unreachable!() };
    let addresses: Vec<&str> = once.emails.iter().map(|email| email.address.as_str()).collect();
    assert_eq!(addresses, ["home@example.com", "work@example.com", "third@example.com"]);
    let numbers: Vec<&str> = once.phones.iter().map(|phone| phone.number.as_str()).collect();
    assert_eq!(numbers, ["4", "1", "2"]);
    assert_eq!(once.addresses, contact.addresses);
    assert_eq!(once.birthday, None);
    assert_eq!(held(&Item::Contact(once.clone())), Item::Contact(once.clone()));

    let bytes = write(&Item::Contact(once.clone()), None, &settings());
    let mut edited = once;
    edited.emails[1].address = "office@example.com".into();
    let after = write(&Item::Contact(edited), Some(&bytes), &settings());
    let record: ContactItem = serde_json::from_slice(&after).unwrap();
    assert_eq!(
        [record.email1_address, record.email2_address, record.email3_address],
        ["home@example.com", "office@example.com", "third@example.com"]
    );
}

#[test]
fn tasks_hold_days_and_couple_what_outlook_couples() {
    use dovetail_model::task::{Task, TaskStatus};
    let task = Task {
        summary: "Report".into(),
        start: Some(When::Date(date(2026, 3, 2))),
        due: Some(When::Date(date(2026, 3, 9))),
        status: TaskStatus::Waiting,
        percent: 40,
        priority: dovetail_model::item::Priority(1),
        ..Task::default()
    };
    assert_eq!(held(&Item::Task(Box::new(task.clone()))), Item::Task(Box::new(task.clone())));
    let bytes = write(&Item::Task(Box::new(task)), None, &settings());
    let item: OutlookItem = serde_json::from_slice(&bytes).unwrap();
    let done = assign(&item, "Complete", "true", &settings().home, date(2026, 3, 5)).unwrap();
    let OutlookItem::Task(done) = done else { unreachable!() };
    assert_eq!((done.status, done.percent_complete, done.date_completed), (2, 100, date(2026, 3, 5)));
}

#[test]
fn a_property_set_by_hand_takes_along_what_depends_on_it() {
    let bytes = write(&Item::Event(Box::new(series(Rule::every(1, Frequency::Weekly)))), None, &settings());
    let item: OutlookItem = serde_json::from_slice(&bytes).unwrap();
    let today = date(2026, 3, 5);
    let set = |property, text| assign(&item, property, text, &settings().home, today);
    let OutlookItem::Appointment(moved) = set("Start", "2026-03-02 12:30").unwrap() else { unreachable!() };
    assert_eq!(moved.end, datetime(2026, 3, 2, 13, 30, 0, 0));
    assert_eq!(moved.start_utc, datetime(2026, 3, 2, 11, 30, 0, 0));
    assert_eq!(moved.duration, 60);
    // Beyond the end that it had, it takes that along as well.
    let OutlookItem::Appointment(moved) = set("StartUTC", "2026-04-02 12:30").unwrap() else {
        unreachable!()
    };
    assert_eq!((moved.end, moved.duration), (datetime(2026, 4, 2, 15, 30, 0, 0), 60));
    for (property, text, words) in [
        ("Subjekt", "x", "There is no property Subjekt; do you mean Subject?"),
        ("AllDayEvent", "perhaps", "AllDayEvent takes true or false."),
        ("Start", "soon", "Start takes a time such as 2026-03-02T10:00."),
        ("Start", "4501-01-01", "Start takes a day from 1601-01-01 to 4500-08-31."),
        ("Duration", "5", "Duration cannot be set: Outlook computes it from other properties."),
        ("End", "2026-03-01", "End takes a time that leaves the end behind the start."),
    ] {
        assert_eq!(set(property, text).unwrap_err().to_string(), words);
    }
}
