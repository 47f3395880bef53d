//! What a run did, as data: codes and arguments, put into words on display.

use dovetail_model::carry::Clash;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::ErrorKind;
use crate::plan::Notice;
use crate::sides::{Side, Sides};
use crate::storage::Warning;

/// What a run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The run, a UUID.
    pub run: String,
    /// The pair.
    pub pair: String,
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What was written on each side.
    pub written: Sides<Counts>,
    /// How many steps wait for a person.
    pub held: u64,
    /// How many items failed.
    pub failed: u64,
    /// How many clashes were decided.
    pub clashes: u64,
    /// Requests made to storages.
    pub requests: u64,
    /// What happened to single items.
    pub lines: Vec<Line>,
}

impl Report {
    /// The same with what its lines add up to, of warnings the first.
    pub(crate) fn counted(mut self) -> Self {
        let mut warned = 0;
        self.lines.retain(|line| {
            warned += usize::from(line.is_warning());
            warned <= WARNED || !line.is_warning()
        });
        if let Some(items) = warned.checked_sub(WARNED).filter(|items| *items > 0) {
            let event = LineEvent::WarnedFurther { items };
            self.lines.push(Line { title: String::new(), side: None, event });
        }
        for line in &self.lines {
            match line.event {
                LineEvent::Held { .. } => self.held += 1,
                LineEvent::Failed { .. } | LineEvent::Deferred { .. } => self.failed += 1,
                LineEvent::Clashed { .. } => self.clashes += 1,
                LineEvent::Unknown
                | LineEvent::TakenBack { .. }
                | LineEvent::NotOurs { .. }
                | LineEvent::Parked
                | LineEvent::Skipped { .. }
                | LineEvent::SetAside { .. }
                | LineEvent::CopyRemoved
                | LineEvent::PerhapsCopy
                | LineEvent::Warned { .. }
                | LineEvent::WarnedFurther { .. }
                | LineEvent::Noticed { .. } => {}
            }
        }
        self
    }
}

/// Of so many items a report keeps the warnings.
const WARNED: usize = 500;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum RunOutcome {
    /// To its end, whatever happened to single items.
    Finished,
    /// Before its end; what was done is kept.
    Stopped {
        /// What the caller does next.
        kind: ErrorKind,
        /// What happened.
        what: String,
    },
}

/// Writes on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Items made.
    pub created: u64,
    /// Items changed.
    pub updated: u64,
    /// Items removed.
    pub deleted: u64,
}

impl Counts {
    /// All writes.
    pub fn total(self) -> u64 {
        self.created + self.updated + self.deleted
    }
}

/// What happened to one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The item as a person calls it; its id where it has no title.
    pub title: String,
    /// The side concerned; `None` for both.
    pub side: Option<Side>,
    /// What happened.
    pub event: LineEvent,
}

impl Line {
    /// Whether it tells of what was noticed in an item.
    pub fn is_warning(&self) -> bool {
        matches!(self.event, LineEvent::Warned { .. })
    }
}

/// What happened to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum LineEvent {
    /// Both sides edited one thing; the loser is in the journal.
    Clashed {
        /// Which side's edit stands.
        kept: Side,
        /// What.
        clash: Clash,
    },
    /// It was edited on the side that is a copy of the other; that was taken back, and is in the journal.
    TakenBack {
        /// What.
        clash: Clash,
    },
    /// It waits for a person.
    Held {
        /// Why.
        reason: HoldReason,
    },
    /// It could not be read or written.
    Failed {
        /// What the caller does next.
        kind: ErrorKind,
        /// What happened.
        what: String,
    },
    /// It failed several times in a row, and is not tried now.
    Deferred {
        /// How often.
        times: u32,
        /// It is tried again after this.
        until: Timestamp,
        /// What happened the last time.
        what: String,
    },
    /// It is not ours: another kind, or unreadable.
    NotOurs {
        /// Why.
        why: String,
    },
    /// Outlook has it in a category that the profile leaves out: nothing of it crosses.
    Parked,
    /// It was skipped, with a reason.
    Skipped {
        /// Why.
        why: SkipReason,
    },
    /// Outlook had it twice: this copy is in its deleted items now.
    CopyRemoved,
    /// Outlook has another appointment of this title, start and end, which differs otherwise: both stay.
    PerhapsCopy,
    /// A file of ours was damaged: it was moved aside, and the run merges. The title is its name.
    SetAside {
        /// Where it is now.
        to: String,
    },
    /// Something in its original is not as the standard has it, or is not understood. Told when it is new there: once, but of
    /// what waits, fails or is not linked in each run that looks at it.
    Warned {
        /// The first of it.
        warnings: Vec<Warning>,
        /// How much there is beyond that.
        further: usize,
    },
    /// So many items more had warnings; the line has no title.
    WarnedFurther {
        /// How many.
        items: usize,
    },
    /// Something about the run as a whole; the line has no title.
    Noticed {
        /// What.
        notice: Notice,
    },
    /// Something that this version has no name for: the report of another one is read all the same.
    #[serde(other)]
    Unknown,
}

/// Why a step waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum HoldReason {
    /// Too much would be destroyed on this side within 24 hours.
    TooMuch {
        /// The steps of this run and what was destroyed before.
        destroyed: u64,
        /// Of so many.
        linked: u64,
    },
    /// The other side, of which this one becomes a copy, has nothing at all: everything here would go.
    NothingThere,
    /// Both sides edited it, or one removed what the other edited, and the rule is to ask.
    Clash,
    /// It is missing, and nothing else of the collection could be found to prove that the collection still answers.
    Unproven,
    /// The server would mail the attendees.
    WouldMail,
    /// The same was written to it several times within a day, and each time it was changed back.
    Flapping,
    /// An item with this UID is linked already, or twice on this side: this is a copy.
    DuplicateUid {
        /// The UID.
        uid: String,
    },
    /// Several items look alike: a person has to say which belong together.
    Ambiguous,
    /// It is gone from one side in the very run in which the scope of the profile changed.
    NewScope,
    /// It is gone from one side, and what changed on the other is not mapped any more.
    NewMapping,
    /// What was known of both sides was lost, so that it only seems to be gone from one of them, or to be new there.
    Forgotten,
}

/// Why something was left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum SkipReason {
    /// It was changed after the run.
    ChangedSince,
    /// It is not known whether the run's write arrived.
    Unknown,
    /// It says that already.
    Same,
    /// The server would mail the attendees.
    WouldMail,
    /// One side does not have it: the next run finds out why.
    Missing,
    /// Neither side has it.
    Nowhere,
    /// What one side has there now is nothing that the profile syncs, or cannot be read.
    NotOurs,
    /// It is outside the time range or the category of the profile.
    Outside,
    /// More would be deleted or overwritten than the limits allow.
    TooMuch,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_another_version_is_read_all_the_same() {
        let line = |event: &str| {
            let line = format!(r#"{{"title":"Sample","side":null,"event":{event}}}"#);
            serde_json::from_str::<Line>(&line).unwrap().event
        };
        assert_eq!(line(r#"{"code":"of_another_year","days":3,"what":["a"]}"#), LineEvent::Unknown);
        let noticed = line(r#"{"code":"noticed","notice":{"code":"of_another_year","days":3}}"#);
        assert_eq!(noticed, LineEvent::Noticed { notice: Notice::Unknown });
    }

    #[test]
    fn of_many_items_with_warnings_a_report_keeps_the_first_and_how_many_more_there_were() {
        let line = |event| Line { title: String::new(), side: None, event };
        let warned = || line(LineEvent::Warned { warnings: Vec::new(), further: 0 });
        for (items, further) in [(WARNED, None), (WARNED + 1, Some(1)), (3 * WARNED, Some(2 * WARNED))] {
            let mut lines = vec![warned(); items];
            lines.push(line(LineEvent::CopyRemoved));
            let report = Report {
                run: String::new(),
                pair: String::new(),
                started: Timestamp::UNIX_EPOCH,
                seconds: 0.0,
                outcome: RunOutcome::Finished,
                written: Sides::default(),
                held: 0,
                failed: 0,
                clashes: 0,
                requests: 0,
                lines,
            };
            let mut expected = vec![warned(); WARNED];
            expected.push(line(LineEvent::CopyRemoved));
            expected.extend(further.map(|items| line(LineEvent::WarnedFurther { items })));
            assert_eq!(report.counted().lines, expected, "{items}");
        }
    }
}
