//! How the types of the model's fields behave when they are carried: what is empty, what makes an entry the same.

use super::entries::Entry;
use super::visit::Value;
use crate::contact::{Address, Email, Line, PartialDate, Phone, Place, WebPage};
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
        named(&self.name, &self.address)
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

/// Sets a part of an entry where it was edited.
fn part<V: Clone + PartialEq>(base: &V, edited: &V, onto: &mut V) {
    if base != edited {
        onto.clone_from(edited);
    }
}

/// Categories and nicknames: a set of texts, compared without regard to case.
impl Entry for String {
    fn key(&self) -> String {
        self.to_lowercase()
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        part(base, edited, onto);
    }

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
        part(base, edited, onto);
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
        part(&base.action, &edited.action, action);
        // An alarm is where it is by one trigger; its distance only says the same in other words.
        if base.trigger != edited.trigger {
            trigger.clone_from(&edited.trigger);
            *minutes_before_start = edited.minutes_before_start;
        }
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

impl Entry for Attendee {
    fn key(&self) -> String {
        let address = self.who.address.to_lowercase();
        let bare = address.strip_prefix("mailto:").unwrap_or(&address);
        if bare.is_empty() { self.who.name.to_lowercase() } else { bare.to_owned() }
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        let Attendee { who: Participant { address, name }, role, response, rsvp } = onto;
        part(&base.who.address, &edited.who.address, address);
        part(&base.who.name, &edited.who.name, name);
        part(&base.role, &edited.role, role);
        part(&base.response, &edited.response, response);
        part(&base.rsvp, &edited.rsvp, rsvp);
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
        format!("{} ({:?}{answer}{asked})", named(&self.who.name, &self.who.address), self.role)
    }
}

impl Entry for Attachment {
    fn key(&self) -> String {
        match &self.source {
            AttachmentSource::Uri(uri) => uri.clone(),
            AttachmentSource::Inline { digest, bytes } => format!("{digest} {bytes}"),
        }
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        let Attachment { source, name, media_type } = onto;
        part(&base.source, &edited.source, source);
        part(&base.name, &edited.name, name);
        part(&base.media_type, &edited.media_type, media_type);
    }

    fn shown(&self) -> String {
        match &self.source {
            AttachmentSource::Uri(uri) => format!("{} {uri}", self.name).trim_start().to_owned(),
            AttachmentSource::Inline { digest, bytes } => {
                let short = digest.get(..8).unwrap_or(digest);
                format!("{} {} ({bytes} bytes, {short})", self.name, self.media_type).trim_start().to_owned()
            }
        }
    }
}

impl Entry for Email {
    fn key(&self) -> String {
        self.address.to_lowercase()
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        self.place == gone.place
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        let Email { address, place } = onto;
        part(&base.address, &edited.address, address);
        part(&base.place, &edited.place, place);
    }

    fn shown(&self) -> String {
        placed(&self.address, self.place)
    }
}

impl Entry for Phone {
    /// The digits: how a number is spaced does not make it another.
    fn key(&self) -> String {
        let digits: String = self.number.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() { self.number.to_lowercase() } else { digits }
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        self.line == gone.line && self.place == gone.place
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        let Phone { number, line, place } = onto;
        part(&base.number, &edited.number, number);
        part(&base.line, &edited.line, line);
        part(&base.place, &edited.place, place);
    }

    fn shown(&self) -> String {
        let line = match self.line {
            Line::Voice => "",
            Line::Main => " main",
            Line::Mobile => " mobile",
            Line::Fax => " fax",
            Line::Pager => " pager",
            Line::Car => " car",
            Line::Isdn => " ISDN",
        };
        placed(&format!("{}{line}", self.number), self.place)
    }
}

impl Entry for Address {
    fn key(&self) -> String {
        format!("{:?}", self.place).to_lowercase()
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        let Address { place, po_box, extended, street, locality, region, postal_code, country } = onto;
        part(&base.place, &edited.place, place);
        part(&base.po_box, &edited.po_box, po_box);
        part(&base.extended, &edited.extended, extended);
        part(&base.street, &edited.street, street);
        part(&base.locality, &edited.locality, locality);
        part(&base.region, &edited.region, region);
        part(&base.postal_code, &edited.postal_code, postal_code);
        part(&base.country, &edited.country, country);
    }

    fn shown(&self) -> String {
        let Address { place, po_box, extended, street, locality, region, postal_code, country } = self;
        let parts = [po_box, extended, street, postal_code, locality, region, country];
        let filled: Vec<&str> =
            parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
        placed(&filled.join(", "), *place)
    }
}

impl Entry for WebPage {
    fn key(&self) -> String {
        self.url.clone()
    }

    fn may_have_been(&self, gone: &Self) -> bool {
        self.place == gone.place
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        let WebPage { url, place } = onto;
        part(&base.url, &edited.url, url);
        part(&base.place, &edited.place, place);
    }

    fn shown(&self) -> String {
        placed(&self.url, self.place)
    }
}

impl Entry for Member {
    fn key(&self) -> String {
        match &self.uid {
            _ if !self.address.is_empty() => self.address.to_lowercase(),
            Some(uid) => uid.clone(),
            None => self.name.to_lowercase(),
        }
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        let Member { name, address, uid } = onto;
        part(&base.name, &edited.name, name);
        part(&base.address, &edited.address, address);
        part(&base.uid, &edited.uid, uid);
    }

    fn shown(&self) -> String {
        named(&self.name, &self.address)
    }
}
