//! An answer: status, headers, and a body that is still to be read.

use std::fmt;
use std::io::{self, BufReader, Read};
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::auth::challenge;
use crate::error::{Error, ErrorKind, Result, kind_of};
use crate::explanation::explanation;
use crate::http_date;
use crate::names::{self, Name};
use crate::proxy;
use crate::xml::{self, Element};

#[cfg(test)]
mod tests;

/// Of a refusal, no more than this is read.
const REFUSAL_BYTES: u64 = 64 * 1024;

/// An answer to a request.
pub struct Response {
    /// The method of the request.
    pub method: &'static str,
    /// What answered: differs from what was asked after a redirect.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Box<dyn Read + Send>,
    /// What was shown to be let in. A failure does not quote a server that says it back to us.
    pub secrets: Vec<SecretString>,
    /// When it came by our own clock, in seconds since 1970, where one was given.
    pub received_unix_seconds: Option<i64>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} {}: {})", self.method, self.url.path(), self.status)
    }
}

impl Response {
    /// The first header of that name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All headers of that name.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The answer, if it is a success.
    pub fn success(self) -> Result<Response> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(self.into_error()) }
    }

    /// The answer, if it is a multistatus (207).
    pub(crate) fn multistatus(self) -> Result<Response> {
        match self.status {
            207 => Ok(self),
            200..300 if self.is_web_page() => Err(self.web_page()),
            200..300 => Err(Error::new(
                ErrorKind::Malformed,
                format!(
                    "{} answered {} {} with {} in place of 207",
                    self.url.origin().ascii_serialization(),
                    self.method,
                    self.url.path(),
                    self.status
                ),
            )
            .with_status(self.status)),
            _ => Err(self.into_error()),
        }
    }

    /// Whether the body is meant for people: no calendar or address book is.
    pub(crate) fn is_web_page(&self) -> bool {
        matches!(self.media_type().as_str(), "text/html" | "application/xhtml+xml")
    }

    /// What the body is, in lower case and without parameters; empty where nothing is said.
    fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The failure of an answer that is a web page: of a network that wants a login first, or of a wrong address.
    pub(crate) fn web_page(&self) -> Error {
        let server = self.url.origin().ascii_serialization();
        let what = format!("{server} answered {} {} with a web page", self.method, self.url.path());
        Error::new(ErrorKind::Malformed, what).with_status(self.status)
    }

    /// The body, buffered.
    pub(crate) fn into_reader(self) -> BufReader<Box<dyn Read + Send>> {
        BufReader::with_capacity(32 * 1024, self.body)
    }

    /// All of the body, if it is no longer than `most` bytes.
    pub(crate) fn into_bytes(self, most: u64) -> Result<Vec<u8>> {
        let path = self.url.path().to_owned();
        let mut bytes = Vec::new();
        self.body.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
        if bytes.len() as u64 > most {
            return Err(Error::new(ErrorKind::Refused, format!("{path} is larger than {most} bytes")));
        }
        Ok(bytes)
    }

    /// The failure that this answer tells of.
    pub fn into_error(self) -> Error {
        let (method, status) = (self.method, self.status);
        let path = self.url.path().to_owned();
        let retry_after = self.retry_after();
        let media_type = self.media_type();
        let offered = challenge::challenges(self.headers_named("proxy-authenticate"));
        let mut body = Vec::new();
        // What a refusal says beyond its status is a help, not a need: a broken body changes nothing.
        let _ = self.body.take(REFUSAL_BYTES).read_to_end(&mut body);
        let document = xml::small_document(&body);
        let precondition = document.as_ref().and_then(precondition);
        let code = format!("{status} {}", reason(status));
        let answered = format!("answered {method} {path} with {}", code.trim_end());
        let kind = kind_of(status, precondition.as_ref(), retry_after);
        let mut what = match kind {
            ErrorKind::Unauthorized if status == 407 => {
                let wanted = proxy::wanted(&offered);
                format!("the proxy does not let us through: it wants {wanted}, and {answered}")
            }
            ErrorKind::Unauthorized => format!("the server does not accept the login: it {answered}"),
            ErrorKind::Busy { .. } => format!("the server has no time now: it {answered}"),
            ErrorKind::ReadOnly => format!("the server does not let us write here: it {answered}"),
            _ => format!("the server {answered}"),
        };
        if let Some(name) = &precondition {
            what.push_str(&format!(" ({name})"));
        }
        let said = explanation(&media_type, &body, document.as_ref(), &self.secrets);
        if let Some(said) = said.filter(|said| !repeats_status(said, status)) {
            let who = if status == 407 { "proxy" } else { "server" };
            what.push_str(&format!(". The {who} says: \"{said}\""));
        }
        let mut error = Error::new(kind, what);
        error.status = Some(status);
        error.precondition = precondition;
        error
    }

    /// `Retry-After`, as seconds or as a date. A date is taken by the server's own clock, its `Date` header, and by ours only where
    /// it does not tell the time.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let then = http_date::unix_seconds(value)?;
        let now = self.header("date").and_then(http_date::unix_seconds).or(self.received_unix_seconds)?;
        Some(Duration::from_secs(u64::try_from(then.saturating_sub(now)).unwrap_or(0)))
    }
}

/// The rule that a refusal names: the first element in its `DAV:error` that stands in a namespace of the RFCs.
fn precondition(document: &Element) -> Option<Name> {
    if document.name != names::ERROR {
        return None;
    }
    let known = [names::DAV, names::CALDAV, names::CARDDAV];
    let is_rule =
        |name: &&Name| known.contains(&name.namespace.as_ref()) && **name != names::RESPONSEDESCRIPTION;
    document.children.iter().map(|child| &child.name).find(is_rule).cloned()
}

/// Whether a text says no more than the status does.
pub(crate) fn repeats_status(said: &str, status: u16) -> bool {
    let words = said.strip_prefix(&status.to_string()).unwrap_or(said);
    words.trim().is_empty() || words.trim().eq_ignore_ascii_case(reason(status))
}

/// The failure of a body that could not be read to its end.
pub(crate) fn broken(error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::FileTooLarge => return Error::new(ErrorKind::Malformed, error.to_string()),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => ErrorKind::Malformed,
        _ => ErrorKind::Offline,
    };
    Error::new(kind, "the connection broke in the middle of an answer")
        .because(io::Error::new(error.kind(), innermost(error)))
}

/// The text of the cause behind all causes.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        423 => "Locked",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        507 => "Insufficient Storage",
        _ => "",
    }
}
