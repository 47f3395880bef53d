//! Distribution lists.

use dovetail_model::carry::Field;

use super::{Kind, Row};

pub(super) const KIND: Kind = Kind {
    title: "Distribution lists",
    dialect: "vCard (KIND:group)",
    record: "DistListItem",
    rows: ROWS,
    kept: "Kept where they are, untouched by any edit: properties that are in no row; in Outlook all properties that are \
           not named here.",
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
        server: "FN",
        outlook: "DLName",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Members],
        name: "members",
        server: "MEMBER, X-ADDRESSBOOKSERVER-MEMBER",
        outlook: "Members: Name, Address",
        options: &[],
        lost: "A member that is known by its UID alone stays on the server.",
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
];
