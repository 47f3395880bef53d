//! DELETE: one resource, or a collection with all that is in it.

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result, kind_of};
use crate::explanation::capped;
use crate::multistatus;
use crate::request::{Expect, Request};
use crate::response::Response;

/// The request. `None` deletes whatever is there.
pub fn prepare(url: &Url, expect: Option<Expect<'_>>) -> Request {
    let request = Request::new("DELETE", url);
    match expect {
        Some(expect) => expect.on(request),
        None => request,
    }
}

/// The answer.
pub fn parse(response: Response) -> Result<()> {
    if response.status != 207 {
        let response = response.success()?;
        return response.header("x-dav-error").map_or(Ok(()), told_aside);
    }
    // A multistatus lists what could not be deleted (RFC 4918 section 9.6.1).
    multistatus::parse(response, &mut |row| match row.failure() {
        Some(status) => {
            let what = format!("the server answered DELETE {} with {status}", capped(&row.href));
            Err(row.error(status, &what))
        }
        None => Ok(()),
    })?;
    Ok(())
}

/// QUIRK(deletions: x-dav-error): some servers answer 200 or 204, and tell in a header of their own that nothing was deleted.
fn told_aside(status: &str) -> Result<()> {
    let code = status.split_ascii_whitespace().next().and_then(|word| word.parse::<u16>().ok());
    match code {
        Some(200..300) => Ok(()),
        _ => {
            let kind = code.map_or(ErrorKind::Refused, |code| kind_of(code, None, None));
            let what = format!("the server answered DELETE with {:?} in X-Dav-Error", capped(status));
            Err(Error::new(kind, what))
        }
    }
}

impl Client {
    /// Deletes a resource.
    pub fn delete(&self, url: &Url, expect: Option<Expect<'_>>) -> Result<()> {
        parse(self.send(&prepare(url, expect))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::{answer, at};

    #[test]
    fn a_deletion_that_is_denied_aside_is_a_failure() {
        for (header, expected) in [
            ("", Ok(())),
            ("X-Dav-Error: 200 No error\r\n", Ok(())),
            ("X-Dav-Error: 404 Not found\r\n", Err(ErrorKind::Gone)),
            ("X-Dav-Error: 412\r\n", Err(ErrorKind::Stale)),
            ("X-Dav-Error: something\r\n", Err(ErrorKind::Refused)),
        ] {
            let bytes = format!("HTTP/1.1 204 No Content\r\n{header}Content-Length: 0\r\n\r\n");
            let parsed = parse(answer("DELETE", at("/a/b.ics"), bytes.as_bytes()));
            assert_eq!(parsed.map_err(|error| error.kind), expected, "{header}");
        }
    }
}
