//! The options of the mapping of what events and tasks share.

use dovetail_mapping::options::{CalendarOptions, ConfidentialAs, Mapped, PrivateAs, PublicAs, PublicClass};

use super::{Declared, YES_NO};
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[
    Declared {
        key: "map_body",
        default: "yes",
        meaning: "For events and tasks: whether the text travels. no: each side keeps its own.",
        domain: YES_NO,
    },
    Declared {
        key: "map_priority",
        default: "yes",
        meaning: "For events and tasks: whether the priority travels. no: each side keeps its own.",
        domain: YES_NO,
    },
    Declared {
        key: "private_to_confidential",
        default: "no",
        meaning: "For events and tasks: whether what is private in Outlook becomes CLASS:CONFIDENTIAL on the server instead \
                  of PRIVATE, which some servers do not show to those they share the calendar with.",
        domain: YES_NO,
    },
    Declared {
        key: "confidential_to_private",
        default: "no",
        meaning: "For events and tasks: whether what is CLASS:CONFIDENTIAL on the server becomes private in Outlook.",
        domain: YES_NO,
    },
    Declared {
        key: "public_to_private",
        default: "no",
        meaning: "For events and tasks: whether what is CLASS:PUBLIC on the server, or has no class, becomes private in \
                  Outlook.",
        domain: YES_NO,
    },
    Declared {
        key: "public_to_default",
        default: "no",
        meaning: "For events and tasks: whether what is normal in Outlook gets no CLASS on the server instead of PUBLIC, so \
                  that the calendar's own visibility holds.",
        domain: YES_NO,
    },
];

/// What a profile chooses of them.
pub(super) fn chosen(profile: &Profile) -> CalendarOptions {
    let mapped = |key| if profile.is_on(key) { Mapped::Yes } else { Mapped::No };
    let mut options =
        CalendarOptions { body: mapped("map_body"), priority: mapped("map_priority"), ..Default::default() };
    if profile.is_on("private_to_confidential") {
        options.private_as = PrivateAs::Confidential;
    }
    if profile.is_on("confidential_to_private") {
        options.confidential_as = ConfidentialAs::Private;
    }
    if profile.is_on("public_to_private") {
        options.public_as = PublicAs::Private;
    }
    if profile.is_on("public_to_default") {
        options.public_class = PublicClass::Omitted;
    }
    options
}
