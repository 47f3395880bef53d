//! What is chosen of the fields that contacts have.

use dovetail_model::Contact;
use serde::{Deserialize, Serialize};

use super::Mapped;

/// What is chosen of the fields that contacts have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactOptions {
    /// Whether birthdays travel.
    pub birthday: Mapped,
    /// Whether anniversaries travel.
    pub anniversary: Mapped,
    /// Whether notes travel.
    pub note: Mapped,
    /// Whether photos travel.
    pub photo: Mapped,
    /// What becomes of a photo that Outlook has when the server has another one.
    pub outlook_photo: OutlookPhoto,
    /// What becomes of a photo with which a card is larger than the server takes.
    pub large_photo: LargePhoto,
    /// Which name of the server's is how Outlook files an entry.
    pub filed_as: FiledAs,
    /// Where the first of Outlook's e-mail addresses belongs; the second belongs to the other place.
    pub first_email: FirstEmail,
    /// How Outlook is given telephone numbers.
    pub numbers: Numbers,
    /// How addresses of instant messaging are written on the server.
    pub im_form: ImForm,
    /// The service of an address of instant messaging that names none.
    pub default_im: DefaultIm,
}

impl ContactOptions {
    /// Empties the fields that do not travel, as both sides then do.
    pub(crate) fn leave_out(&self, contact: &mut Contact) {
        let ContactOptions { birthday, anniversary, note, photo, .. } = self;
        if *birthday == Mapped::No {
            contact.birthday = None;
        }
        if *anniversary == Mapped::No {
            contact.anniversary = None;
        }
        if *note == Mapped::No {
            contact.note.clear();
        }
        if *photo == Mapped::No {
            contact.photo = None;
        }
    }
}

/// What becomes of a photo that Outlook has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutlookPhoto {
    /// The server's takes its place.
    #[default]
    Replaced,
    /// It stays.
    Kept,
}

/// What becomes of a photo with which a card is larger than the server takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LargePhoto {
    /// The card is not written, and that is said.
    #[default]
    Refused,
    /// The card is written with a smaller one; Outlook keeps its own.
    Reduced,
    /// The card is written without it; Outlook keeps it.
    LeftOut,
}

/// How Outlook files an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FiledAs {
    /// As Outlook does; the server does not know of it, and FN is the full name.
    #[default]
    Outlook,
    /// As FN says, which then is no full name.
    FormattedName,
}

/// Where the first e-mail address belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FirstEmail {
    /// At home, the second at work.
    #[default]
    Home,
    /// At work, the second at home.
    Work,
}

/// How telephone numbers are written into Outlook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Numbers {
    /// As they are.
    #[default]
    Verbatim,
    /// With the area code in brackets, as Outlook understands it: `+1 (23) 45678`.
    Bracketed,
}

/// How addresses of instant messaging are written into cards that are not of version 4.0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImForm {
    /// As `X-AIM`, `X-JABBER` and so on.
    #[default]
    OwnProperties,
    /// As `IMPP` (RFC 4770).
    Impp,
}

/// A service of instant messaging, by its name in the model ([`crate::im`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DefaultIm(pub String);

impl Default for DefaultIm {
    fn default() -> Self {
        DefaultIm("AIM".to_owned())
    }
}
