//! Photos that cards only link to: fetched, so that Outlook can have them. Nobody but the server itself is shown who we are.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use dovetail_mapping::options::Mapped;
use dovetail_mapping::vcard::linked;
use url::{Host, Url};

use super::{Contents, DavCollection};

/// A photo longer than this is left where it is.
const LONGEST_BYTES: usize = 8 << 20;

/// Who did not answer in this run is not asked again.
#[derive(Debug, Default)]
pub(super) struct Silent(Mutex<HashSet<String>>);

impl DavCollection {
    /// A body with the photo that it links to, as far as that can be had.
    pub(super) fn with_linked_photo(&self, body: Vec<u8>) -> Vec<u8> {
        let wanted = matches!(self.contents, Contents::AddressBook { .. })
            && self.settings.options.contacts.photo == Mapped::Yes;
        let Some(link) = wanted.then(|| linked::link(&body)).flatten() else { return body };
        match self.linked_photo(&link) {
            Some(photo) => linked::with_photo(body, &link, &photo),
            None => body,
        }
    }

    fn linked_photo(&self, link: &str) -> Option<Vec<u8>> {
        let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let is_home = self.client.is_home(&url);
        if !is_home && is_private(&url) && !is_private(&self.url) {
            tracing::warn!("a photo is not fetched: its link points into a private network");
            return None;
        }
        let host = url.host_str()?.to_owned();
        let is_silent = self.silent.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&host);
        if is_silent {
            return None;
        }
        let client = if is_home { self.client.clone() } else { self.client.for_strangers(&url).ok()? };
        match client.get(&url) {
            Ok(resource) => Some(resource.body).filter(|photo| photo.len() <= LONGEST_BYTES),
            Err(error) => {
                tracing::warn!(%error, "a photo cannot be fetched");
                if error.status.is_none() {
                    self.silent.0.lock().unwrap_or_else(PoisonError::into_inner).insert(host);
                }
                None
            }
        }
    }
}

/// Whether a link is an address of this computer or of a network that nobody reaches from outside: whoever writes a card on
/// a server out there must not make us ask in here.
fn is_private(url: &Url) -> bool {
    let is_inner = |address: IpAddr| match address {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => is_inner(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => {
            is_inner(address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4))
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_into_a_private_network_is_not_followed() {
        for (link, private) in [
            ("http://127.0.0.1/p", true),
            ("http://localhost:8080/p", true),
            ("http://10.1.2.3/p", true),
            ("http://192.168.0.1/p", true),
            ("http://[::1]/p", true),
            ("http://[::ffff:10.0.0.1]/p", true),
            ("http://[fd00::1]/p", true),
            ("http://169.254.169.254/latest", true),
            ("https://example.org/p", false),
            ("https://93.184.216.34/p", false),
        ] {
            assert_eq!(is_private(&Url::parse(link).unwrap()), private, "{link}");
        }
    }
}
