//! Dates and times as calendars write them: with the zone they were given in.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::recurrence::{Frequency, Rule, RuleEnd};

#[cfg(test)]
mod tests;

/// A day, or a time of day in a zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum When {
    /// A whole day (`VALUE=DATE`).
    Date(Date),
    /// A wall-clock time.
    Time {
        /// What the clock on the wall shows.
        local: DateTime,
        /// Where the wall is.
        zone: Zone,
    },
}

impl Default for When {
    fn default() -> Self {
        When::Date(Date::ZERO)
    }
}

impl When {
    /// A time in UTC.
    pub fn utc(local: DateTime) -> Self {
        When::Time { local, zone: Zone::Utc }
    }

    /// The day, as the wall calendar shows it.
    pub fn date(&self) -> Date {
        match self {
            When::Date(date) => *date,
            When::Time { local, .. } => local.date(),
        }
    }

    /// The wall-clock time; midnight of a whole day.
    pub fn local(&self) -> DateTime {
        match self {
            When::Date(date) => date.at(0, 0, 0, 0),
            When::Time { local, .. } => *local,
        }
    }

    /// Another time of the same form: a day stays a day, a time keeps its zone.
    pub fn at_wall_clock(&self, local: DateTime) -> When {
        match self {
            When::Date(_) => When::Date(local.date()),
            When::Time { zone, .. } => When::Time { local, zone: zone.clone() },
        }
    }

    /// What tells occurrences of one series apart: the wall-clock time without its zone.
    pub fn wall_clock_key(&self) -> String {
        match self {
            When::Date(date) => date.to_string(),
            When::Time { local, .. } => local.to_string(),
        }
    }

    /// The instant. Days and floating times are read in `home`; ambiguous times are the earlier instant, times
    /// skipped by a transition are shifted forward by the gap (RFC 5545 section 3.3.5).
    pub fn instant(&self, home: &Zone) -> Timestamp {
        match self {
            When::Date(date) => home.instant(date.at(0, 0, 0, 0)),
            When::Time { local, zone: Zone::Floating } => home.instant(*local),
            When::Time { local, zone } => zone.instant(*local),
        }
    }

    /// The same instant on the wall clock of `zone`. Days and floating times have no instant and stay.
    pub fn in_zone(&self, zone: &Zone) -> When {
        match self {
            When::Date(_) | When::Time { zone: Zone::Floating, .. } => self.clone(),
            When::Time { zone: from, .. } if from == zone => {
                When::Time { local: self.local(), zone: zone.clone() }
            }
            When::Time { local, zone: from } => {
                When::Time { local: zone.wall_clock(from.instant(*local)), zone: zone.clone() }
            }
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            When::Date(date) => write!(f, "{date}"),
            When::Time { local, zone } => {
                write!(f, "{}", local.strftime("%Y-%m-%d %H:%M"))?;
                if local.second() != 0 {
                    write!(f, ":{:02}", local.second())?;
                }
                match zone {
                    Zone::Utc => f.write_str(" UTC"),
                    Zone::Floating => Ok(()),
                    Zone::Named(zone) => write!(f, " {}", zone.id),
                    Zone::Custom(zone) => write!(f, " {}", zone.tzid),
                }
            }
        }
    }
}

/// Where a wall-clock time is to be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Zone {
    /// UTC.
    Utc,
    /// Wherever the reader is (RFC 5545 section 3.3.5, form 1).
    Floating,
    /// A zone of the IANA database.
    Named(NamedZone),
    /// A zone that only its rules describe.
    Custom(Box<CustomZone>),
}

/// A zone of the IANA database. Two are equal when their `id` is: the source's spelling does not matter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NamedZone {
    /// The canonical IANA identifier, such as `Europe/Berlin`.
    pub id: String,
    /// The TZID that the source used, such as `W. Europe Standard Time`.
    pub tzid: String,
}

/// A zone known by its rules alone (a VTIMEZONE that matches no known zone). Equal when the rules are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CustomZone {
    /// The TZID that the source used.
    pub tzid: String,
    /// Its observances, in the order of the source.
    pub observances: Vec<Observance>,
}

/// A period of standard or daylight time (RFC 5545 section 3.6.5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Observance {
    /// The first onset, in the local time before it.
    pub start: DateTime,
    /// The offset before an onset, seconds east of UTC.
    pub offset_from: i32,
    /// The offset after it.
    pub offset_to: i32,
    /// How onsets repeat.
    pub rule: Option<Rule>,
    /// Further onsets.
    pub rdates: Vec<DateTime>,
}

impl Zone {
    /// A zone of the IANA database by its canonical identifier.
    pub fn named(id: &str) -> Self {
        Zone::Named(NamedZone { id: id.to_owned(), tzid: id.to_owned() })
    }

    /// The rules of a zone, where the built-in database has them. Floating time has none.
    pub fn rules(&self) -> Option<TimeZone> {
        match self {
            Zone::Utc => Some(TimeZone::UTC),
            Zone::Named(zone) => jiff::tz::db().get(&zone.id).ok(),
            Zone::Floating | Zone::Custom(_) => None,
        }
    }

    /// The instant at which the clocks of this zone show `local`; floating time and unknown zones read as UTC.
    /// Ambiguous times are the earlier instant, skipped times are shifted forward by the gap.
    pub fn instant(&self, local: DateTime) -> Timestamp {
        let rules = match self {
            Zone::Custom(zone) => TimeZone::fixed(zone.offset_at_local(local)),
            _ => self.rules().unwrap_or(TimeZone::UTC),
        };
        rules
            .to_ambiguous_timestamp(local)
            .compatible()
            .unwrap_or_else(|_| if local.year() < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// What the clocks of this zone show at `instant`; those of floating time and unknown zones show UTC.
    pub fn wall_clock(&self, instant: Timestamp) -> DateTime {
        match self {
            Zone::Custom(zone) => zone.offset_at(instant).to_datetime(instant),
            _ => self.rules().unwrap_or(TimeZone::UTC).to_datetime(instant),
        }
    }
}

impl CustomZone {
    /// The offset at which `local` is read: the earlier instant where it is ambiguous; where it was skipped, the offset
    /// before the transition, which shifts it forward by the gap.
    fn offset_at_local(&self, local: DateTime) -> Offset {
        let as_utc = Zone::Utc.instant(local);
        let day = SignedDuration::from_hours(24);
        let around = [as_utc.saturating_sub(day), as_utc.saturating_add(day)]
            .map(|instant| instant.map_or(Offset::UTC, |instant| self.offset_at(instant)));
        let [before, after] = around;
        let fits = |offset: Offset| {
            offset.to_timestamp(local).is_ok_and(|instant| self.offset_at(instant) == offset)
        };
        let largest = before.max(after);
        // The larger offset gives the earlier instant.
        if fits(largest) { largest } else { before.min(after) }
    }

    /// The offset of the observance that began last; before the first of them, what that one replaced.
    fn offset_at(&self, instant: Timestamp) -> Offset {
        let latest = self
            .observances
            .iter()
            .filter_map(|observance| Some((observance.last_onset(instant)?, observance.offset_to)))
            .max_by_key(|(onset, _)| *onset);
        let first = self.observances.iter().min_by_key(|observance| observance.start);
        let seconds = latest.map(|(_, offset)| offset).or(first.map(|observance| observance.offset_from));
        Offset::from_seconds(seconds.unwrap_or(0)).unwrap_or(Offset::UTC)
    }
}

impl Observance {
    /// The last onset that is not after `instant`.
    fn last_onset(&self, instant: Timestamp) -> Option<Timestamp> {
        let before = Offset::from_seconds(self.offset_from).ok()?;
        let now = before.to_datetime(instant);
        let by_rule = self.rule.as_ref().and_then(|rule| {
            let mut rule = rule.clone();
            // UNTIL is in UTC, onsets are on the clock before them (RFC 5545 section 3.6.5).
            if let RuleEnd::Until(When::Time { local, zone: Zone::Utc }) = &rule.end {
                let until = before.to_datetime(Zone::Utc.instant(*local));
                rule.end = RuleEnd::Until(When::Time { local: until, zone: Zone::Floating });
            }
            let start = When::Time { local: self.start_near(&rule, now), zone: Zone::Floating };
            rule.occurrences(&start).take_while(|onset| *onset <= now).last()
        });
        let listed = self.rdates.iter().chain([&self.start]).filter(|onset| **onset <= now).max().copied();
        by_rule.max(listed).and_then(|onset| before.to_timestamp(onset).ok())
    }

    /// A start from which a rule gives the same last onset before `now`. Exchange has its observances begin in 1601: the
    /// centuries of a rule with an onset a year need not be laid out. A dozen years hold an onset whatever the weekday.
    fn start_near(&self, rule: &Rule, now: DateTime) -> DateTime {
        let last = match &rule.end {
            RuleEnd::Never => now,
            RuleEnd::Until(until) => now.min(until.local()),
            RuleEnd::Count(_) => return self.start,
        };
        let near = last.year().saturating_sub(12);
        if rule.frequency != Frequency::Yearly || rule.interval != 1 || near <= self.start.year() {
            return self.start;
        }
        self.start.with().year(near).build().unwrap_or(self.start)
    }
}

impl PartialEq for NamedZone {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for NamedZone {}

impl PartialOrd for NamedZone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NamedZone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }
}

impl Hash for NamedZone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl PartialEq for CustomZone {
    fn eq(&self, other: &Self) -> bool {
        self.observances == other.observances
    }
}

impl Eq for CustomZone {}

impl PartialOrd for CustomZone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CustomZone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.observances.cmp(&other.observances)
    }
}

impl Hash for CustomZone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.observances.hash(state);
    }
}

/// Sets of [`When`], written as lists.
pub(crate) mod as_list {
    use std::collections::BTreeSet;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::When;

    pub(crate) fn serialize<S: Serializer>(set: &BTreeSet<When>, to: S) -> Result<S::Ok, S::Error> {
        set.iter().collect::<Vec<_>>().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<When>, D::Error> {
        Ok(Vec::<When>::deserialize(from)?.into_iter().collect())
    }
}

/// Maps from [`When`], written as lists of pairs, because JSON keys are strings.
pub(crate) mod as_pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::When;

    pub(crate) fn serialize<V: Serialize, S: Serializer>(
        map: &BTreeMap<When, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(to)
    }

    pub(crate) fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<When, V>, D::Error> {
        Ok(Vec::<(When, V)>::deserialize(from)?.into_iter().collect())
    }
}
