//! Contacts.

use dovetail_model::carry::Field;

use super::{Kind, Row};

pub(super) const KIND: Kind = Kind {
    title: "Contacts",
    dialect: "vCard",
    record: "ContactItem",
    rows: ROWS,
    kept: "Kept where they are, untouched by any edit: properties that are in no row, groups and their labels, \
           parameters that are not spoken of here; in Outlook all properties that are not named here.",
};

const ROWS: &[Row] = &[
    Row {
        fields: &[],
        name: "identity",
        server: "UID",
        outlook: "",
        options: &[],
        lost: "Outlook has no UID for contacts; links are kept in the state.",
    },
    Row {
        fields: &[
            Field::FamilyName,
            Field::GivenName,
            Field::AdditionalNames,
            Field::NamePrefix,
            Field::NameSuffix,
        ],
        name: "name",
        server: "N",
        outlook: "LastName, FirstName, MiddleName, Title, Suffix",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::FormattedName],
        name: "full name",
        server: "FN",
        outlook: "FullName",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::FileAs],
        name: "filed as",
        server: "",
        outlook: "FileAs",
        options: &[],
        lost: "vCard has none; it stays in Outlook.",
    },
    Row {
        fields: &[Field::Nicknames],
        name: "nicknames",
        server: "NICKNAME",
        outlook: "NickName",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Company, Field::Department],
        name: "company",
        server: "ORG",
        outlook: "CompanyName, Department",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::JobTitle],
        name: "position",
        server: "TITLE",
        outlook: "JobTitle",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Profession],
        name: "profession",
        server: "ROLE",
        outlook: "Profession",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Emails],
        name: "mail addresses",
        server: "EMAIL",
        outlook: "Email1Address, Email2Address, Email3Address",
        options: &[],
        lost: "Outlook has three; further ones stay on the server.",
    },
    Row {
        fields: &[Field::Phones],
        name: "numbers",
        server: "TEL",
        outlook: "PrimaryTelephoneNumber, CompanyMainTelephoneNumber, MobileTelephoneNumber, HomeTelephoneNumber, \
                  Home2TelephoneNumber, HomeFaxNumber, BusinessTelephoneNumber, Business2TelephoneNumber, \
                  BusinessFaxNumber, PagerNumber, CarTelephoneNumber, ISDNNumber, OtherTelephoneNumber, \
                  OtherFaxNumber; kept: AssistantTelephoneNumber, CallbackTelephoneNumber, RadioTelephoneNumber, \
                  TelexNumber, TTYTDDTelephoneNumber",
        options: &[],
        lost: "A number that finds no slot of its kind stays on the server.",
    },
    Row {
        fields: &[Field::Addresses],
        name: "postal addresses",
        server: "ADR",
        outlook: "HomeAddress*, BusinessAddress*, OtherAddress*, OfficeLocation",
        options: &[],
        lost: "Outlook has one of each kind; further ones stay on the server.",
    },
    Row {
        fields: &[Field::Birthday],
        name: "birthday",
        server: "BDAY",
        outlook: "Birthday (4501-01-01 for none)",
        options: &[],
        lost: "Outlook holds whole dates alone; one without a year stays on the server.",
    },
    Row {
        fields: &[Field::Anniversary],
        name: "anniversary",
        server: "ANNIVERSARY, X-ANNIVERSARY",
        outlook: "Anniversary (4501-01-01 for none)",
        options: &[],
        lost: "Outlook holds whole dates alone; one without a year stays on the server.",
    },
    Row { fields: &[Field::Note], name: "notes", server: "NOTE", outlook: "Body", options: &[], lost: "" },
    Row {
        fields: &[Field::Categories],
        name: "categories",
        server: "CATEGORIES",
        outlook: "Categories",
        options: &[],
        lost: "A comma or semicolon in a name is a blank in Outlook.",
    },
    Row {
        fields: &[Field::Sensitivity],
        name: "who may see it",
        server: "CLASS",
        outlook: "Sensitivity",
        options: &[],
        lost: "vCard has no Personal: it is PRIVATE there, and stays Personal in Outlook.",
    },
    Row {
        fields: &[Field::Urls],
        name: "pages",
        server: "URL",
        outlook: "WebPage, PersonalHomePage, BusinessHomePage",
        options: &[],
        lost: "Outlook has one of each kind; further ones stay on the server.",
    },
    Row {
        fields: &[Field::Photo],
        name: "photo",
        server: "PHOTO",
        outlook: "",
        options: &[],
        lost: "It stays on the server.",
    },
];
