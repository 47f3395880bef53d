//! Tasks.

use dovetail_model::carry::Field;

use super::{Kind, Row};

pub(super) const KIND: Kind = Kind {
    title: "Tasks",
    dialect: "iCalendar (VTODO)",
    record: "TaskItem",
    rows: ROWS,
    kept: "Kept where they are, untouched by any edit: properties and components that are in no row (LOCATION, \
           GEO, ATTENDEE, X-properties), and of a series the occurrences that were moved or done, which have a \
           RECURRENCE-ID and make no tasks of their own; in Outlook all properties that are not named here.",
};

const ROWS: &[Row] = &[
    Row {
        fields: &[],
        name: "identity",
        server: "UID",
        outlook: "",
        options: &[],
        lost: "Outlook has no UID for tasks; links are kept in the state.",
    },
    Row {
        fields: &[Field::Summary],
        name: "title",
        server: "SUMMARY",
        outlook: "Subject",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Description],
        name: "text",
        server: "DESCRIPTION",
        outlook: "Body, RTFBody",
        options: &["map_body"],
        lost: "",
    },
    Row {
        fields: &[Field::Url],
        name: "page",
        server: "URL",
        outlook: "",
        options: &[],
        lost: "Outlook has no property for it; it stays on the server.",
    },
    Row {
        fields: &[Field::Start, Field::Due],
        name: "start and due date",
        server: "DTSTART, DUE or DURATION",
        outlook: "StartDate, DueDate (4501-01-01 for none)",
        options: &["task_dates"],
        lost: "Outlook has days: a day that is set there keeps the time, and the zone, that the server has.",
    },
    Row {
        fields: &[Field::Status],
        name: "status",
        server: "STATUS, X-DOVETAIL-STATUS",
        outlook: "Status, Complete",
        options: &[],
        lost: "iCalendar has no Waiting: it is NEEDS-ACTION there for other programs, with a note that it is Waiting.",
    },
    Row {
        fields: &[Field::Percent],
        name: "how much is done",
        server: "PERCENT-COMPLETE",
        outlook: "PercentComplete",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Completed],
        name: "when it was done",
        server: "COMPLETED",
        outlook: "DateCompleted",
        options: &[],
        lost: "Outlook has a day, iCalendar a moment.",
    },
    Row {
        fields: &[Field::Priority],
        name: "priority",
        server: "PRIORITY",
        outlook: "Importance",
        options: &["map_priority"],
        lost: "Outlook knows three of the ten; the server's number stays until another of the three is chosen.",
    },
    Row {
        fields: &[Field::Sensitivity],
        name: "who may see it",
        server: "CLASS",
        outlook: "Sensitivity",
        options: &[
            "private_to_confidential",
            "confidential_to_private",
            "public_to_private",
            "public_to_default",
        ],
        lost: "iCalendar has no Personal: it is PRIVATE there, and stays Personal in Outlook.",
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
        fields: &[Field::Alarms],
        name: "reminders",
        server: "VALARM",
        outlook: "ReminderSet, ReminderTime",
        options: &["reminders", "task_reminders"],
        lost: "Outlook has one: the first alarm that shows a message. All others stay on the server.",
    },
    Row {
        fields: &[Field::Rule],
        name: "recurrence",
        server: "RRULE",
        outlook: "IsRecurring, RecurrencePattern: RecurrenceType, Interval, DayOfWeekMask, DayOfMonth, MonthOfYear, \
                  Instance, Occurrences, NoEndDate, PatternStartDate, PatternEndDate, Exceptions (tasks have none)",
        options: &["map_task_recurrence"],
        lost: "A rule that no pattern of Outlook says stays on the server.",
    },
    Row {
        fields: &[Field::Regenerates],
        name: "recurrence from the day on which it is done",
        server: "X-DOVETAIL-REGENERATES",
        outlook: "RecurrencePattern: Regenerate",
        options: &["map_task_recurrence"],
        lost: "iCalendar has no such rule: other programs see a single task.",
    },
    Row {
        fields: &[],
        name: "parents and children",
        server: "RELATED-TO, with RELTYPE and all other parameters",
        outlook: "UserProperties: RELATED-TO, a text such as `PARENT: title; CHILD: title`",
        options: &[],
        lost: "Outlook's tasks know no others: the text is written where a task is new in Outlook, its relations are others by \
               now or one of these has another title, and is shown only. It names those that the profile has by their \
               titles, others by their UIDs. They stay on the server, whatever is edited in Outlook, that text included. A \
               pair of `custom_properties` takes the name.",
    },
    Row {
        fields: &[Field::TotalWork, Field::ActualWork],
        name: "estimated and actual work",
        server: "X-DOVETAIL-TOTAL-WORK, X-DOVETAIL-ACTUAL-WORK, in minutes",
        outlook: "TotalWork, ActualWork",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Mileage, Field::Billing],
        name: "mileage and billing",
        server: "X-DOVETAIL-MILEAGE, X-DOVETAIL-BILLING",
        outlook: "Mileage, BillingInformation",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::ContactNames],
        name: "contacts",
        server: "CONTACT",
        outlook: "ContactNames",
        options: &[],
        lost: "A semicolon in a name is a blank in Outlook.",
    },
    Row {
        fields: &[Field::Companies, Field::Owner],
        name: "companies and owner",
        server: "X-DOVETAIL-COMPANIES, X-DOVETAIL-OWNER",
        outlook: "Companies, Owner",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Attachments],
        name: "attachments",
        server: "ATTACH",
        outlook: "",
        options: &[],
        lost: "They stay on the server.",
    },
    Row {
        fields: &[Field::Custom],
        name: "properties of one's own",
        server: "X-CALDAVSYNCHRONIZER- and the name, or as custom_properties says",
        outlook: "UserProperties that are text",
        options: &["map_custom_properties", "custom_properties"],
        lost: "Without these options they stay on the side that has them, as does what is no text or empty.",
    },
];
