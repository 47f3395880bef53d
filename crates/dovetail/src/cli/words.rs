//! What codes and arguments mean, in English: the one place in which the program's answers are worded.

use dovetail_model::carry::{Clash, Field, Unit};
use dovetail_model::{Kind, Warning};
use dovetail_sync::plan::Notice;
use dovetail_sync::report::{Counts, HoldReason, Line, LineEvent, Report, RunOutcome, SkipReason};
use dovetail_sync::{ErrorKind, Side, Sides};
use serde_json::{Value, json};

use super::screen::{count, printable};
use crate::error::sentence;

pub(crate) mod finding;

/// What a run did, in a few lines.
pub(crate) fn report(profile: &str, report: &Report) -> String {
    let run = short(&report.run);
    let mut lines = vec![match &report.outcome {
        RunOutcome::Stopped { .. } => format!("{profile}: stopped (run {run}, {:.1} s)", report.seconds),
        RunOutcome::Finished if nothing_happened(report) => {
            format!("{profile}: in step, nothing to do (run {run}, {:.1} s)", report.seconds)
        }
        RunOutcome::Finished => format!("{profile}: done (run {run}, {:.1} s)", report.seconds),
    }];
    for side in Side::BOTH {
        let counts = *report.written.of(side);
        if counts.total() > 0 {
            lines.push(format!("  {side}: {}", counted(counts)));
        }
    }
    lines.extend(self::lines(&report.lines).iter().map(|line| format!("  {line}")));
    if report.held > 0 {
        let steps = count(usize::try_from(report.held).unwrap_or(usize::MAX), "step");
        lines.push(format!("  {steps} held for your decision: see `dovetail held list`."));
    }
    if report.failed > 0 {
        lines.push("  What failed is tried again by the next run.".to_owned());
    }
    let may_not_write = |line: &Line| {
        let refused = matches!(line.event, LineEvent::Failed { kind: ErrorKind::ReadOnly, .. });
        refused && line.side == Some(Side::Server)
    };
    if report.lines.iter().any(may_not_write) {
        lines.push(format!("  {MAY_NOT_WRITE}"));
    }
    lines.join("\n")
}

fn nothing_happened(report: &Report) -> bool {
    report.written.outlook.total() + report.written.server.total() == 0
        && report.lines.is_empty()
        && report.held == 0
}

/// Counts of writes: `2 created, 1 deleted`.
pub(crate) fn counted(counts: Counts) -> String {
    let parts = [(counts.created, "created"), (counts.updated, "updated"), (counts.deleted, "deleted")];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, deed)| format!("{number} {deed}"))
        .collect();
    if parts.is_empty() { "no writes".to_owned() } else { parts.join(", ") }
}

/// Counts of writes on both sides.
pub(crate) fn counted_sides(written: &Sides<Counts>) -> String {
    Side::BOTH.map(|side| format!("{side}: {}", counted(*written.of(side)))).join("; ")
}

/// What happened to one item.
pub(crate) fn line(line: &Line) -> String {
    let title = quoted(&line.title);
    let at = line.side.map(|side| format!(" ({side})")).unwrap_or_default();
    match &line.event {
        LineEvent::Clashed { kept, clash } => format!("clash: {title}: {}", self::clash(*kept, clash)),
        LineEvent::TakenBack { clash } => format!(
            "taken back: {title}{at}: {} was edited there to {}; the journal keeps that",
            unit(&clash.unit),
            quoted(&clash.lost)
        ),
        LineEvent::Held { reason } => format!("held: {title}{at}: {}", hold(reason)),
        LineEvent::Failed { what, .. } => format!("failed: {title}{at}: {}", sentence(what)),
        LineEvent::Deferred { times, until, what } => format!(
            "not tried: {title}{at}: it failed {times} times, and is tried again after {} UTC, or once it changes: {}",
            until.strftime("%F %H:%M"),
            sentence(what)
        ),
        LineEvent::NotOurs { why } => format!("left alone: {title}{at}: {why}"),
        LineEvent::Parked => format!(
            "parked: {title}{at}: Outlook has it in a category that is not synced, and so nothing of it crosses"
        ),
        LineEvent::Skipped { why } => format!("skipped: {title}{at}: {}", skip(why)),
        LineEvent::CopyRemoved => {
            format!("copy: {title}{at}: Outlook had it twice; this one is in its deleted items now")
        }
        LineEvent::PerhapsCopy => format!(
            "perhaps a copy: {title}{at}: another one has the same title, start and end, but differs otherwise; both stay"
        ),
        LineEvent::SetAside { to } => format!(
            "the {} was damaged: it was moved to {}, and this run merges",
            plain_text(&line.title),
            plain_text(to)
        ),
        LineEvent::Warned { warnings, further } => {
            let beyond = (*further > 0).then(|| format!("and {further} more"));
            let all: Vec<String> = warnings.iter().map(placed_warning).chain(beyond).collect();
            format!("warning: {title}{at}: {}", all.join("; "))
        }
        LineEvent::WarnedFurther { items } => format!("warning: {} more", count(*items, "item")),
        LineEvent::Noticed { notice } => self::notice(notice),
        LineEvent::Unknown => {
            format!("{title}{at}: something that another version of Dovetail has words for")
        }
    }
}

/// What happened to single items. Of many with warnings the first are told.
pub(crate) fn lines(all: &[Line]) -> Vec<String> {
    let mut told = 0;
    let is_told = |line: &&Line| {
        told += usize::from(line.is_warning());
        (!line.is_warning() || told <= WARNED) && !matches!(line.event, LineEvent::WarnedFurther { .. })
    };
    let mut lines: Vec<String> = all.iter().filter(is_told).map(line).collect();
    let known = all.iter().filter(|line| line.is_warning()).count().saturating_sub(WARNED);
    match warned_further(all) {
        0 if known == 0 => {}
        0 => lines.push(format!("warning: {} more: --json tells of all items.", count(known, "item"))),
        unknown => {
            let all = count(known + unknown, "item");
            lines.push(format!("warning: {all} more: --json tells of {known} of them."));
        }
    }
    lines
}

/// How many items with warnings are told of.
const WARNED: usize = 20;

/// What is to be said of a run as a whole.
pub(crate) fn notice(notice: &Notice) -> String {
    let items = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX), "item");
    match notice {
        Notice::Unknown => "notice: something that another version of Dovetail has words for".to_owned(),
        Notice::Replicates { target, removed, replaced } => format!(
            "warning: from now on {0} is a copy of {1}: {2} that only {0} has will be removed there, and {3} replaced by \
             what {1} says. `dovetail plan` lists them.",
            of(*target),
            of(target.other()),
            items(*removed),
            items(*replaced),
        ),
        Notice::ReadOnly { side, left } => {
            let left = match left {
                0 => "what you edit on the other side stays there".to_owned(),
                _ => format!("{} could not be brought there", items(*left)),
            };
            format!("note: {} takes no writes: {left}. {MAY_NOT_WRITE}", of(*side))
        }
        Notice::ShortRange { title, days, interval_days } => format!(
            "warning: {} repeats every {interval_days} days, and the time range is {days} days long: at times the range holds \
             none of its occurrences, and it is left alone until one is near. Choose a longer range with `dovetail profile \
             set`.",
            quoted(title)
        ),
        Notice::BreaksOff { side } => format!(
            "note: {} closes connections that it seems to keep, so that requests are made twice and writes can fail: set \
             keep_connections=no with `dovetail profile set`.",
            of(*side)
        ),
    }
}

/// What to do where one side alone can be written.
pub(crate) const MAY_NOT_WRITE: &str = "Ask the owner of the collection for the right to write, or set direction=merge-to-outlook with `dovetail \
     profile set`, so that only Outlook is written.";

/// Two edits of one thing.
pub(crate) fn clash(kept: Side, clash: &Clash) -> String {
    if clash.kept.is_empty() {
        return format!(
            "removed on {} and edited on {}: it is gone, the journal keeps {} with {}",
            of(kept),
            of(kept.other()),
            unit(&clash.unit),
            quoted(&clash.lost),
        );
    }
    format!(
        "both sides edited {}; kept {} of {}, the journal keeps {} of {}",
        unit(&clash.unit),
        quoted(&clash.kept),
        of(kept),
        quoted(&clash.lost),
        of(kept.other()),
    )
}

fn of(side: Side) -> &'static str {
    match side {
        Side::Outlook => "Outlook",
        Side::Server => "the server",
    }
}

/// Why a step waits.
pub(crate) fn hold(reason: &HoldReason) -> String {
    match reason {
        HoldReason::TooMuch { destroyed, linked } => {
            format!("{destroyed} of {linked} items would be deleted or overwritten within a day")
        }
        HoldReason::NothingThere => {
            "the other side, of which this one is to be a copy, has nothing at all".to_owned()
        }
        HoldReason::Clash => "both sides changed it, and the rule is to ask you".to_owned(),
        HoldReason::Unproven => {
            "it is missing, and nothing else was found there that would prove that the collection answers"
                .to_owned()
        }
        HoldReason::WouldMail => "the server would mail the attendees".to_owned(),
        HoldReason::Flapping => {
            "it was written several times within a day, and something changed it back each time".to_owned()
        }
        HoldReason::DuplicateUid { uid } => {
            format!("another item has the UID {} already: this is a copy", quoted(uid))
        }
        HoldReason::Ambiguous => {
            "several items look alike, and it is not clear which belong together".to_owned()
        }
        HoldReason::NewScope => {
            "it is gone from one side, in the run in which the profile was given another scope".to_owned()
        }
        HoldReason::NewMapping => {
            "it is gone from one side, and what changed on the other is not mapped any more".to_owned()
        }
        HoldReason::Forgotten => {
            "only one side has it, and what the profile knew of both was lost: it may be new".to_owned()
        }
    }
}

fn skip(why: &SkipReason) -> &'static str {
    match why {
        SkipReason::ChangedSince => "it was changed after that run",
        SkipReason::Unknown => "it is not known whether that run's write arrived",
        SkipReason::Same => "both sides say that already",
        SkipReason::WouldMail => {
            "the server would mail the attendees; the option server_may_schedule lets it"
        }
        SkipReason::TooMuch => {
            "more would be deleted or overwritten within a day than guard_items, guard_percent and guard_at_most allow"
        }
        SkipReason::Missing => "one side does not have it: the next sync looks again and decides",
        SkipReason::Nowhere => "neither side has it",
        SkipReason::NotOurs => "what one side has there now cannot be read, or is something else",
        SkipReason::Outside => "it is outside the time range or the category of the profile",
    }
}

/// Fields that clash together.
pub(crate) fn unit(unit: &Unit) -> String {
    match unit {
        Unit::Time => "the time".to_owned(),
        Unit::Text => "the text".to_owned(),
        Unit::Progress => "the progress".to_owned(),
        Unit::Meeting => "the meeting".to_owned(),
        Unit::Name => "the name".to_owned(),
        Unit::Alone(field) => self::field(*field),
    }
}

/// A field: its name with blanks.
pub(crate) fn field(field: Field) -> String {
    code_of(&field).replace('_', " ")
}

/// The kind of an item, as a person calls it.
pub(crate) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "event",
        Kind::Task => "task",
        Kind::Contact => "contact",
        Kind::Group => "list",
    }
}

/// A text between quotation marks, short and without what steers a terminal.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let shown: String = text.chars().map(printable).take(LONGEST).collect();
    if text.chars().count() > LONGEST { format!("\"{shown}…\"") } else { format!("\"{shown}\"") }
}

/// A text without what steers a terminal.
pub(crate) fn plain_text(text: &str) -> String {
    text.chars().map(printable).collect()
}

/// The beginning of an id, which is enough to name it.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// What is said where a profile leaves it to the server to tell of meetings.
pub(crate) const SERVER_MAILS: &str = "Whoever is asked to a meeting may get mail from the server: schedule_agent_client, \
                                       sogo_no_notifications and server_may_schedule leave that to it.";

/// What a lens noticed in a file, and where.
pub(crate) fn placed_warning(warning: &Warning) -> String {
    let place = warning.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let property = Some(&warning.property).filter(|property| !property.is_empty());
    let property = property.map(|property| format!("{}: ", plain_text(property))).unwrap_or_default();
    format!("{place}{property}{}", self::warning(warning))
}

/// The same for programs.
pub(crate) fn described_warning(warning: &Warning) -> Value {
    json!({
        "line": warning.line,
        "property": warning.property,
        "code": warning.code,
        "text": self::warning(warning),
    })
}

/// The items of which something was noticed, for programs.
pub(crate) fn described_warnings(lines: &[Line]) -> Value {
    let described = |line: &Line| match &line.event {
        LineEvent::Warned { warnings, further } => Some(json!({
            "title": line.title,
            "side": line.side,
            "warnings": warnings.iter().map(described_warning).collect::<Value>(),
            "further": further,
        })),
        _ => None,
    };
    lines.iter().filter_map(described).collect()
}

/// Of how many items beyond those a report does not keep what was noticed.
pub(crate) fn warned_further(lines: &[Line]) -> usize {
    let further = |line: &Line| match line.event {
        LineEvent::WarnedFurther { items } => items,
        _ => 0,
    };
    lines.iter().map(further).sum()
}

/// What a lens noticed in a file.
pub(crate) fn warning(warning: &Warning) -> String {
    let detail = warning.arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(", ");
    let what = meaning_of(&warning.code).map_or_else(|| warning.code.replace('_', " "), str::to_owned);
    if detail.is_empty() { what } else { format!("{what}: {detail}") }
}

fn meaning_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "bad_escape" => "a backslash that escapes nothing",
        "missing_property" => "a property that must be there is missing",
        "no_component" => "neither a calendar nor a card",
        "bad_address" => "the address is none that somebody can be reached by; the line is kept as it is",
        "bad_base64" => "the data is not base64",
        "bad_date" => "not a date or time",
        "bad_duration" => "not a duration",
        "bad_observance" => "the time zone has a part that cannot be used",
        "bad_rule" => "the rule cannot be used",
        "bad_trigger" => "the time of the alarm cannot be used",
        "bad_value" => "the value is not one that the standard knows",
        "early_observance" => "the time zone begins in a year that cannot be meant",
        "empty_value" => "the value is empty; it counts as none",
        "escaped_line_ends" => "the data has line ends written out in it, which are passed over",
        "end_before_start" => "the end is before the start",
        "exception_without_day" => {
            "an exception of the series does not say which day it is of; it stays in Outlook alone"
        }
        "length_of_its_own" => "the length of a further occurrence is kept, and shown as that of the series",
        "local_file" => {
            "a file of this computer is no link that others could follow; it stays in Outlook alone"
        }
        "lost_character" => "a character was lost on the way, and replaced by \u{fffd}",
        "misleading_zone" => "the time zone is not the one that its name says; what it says itself counts",
        "missing_end" => "the component is never closed",
        "no_address" => "the address is missing",
        "no_calendar" => "there is no calendar around it",
        "no_card" => "this is no card",
        "no_occurrence_any_more" => {
            "the series has this occurrence no more; what was edited of it is in the journal and in Deleted Items"
        }
        "no_item" => "there is neither an event nor a task in it",
        "no_scheme" => "a bare mail address: there should be mailto: before it",
        "no_series" => "the series of the occurrence is missing; what there is of it counts",
        "no_start" => "there is no start",
        "not_supported" => "this is not supported; it is kept as it is",
        "not_utf8" => "the text is not UTF-8; it is kept as it is",
        "of_the_whole_series" => {
            "this is one for the whole series; of a single occurrence it stays in Outlook"
        }
        "old_encoding" => "the text is encoded as quoted-printable, as calendars were once",
        "other_form" => "a day where a time should be, or the other way round; what it means is taken",
        "odd_duration" => "the length of time is not spelled as the standard has it; what it means is taken",
        "odd_line_ends" => "lines end by two carriage returns",
        "odd_rule_part" => "the rule has a part that makes no sense there",
        "refused_character" => {
            "the text has a character that no server can be told; it gets \u{fffd} in its place"
        }
        "rule_ends_before_start" => "the rule ends before the series begins",
        "several_cards" => "there are several cards; the first counts",
        "several_masters" => "several components claim to be the series itself",
        "several_overrides" => "several components change the same occurrence",
        "several_rules" => "there are several rules; the first counts",
        "several_uids" => "there are several UIDs; the first counts",
        "stray_begin" => "a BEGIN that opens nothing",
        "stray_end" => "an END without its BEGIN",
        "unreachable" => "has no address that a server could use, and stays in Outlook alone",
        "unknown_charset" => "the character set is not known",
        "unknown_member" => "the member cannot be told; it is kept as it is",
        "unknown_recurrence_type" => "the recurrence pattern is of a type that is not known",
        "unknown_zone" => "nothing is known of the time zone: the time counts wherever one is",
        "untyped_date" => "a day that does not say VALUE=DATE",
        "unparsable_line" => "not a content line; it is kept as it is",
        "unreadable_outlook_item" => "the record of the item cannot be read",
        "utc_by_name" => "a time zone that is not described, and whose name means UTC: it counts as that",
        "zone_and_utc" => "a time in UTC that names a time zone as well; UTC counts",
        _ => return None,
    })
}

/// The name that a value has as data.
pub(crate) fn code_of(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
