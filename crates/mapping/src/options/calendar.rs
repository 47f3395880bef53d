//! What is chosen of the fields that events and tasks share.

use dovetail_model::task::RELATIONS;
use dovetail_model::{CategoryFilter, Kind};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// What is chosen of the fields that events and tasks share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalendarOptions {
    /// Whether the text travels, plain and formatted.
    pub body: Mapped,
    /// Where the formats of Outlook's text go on the server.
    pub formats_to_server: FormatsTo,
    /// Whether the formats of the server's text go to Outlook.
    pub formats_to_outlook: FormatsFrom,
    /// Whether the priority travels.
    pub priority: Mapped,
    /// Whether the colour of an event stands for a category of that colour, and the other way round.
    pub color: Mapped,
    /// The CLASS of what is private in Outlook.
    pub private_as: PrivateAs,
    /// The sensitivity in Outlook of what is `CLASS:CONFIDENTIAL`.
    pub confidential_as: ConfidentialAs,
    /// The sensitivity in Outlook of what is `CLASS:PUBLIC`, or has no CLASS.
    pub public_as: PublicAs,
    /// How it is said that something is public.
    pub public_class: PublicClass,
    /// Which reminders cross.
    pub reminders: Reminders,
    /// Which properties of the user's own cross.
    pub custom: CustomProperties,
    /// The category by which items of the folder belong to the profile: no lens shows it.
    pub filter: Option<CategoryFilter>,
}

impl Default for CalendarOptions {
    fn default() -> Self {
        CalendarOptions {
            body: Mapped::Yes,
            formats_to_server: FormatsTo::default(),
            formats_to_outlook: FormatsFrom::default(),
            priority: Mapped::Yes,
            color: Mapped::No,
            private_as: PrivateAs::default(),
            confidential_as: ConfidentialAs::default(),
            public_as: PublicAs::default(),
            public_class: PublicClass::default(),
            reminders: Reminders::default(),
            custom: CustomProperties::default(),
            filter: None,
        }
    }
}

/// Whether a field is mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mapped {
    /// It is.
    #[default]
    Yes,
    /// It is not: both sides keep what they have.
    No,
}

/// Where the formats of Outlook's text go on the server, for an item that has none there yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormatsTo {
    /// Nowhere: the plain text alone crosses.
    #[default]
    Nowhere,
    /// To X-ALT-DESC, which Outlook itself reads.
    AltDesc,
    /// To STYLED-DESCRIPTION (RFC 9073 section 6.5).
    Styled,
    /// To both.
    Both,
}

/// Whether the formats of the server's text go to Outlook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormatsFrom {
    /// They do not, but where the description itself is HTML, which nobody could read otherwise.
    #[default]
    DescriptionAlone,
    /// They do, from STYLED-DESCRIPTION, X-ALT-DESC, or the ALTREP of DESCRIPTION.
    Anywhere,
}

/// The CLASS of what is private in Outlook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrivateAs {
    /// `PRIVATE`.
    #[default]
    Private,
    /// `CONFIDENTIAL`, for servers that do not share what is private at all.
    Confidential,
}

/// The sensitivity in Outlook of what is `CLASS:CONFIDENTIAL`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfidentialAs {
    /// Confidential.
    #[default]
    Confidential,
    /// Private.
    Private,
}

/// The sensitivity in Outlook of what is `CLASS:PUBLIC`, or has no CLASS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PublicAs {
    /// Normal.
    #[default]
    Public,
    /// Private.
    Private,
}

/// How it is said that something is public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PublicClass {
    /// By `CLASS:PUBLIC`.
    #[default]
    Said,
    /// By no CLASS at all, which leaves it to the server.
    Omitted,
}

/// Which properties of the user's own cross.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomProperties {
    /// Whether all of them do, as `X-CALDAVSYNCHRONIZER-` and their names.
    pub all: AllCustom,
    /// Those that have another name on the server: pairs of Outlook's name and the server's, which begins with `X-`.
    pub pairs: Vec<(String, String)>,
}

/// Whether all properties of the user's own cross.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllCustom {
    /// Only those of the pairs.
    #[default]
    Left,
    /// All.
    Mapped,
}

impl CustomProperties {
    /// The server's name of a property of Outlook; `None` where it does not cross.
    pub fn on_server(&self, kind: Kind, name: &str) -> Option<String> {
        let pair = self.pair_of(name).map(|(_, server)| server.clone());
        let is_name =
            !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        let is_name = is_name && !self.is_note(kind, name);
        pair.or_else(|| (self.all == AllCustom::Mapped && is_name).then(|| format!("{PREFIX}{name}")))
    }

    /// Outlook's name of a property of the server; `None` where it does not cross.
    pub fn in_outlook(&self, kind: Kind, name: &str) -> Option<String> {
        let pair = self.pairs.iter().find(|(_, server)| server.eq_ignore_ascii_case(name));
        if let Some((outlook, _)) = pair {
            return Some(outlook.clone());
        }
        let prefix = name.get(..PREFIX.len()).filter(|prefix| prefix.eq_ignore_ascii_case(PREFIX));
        let rest = prefix.and_then(|_| name.get(PREFIX.len()..)).filter(|rest| !rest.is_empty())?;
        // A pair overrules the general rule for its property.
        let crosses = self.pair_of(rest).is_none() && !self.is_note(kind, rest);
        (self.all == AllCustom::Mapped && crosses).then(|| rest.to_owned())
    }

    /// Whether a property of Outlook is the note of a task's parents and children; a pair of that name is the user's own.
    /// The note is shown whatever else is chosen, and is nothing that the server could hold: so it never crosses back.
    pub(crate) fn is_note(&self, kind: Kind, name: &str) -> bool {
        kind == Kind::Task && name.eq_ignore_ascii_case(RELATIONS) && self.pair_of(name).is_none()
    }

    /// Whether a property of Outlook is looked at and written: it crosses, or is that note.
    pub(crate) fn is_seen(&self, kind: Kind, name: &str) -> bool {
        self.is_note(kind, name) || self.on_server(kind, name).is_some()
    }

    /// The pair of a property of Outlook, whose names are the same in capitals and in small letters.
    fn pair_of(&self, name: &str) -> Option<&(String, String)> {
        self.pairs.iter().find(|(outlook, _)| outlook.eq_ignore_ascii_case(name))
    }
}

/// What stands before the name of a property that has no pair.
const PREFIX: &str = "X-CALDAVSYNCHRONIZER-";

/// Which reminders cross.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminders {
    /// None: those of both sides are left alone.
    None,
    /// All of them.
    All,
    /// Those that are still to come when they cross; what is over is not put up again, and stays where it is.
    #[default]
    Upcoming,
}
