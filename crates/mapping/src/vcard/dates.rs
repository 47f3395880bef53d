//! BDAY and ANNIVERSARY in all their spellings (RFC 6350 section 4.3.1, RFC 2426 section 3.1.5, Apple's years left out).

use dovetail_model::contact::PartialDate;
use jiff::civil::Date;

use super::card::{Card, Syntax, has_label};
use super::encoding;
use crate::Warning;
use crate::component::{Component, Line, LineId};

/// What Apple writes into a date of version 3.0 whose year is unknown, and names in a parameter.
const NO_YEAR: i16 = 1604;

/// The properties that may hold an anniversary, the one that counts first.
const ANNIVERSARIES: [&str; 4] =
    ["ANNIVERSARY", "X-ANNIVERSARY", "X-MS-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY"];

/// The birthday.
pub(super) fn read_birthday(card: Component<'_>, warnings: &mut Vec<Warning>) -> Option<PartialDate> {
    read_first(card.lines_named("BDAY"), warnings)
}

/// The wedding day.
pub(super) fn read_anniversary(card: Component<'_>, warnings: &mut Vec<Warning>) -> Option<PartialDate> {
    read_first(anniversaries(card).into_iter(), warnings)
}

fn anniversaries(card: Component<'_>) -> Vec<Line<'_>> {
    let named = ANNIVERSARIES.iter().flat_map(|name| card.lines_named(name));
    named.chain(card.lines_named("X-ABDATE").filter(|line| has_label(card, *line, "Anniversary"))).collect()
}

fn read_first<'d>(lines: impl Iterator<Item = Line<'d>>, warnings: &mut Vec<Warning>) -> Option<PartialDate> {
    let mut found = None;
    for line in lines {
        let value = encoding::text(line);
        match read_date(line) {
            date @ Some(_) => found = found.or(date),
            None if value.trim().is_empty() => {}
            None => warnings.push(Warning::at("bad_date", line.name(), line.number()).with(value)),
        }
    }
    found
}

fn read_date(line: Line<'_>) -> Option<PartialDate> {
    let is_text = line.param("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("text"));
    let is_foreign = line.param("CALSCALE").is_some_and(|scale| !scale.eq_ignore_ascii_case("gregorian"));
    if is_text || is_foreign {
        return None;
    }
    let date = parse(&encoding::text(line))?;
    let no_year = line.param("X-APPLE-OMIT-YEAR").and_then(|year| year.trim().parse::<i16>().ok());
    Some(match date {
        PartialDate::Full(full) if no_year == Some(full.year()) => {
            PartialDate::Yearless { month: full.month(), day: full.day() }
        }
        date => date,
    })
}

/// A whole date or a day of an unknown year; the time of a date-time is left out.
fn parse(text: &str) -> Option<PartialDate> {
    let date = text.trim().split(['T', 't', ' ']).next()?;
    if let Some(day) = date.strip_prefix("--") {
        let digits: String = day.chars().filter(|character| *character != '-').collect();
        let (month, day) = (number(digits.get(..2)?)?, number(digits.get(2..)?)?);
        // A leap year has all days there are.
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(2000, month, day).ok()?;
        return Some(PartialDate::Yearless { month, day });
    }
    let parts: Vec<_> = date.split(['-', '/', '.']).collect();
    let (year, month, day) = match parts.as_slice() {
        [basic] if basic.len() == 8 => (basic.get(..4)?, basic.get(4..6)?, basic.get(6..)?),
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        _ => return None,
    };
    let (month, day) = (i8::try_from(number(month)?).ok()?, i8::try_from(number(day)?).ok()?);
    Date::new(number(year)?, month, day).ok().map(PartialDate::Full)
}

fn number(digits: &str) -> Option<i16> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Changes the birthday.
pub(super) fn write_birthday(card: &mut Card, held: Option<PartialDate>, wanted: Option<PartialDate>) {
    if held == wanted {
        return;
    }
    let lines: Vec<_> = card.view().lines_named("BDAY").map(|line| line.id()).collect();
    write_lines(card, &lines, "BDAY", wanted);
}

/// Changes the wedding day, on all lines that say it. Version 3.0 has no property of its own for it.
pub(super) fn write_anniversary(card: &mut Card, held: Option<PartialDate>, wanted: Option<PartialDate>) {
    if held == wanted {
        return;
    }
    let lines: Vec<_> = anniversaries(card.view()).iter().map(|line| line.id()).collect();
    let name = if card.syntax == Syntax::V4 { "ANNIVERSARY" } else { "X-ANNIVERSARY" };
    write_lines(card, &lines, name, wanted);
}

fn write_lines(card: &mut Card, lines: &[LineId], name: &str, wanted: Option<PartialDate>) {
    match wanted {
        None => lines.iter().for_each(|line| {
            // A date that was not understood is not what was removed.
            if read_date(card.document.line(*line)).is_some() {
                card.remove(*line);
            }
        }),
        Some(date) if lines.is_empty() => {
            let line = card.add(name, &[], "");
            put_date(card, line, date);
        }
        Some(date) => lines.iter().for_each(|line| put_date(card, *line, date)),
    }
}

fn put_date(card: &mut Card, line: LineId, date: PartialDate) {
    let view = card.document.line(line);
    let old = encoding::text(view);
    // The old spelling stays where there is one: 19960415 or 1996-04-15.
    let is_basic = match old.trim().as_bytes() {
        [b'0'..=b'9', _, _, _, fifth, ..] => *fifth != b'-',
        _ => card.syntax == Syntax::V4,
    };
    let is_yearless = matches!(date, PartialDate::Yearless { .. });
    let (year, month, day) = match date {
        PartialDate::Full(date) => (date.year(), date.month(), date.day()),
        PartialDate::Yearless { month, day } => (NO_YEAR, month, day),
    };
    let value = match (card.syntax, is_basic) {
        (Syntax::V4, _) if is_yearless => format!("--{month:02}{day:02}"),
        (_, true) => format!("{year:04}{month:02}{day:02}"),
        (_, false) => format!("{year:04}-{month:02}-{day:02}"),
    };
    if view.param("VALUE").is_some_and(|kind| !kind.eq_ignore_ascii_case("date")) {
        card.document.remove_param(line, "VALUE");
    }
    card.document.remove_param(line, "CALSCALE");
    if is_yearless && card.syntax != Syntax::V4 {
        card.document.set_param(line, "X-APPLE-OMIT-YEAR", &[NO_YEAR.to_string()]);
    } else {
        card.document.remove_param(line, "X-APPLE-OMIT-YEAR");
    }
    card.put(line, &value);
}
