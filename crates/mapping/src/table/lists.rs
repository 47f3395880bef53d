//! Distribution lists.

use dovetail_model::carry::Field;

use super::{Kind, Row};

pub(super) const KIND: Kind = Kind {
    title: "Distribution lists",
    dialect: "vCard (KIND:group), SOGo's VLIST",
    record: "DistListItem",
    rows: ROWS,
    kept: "Lists travel where `map_distribution_lists` is on; `list_format` says how new ones are written. Kept where they \
           are, untouched by any edit: properties that are in no row; in Outlook all properties that are not named here. \
           KIND and MEMBER are read under all names: X-ADDRESSBOOKSERVER-KIND and -MEMBER, X-KIND and X-MEMBER.",
};

const ROWS: &[Row] = &[
    Row {
        fields: &[],
        name: "identity",
        server: "UID",
        outlook: "",
        options: &[],
        lost: "Outlook has no UID for lists; links are kept in the state.",
    },
    Row {
        fields: &[Field::FormattedName],
        name: "name",
        server: "FN; VLIST: FN",
        outlook: "DLName",
        options: &["list_format"],
        lost: "",
    },
    Row {
        fields: &[Field::Nicknames],
        name: "other name",
        server: "NICKNAME; VLIST: NICKNAME",
        outlook: "UserProperties: NICKNAME",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Members],
        name: "members",
        server: "MEMBER, X-ADDRESSBOOKSERVER-MEMBER (by UID, else by address; CN or X-CN, X-EMAIL); VLIST: CARD, or \
                 X-ADDRESSBOOKSERVER-MEMBER for who has no card",
        outlook: "Members: Name, Address, of a list EntryID",
        options: &["map_distribution_lists", "list_format"],
        lost: "Outlook knows members by their addresses: one that the server knows otherwise is looked up among the linked \
               contacts, and stays on the server where it is none of them, or has no address. A list that is a member is \
               named by its own entry on each side: one that only one side has stays a member there.",
    },
    Row {
        fields: &[Field::Note],
        name: "notes",
        server: "NOTE; VLIST: DESCRIPTION",
        outlook: "Body",
        options: &[],
        lost: "",
    },
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
];
