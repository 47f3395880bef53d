//! Which server this is, where it matters: only what a server gets wrong without saying so belongs here.

use url::Url;

use crate::options::Capabilities;

/// A server whose behaviour differs from what it announces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavor {
    /// Nothing known against it.
    #[default]
    Plain,
    /// SOGo: `If-None-Match: *` overwrites, `If-Match` on DELETE is ignored, ETags come again after a deletion, and what
    /// it stores is not what it was sent, in spite of a strong ETag.
    Sogo,
    /// Radicale: writes bodies anew, in its own order; its ETag is that of the result.
    Radicale,
    /// Xandikos: sorts the properties of calendar objects; its ETag is that of the result.
    Xandikos,
}

impl Flavor {
    /// The flavor of the server of a collection.
    pub fn of(url: &Url, capabilities: &Capabilities) -> Flavor {
        let is_sogo = url.path_segments().is_some_and(|mut segments| segments.any(|segment| segment == "SOGo"))
                // Cyrus counts this among its classes too, and SOGo does not count the other.
                || (capabilities.has("calendar-query-extended") && !capabilities.has("calendar-availability"));
        if is_sogo {
            Flavor::Sogo
        } else if capabilities.server.as_deref().is_some_and(is_pythons_own)
            && !capabilities.has("access-control")
        {
            Flavor::Radicale
        } else if capabilities.has("add-member") && capabilities.has("sync-collection") {
            // QUIRK(recognised: xandikos): it does not name itself, but nobody else counts these two among the compliance classes.
            Flavor::Xandikos
        } else {
            Flavor::Plain
        }
    }

    /// Whether conditions on creating and deleting hold.
    pub fn guards_names(self) -> bool {
        self != Flavor::Sogo
    }

    /// Whether equal ETags may stand for different bodies.
    pub fn repeats_etags(self) -> bool {
        self == Flavor::Sogo
    }

    /// Whether what is stored may differ from what was sent, in spite of a strong ETag.
    pub fn rewrites(self) -> bool {
        self != Flavor::Plain
    }
}

/// Radicale's own server names only the module of Python that it stands on.
fn is_pythons_own(server: &str) -> bool {
    server.contains("WSGIServer") || server.contains("Radicale")
}
