//! People and companies.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::item::{Attachment, Sensitivity};

/// An entry of an address book (RFC 6350; Outlook's ContactItem).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// RFC 6350 section 6.7.6. Outlook keeps none.
    pub uid: Option<String>,
    /// The parts of the name (RFC 6350 section 6.2.2).
    pub name: Name,
    /// The name as it is shown (`FN`, RFC 6350 section 6.2.1; Outlook composes it from the parts: FullName).
    pub formatted_name: String,
    /// How Outlook files the entry (FileAs). `None`: the side keeps none of its own.
    pub file_as: Option<String>,
    /// The initials.
    pub initials: String,
    /// How names are spoken.
    pub phonetic: Phonetic,
    /// Nicknames.
    pub nicknames: Vec<String>,
    /// The company.
    pub company: String,
    /// The department (the units of `ORG` after the first component, RFC 6350 section 6.6.4).
    pub department: String,
    /// The position (`TITLE`; Outlook's JobTitle).
    pub job_title: String,
    /// The profession (`ROLE`).
    pub profession: String,
    /// The assistant's name.
    pub assistant: String,
    /// The manager's name.
    pub manager: String,
    /// The name of husband or wife.
    pub spouse: String,
    /// The names of the children.
    pub children: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<Email>,
    /// Telephone numbers.
    pub phones: Vec<Phone>,
    /// Postal addresses.
    pub addresses: Vec<Address>,
    /// Which of the addresses letters go to, by its place.
    pub mailing_address: Option<Place>,
    /// Instant messaging.
    pub ims: Vec<Im>,
    /// The birthday.
    pub birthday: Option<PartialDate>,
    /// The wedding day.
    pub anniversary: Option<PartialDate>,
    /// The gender, as far as both sides know it.
    pub gender: Gender,
    /// Notes, lines ended by `\n`.
    pub note: String,
    /// Categories, a set in the order in which they were given; compared without regard to case.
    pub categories: Vec<String>,
    /// Who may see the entry.
    pub sensitivity: Sensitivity,
    /// Web pages.
    pub urls: Vec<WebPage>,
    /// Where it is told when the person is busy (`FBURL`, RFC 6350 section 6.9.1).
    pub free_busy_url: String,
    /// The photo.
    pub photo: Option<Attachment>,
    /// The X.509 certificate (`KEY`, RFC 6350 section 6.8.1).
    pub certificate: Option<Attachment>,
    /// Further properties of Outlook: user-defined fields, numbers of customers, hobbies.
    pub custom: Vec<Custom>,
}

/// The five parts of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Family name (Outlook's LastName).
    pub family: String,
    /// Given name (FirstName).
    pub given: String,
    /// Additional names (MiddleName).
    pub additional: String,
    /// What stands before the name: Dr. (Outlook's Title).
    pub prefix: String,
    /// What stands after it: Jr. (Suffix).
    pub suffix: String,
}

/// How names are spoken, which Japanese names need (Outlook's Yomi properties).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phonetic {
    /// Of the family name.
    pub family: String,
    /// Of the given name.
    pub given: String,
    /// Of the company.
    pub company: String,
}

/// Where an address, number or page belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// At home.
    Home,
    /// At work.
    Work,
    /// Elsewhere, or not said.
    #[default]
    Other,
}

/// An e-mail address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address.
    pub address: String,
    /// Where it belongs.
    pub place: Place,
    /// What it is called (Outlook's Email1DisplayName); empty where it is called as the contact is.
    pub name: String,
}

/// A telephone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The number, verbatim.
    pub number: String,
    /// Which of the owner's numbers it is.
    pub line: Line,
    /// Where it belongs.
    pub place: Place,
}

/// What answers at a telephone number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Line {
    /// A voice line.
    #[default]
    Voice,
    /// It is not said.
    Unsaid,
    /// The main number.
    Main,
    /// A mobile phone.
    Mobile,
    /// A fax.
    Fax,
    /// A pager.
    Pager,
    /// A car phone.
    Car,
    /// ISDN.
    Isdn,
    /// The assistant's.
    Assistant,
    /// To call back.
    Callback,
    /// A radio telephone.
    Radio,
    /// A telex.
    Telex,
    /// A telephone for the deaf: TTY, TDD.
    TextPhone,
    /// Something that Outlook knows no number for: video, a modem, a bulletin board.
    Special,
}

/// A postal address (RFC 6350 section 6.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Where it belongs.
    pub place: Place,
    /// The post office box.
    pub po_box: String,
    /// The extended address: flat, suite (Outlook's OfficeLocation, of the business address).
    pub extended: String,
    /// Street and number; may have several lines, ended by `\n`.
    pub street: String,
    /// The town.
    pub locality: String,
    /// The state or province.
    pub region: String,
    /// The postal code.
    pub postal_code: String,
    /// The country.
    pub country: String,
}

/// A web page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebPage {
    /// Its address.
    pub url: String,
    /// Where it belongs.
    pub place: Place,
}

/// An address of instant messaging.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Im {
    /// The service, such as `AIM` or `Jabber`; empty if unknown.
    pub service: String,
    /// What the person is called there.
    pub handle: String,
}

/// A gender, as far as Outlook knows any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Gender {
    /// Not said, or another one.
    #[default]
    Unspecified,
    /// Female.
    Female,
    /// Male.
    Male,
}

/// A property of Outlook that has no counterpart of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// Its name in Outlook, such as `User1`.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// A date whose year may be unknown (RFC 6350 section 4.3.1: `--0412`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartialDate {
    /// A whole date.
    Full(Date),
    /// A day of an unknown year: month 1 to 12, day 1 to 31.
    Yearless {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
}

impl Contact {
    /// What a person calls the entry: the formatted name, else how it is filed, else the company, else the first
    /// address or number.
    pub fn title_of_entry(&self) -> &str {
        let filed = self.file_as.as_deref().unwrap_or_default();
        let email = self.emails.first().map_or("", |email| &email.address);
        let phone = self.phones.first().map_or("", |phone| &phone.number);
        [self.formatted_name.as_str(), filed, &self.company, email, phone]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }
}
