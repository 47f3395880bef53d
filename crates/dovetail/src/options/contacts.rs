//! The options of the mapping of contacts.

use dovetail_mapping::options::{
    ContactOptions, DefaultIm, FiledAs, FirstEmail, ImForm, LargePhoto, Mapped, Numbers, OutlookPhoto,
};
use dovetail_mapping::vcard::Version;

use super::{Declared, Domain, YES_NO};
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[
    Declared {
        key: "map_birthday",
        default: "yes",
        meaning: "For contacts: whether birthdays travel. no: each side keeps its own.",
        domain: YES_NO,
    },
    Declared {
        key: "map_anniversary",
        default: "yes",
        meaning: "For contacts: whether anniversaries travel. no: each side keeps its own.",
        domain: YES_NO,
    },
    Declared {
        key: "map_contact_notes",
        default: "yes",
        meaning: "For contacts: whether notes travel. no: each side keeps its own.",
        domain: YES_NO,
    },
    Declared {
        key: "map_contact_photo",
        default: "yes",
        meaning: "For contacts: whether photos travel. no: each side keeps its own.",
        domain: YES_NO,
    },
    Declared {
        key: "keep_outlook_photo",
        default: "no",
        meaning: "For contacts: whether a photo that Outlook has stays when the server has another one or none.",
        domain: YES_NO,
    },
    Declared {
        key: "large_photos",
        default: "refuse",
        meaning: "For contacts: what becomes of a contact whose photo makes it larger than the server takes. refuse: it is \
                  not written, and each run says so; reduce: it is written with a smaller photo; leave-out: without one. \
                  Outlook keeps its photo in any case.",
        domain: Domain::Choice(&["refuse", "reduce", "leave-out"]),
    },
    Declared {
        key: "keep_outlook_file_as",
        default: "yes",
        meaning: "For contacts: whether Outlook files entries as it likes, and FN on the server is the full name. no: how \
                  an entry is filed and FN are one and the same, both ways.",
        domain: YES_NO,
    },
    Declared {
        key: "fix_phone_numbers",
        default: "no",
        meaning: "For contacts: whether numbers reach Outlook with the area code in brackets, as it understands them: +1 \
                  23 45678 as +1 (23) 45678.",
        domain: YES_NO,
    },
    Declared {
        key: "first_email",
        default: "home",
        meaning: "For contacts: where Outlook's first e-mail address belongs; the second belongs to the other place, the \
                  third to none.",
        domain: Domain::Choice(&["home", "work"]),
    },
    Declared {
        key: "im_as_impp",
        default: "no",
        meaning: "For contacts: whether addresses of instant messaging are written as IMPP. no: as X-AIM, X-JABBER and so \
                  on, except into cards of version 4.0.",
        domain: YES_NO,
    },
    Declared {
        key: "default_im",
        default: "AIM",
        meaning: "For contacts: the service of an address of instant messaging for which Outlook names none.",
        domain: Domain::Choice(&[
            "AIM",
            "Facebook",
            "GoogleTalk",
            "ICQ",
            "Jabber",
            "MSN",
            "QQ",
            "Skype",
            "Yahoo",
            "GaduGadu",
            "SIP",
        ]),
    },
    Declared {
        key: "new_cards",
        default: "3.0",
        meaning: "For contacts: the version of vCard in which new ones are written, unless the server takes only the \
                  other. Cards that are there keep theirs.",
        domain: Domain::Choice(&["3.0", "4.0"]),
    },
];

/// What a profile chooses of them.
pub(super) fn chosen(profile: &Profile) -> ContactOptions {
    let mapped = |key: &str| if profile.is_on(key) { Mapped::Yes } else { Mapped::No };
    ContactOptions {
        birthday: mapped("map_birthday"),
        anniversary: mapped("map_anniversary"),
        note: mapped("map_contact_notes"),
        photo: mapped("map_contact_photo"),
        outlook_photo: match profile.is_on("keep_outlook_photo") {
            true => OutlookPhoto::Kept,
            false => OutlookPhoto::Replaced,
        },
        large_photo: match profile.text("large_photos").as_str() {
            "reduce" => LargePhoto::Reduced,
            "leave-out" => LargePhoto::LeftOut,
            _ => LargePhoto::Refused,
        },
        filed_as: match profile.is_on("keep_outlook_file_as") {
            true => FiledAs::Outlook,
            false => FiledAs::FormattedName,
        },
        first_email: if profile.text("first_email") == "work" { FirstEmail::Work } else { FirstEmail::Home },
        numbers: match profile.is_on("fix_phone_numbers") {
            true => Numbers::Bracketed,
            false => Numbers::Verbatim,
        },
        im_form: if profile.is_on("im_as_impp") { ImForm::Impp } else { ImForm::OwnProperties },
        default_im: DefaultIm(profile.text("default_im")),
    }
}

/// The version of new cards.
pub(crate) fn new_cards(profile: &Profile) -> Version {
    if profile.text("new_cards") == "4.0" { Version::V4 } else { Version::V3 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What a profile chooses that has set one option.
    fn told(key: &str, value: &str) -> (ContactOptions, Version) {
        let profile = json!({
            "id": "id", "collection": "https://dav.example.org/", "user": "sample", "folder": "Contacts",
            "options": { key: value },
        });
        let profile: Profile = serde_json::from_value(profile).unwrap();
        (chosen(&profile), new_cards(&profile))
    }

    #[test]
    fn the_defaults_are_those_of_the_lenses_and_any_other_value_is_told_to_them() {
        for option in OPTIONS {
            let usual = told(option.key, option.default);
            assert_eq!(usual, (ContactOptions::default(), Version::V3), "{}", option.key);
            let Domain::Choice(words) = option.domain else { panic!("{} is no choice", option.key) };
            for word in words.iter().filter(|word| **word != option.default) {
                assert_ne!(told(option.key, word), usual, "{}={word}", option.key);
            }
        }
    }
}
