//! Which items belong to a pair.
//!
//! Where an item lies is decided here, by one rule for both sides: a storage is never asked what it would leave out of a
//! range. What lies outside is parked: nothing of it crosses, nothing of it is deleted (`outside.rs`).

use dovetail_model::event::{Days, Reach};
use dovetail_model::{CategoryFilter, Item, Kind, Zone};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::sides::Sides;
use crate::storage::{Collection, Original, Snapshot};

#[cfg(test)]
mod tests;

/// Which items belong to the pair. Its fingerprint is compared from run to run: a changed scope is a new base line,
/// never a reason to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The kinds that the profile syncs; anything else is not ours.
    pub kinds: Vec<Kind>,
    /// The days whose events are synced; `None`: all events.
    pub range: Option<Range>,
    /// The category by which items of Outlook belong; the storage hides it, and says whether an item has it.
    pub filter: Option<CategoryFilter>,
    /// Names what is synced: the folder of a mailbox; the collection and the account. Other ones are another pair.
    pub sources: Sides<String>,
}

/// The days whose events are synced, counted from a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// How many days before today.
    pub days_back: u32,
    /// How many days after today.
    pub days_ahead: u32,
    /// The day.
    pub today: Date,
    /// Whose calendar the days are of.
    pub home: Zone,
}

/// Where an item lies, seen from a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It belongs to the pair.
    Inside,
    /// Its category does not belong to the profile.
    OtherCategory,
    /// It takes place at no time of the range.
    OtherTime {
        /// The day on which it will, if nobody changes it.
        enters: Option<Date>,
    },
}

impl Scope {
    /// A scope of all items of some kinds.
    pub fn of(kinds: Vec<Kind>) -> Scope {
        Scope { kinds, ..Scope::default() }
    }

    /// A text that differs where the scope does. The day does not matter: time goes by without anything being changed.
    pub fn fingerprint(&self) -> String {
        let mut text = serde_json::to_string(&self.kinds).unwrap_or_default();
        if let Some(Range { days_back, days_ahead, .. }) = &self.range {
            text += &format!(" {days_back} days back, {days_ahead} ahead");
        }
        if let Some(filter) = &self.filter {
            text += &format!(" {:?} {:?}", filter.admits, filter.name.to_lowercase());
        }
        text
    }

    /// Whether an item may lie outside at all.
    pub(crate) fn is_bounded(&self) -> bool {
        self.range.is_some() || self.filter.is_some()
    }

    /// Whether the day has come on which what lies there enters.
    pub(crate) fn has_entered(&self, place: Place) -> bool {
        let today = self.range.as_ref().map(|range| range.today);
        place.enters().zip(today).is_some_and(|(enters, today)| enters <= today)
    }

    /// How many days are synced; 0 where there is no range.
    pub(crate) fn days(&self) -> u64 {
        self.range.as_ref().map_or(0, Range::length)
    }

    /// Where an item lies that a storage holds.
    pub(crate) fn place_of(&self, storage: &dyn Collection, snapshot: &Snapshot) -> Place {
        self.place(storage, &snapshot.original, &snapshot.item)
    }

    /// Where an item lies that is read from an original of this storage.
    pub(crate) fn place(&self, storage: &dyn Collection, original: &Original, item: &Item) -> Place {
        if self.filter.is_some() && !storage.belongs(original) {
            return Place::OtherCategory;
        }
        match (&self.range, item) {
            (Some(range), Item::Event(event)) => match event.reach(range.days(), &range.home) {
                Reach::Within => Place::Inside,
                Reach::From(day) => Place::OtherTime { enters: Some(range.day_of_entry(day)) },
                Reach::Before => Place::OtherTime { enters: None },
            },
            _ => Place::Inside,
        }
    }
}

impl Place {
    /// The day on which an item enters the scope, if nobody changes it.
    pub(crate) fn enters(self) -> Option<Date> {
        match self {
            Place::OtherTime { enters } => enters,
            Place::Inside | Place::OtherCategory => None,
        }
    }
}

impl Range {
    /// The days themselves.
    pub fn days(&self) -> Days {
        Days {
            first: self.today.saturating_sub(days(self.days_back)),
            last: self.today.saturating_add(days(self.days_ahead)),
        }
    }

    /// How many days there are.
    pub fn length(&self) -> u64 {
        u64::from(self.days_back) + u64::from(self.days_ahead) + 1
    }

    /// The day on which the range will reach to `day`.
    fn day_of_entry(&self, day: Date) -> Date {
        day.saturating_sub(days(self.days_ahead))
    }
}

fn days(number: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(number))
}
