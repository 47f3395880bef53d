//! How the types of the model's fields behave when they are carried: what is empty, what makes an entry the same.

use super::entries::Entry;
use super::visit::Value;
use crate::contact::{Address, Custom, Email, Gender, Im, Line, PartialDate, Phone, Place, WebPage};
use crate::event::{Attendee, Busy, EventStatus, Participant, Response};
use crate::group::Member;
use crate::item::{Alarm, Attachment, AttachmentSource, Priority, Sensitivity, Trigger};
use crate::recurrence::Rule;
use crate::task::TaskStatus;
use crate::when::When;

impl Value for String {
    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn shown(&self) -> String {
        self.clone()
    }
}

impl<V: Value> Value for Option<V> {
    fn is_blank(&self) -> bool {
        self.as_ref().is_none_or(Value::is_blank)
    }

    fn shown(&self) -> String {
        self.as_ref().map(Value::shown).unwrap_or_default()
    }
}

impl Value for When {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Value for Rule {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Value for Priority {
    fn is_blank(&self) -> bool {
        self.0 == 0
    }

    fn shown(&self) -> String {
        self.0.to_string()
    }
}

impl Value for u8 {
    fn is_blank(&self) -> bool {
        *self == 0
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

/// Minutes.
impl Value for u32 {
    fn is_blank(&self) -> bool {
        *self == 0
    }

    fn shown(&self) -> String {
        format!("{self} minutes")
    }
}

impl Value for Sensitivity {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

impl Value for EventStatus {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

impl Value for Busy {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        match self {
            Busy::Free => "free",
            Busy::Tentative => "tentative",
            Busy::Busy => "busy",
            Busy::OutOfOffice => "out of office",
            Busy::WorkingElsewhere => "working elsewhere",
        }
        .to_owned()
    }
}

impl Value for TaskStatus {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        match self {
            TaskStatus::NotStarted => "not started",
            TaskStatus::InProgress => "in progress",
            TaskStatus::Complete => "complete",
            TaskStatus::Waiting => "waiting",
            TaskStatus::Deferred => "deferred",
        }
        .to_owned()
    }
}

impl Value for Gender {
    fn is_blank(&self) -> bool {
        *self == Gender::Unspecified
    }

    fn shown(&self) -> String {
        if self.is_blank() { String::new() } else { format!("{self:?}").to_lowercase() }
    }
}

impl Value for Place {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

impl Value for PartialDate {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        match self {
            PartialDate::Full(date) => date.to_string(),
            PartialDate::Yearless { month, day } => format!("--{month:02}-{day:02}"),
        }
    }
}

impl Value for Participant {
    fn is_blank(&self) -> bool {
        self.address.is_empty() && self.name.is_empty()
    }

    fn shown(&self) -> String {
        let who = named(&self.name, &self.address);
        if self.sent_by.is_empty() { who } else { format!("{who}, by {}", self.sent_by) }
    }
}

impl Value for Attachment {
    fn is_blank(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        Entry::shown(self)
    }
}

fn named(name: &str, address: &str) -> String {
    if name.is_empty() { address.to_owned() } else { format!("{name} <{address}>") }
}

fn placed(text: &str, place: Place) -> String {
    match place {
        Place::Home => format!("{text} (home)"),
        Place::Work => format!("{text} (work)"),
        Place::Other => text.to_owned(),
    }
}

/// Sets what was edited.
fn set<V: Clone + PartialEq>(base: &V, edited: &V, onto: &mut V) {
    if base != edited {
        onto.clone_from(edited);
    }
}

/// An entry made of parts, which are carried one by one.
trait Parts: Clone + PartialEq {
    /// As [`Entry::key`].
    fn key(&self) -> String;

    /// As [`Entry::same`].
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    /// As [`Entry::may_have_been`].
    fn may_have_been(&self, _gone: &Self) -> bool {
        false
    }

    /// Shows each part of three states of an entry.
    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart);

    /// As [`Entry::shown`].
    fn shown(&self) -> String;
}

/// What is done with each part of an entry.
trait EachPart {
    /// A part of which the default says nothing.
    fn part<V: Clone + PartialEq + Default>(&mut self, base: &V, edited: &V, onto: &mut V);

    /// A part that makes the key, or says the same in other words. States of one key differ in its spelling only.
    fn spelling<V: Clone + PartialEq + Ord>(&mut self, base: &V, edited: &V, onto: &mut V);
}

struct CarryParts;

impl EachPart for CarryParts {
    fn part<V: Clone + PartialEq + Default>(&mut self, base: &V, edited: &V, onto: &mut V) {
        set(base, edited, onto);
    }

    fn spelling<V: Clone + PartialEq + Ord>(&mut self, base: &V, edited: &V, onto: &mut V) {
        set(base, edited, onto);
    }
}

struct CommonParts {
    contradict: bool,
}

impl EachPart for CommonParts {
    fn part<V: Clone + PartialEq + Default>(&mut self, own: &V, other: &V, onto: &mut V) {
        let blank = V::default();
        if own != other {
            self.contradict |= *own != blank && *other != blank;
            *onto = blank;
        }
    }

    /// The greater of two spellings is the edit: both sides come to the same.
    fn spelling<V: Clone + PartialEq + Ord>(&mut self, own: &V, other: &V, onto: &mut V) {
        onto.clone_from(own.min(other));
    }
}

/// Leaves of an entry what makes its key.
struct BlankParts;

impl EachPart for BlankParts {
    fn part<V: Clone + PartialEq + Default>(&mut self, _base: &V, _edited: &V, onto: &mut V) {
        *onto = V::default();
    }

    fn spelling<V: Clone + PartialEq + Ord>(&mut self, _base: &V, _edited: &V, _onto: &mut V) {}
}

impl<E: Parts> Entry for E {
    fn key(&self) -> String {
        Parts::key(self)
    }

    fn same(&self, other: &Self) -> bool {
        Parts::same(self, other)
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        Parts::may_have_been(self, gone)
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        E::parts(base, edited, onto, &mut CarryParts);
    }

    fn common(&self, other: &Self) -> Option<Self> {
        let mut common = CommonParts { contradict: false };
        let mut merged = self.clone();
        E::parts(self, other, &mut merged, &mut common);
        (!common.contradict).then_some(merged)
    }

    fn origin(&self) -> Option<Self> {
        let mut blank = self.clone();
        E::parts(self, self, &mut blank, &mut BlankParts);
        Some(blank)
    }

    fn shown(&self) -> String {
        Parts::shown(self)
    }
}

/// Categories and nicknames: a set of texts, compared without regard to case.
impl Entry for String {
    fn key(&self) -> String {
        self.to_lowercase()
    }

    fn same(&self, _other: &Self) -> bool {
        true
    }

    fn carry(_base: &Self, _edited: &Self, _onto: &mut Self) {}

    fn shown(&self) -> String {
        self.clone()
    }
}

/// Excepted and further days of a series.
impl Entry for When {
    /// The wall-clock time: an excepted day and a changed occurrence of one day are the same entry of a series.
    fn key(&self) -> String {
        self.wall_clock_key()
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        set(base, edited, onto);
    }

    fn common(&self, other: &Self) -> Option<Self> {
        Some(self.min(other).clone())
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Entry for Alarm {
    fn key(&self) -> String {
        match (self.minutes_before_start, &self.trigger) {
            (Some(minutes), _) => format!("{minutes} minutes {:?}", self.action),
            (None, Trigger::At(instant)) => format!("{instant} {:?}", self.action),
            (None, Trigger::Start(seconds)) => format!("start {seconds} s {:?}", self.action),
            (None, Trigger::End(seconds)) => format!("end {seconds} s {:?}", self.action),
        }
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        self.action == gone.action
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        let Alarm { trigger, action, minutes_before_start } = onto;
        set(&base.action, &edited.action, action);
        // An alarm is where it is by one trigger; its distance only says the same in other words.
        if base.trigger != edited.trigger {
            let (from, to) = (*minutes_before_start, edited.minutes_before_start);
            *trigger = match (&*trigger, &base.trigger, &edited.trigger, from.zip(to)) {
                // Who knows the start alone edits how long before it: what is measured from the end still is.
                (Trigger::End(seconds), Trigger::Start(_), Trigger::Start(_), Some((from, to))) => {
                    Trigger::End(seconds.saturating_sub(to.saturating_sub(from).saturating_mul(60)))
                }
                _ => edited.trigger.clone(),
            };
            *minutes_before_start = to;
        }
    }

    /// Alarms of one distance differ in its spelling only.
    fn common(&self, other: &Self) -> Option<Self> {
        Some(if self.trigger <= other.trigger { self.clone() } else { other.clone() })
    }

    fn shown(&self) -> String {
        match (self.minutes_before_start, &self.trigger) {
            (Some(minutes), _) => format!("{minutes} minutes before"),
            (None, Trigger::At(instant)) => format!("at {instant}"),
            (None, Trigger::Start(seconds)) => format!("{seconds} s from the start"),
            (None, Trigger::End(seconds)) => format!("{seconds} s from the end"),
        }
    }
}

impl Parts for Attendee {
    fn key(&self) -> String {
        let address = self.who.address.to_lowercase();
        let bare = address.strip_prefix("mailto:").unwrap_or(&address);
        if bare.is_empty() { self.who.name.to_lowercase() } else { bare.to_owned() }
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let Attendee { who: Participant { address, name, sent_by }, role, response, rsvp } = onto;
        each.spelling(&base.who.address, &edited.who.address, address);
        each.part(&base.who.name, &edited.who.name, name);
        each.part(&base.who.sent_by, &edited.who.sent_by, sent_by);
        each.part(&base.role, &edited.role, role);
        each.part(&base.response, &edited.response, response);
        each.part(&base.rsvp, &edited.rsvp, rsvp);
    }

    fn shown(&self) -> String {
        let answer = match self.response {
            Response::NeedsAction => "",
            Response::Accepted => ", accepted",
            Response::Declined => ", declined",
            Response::Tentative => ", tentative",
            Response::Delegated => ", delegated",
        };
        let asked = if self.rsvp { ", answer asked for" } else { "" };
        format!("{} ({:?}{answer}{asked})", Value::shown(&self.who), self.role)
    }
}

impl Parts for Attachment {
    fn key(&self) -> String {
        match &self.source {
            AttachmentSource::Uri(uri) => uri.clone(),
            AttachmentSource::Inline { digest, bytes, .. } => format!("{digest} {bytes}"),
        }
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let Attachment { source, name, media_type } = onto;
        each.spelling(&base.source, &edited.source, source);
        each.part(&base.name, &edited.name, name);
        each.part(&base.media_type, &edited.media_type, media_type);
    }

    fn shown(&self) -> String {
        match &self.source {
            AttachmentSource::Uri(uri) => format!("{} {uri}", self.name).trim_start().to_owned(),
            AttachmentSource::Inline { digest, bytes, .. } => {
                let short = digest.get(..8).unwrap_or(digest);
                format!("{} {} ({bytes} bytes, {short})", self.name, self.media_type).trim_start().to_owned()
            }
        }
    }
}

impl Parts for Email {
    fn key(&self) -> String {
        self.address.to_lowercase()
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        self.place == gone.place
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let Email { address, place, name } = onto;
        each.spelling(&base.address, &edited.address, address);
        each.part(&base.place, &edited.place, place);
        each.part(&base.name, &edited.name, name);
    }

    fn shown(&self) -> String {
        placed(&named(&self.name, &self.address), self.place)
    }
}

impl Parts for Phone {
    /// The digits: how a number is spaced does not make it another.
    fn key(&self) -> String {
        let digits: String = self.number.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() { self.number.to_lowercase() } else { digits }
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        self.line == gone.line && self.place == gone.place
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let Phone { number, line, place } = onto;
        each.spelling(&base.number, &edited.number, number);
        each.part(&base.line, &edited.line, line);
        each.part(&base.place, &edited.place, place);
    }

    fn shown(&self) -> String {
        let line = match self.line {
            Line::Voice => "",
            Line::Unsaid => " of no kind",
            Line::Main => " main",
            Line::Mobile => " mobile",
            Line::Fax => " fax",
            Line::Pager => " pager",
            Line::Car => " car",
            Line::Isdn => " ISDN",
            Line::Assistant => " assistant",
            Line::Callback => " callback",
            Line::Radio => " radio",
            Line::Telex => " telex",
            Line::TextPhone => " text telephone",
            Line::Special => " special",
        };
        placed(&format!("{}{line}", self.number), self.place)
    }
}

impl Parts for Im {
    /// A service and a name at it.
    fn key(&self) -> String {
        format!("{}:{}", self.service, self.handle).to_lowercase()
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        self.service.eq_ignore_ascii_case(&gone.service)
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let Im { service, handle } = onto;
        each.spelling(&base.service, &edited.service, service);
        each.spelling(&base.handle, &edited.handle, handle);
    }

    fn shown(&self) -> String {
        format!("{}: {}", self.service, self.handle)
    }
}

impl Parts for Custom {
    fn key(&self) -> String {
        self.name.to_lowercase()
    }

    /// Servers write the names of properties in the case they like (RFC 5545 section 2.1): each side keeps its own.
    fn same(&self, other: &Self) -> bool {
        Parts::key(self) == Parts::key(other) && self.value == other.value
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let Custom { name: _, value } = onto;
        each.part(&base.value, &edited.value, value);
    }

    fn shown(&self) -> String {
        format!("{}: {}", self.name, self.value)
    }
}

impl Parts for Address {
    fn key(&self) -> String {
        format!("{:?}", self.place).to_lowercase()
    }

    /// The same address of another place.
    fn may_have_been(&self, gone: &Self) -> bool {
        *self == Address { place: self.place, ..gone.clone() }
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let Address { place, po_box, extended, street, locality, region, postal_code, country } = onto;
        each.spelling(&base.place, &edited.place, place);
        each.part(&base.po_box, &edited.po_box, po_box);
        each.part(&base.extended, &edited.extended, extended);
        each.part(&base.street, &edited.street, street);
        each.part(&base.locality, &edited.locality, locality);
        each.part(&base.region, &edited.region, region);
        each.part(&base.postal_code, &edited.postal_code, postal_code);
        each.part(&base.country, &edited.country, country);
    }

    fn shown(&self) -> String {
        let Address { place, po_box, extended, street, locality, region, postal_code, country } = self;
        let parts = [po_box, extended, street, postal_code, locality, region, country];
        let filled: Vec<&str> =
            parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
        placed(&filled.join(", "), *place)
    }
}

impl Parts for WebPage {
    fn key(&self) -> String {
        self.url.clone()
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        self.place == gone.place
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let WebPage { url, place } = onto;
        each.spelling(&base.url, &edited.url, url);
        each.part(&base.place, &edited.place, place);
    }

    fn shown(&self) -> String {
        placed(&self.url, self.place)
    }
}

impl Parts for Member {
    fn key(&self) -> String {
        match &self.uid {
            _ if !self.address.is_empty() => self.address.to_lowercase(),
            Some(uid) => uid.clone(),
            None => self.entry.clone().unwrap_or_else(|| self.name.to_lowercase()),
        }
    }

    fn parts(base: &Self, edited: &Self, onto: &mut Self, each: &mut impl EachPart) {
        let Member { name, address, uid, entry } = onto;
        each.part(&base.name, &edited.name, name);
        each.spelling(&base.address, &edited.address, address);
        each.part(&base.uid, &edited.uid, uid);
        each.part(&base.entry, &edited.entry, entry);
    }

    fn shown(&self) -> String {
        named(&self.name, &self.address)
    }
}
