//! Events.

use dovetail_model::carry::Field;

use super::{Kind, Row};

pub(super) const KIND: Kind = Kind {
    title: "Events",
    dialect: "iCalendar (VEVENT)",
    record: "AppointmentItem",
    rows: ROWS,
    kept: "Kept where they are, untouched by any edit: properties and components that are in no row (GEO, CONFERENCE, \
           RELATED-TO, COMMENT, CONTACT, RESOURCES, REQUEST-STATUS, IMAGE, X-properties, X-components), every parameter \
           of a line that is not spoken of here, VTIMEZONEs, METHOD, PRODID; in Outlook all properties that are not \
           named here.",
};

const ROWS: &[Row] = &[
    Row {
        fields: &[],
        name: "identity",
        server: "UID",
        outlook: "GlobalAppointmentID",
        options: &[],
        lost: "A UID of another program travels inside of the id (its `vCal-Uid` form); an id of Outlook's own is the \
               UID. A resource name is never taken for it.",
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
        fields: &[Field::Location],
        name: "place",
        server: "LOCATION",
        outlook: "Location",
        options: &[],
        lost: "",
    },
    Row {
        fields: &[Field::Description],
        name: "text",
        server: "DESCRIPTION",
        outlook: "Body",
        options: &["map_body"],
        lost: "",
    },
    Row {
        fields: &[Field::Html],
        name: "text with formats",
        server: "STYLED-DESCRIPTION or X-ALT-DESC with FMTTYPE=text/html, ALTREP of DESCRIPTION, or DESCRIPTION itself",
        outlook: "RTFBody",
        options: &["map_body", "formats_to_server", "formats_to_outlook"],
        lost: "Both sides hold paragraphs, lists, tables, links, fonts, sizes, colours, bold, italic, underlined, struck, raised and lowered text; pictures and other formats stay where they are until the text is edited. An edit of the plain text is made in the formatted one. Formats that say something else than the plain text are passed over.",
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
        fields: &[Field::Start, Field::End],
        name: "start and end",
        server: "DTSTART, DTEND or DURATION, VTIMEZONE",
        outlook: "StartInStartTimeZone, StartTimeZone, EndInEndTimeZone, EndTimeZone, AllDayEvent; what follows from \
                  them: Start, End, StartUTC, EndUTC, Duration",
        options: &[],
        lost: "Outlook keeps every time in a zone of Windows: floating times, and times in zones that Windows does not \
               know, are shown in the zone of the mailbox and stay what they are on the server until they are moved.",
    },
    Row {
        fields: &[Field::Rule],
        name: "recurrence",
        server: "RRULE",
        outlook: "IsRecurring, RecurrencePattern: RecurrenceType, Interval, DayOfWeekMask, DayOfMonth, MonthOfYear, \
                  Instance, Occurrences, NoEndDate, PatternStartDate, PatternEndDate",
        options: &[],
        lost: "A rule that no pattern of Outlook says is shown as its first occurrence; the rule stays on the server.",
    },
    Row {
        fields: &[Field::Overrides],
        name: "changed occurrences",
        server: "VEVENTs with RECURRENCE-ID",
        outlook: "Exceptions that are not Deleted",
        options: &[],
        lost: "Outlook keeps one sensitivity and one list of categories for the whole series; those of an occurrence \
               stay on the server. An exception of what is no occurrence stays on the server.",
    },
    Row {
        fields: &[Field::Exdates],
        name: "cancelled occurrences",
        server: "EXDATE",
        outlook: "Exceptions that are Deleted",
        options: &[],
        lost: "Outlook keeps the day of one alone.",
    },
    Row {
        fields: &[Field::Rdates],
        name: "further occurrences",
        server: "RDATE",
        outlook: "",
        options: &[],
        lost: "Outlook has none; they stay on the server.",
    },
    Row {
        fields: &[Field::Status],
        name: "whether it takes place",
        server: "STATUS",
        outlook: "Subject (`Cancelled: ` before it)",
        options: &[],
        lost: "Outlook does not tell TENTATIVE from CONFIRMED; the server's stays.",
    },
    Row {
        fields: &[Field::Busy],
        name: "free or busy",
        server: "TRANSP, X-MICROSOFT-CDO-BUSYSTATUS",
        outlook: "BusyStatus",
        options: &[],
        lost: "",
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
        server: "CATEGORIES; COLOR, where that is chosen",
        outlook: "Categories",
        options: &["map_color"],
        lost: "A comma or semicolon in a name is a blank in Outlook.",
    },
    Row {
        fields: &[Field::Alarms],
        name: "reminders",
        server: "VALARM",
        outlook: "ReminderSet, ReminderMinutesBeforeStart",
        options: &[],
        lost: "Outlook has one, before or at the start, in whole minutes: the first alarm that shows a message. All \
               others stay on the server, as do their texts, sounds, repetitions, and what was snoozed.",
    },
    Row {
        fields: &[Field::Organizer, Field::Attendees],
        name: "people",
        server: "ORGANIZER, ATTENDEE",
        outlook: "MeetingStatus, ResponseStatus",
        options: &[],
        lost: "They stay on the server.",
    },
    Row {
        fields: &[Field::Attachments],
        name: "attachments",
        server: "ATTACH",
        outlook: "",
        options: &[],
        lost: "They stay on the server.",
    },
];
