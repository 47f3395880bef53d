//! Contacts.

use dovetail_model::carry::Field;

use super::{Kind, Row};

pub(super) const KIND: Kind = Kind {
    title: "Contacts",
    dialect: "vCard",
    record: "ContactItem",
    rows: ROWS,
    kept: "Kept where they are, untouched by any edit: properties that are in no row (GEO, CALURI, TZ, \
           SORT-STRING, X-SOCIALPROFILE and so on), groups and their labels, parameters that are not spoken of here; in Outlook all properties that are not named here.",
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
        options: &["keep_outlook_file_as"],
        lost: "With `keep_outlook_file_as=no`, FN is how the entry is filed, and Outlook composes the full name.",
    },
    Row {
        fields: &[Field::FileAs],
        name: "filed as",
        server: "FN, with the option",
        outlook: "FileAs",
        options: &["keep_outlook_file_as"],
        lost: "vCard has none: without the option it stays in Outlook.",
    },
    Row {
        fields: &[Field::Initials],
        name: "initials",
        server: "X-INITIALS",
        outlook: "Initials",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::PhoneticFamilyName, Field::PhoneticGivenName, Field::PhoneticCompany],
        name: "spoken names",
        server: "X-PHONETIC-LAST-NAME, X-PHONETIC-FIRST-NAME, X-PHONETIC-ORG",
        outlook: "YomiLastName, YomiFirstName, YomiCompanyName",
        options: &[],
        lost: "",
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
        server: "EMAIL with TYPE HOME, WORK or none; X-DISPLAY-NAME where an address has a name of its own",
        outlook: "Email1Address, Email2Address, Email3Address, Email1DisplayName, Email2DisplayName, \
                  Email3DisplayName",
        options: &["first_email"],
        lost: "Outlook has three, and no types: the first is of home (or of work), the second of the other place; \
               further ones stay on the server, and so do PREF and all types.",
    },
    Row {
        fields: &[Field::Phones],
        name: "numbers",
        server: "TEL, X-MS-TEL, EMAIL with TYPE TLX",
        outlook: "PrimaryTelephoneNumber (MAIN), CompanyMainTelephoneNumber (WORK and MAIN), MobileTelephoneNumber \
                  (CELL), HomeTelephoneNumber, Home2TelephoneNumber (HOME), HomeFaxNumber (HOME and FAX), \
                  BusinessTelephoneNumber, Business2TelephoneNumber (WORK), BusinessFaxNumber (WORK and FAX), \
                  PagerNumber (PAGER), CarTelephoneNumber (CAR), ISDNNumber (ISDN), OtherTelephoneNumber (VOICE), \
                  OtherFaxNumber (FAX), AssistantTelephoneNumber (X-ASSISTANT), CallbackTelephoneNumber (X-CALLBACK), \
                  RadioTelephoneNumber (X-RADIO), TelexNumber (X-TELEX), TTYTDDTelephoneNumber (TEXTPHONE)",
        options: &["fix_phone_numbers"],
        lost: "A number that finds no slot of its kind stays on the server. Where a card types none of its numbers, they \
               are taken for the mobile one, the one at work, the one at home.",
    },
    Row {
        fields: &[Field::Addresses],
        name: "postal addresses",
        server: "ADR, with its LABEL",
        outlook: "HomeAddress*, BusinessAddress*, OtherAddress*, OfficeLocation",
        options: &[],
        lost: "Outlook has one of each kind; further ones stay on the server, and so does the extended address of those \
               that are not of work.",
    },
    Row {
        fields: &[Field::MailingAddress],
        name: "mailing address",
        server: "PREF of ADR, X-MS-OL-DEFAULT-POSTAL-ADDRESS",
        outlook: "SelectedMailingAddress",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Ims],
        name: "instant messaging",
        server: "X-AIM, X-FACEBOOK, X-GOOGLE-TALK, X-ICQ, X-JABBER, X-MSN, X-QQ, X-SKYPE, X-YAHOO, X-GADUGADU, X-SIP, \
                 IMPP with X-SERVICE-TYPE; read too: X-MS-IMADDRESS, X-SKYPE-USERNAME, X-GTALK",
        outlook: "IMAddress",
        options: &["im_as_impp", "default_im"],
        lost: "Outlook has no types of them; those stay on the server.",
    },
    Row {
        fields: &[Field::Assistant, Field::Manager, Field::Spouse, Field::Children],
        name: "people around",
        server: "X-ASSISTANT, X-MANAGER, X-SPOUSE, X-MS-CHILD, in 4.0 RELATED; read too: X-MS-*, X-EVOLUTION-*, \
                 X-ABRELATEDNAMES with a label",
        outlook: "AssistantName, ManagerName, Spouse, Children",
        options: &[],
        lost: "Further relations stay on the server. A comma or semicolon in a child's name is a blank in Outlook.",
    },
    Row {
        fields: &[Field::Gender],
        name: "gender",
        server: "X-WAB-GENDER, in 4.0 GENDER",
        outlook: "Gender",
        options: &[],
        lost: "Outlook knows two; others stay on the server.",
    },
    Row {
        fields: &[Field::Birthday],
        name: "birthday",
        server: "BDAY",
        outlook: "Birthday (4501-01-01 for none)",
        options: &["map_birthday"],
        lost: "Outlook holds whole dates alone; one without a year stays on the server.",
    },
    Row {
        fields: &[Field::Anniversary],
        name: "anniversary",
        server: "ANNIVERSARY, X-ANNIVERSARY",
        outlook: "Anniversary (4501-01-01 for none)",
        options: &["map_anniversary"],
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
        server: "PHOTO, inline or as a link; with X-DOVETAIL-PHOTO-OF, a smaller one of Outlook's",
        outlook: "ContactPicture",
        options: &["map_contact_photo", "keep_outlook_photo", "large_photos"],
        lost: "Outlook holds no links: a photo that is linked is fetched, and the link stays on the server.",
    },
    Row {
        fields: &[Field::Certificate],
        name: "certificate",
        server: "KEY (X.509)",
        outlook: "UserX509Certificate",
        options: &[],
        lost: "Keys of other kinds and links stay on the server; further certificates stay where they are.",
    },
    Row {
        fields: &[Field::FreeBusyUrl],
        name: "free and busy",
        server: "FBURL",
        outlook: "InternetFreeBusyAddress",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Custom],
        name: "fields of a user",
        server: "X-CUSTOM1 to X-CUSTOM4",
        outlook: "User1, User2, User3, User4",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Custom],
        name: "further properties",
        server: "X-ACCOUNT, X-BILLING-INFORMATION, X-COMPANIES, X-COMPUTER-NETWORK-NAME, X-CUSTOMER-ID, X-FTP-SITE, \
                 X-GOVERNMENT-ID, X-HOBBY, X-LANGUAGE, X-MILEAGE, X-ORGANIZATIONAL-ID, X-REFERRED-BY",
        outlook: "Account, BillingInformation, Companies, ComputerNetworkName, CustomerID, FTPSite, \
                  GovernmentIDNumber, Hobby, Language, Mileage, OrganizationalIDNumber, ReferredBy",
        options: &[],
        lost: "",
    },
];
