//! The demo's calendar: series with moved and cancelled occurrences in several zones, whole days, single appointments.

use jiff::Span;
use jiff::civil::Date;

use super::filling::{Entry, Part};

/// The title of a series that both sides edit.
pub(crate) const TEAM_ROUND: &str = "Team round";
/// The title of an appointment that both sides edit, in different fields.
pub(crate) const DESIGN_REVIEW: &str = "Design review";
/// The title of an appointment that both sides rename.
pub(crate) const BUDGET: &str = "Budget talk";
/// The title of an appointment that is removed.
pub(crate) const DENTIST: &str = "Dentist";

const SUBJECTS: &[&str] = &[
    "Visit of the printers",
    "Parents' evening",
    "Lunch by the river",
    "Interview for the workshop",
    "Übergabe der Schlüssel",
    "Réunion de chantier",
    "Train to the coast",
    "Fire drill",
    "Steuererklärung",
    "Reading hour",
    "Car to the garage",
];
const PLACES: &[&str] = &["Room 2, first floor", "Café am Markt", "Online", "", "Building C; back entrance"];
const ZONES: &[&str] = &[";TZID=Europe/Vienna", ";TZID=Europe/London", ";TZID=America/New_York", ""];
const CATEGORIES: &[&str] = &["Work", "Family", "Travel"];

/// When the team round began: so many days from this week's Monday.
const TEAM_ROUND_FIRST: i32 = -28;
/// How many single appointments there are beside those that the story needs.
const SINGLES: i32 = 110;

/// All entries, around the week of `today`.
pub(super) fn entries(today: Date) -> Vec<Entry> {
    let week = Week::of(today);
    let mut entries = series(week);
    entries.extend(whole_days(week));
    entries.extend(named(week));
    entries.extend((0..SINGLES).map(|number| single(number, week)));
    entries
}

/// The week around which everything takes place.
#[derive(Clone, Copy)]
struct Week {
    monday: Date,
}

impl Week {
    fn of(today: Date) -> Week {
        let since_monday = i64::from(today.weekday().to_monday_zero_offset());
        Week { monday: today.saturating_sub(Span::new().days(since_monday)) }
    }

    /// A day as iCalendar writes it, counted from this week's Monday.
    fn day(self, offset: i32) -> String {
        self.monday.saturating_add(Span::new().days(offset)).strftime("%Y%m%d").to_string()
    }
}

fn entry(number: usize, part: Part, components: String) -> Entry {
    let text =
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sample//EN\r\n{components}END:VCALENDAR\r\n");
    Entry { name: format!("event-{number}.ics"), part, text }
}

/// A VEVENT of the lines given, each without its end.
fn vevent(uid: &str, title: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}@example.com\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{title}\r\n{lines}END:VEVENT\r\n"
    )
}

/// A meeting that repeats.
struct Series {
    title: &'static str,
    place: &'static str,
    zone: &'static str,
    /// When it began: so many days from this week's Monday.
    first: i32,
    /// When the occurrence begins that is moved.
    earlier: &'static str,
    from: &'static str,
    to: &'static str,
    rule: &'static str,
    /// The days from one occurrence to the next.
    every: i32,
}

const SERIES: &[Series] = &[
    Series {
        title: TEAM_ROUND,
        place: "Room 2, first floor",
        zone: "Europe/Vienna",
        first: TEAM_ROUND_FIRST,
        earlier: "083000",
        from: "093000",
        to: "103000",
        rule: "FREQ=WEEKLY",
        every: 7,
    },
    Series {
        title: "Call with the coast office",
        place: "Online",
        zone: "America/Los_Angeles",
        first: -25,
        earlier: "080000",
        from: "083000",
        to: "091500",
        rule: "FREQ=WEEKLY;COUNT=40",
        every: 7,
    },
    Series {
        title: "Workshop round",
        place: "Workshop",
        zone: "Europe/London",
        first: -26,
        earlier: "130000",
        from: "140000",
        to: "153000",
        rule: "FREQ=WEEKLY;INTERVAL=2",
        every: 14,
    },
    Series {
        title: "Choir practice",
        place: "Old school",
        zone: "Europe/Vienna",
        first: -27,
        earlier: "190000",
        from: "193000",
        to: "213000",
        rule: "FREQ=WEEKLY;COUNT=30",
        every: 7,
    },
    Series {
        title: "Stand-up",
        place: "Online",
        zone: "Asia/Kolkata",
        first: -14,
        earlier: "091500",
        from: "100000",
        to: "101500",
        rule: "FREQ=DAILY;COUNT=90",
        every: 1,
    },
    Series {
        title: "Handover of the night shift",
        place: "Gate",
        zone: "Australia/Sydney",
        first: -22,
        earlier: "230000",
        from: "233000",
        to: "235900",
        rule: "FREQ=WEEKLY",
        every: 7,
    },
];

impl Series {
    /// With one occurrence moved and one cancelled.
    fn text(&self, uid: &str, week: Week) -> String {
        let time = |name: &str, day: i32, clock: &str| {
            format!("{name};TZID={}:{}T{clock}", self.zone, week.day(day))
        };
        let (moved, cancelled) = (self.first + 5 * self.every, self.first + 7 * self.every);
        let master = [
            time("DTSTART", self.first, self.from),
            time("DTEND", self.first, self.to),
            format!("RRULE:{}", self.rule),
            time("EXDATE", cancelled, self.from),
            format!("LOCATION:{}", self.place.replace(',', "\\,")),
            "CATEGORIES:Work".to_owned(),
            alarm(15),
        ];
        let other = [
            time("RECURRENCE-ID", moved, self.from),
            time("DTSTART", moved, self.earlier),
            time("DTEND", moved, self.from),
            "LOCATION:Elsewhere this time".to_owned(),
            "CATEGORIES:Work".to_owned(),
            alarm(15),
        ];
        vevent(uid, self.title, &master) + &vevent(uid, self.title, &other)
    }
}

fn series(week: Week) -> Vec<Entry> {
    let text = |number, it: &Series| it.text(&format!("series-{number}"), week);
    SERIES.iter().enumerate().map(|(number, it)| entry(number, Part::of(number), text(number, it))).collect()
}

/// Days that belong to a whole year, and days off.
fn whole_days(week: Week) -> Vec<Entry> {
    let table = [
        ("Rent is due", 14, 1, "RRULE:FREQ=MONTHLY"),
        ("Founding day", 30, 1, "RRULE:FREQ=YEARLY"),
        ("Summer closing", 200, 14, "RRULE:FREQ=YEARLY;COUNT=5"),
        ("Trade fair", 40, 3, "TRANSP:TRANSPARENT"),
        ("Moving house", 60, 2, "CLASS:PRIVATE"),
        ("Leave", 75, 5, "X-MICROSOFT-CDO-BUSYSTATUS:OOF"),
    ];
    let make = |(number, (title, first, days, line)): (usize, (&str, i32, i32, &str))| {
        let lines = [
            format!("DTSTART;VALUE=DATE:{}", week.day(first)),
            format!("DTEND;VALUE=DATE:{}", week.day(first + days)),
            line.to_owned(),
        ];
        entry(100 + number, Part::of(number), vevent(&format!("days-{number}"), title, &lines))
    };
    table.into_iter().enumerate().map(make).collect()
}

/// The appointments that the story is about: on both sides from the first sync on.
fn named(week: Week) -> Vec<Entry> {
    let table = [(DESIGN_REVIEW, 8, "1400"), (BUDGET, 9, "1000"), (DENTIST, 10, "0730")];
    let make = |(number, (title, offset, clock)): (usize, (&str, i32, &str))| {
        let day = week.day(offset);
        let hour = clock.parse::<u32>().unwrap_or(0);
        let lines = [
            format!("DTSTART;TZID=Europe/Vienna:{day}T{clock}00"),
            format!("DTEND;TZID=Europe/Vienna:{day}T{:04}00", hour + 100),
            "LOCATION:Room 4".to_owned(),
            "DESCRIPTION:Bring the drawings.".to_owned(),
            alarm(30),
        ];
        entry(200 + number, Part::Both, vevent(&format!("named-{number}"), title, &lines))
    };
    table.into_iter().enumerate().map(make).collect()
}

fn single(number: i32, week: Week) -> Entry {
    let index = usize::try_from(number).unwrap_or(0);
    let pick =
        |from: &[&'static str], step: usize| from.get(index / step % from.len()).copied().unwrap_or_default();
    let title = format!("{} ({})", pick(SUBJECTS, 1), number + 1);
    let day = week.day(number * 11 % 240 - 50);
    let zone = pick(ZONES, 2);
    let hour = 8 + number * 5 % 9;
    let lines = [
        format!("DTSTART{zone}:{day}T{hour:02}0000"),
        format!("DTEND{zone}:{day}T{:02}4500", hour + number % 3),
        format!("LOCATION:{}", pick(PLACES, 1).replace(';', "\\;").replace(',', "\\,")),
        format!("CATEGORIES:{}", pick(CATEGORIES, 3)),
        format!("PRIORITY:{}", [0, 1, 5, 9].get(index % 4).copied().unwrap_or(0)),
        alarm(10 + 5 * (number % 4)),
    ];
    entry(300 + index, Part::of(index), vevent(&format!("single-{number}"), &title, &lines))
}

fn alarm(minutes: i32) -> String {
    format!("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\nTRIGGER:-PT{minutes}M\r\nEND:VALARM")
}

/// What an object says on the server alone: a second alarm, and properties that nobody else knows.
pub(super) fn richer(object: &str) -> String {
    let more = "X-SAMPLE-COST-CENTRE:4711\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-P1D\r\nEND:VALARM\r\nEND:VEVENT";
    object.replacen("END:VEVENT", more, 1)
}

/// The rule of the team round, with one more occurrence that does not take place.
pub(super) fn one_more_cancelled(today: Date) -> String {
    let week = Week::of(today);
    format!(
        "RRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Europe/Vienna:{}T093000\r\n",
        week.day(TEAM_ROUND_FIRST + 6 * 7)
    )
}
