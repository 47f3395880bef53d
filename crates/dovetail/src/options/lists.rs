//! The options of the mapping of distribution lists.

use dovetail_dav::Flavor;
use dovetail_mapping::options::{ListFormat, ListOptions};

use super::{Declared, Domain, YES_NO};
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[
    Declared {
        key: "map_distribution_lists",
        default: "no",
        meaning: "For contacts: whether distribution lists travel as well; no: they are neither made, changed nor deleted \
                  on either side. A new profile with a SOGo server has it on.",
        domain: YES_NO,
    },
    Declared {
        key: "list_format",
        default: "vcard3-group",
        meaning: "For contacts: how new distribution lists are written on the server; those that are there keep their \
                  format. vlist: SOGo's own, which a new profile with a SOGo server has; vcard3-group: as Apple's programs \
                  and most others know them; vcard4-group: as the standard of vCard 4.0 has them.",
        domain: Domain::Choice(&["vlist", "vcard3-group", "vcard4-group"]),
    },
];

/// What a profile chooses of them.
pub(super) fn chosen(profile: &Profile) -> ListOptions {
    let format = match profile.text("list_format").as_str() {
        "vlist" => ListFormat::Vlist,
        "vcard4-group" => ListFormat::VCard4,
        _ => ListFormat::VCard3,
    };
    ListOptions { format }
}

/// What a new profile of contacts chooses, as it would be typed.
pub(crate) fn usual(server: Flavor) -> Vec<String> {
    match server {
        Flavor::Sogo => ["map_distribution_lists=yes", "list_format=vlist"].map(str::to_owned).to_vec(),
        _ => Vec::new(),
    }
}
