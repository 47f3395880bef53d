//! What is chosen of the fields that events and tasks share.

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// What is chosen of the fields that events and tasks share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalendarOptions {
    /// Whether the text travels, plain and formatted.
    pub body: Mapped,
    /// Whether the priority travels.
    pub priority: Mapped,
    /// The CLASS of what is private in Outlook.
    pub private_as: PrivateAs,
    /// The sensitivity in Outlook of what is `CLASS:CONFIDENTIAL`.
    pub confidential_as: ConfidentialAs,
    /// The sensitivity in Outlook of what is `CLASS:PUBLIC`, or has no CLASS.
    pub public_as: PublicAs,
    /// How it is said that something is public.
    pub public_class: PublicClass,
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
