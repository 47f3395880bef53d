//! Which reminders cross, by option.

use super::*;
use crate::options::Reminders;
use crate::{Dialect, outlook};

const REMINDED: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
                        DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nPRIORITY:5\r\nBEGIN:VALARM\r\n\
                        ACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Soon\r\nX-MOZ-LASTACK:20260301T000000Z\r\n\
                        END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn at(now: &str, reminders: Reminders) -> Settings {
    let mut settings = Settings { now: Some(now.parse().unwrap()), ..settings() };
    settings.options.calendar.reminders = reminders;
    settings
}

fn event(calendar: &str, settings: &Settings) -> Event {
    event_of(read(calendar.as_bytes(), settings).item.unwrap())
}

fn is_put_up(calendar: &str, settings: &Settings) -> bool {
    let item = Item::Event(Box::new(event(calendar, settings)));
    let record: serde_json::Value = serde_json::from_slice(&outlook::write(&item, None, settings)).unwrap();
    record["ReminderSet"].as_bool().unwrap()
}

#[test]
fn a_reminder_is_put_up_where_it_is_still_to_come_or_all_are_wanted() {
    let weekly = REMINDED.replace("PRIORITY", "RRULE:FREQ=WEEKLY\r\nPRIORITY");
    let ended = REMINDED.replace("PRIORITY", "RRULE:FREQ=WEEKLY;COUNT=2\r\nPRIORITY");
    let (before, after) = ("2026-03-02T08:44:00Z", "2026-03-02T08:45:00Z");
    for (calendar, now, none, all, upcoming) in [
        (REMINDED, before, false, true, true),
        (REMINDED, after, false, true, false),
        (&weekly, after, false, true, true),
        (&ended, after, false, true, true),
        (&ended, "2026-03-09T08:45:00Z", false, true, false),
    ] {
        let put_up = [Reminders::None, Reminders::All, Reminders::Upcoming]
            .map(|which| is_put_up(calendar, &at(now, which)));
        assert_eq!(put_up, [none, all, upcoming], "{now} {calendar}");
    }
}

#[test]
fn a_reminder_that_is_over_is_not_written_to_a_server_but_stays_there() {
    let bare = REMINDED.split("BEGIN:VALARM").next().unwrap().to_owned() + "END:VEVENT\r\nEND:VCALENDAR\r\n";
    for (now, is_written) in [("2026-03-02T08:44:00Z", true), ("2026-03-02T08:45:00Z", false)] {
        let settings = at(now, Reminders::Upcoming);
        let reminded = event(REMINDED, &settings);
        let written =
            write(&Item::Event(Box::new(reminded.clone())), Some(bare.as_bytes()), self::now(), &settings);
        assert_eq!(String::from_utf8(written).unwrap().contains("BEGIN:VALARM"), is_written);
        let written =
            write(&Item::Event(Box::new(reminded)), Some(REMINDED.as_bytes()), self::now(), &settings);
        assert_eq!(String::from_utf8(written).unwrap(), REMINDED);
    }
}

#[test]
fn where_no_reminders_cross_those_of_both_sides_are_left_alone() {
    let settings = at("2026-01-01T00:00:00Z", Reminders::None);
    let mut read = event(REMINDED, &settings);
    assert_eq!(read.main.alarms, []);
    read.main.alarms.push(alarm_before(30));
    let written = write(&Item::Event(Box::new(read)), Some(REMINDED.as_bytes()), now(), &settings);
    assert_eq!(String::from_utf8(written).unwrap(), REMINDED);

    let all = at("2026-01-01T00:00:00Z", Reminders::All);
    let record = outlook::write(&Item::Event(Box::new(event(REMINDED, &all))), None, &all);
    let held = crate::read(Dialect::Outlook, &record, &settings).item.unwrap();
    assert_eq!(event_of(held.clone()).main.alarms, []);
    assert_eq!(outlook::write(&held, Some(&record), &settings), record);
}

const TASK: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
                    DTSTART:20260302T090000Z\r\nSUMMARY:x\r\nPRIORITY:5\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\n\
                    TRIGGER:-PT15M\r\nDESCRIPTION:x\r\nX-MOZ-LASTACK:20260301T000000Z\r\nEND:VALARM\r\nEND:VTODO\r\n\
                    END:VCALENDAR\r\n";

fn task(calendar: &str, settings: &Settings) -> Task {
    task_of(read(calendar.as_bytes(), settings).item.unwrap())
}

/// Whether the reminder of the server's task is put up in Outlook, and that of Outlook's task is written to a server
/// that has the task without one.
fn is_told(calendar: &str, settings: &Settings) -> [bool; 2] {
    let all = Settings { now: None, ..at("2026-01-01T00:00:00Z", Reminders::All) };
    let item = Item::Task(Box::new(task(calendar, settings)));
    let record: serde_json::Value = serde_json::from_slice(&outlook::write(&item, None, settings)).unwrap();
    let of_outlook = outlook::write(&Item::Task(Box::new(task(calendar, &all))), None, &all);
    let of_outlook = crate::read(Dialect::Outlook, &of_outlook, &all).item.unwrap();
    let (head, rest) = calendar.split_once("BEGIN:VALARM").unwrap();
    let bare = [head, rest.split_once("END:VALARM\r\n").unwrap().1].concat();
    let written = write(&of_outlook, Some(bare.as_bytes()), now(), settings);
    [record["ReminderSet"].as_bool().unwrap(), String::from_utf8(written).unwrap().contains("BEGIN:VALARM")]
}

#[test]
fn a_reminder_of_a_task_crosses_where_it_is_still_to_come_or_all_are_wanted() {
    let weekly = TASK.replace("PRIORITY", "RRULE:FREQ=WEEKLY\r\nPRIORITY");
    let ended = TASK.replace("PRIORITY", "RRULE:FREQ=WEEKLY;COUNT=2\r\nPRIORITY");
    let again = TASK.replace("PRIORITY", "X-DOVETAIL-REGENERATES:FREQ=WEEKLY\r\nPRIORITY");
    let due = TASK.replace("DTSTART", "DUE").replace("TRIGGER", "TRIGGER;RELATED=END");
    let day =
        TASK.replace("DTSTART:20260302T090000Z", "DTSTART;VALUE=DATE:20260302").replace("-PT15M", "PT8H45M");
    let moment = TASK.replace("TRIGGER:-PT15M", "TRIGGER;VALUE=DATE-TIME:20260302T084500Z");
    let dateless = moment.replace("DTSTART:20260302T090000Z\r\n", "");
    let (before, after) = ("2026-03-02T08:44:00Z", "2026-03-02T08:45:00Z");
    for (calendar, now, upcoming) in [
        (TASK, before, true),
        (TASK, after, false),
        (&due, before, true),
        (&due, after, false),
        // In Berlin the day begins an hour earlier.
        (&day, "2026-03-02T07:44:00Z", true),
        (&day, "2026-03-02T07:45:00Z", false),
        (&moment, before, true),
        (&moment, after, false),
        (&dateless, before, true),
        (&dateless, after, false),
        (&weekly, after, true),
        (&ended, after, true),
        (&ended, "2026-03-09T08:45:00Z", false),
        (&again, after, true),
    ] {
        let told = [Reminders::None, Reminders::All, Reminders::Upcoming]
            .map(|which| is_told(calendar, &at(now, which)));
        assert_eq!(told, [[false; 2], [true; 2], [upcoming; 2]], "{now} {calendar}");
    }
}

#[test]
fn a_reminder_of_a_task_that_is_over_stays_where_it_is_and_can_be_moved() {
    let settings = at("2026-03-02T09:00:00Z", Reminders::Upcoming);
    let mut held = task(TASK, &settings);
    assert_eq!(held.alarms.len(), 1);
    held.alarms[0].trigger = Trigger::Start(-1_800);
    held.alarms[0].minutes_before_start = Some(-570);
    let written = write(&Item::Task(Box::new(held)), Some(TASK.as_bytes()), now(), &settings);
    assert!(String::from_utf8(written).unwrap().contains("\nTRIGGER:-PT30M\r\n"));

    let all = at("2026-01-01T00:00:00Z", Reminders::All);
    let record = outlook::write(&Item::Task(Box::new(task(TASK, &all))), None, &all);
    let mut held = task_of(crate::read(Dialect::Outlook, &record, &settings).item.unwrap());
    held.summary.push('!');
    let written = outlook::write(&Item::Task(Box::new(held)), Some(&record), &settings);
    let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(written["Subject"], "x!");
    for property in ["ReminderSet", "ReminderTime"] {
        assert_eq!(written[property], record[property]);
    }
}

#[test]
fn where_no_reminders_cross_those_of_tasks_are_left_alone() {
    let settings = at("2026-01-01T00:00:00Z", Reminders::None);
    let mut read = task(TASK, &settings);
    assert_eq!(read.alarms, []);
    read.alarms.push(alarm_before(30));
    let written = write(&Item::Task(Box::new(read)), Some(TASK.as_bytes()), now(), &settings);
    assert_eq!(String::from_utf8(written).unwrap(), TASK);

    let all = at("2026-01-01T00:00:00Z", Reminders::All);
    let record = outlook::write(&Item::Task(Box::new(task(TASK, &all))), None, &all);
    let held = crate::read(Dialect::Outlook, &record, &settings).item.unwrap();
    assert_eq!(outlook::write(&held, Some(&record), &settings), record);
}
