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
