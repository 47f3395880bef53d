//! The colour of a collection, on the server.

use dovetail_dav::{Client, CollectionKind, make_collection};
use dovetail_sync::ErrorKind;
use url::Url;

use super::App;
use super::discovery::colour;
use super::profiles::{address, failed_of_profile};
use crate::error::{Error, Result};

impl App {
    /// The colour of a profile's collection, `#RRGGBBAA`; `None` where it has none.
    pub(crate) fn colour(&self, profile: &str) -> Result<Option<String>> {
        let (client, url) = self.collection(profile)?;
        let properties = client.collection_properties(&url).map_err(failed_of_profile);
        let properties = self.note_answer(profile, properties)?;
        Ok(properties.colour.map(|colour| colour.to_string()))
    }

    /// Sets the colour of a profile's collection, and gives it as the server has it then.
    pub(crate) fn set_colour(&self, profile: &str, typed: &str) -> Result<Option<String>> {
        let wanted = colour(typed)?;
        let (client, url) = self.collection(profile)?;
        let before = client.collection_properties(&url).map_err(failed_of_profile);
        let before = self.note_answer(profile, before)?;
        let property = make_collection::colour_property(before.kind.unwrap_or(CollectionKind::Calendar));
        let set = client.proppatch(&url, &[(property, &wanted.to_string())]).map_err(failed_of_profile);
        self.note_answer(profile, set)?;
        let after = client.collection_properties(&url).map_err(failed_of_profile)?.colour;
        // QUIRK(opacity: sogo): it does not keep how opaque a colour is.
        if after.is_none_or(|after| after.rgba.get(..3) != wanted.rgba.get(..3)) {
            return Err(Error::stopped(
                ErrorKind::Refused,
                "The server said that it set the colour, and did not.",
                "It may keep no colours of such collections.",
            ));
        }
        Ok(after.map(|colour| colour.to_string()))
    }

    /// A profile's collection, and a client for it; not before a pause is over that its server asked for.
    pub(super) fn collection(&self, name: &str) -> Result<(Client, Url)> {
        self.check_pause(name)?;
        let config = self.config()?;
        let profile = config.profile(name)?;
        let url = address(&profile.collection)?;
        let client = self.client_of(profile, &config)?;
        Ok((client, url))
    }
}
