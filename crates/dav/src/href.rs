//! Addresses of resources: resolved, told apart and written in one way only.
//!
//! Servers write one resource's href in several ways: relative or absolute, `@` or `%40`, `%c3` or `%C3`, and some do not
//! encode at all what they should. [`Path`] is the one spelling of all of these.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::explanation::capped;

#[cfg(test)]
mod tests;

/// Everything but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The canonical path of a resource: each segment decoded once and encoded again, with everything but unreserved
/// characters as upper-case `%XX`. Two hrefs name one resource exactly if their paths are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

impl Path {
    /// The path of a URL.
    pub fn of(url: &Url) -> Path {
        Path(canonical(url.path()))
    }

    /// A path in any spelling. Fails where it is no absolute path or has dots for segments.
    pub fn parse(path: &str) -> Result<Path> {
        if !path.starts_with('/') {
            return Err(Error::new(ErrorKind::Malformed, format!("{:?} is no path", capped(path))));
        }
        let decodes_to_dots =
            |segment: &str| matches!(&*percent_decode_str(segment).collect::<Vec<u8>>(), b"." | b"..");
        if path.split('/').any(decodes_to_dots) {
            return Err(Error::new(ErrorKind::Malformed, format!("{:?} leads elsewhere", capped(path))));
        }
        Ok(Path(canonical(path)))
    }

    /// What an href in an answer from `base` names. Fails where it leaves the origin of `base`.
    pub fn resolve(base: &Url, href: &str) -> Result<Path> {
        let href = href.trim();
        let elsewhere = || {
            let what = format!("the answer names {:?} at another server", capped(href));
            Error::new(ErrorKind::Malformed, what)
        };
        if let Some((scheme, rest)) = href.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
            let at = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(at);
            let origin = Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| elsewhere())?;
            if origin.origin() != base.origin() {
                return Err(elsewhere());
            }
            return Path::parse(if path.is_empty() { "/" } else { path });
        }
        if href.starts_with("//") {
            return Err(elsewhere());
        }
        if href.starts_with('/') {
            return Path::parse(href);
        }
        let folder = base.path().rfind('/').map_or("", |at| base.path().get(..at).unwrap_or_default());
        Path::parse(&format!("{folder}/{href}"))
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The resource's URL, at the origin of `base`.
    pub fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        url.set_path(&self.0);
        url.set_query(None);
        url.set_fragment(None);
        url
    }

    /// Whether both name one collection: a slash at the end makes no difference.
    pub fn is_same_collection(&self, other: &Path) -> bool {
        self.0.trim_end_matches('/') == other.0.trim_end_matches('/')
    }

    /// Whether it is directly in a collection, and no collection itself as far as its spelling tells.
    pub fn is_member_of(&self, collection: &Path) -> bool {
        let name =
            self.0.strip_prefix(collection.0.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
        name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
    }

    /// The name of the resource in its collection, decoded.
    pub fn name(&self) -> String {
        let path = self.0.trim_end_matches('/');
        let name = path.rsplit('/').next().unwrap_or_default();
        percent_decode_str(name).decode_utf8_lossy().into_owned()
    }

    /// The path of a member of this collection. `name` is not encoded yet.
    #[must_use]
    pub fn member(&self, name: &str) -> Path {
        Path(format!("{}/{}", self.0.trim_end_matches('/'), encode(name)))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One segment of a path, encoded.
pub fn encode(segment: &str) -> String {
    percent_encode(segment.as_bytes(), ENCODED).to_string()
}

/// QUIRK(hrefs: sogo, cyrus): `?` and `#` in names stand unencoded in some answers. No server puts a query or a fragment into an
/// href, so they are characters of the path here.
fn canonical(path: &str) -> String {
    let mut canonical = String::with_capacity(path.len() + 8);
    for (number, segment) in path.split('/').enumerate() {
        if number > 0 {
            canonical.push('/');
        }
        let decoded: Vec<u8> = percent_decode_str(segment).collect();
        canonical.extend(percent_encode(&decoded, ENCODED));
    }
    canonical
}

fn is_scheme(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}
