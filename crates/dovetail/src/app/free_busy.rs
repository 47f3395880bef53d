//! When somebody is busy, as a server says: by report of a calendar, or from a file that it publishes.

use dovetail_dav::free_busy::{Span, sogo_public};
use dovetail_dav::{Client, ErrorKind as DavErrorKind};
use dovetail_mapping::component::Document;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use url::Url;

use super::App;
use super::login::Proof;
use super::profiles::{address, failed, failed_of_profile};
use crate::error::{Error, Result};

#[cfg(test)]
mod tests;

/// Of whom it is asked.
pub(crate) enum Whose<'a> {
    /// Of a profile's calendar.
    Profile(&'a str),
    /// Of a calendar.
    Calendar {
        /// Its address.
        url: &'a str,
        /// The user's name.
        user: &'a str,
        /// What shows that it is the user.
        proof: Proof,
    },
    /// Of somebody on the server of a profile that publishes such files.
    Somebody {
        /// The profile.
        profile: &'a str,
        /// The user's name or mail address.
        who: &'a str,
    },
    /// A published file.
    File(&'a str),
}

/// A time that is taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Busy {
    /// When it begins.
    pub(crate) start: Timestamp,
    /// When it ends.
    pub(crate) end: Timestamp,
    /// How: `BUSY`, `BUSY-TENTATIVE`, `BUSY-UNAVAILABLE`, or a word of the server's own (RFC 5545 section 3.2.9).
    pub(crate) kind: String,
}

impl App {
    /// The times that are taken from the beginning of one day to the end of another, in order.
    pub(crate) fn busy(&self, whose: &Whose<'_>, from: Date, to: Date) -> Result<Vec<Busy>> {
        let zone = self.zone(&self.config()?);
        let moment = |day: Date| zone.instant(day.to_datetime(jiff::civil::Time::midnight()));
        let after = to.checked_add(1.day()).ok().filter(|after| *after > from);
        let (start, end) = after.map(|after| (moment(from), moment(after))).ok_or_else(|| {
            Error::usage(
                "These days are no span of time.",
                "Give the first day with --from and the last one with --to, such as 2026-11-30.",
            )
        })?;
        let span = Span { start: utc_text(start), end: utc_text(end) };
        let body = self.free_busy(whose, &span)?;
        Ok(within(busy(&body), start, end))
    }

    fn free_busy(&self, whose: &Whose<'_>, span: &Span) -> Result<Vec<u8>> {
        match whose {
            Whose::Profile(name) => {
                let (client, url) = self.collection(name)?;
                self.note_answer(name, of_calendar(&client, &url, span, failed_of_profile))
            }
            Whose::Calendar { url, user, proof } => {
                let url = address(url)?;
                let client = self.client_at(&url, user, proof)?;
                of_calendar(&client, &url, span, failed)
            }
            Whose::Somebody { profile, who } => {
                let (client, url) = self.collection(profile)?;
                let public = sogo_public(&url, who).ok_or_else(|| {
                    Error::usage(
                        "This server publishes no free and busy times of others that are known here.",
                        "Give the address of the file with --url, if there is one.",
                    )
                })?;
                client.published_free_busy(&public).map_err(unpublished)
            }
            Whose::File(url) => {
                let url = address(url)?;
                self.client_without_login(&url)?.published_free_busy(&url).map_err(unpublished)
            }
        }
    }
}

/// Asks a calendar; `failed` words a failure.
fn of_calendar(
    client: &Client,
    url: &Url,
    span: &Span,
    failed: fn(dovetail_dav::Error) -> Error,
) -> Result<Vec<u8>> {
    match client.free_busy(url, span) {
        // QUIRK(free-busy: sogo): it does not know the report, but publishes the same for each of its users.
        Err(error) if error.kind == DavErrorKind::Refused => {
            let owner = client.ownership(url).ok().and_then(|whose| whose.owner);
            let name = owner.and_then(|owner| {
                owner.as_str().split('/').rfind(|part| !part.is_empty()).map(str::to_owned)
            });
            let public = name.and_then(|name| sogo_public(url, &name));
            match public {
                Some(public) => client.published_free_busy(&public).map_err(unpublished),
                None => Err(failed(error)),
            }
        }
        answered => answered.map_err(failed),
    }
}

fn unpublished(error: dovetail_dav::Error) -> Error {
    let known = failed(error);
    let hint = "The server may publish no such times: SOGo does with SOGoEnablePublicAccess, and a role for \"anonymous\".";
    Error { hint: hint.to_owned(), ..known }
}

/// What a VFREEBUSY says (RFC 5545 section 3.6.4), in order. Free times are left out, and so is what cannot be read.
fn busy(body: &[u8]) -> Vec<Busy> {
    let document = Document::parse(body);
    let mut all = Vec::new();
    for calendar in document.components() {
        for component in calendar.components_named("VFREEBUSY") {
            for line in component.lines_named("FREEBUSY") {
                let kind = line.param("FBTYPE").unwrap_or_else(|| "BUSY".to_owned()).to_ascii_uppercase();
                if kind == "FREE" {
                    continue;
                }
                let value = line.value();
                let periods = value.split(',').filter_map(period);
                all.extend(periods.map(|(start, end)| Busy { start, end, kind: kind.clone() }));
            }
        }
    }
    all.sort();
    all
}

/// A period, with its end or its length (RFC 5545 section 3.3.9).
fn period(text: &str) -> Option<(Timestamp, Timestamp)> {
    let (start, end) = text.trim().split_once('/')?;
    let start = moment(start)?;
    let end = match end.strip_prefix('+').unwrap_or(end) {
        length if length.starts_with('P') => {
            // Of a length in days, each has 24 hours: the times are of UTC.
            let length: jiff::Span = length.parse().ok()?;
            start.to_zoned(TimeZone::UTC).checked_add(length).ok()?.timestamp()
        }
        end => moment(end)?,
    };
    (start < end).then_some((start, end))
}

fn moment(text: &str) -> Option<Timestamp> {
    let time = text.trim().strip_suffix('Z')?;
    let time = DateTime::strptime("%Y%m%dT%H%M%S", time).ok()?;
    time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// What of these lies within a span. Published files are of whatever time the server likes.
fn within(busy: Vec<Busy>, start: Timestamp, end: Timestamp) -> Vec<Busy> {
    let clipped = busy.into_iter().map(|it| Busy { start: it.start.max(start), end: it.end.min(end), ..it });
    clipped.filter(|it| it.start < it.end).collect()
}

fn utc_text(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}
