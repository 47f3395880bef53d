//! An exchange: a request comes in, an answer goes out. Who asks, what goes wrong on purpose, and which method does the
//! work.
//!
//! Each method has a file of its own, and so has each report. What a method says is a [`Reply`] or a [`Refusal`]; how it
//! gets onto the wire is for `wire`.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::body::Bytes;

use crate::faults::{Fault, Faults, Hits, Playing, RetryAfter};
use crate::location::{Address, Location, PRINCIPALS};
use crate::object::{self, NewObject, Strictness};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Settings, User, clock, xml};
use transfer::Transfer;

mod conditions;
mod delete;
mod get;
mod make_collection;
mod multistatus;
mod properties;
mod propfind;
mod proppatch;
mod put;
mod report;
mod resource;
mod transfer;

/// So many requests are remembered.
const REMEMBERED: usize = 10_000;
/// So many bytes of the body of a request are remembered.
const REMEMBERED_BODY: usize = 4_096;

const ALLOWED: &str =
    "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, REPORT, MKCALENDAR, MKCOL, COPY, MOVE";
/// RFC 4918 section 18.1, RFC 5689 section 3.1, RFC 4791 section 5.1, RFC 6352 section 6.1.
const CLASSES: &str = "1, 3, extended-mkcol, calendar-access, addressbook";

/// What all exchanges share.
#[derive(Debug)]
pub(crate) struct Shared {
    settings: Settings,
    store: RwLock<Store>,
    playing: Mutex<Playing>,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    count: u64,
    latest: VecDeque<Seen>,
}

/// A request that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The path as it was sent, with its query.
    pub path: String,
    /// The headers in lower case, but for those that hold secrets.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, as far as it is text.
    pub body: String,
    /// How it was answered; `None` where the connection was closed instead.
    pub status: Option<u16>,
}

impl Seen {
    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// The path as it was sent, with its query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    /// `None` where it was longer than the server reads.
    pub(crate) body: Option<Bytes>,
}

impl Asked {
    /// A header; the first one of that name, as far as it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn bytes(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    fn new(status: u16) -> Reply {
        Reply { status, headers: Vec::new(), body: Bytes::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    fn xml(status: u16, body: String) -> Reply {
        let reply = Reply::new(status).with("content-type", "application/xml; charset=utf-8");
        Reply { body: body.into(), ..reply }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let mut body = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error");
        xml::declare_prefixes(&mut body);
        body.push('>');
        if let Some(condition) = &refusal.condition {
            match &refusal.href {
                Some(href) => {
                    let end = condition.open(&mut body);
                    body.push_str("<D:href>");
                    xml::escape_into(&mut body, href);
                    body.push_str("</D:href>");
                    body.push_str(&end);
                }
                None => condition.empty(&mut body),
            }
        }
        body.push_str("<reason xmlns=\"\">");
        xml::escape_into(&mut body, &refusal.reason);
        body.push_str("</reason></D:error>\n");
        let reply = Reply::xml(refusal.status, body);
        match refusal.status {
            401 => reply.with("www-authenticate", "Basic realm=\"davserver\", charset=\"UTF-8\""),
            405 => reply.with("allow", ALLOWED),
            _ => reply,
        }
    }
}

/// How a reply gets onto the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// None: the connection is closed instead.
    pub(crate) reply: Option<Reply>,
    pub(crate) delay: Duration,
    pub(crate) ending: Ending,
    /// How long the body is at least: blanks are put behind it.
    pub(crate) padded_to: u64,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Kept,
    ResetInBody,
    ClosedSilently,
}

impl Shared {
    /// Opens the store.
    pub(crate) fn new(settings: Settings) -> io::Result<Shared> {
        let bad = |name: &str| {
            name.is_empty()
                || name == PRINCIPALS
                || name.starts_with('.')
                || name.chars().any(char::is_control)
        };
        if let Some(user) = settings.users.iter().find(|user| bad(&user.name)) {
            let what = format!("no user may be called {:?}", user.name);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let store = RwLock::new(Store::open(&settings)?);
        Ok(Shared { settings, store, playing: Mutex::default(), log: Mutex::default() })
    }

    /// The longest body of a request that is read.
    pub(crate) fn max_body_size(&self) -> usize {
        self.settings.max_body_size
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.log().latest.iter().cloned().collect()
    }

    pub(crate) fn request_count(&self) -> u64 {
        self.log().count
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *self.playing.lock().unwrap_or_else(PoisonError::into_inner) = Playing::new(faults);
    }

    pub(crate) fn fault_counts(&self) -> Vec<u64> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner).counts()
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what is to be stored in a collection.
    pub(crate) fn examine(&self, address: &Address, bytes: Bytes) -> Result<NewObject, Refusal> {
        self.examine_as(address, bytes, Strictness::Strict)
    }

    fn examine_as(&self, address: &Address, bytes: Bytes, how: Strictness) -> Result<NewObject, Refusal> {
        let kind = self.read().collection(address).map(|collection| collection.kind);
        // RFC 4918 section 9.7.1.
        let kind = kind.ok_or_else(|| Refusal::new(409, "there is no such collection"))?;
        object::examine(bytes, kind, self.settings.max_resource_size, how)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, asked: &Asked, status: Option<u16>) {
        let headers = asked.headers.iter().filter(|(name, _)| *name != "authorization" && *name != "cookie");
        let headers =
            headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        let start = asked.bytes().get(..REMEMBERED_BODY).unwrap_or(asked.bytes());
        let seen = Seen {
            method: asked.method.clone(),
            path: asked.target.clone(),
            headers: headers.collect(),
            body: String::from_utf8_lossy(start).into_owned(),
            status,
        };
        let mut log = self.log();
        log.count += 1;
        if log.latest.len() >= REMEMBERED {
            log.latest.pop_front();
        }
        log.latest.push_back(seen);
    }
}

/// Answers a request, with all that goes wrong.
pub(crate) fn answer(shared: &Shared, asked: &Asked) -> Answer {
    let hits = {
        let mut playing = shared.playing.lock().unwrap_or_else(PoisonError::into_inner);
        playing.hits(&asked.method, &asked.target, asked.bytes())
    };
    let reply = if hits.has(&Fault::ClosedBefore) {
        None
    } else {
        let reply = reply(shared, asked, &hits);
        (!hits.has(&Fault::ClosedAfterwards)).then(|| dated(spoilt(reply, &hits), &hits))
    };
    shared.remember(asked, reply.as_ref().map(|reply| reply.status));
    let ending = if hits.has(&Fault::ResetInBody) {
        Ending::ResetInBody
    } else if hits.has(&Fault::ClosesSilently) {
        Ending::ClosedSilently
    } else {
        Ending::Kept
    };
    Answer { reply, delay: hits.slow(), ending, padded_to: hits.padded_to() }
}

fn reply(shared: &Shared, asked: &Asked, hits: &Hits) -> Reply {
    if let Some((status, to)) = hits.redirect() {
        return Reply::new(status).with("location", format!("{to}{}", asked.target));
    }
    if let Some((status, retry_after)) = hits.fails() {
        let reply = Reply::from(Refusal::new(status, "this is what was asked for"));
        return match retry_after {
            None => reply,
            Some(RetryAfter::Seconds(seconds)) => reply.with("retry-after", seconds.to_string()),
            Some(RetryAfter::Date(seconds)) => {
                let off = hits.clock_off().saturating_add(i64::from(seconds));
                reply.with("retry-after", clock::http_date(clock::shifted(clock::now(), off)))
            }
        };
    }
    let reply = perform(shared, asked, hits).unwrap_or_else(Reply::from);
    match hits.fails_afterwards() {
        Some(status) if reply.status < 300 => Refusal::new(status, "it was done all the same").into(),
        _ => reply,
    }
}

/// One request of somebody.
struct Exchange<'a> {
    shared: &'a Shared,
    user: &'a User,
    asked: &'a Asked,
    hits: &'a Hits,
}

fn perform(shared: &Shared, asked: &Asked, hits: &Hits) -> Result<Reply, Refusal> {
    let location = Location::parse(&asked.target)?;
    if location == Location::WellKnown {
        // RFC 6764 section 5; nobody has to say who they are for it.
        return Ok(Reply::new(301).with("location", "/"));
    }
    let user = authenticated(shared, asked)?;
    if asked.body.is_none() {
        return Err(Refusal::new(413, "the body is longer than this server reads"));
    }
    if location.owner().is_some_and(|owner| owner != user.name) {
        return Err(Refusal::condition(403, xml::names::NEED_PRIVILEGES, "this is somebody else's"));
    }
    let exchange = Exchange { shared, user, asked, hits };
    match asked.method.as_str() {
        "OPTIONS" => {
            let classes: Vec<&str> = std::iter::once(CLASSES).chain(hits.announces()).collect();
            Ok(Reply::new(200).with("dav", classes.join(", ")).with("allow", ALLOWED))
        }
        "GET" | "HEAD" => get::answer(&exchange, &location),
        "PUT" => put::answer(&exchange, &location),
        "DELETE" => delete::answer(&exchange, &location),
        "PROPFIND" => propfind::answer(&exchange, &location),
        "PROPPATCH" => proppatch::answer(&exchange, &location),
        "REPORT" => report::answer(&exchange, &location),
        "COPY" => transfer::answer(&exchange, &location, Transfer::Copy),
        "MOVE" => transfer::answer(&exchange, &location, Transfer::Move),
        "MKCALENDAR" | "MKCOL" => make_collection::answer(&exchange, &location),
        _ => Err(Refusal::new(405, "this method is not known here")),
    }
}

/// RFC 7617.
fn authenticated<'s>(shared: &'s Shared, asked: &Asked) -> Result<&'s User, Refusal> {
    let refused = || Refusal::new(401, "say who you are");
    let (scheme, credentials) =
        asked.header("authorization").and_then(|it| it.split_once(' ')).ok_or_else(refused)?;
    let decoded = STANDARD.decode(credentials.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"));
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(refused)?;
    let (name, password) = decoded.split_once(':').ok_or_else(refused)?;
    let mut users = shared.settings.users.iter();
    users.find(|user| user.name == name && user.password == password).ok_or_else(refused)
}

/// What goes wrong with a body.
fn spoilt(mut reply: Reply, hits: &Hits) -> Reply {
    if hits.has(&Fault::Garbage) {
        reply.headers.retain(|(name, _)| *name != "content-type");
        reply.body =
            Bytes::from_static(b"<!DOCTYPE html><html><head><title>Welcome<br></head><p>Please & thank you");
        return reply.with("content-type", "text/html");
    }
    if hits.has(&Fault::CutInBody) {
        let half = reply.body.len() / 2;
        reply.body.truncate(half);
    }
    if hits.has(&Fault::BadCharacters) {
        // Behind the last end of an element that holds text alone, so that it is text itself.
        let body = reply.body.to_vec();
        let place = body.windows(2).enumerate().rev().find(|(at, pair)| {
            pair == b"</"
                && at.checked_sub(1).and_then(|before| body.get(before)).is_some_and(|it| *it != b'>')
        });
        if let Some((at, _)) = place {
            let (head, tail) = body.split_at(at);
            reply.body = [head, b"\x01\xff", tail].concat().into();
        }
    }
    reply
}

fn dated(reply: Reply, hits: &Hits) -> Reply {
    let now = clock::shifted(clock::now(), hits.clock_off());
    reply.with("date", clock::http_date(now)).with("server", "davserver")
}
