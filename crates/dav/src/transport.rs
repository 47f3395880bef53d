//! Sends a request and follows redirects; never sends one twice.
//!
//! The login leaves only for the client's own origin. A write is not carried over to another server at all: what is
//! written there would be somebody's data.

use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::ExposeSecret;
use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::request::Request;
use crate::response::{Response, innermost};

/// A request is not sent on more often than this.
const MOST_REDIRECTS: usize = 6;

impl Client {
    /// Sends a request. An answer of any status is an answer, except 401 and what leads nowhere.
    pub fn send(&self, request: &Request) -> Result<Response> {
        let mut url = request.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.send_once(request, &url)?;
            let Some(next) = redirect(&response) else { return self.note_refusal(response) };
            tracing::debug!(from = %url.path(), to = %next, status = response.status, "redirected");
            if next.origin() != url.origin() && request.writes() {
                let what = format!(
                    "{} {}: the server points to {}, another server; if you trust it, use that address",
                    request.method,
                    url.path(),
                    next.origin().ascii_serialization()
                );
                return Err(Error::new(ErrorKind::Refused, what).with_status(response.status));
            }
            url = next;
        }
        let what = format!("{} {}: the server redirects without end", request.method, request.url.path());
        Err(Error::new(ErrorKind::Malformed, what))
    }

    fn send_once(&self, request: &Request, url: &Url) -> Result<Response> {
        let unusable = |what: String| Error::new(ErrorKind::Refused, format!("{} {what}", request.method));
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| unusable(error.to_string()))?;
        let mut builder = self.shared.http.request(method, url.clone()).timeout(self.timeout());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if self.is_home(url)
            && let Some(authorization) = &self.shared.authorization
        {
            self.refuse_again(request, url)?;
            let mut value = HeaderValue::from_str(authorization.expose_secret())
                .map_err(|_| unusable("cannot carry this login".to_owned()))?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        self.count_request();
        let answer = builder.send().map_err(|error| unreachable(request, url, error))?;
        tracing::debug!(
            method = request.method,
            path = url.path(),
            status = answer.status().as_u16(),
            "answered"
        );
        Ok(Response {
            method: request.method,
            url: url.clone(),
            status: answer.status().as_u16(),
            headers: answer
                .headers()
                .iter()
                .map(|(name, value)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect(),
            body: Box::new(answer),
        })
    }

    /// Fails where the login has already been refused for this part of the server.
    fn refuse_again(&self, request: &Request, url: &Url) -> Result<()> {
        let refused = self.shared.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if refused.iter().any(|space| url.path().starts_with(space.as_str())) {
            let what = format!("{} {}: not sent, the login was refused before", request.method, url.path());
            return Err(Error::new(ErrorKind::Unauthorized, what).with_status(401));
        }
        Ok(())
    }

    /// Remembers a 401, so that the same login is not offered there again.
    fn note_refusal(&self, response: Response) -> Result<Response> {
        if response.status != 401 {
            return Ok(response);
        }
        if !self.is_home(&response.url) {
            let what = format!(
                "{} {}: the server sent us on to {}, which wants a login of its own; if you trust it, use that address",
                response.method,
                response.url.path(),
                response.url.origin().ascii_serialization()
            );
            return Err(Error::new(ErrorKind::Unauthorized, what).with_status(401));
        }
        let path = response.url.path();
        let space = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/").to_owned();
        self.shared.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(space);
        Err(response.into_error())
    }
}

/// Where a redirect leads, if the answer is one. The method and the body stay as they are.
fn redirect(response: &Response) -> Option<Url> {
    if !matches!(response.status, 301 | 302 | 307 | 308) {
        return None;
    }
    let mut next = response.url.join(response.header("location")?).ok()?;
    let usable = matches!(next.scheme(), "http" | "https") && next.host().is_some();
    if !usable || next.set_username("").is_err() || next.set_password(None).is_err() {
        return None;
    }
    next.set_fragment(None);
    Some(next)
}

/// The failure of a request without an answer.
fn unreachable(request: &Request, url: &Url, error: reqwest::Error) -> Error {
    let server = url.origin().ascii_serialization();
    let cause = innermost(&error);
    let what = if error.is_timeout() {
        format!("{server} did not answer {} {} in time", request.method, url.path())
    } else if error.is_connect() {
        format!("{server} cannot be reached: {cause}")
    } else if error.is_builder() {
        return Error::new(ErrorKind::Refused, format!("{} {}: {cause}", request.method, url.path()));
    } else {
        format!("the connection to {server} broke: {cause}")
    };
    Error::new(ErrorKind::Offline, what).because(error.without_url())
}
