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
           named here. Of a meeting that somebody else called, the server gets what an attendee may change (RFC 6638 section \
           3.2.2.1): the own answer, free or busy, reminders, categories, priority, who may see it, properties of one's \
           own, and which occurrences one does not attend. Whatever else is edited of it in Outlook is taken back there; \
           the run says so, and the journal keeps it.",
};

const ROWS: &[Row] = &[
    Row {
        fields: &[],
        name: "identity",
        server: "UID",
        outlook: "GlobalAppointmentID",
        options: &["uid_from_global_id"],
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
        lost: "Both sides hold paragraphs, lists, tables, links, fonts, sizes, colours, bold, italic, underlined, struck, raised and lowered text; pictures and other formats stay where they are until the text is edited. An edit of the plain text is made in the formatted one. Where the two say something else, the words of the plain one count.",
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
        options: &["time_zones", "own_time_zone", "time_zone_history"],
        lost: "Outlook keeps every time in a zone of Windows: floating times, and times in zones that Windows does not \
               know, are shown in the zone of the mailbox and stay what they are on the server until they are moved. A \
               series in such a zone goes by its own clock there too. Outlook knows the days from 1601 to 31 August 4500: \
               an event on others stays on the server, and the run says so. Where Outlook has 4501-01-01, it has no date: \
               an appointment without a start stays there alone, one without an end takes no time.",
    },
    Row {
        fields: &[Field::Rule],
        name: "recurrence",
        server: "RRULE",
        outlook: "IsRecurring, RecurrencePattern: RecurrenceType, Interval, DayOfWeekMask, DayOfMonth, MonthOfYear, \
                  Instance, Occurrences, NoEndDate, PatternStartDate, PatternEndDate; UserProperties",
        options: &[],
        lost: "A series that no pattern of Outlook says is shown by a stand-in: the nearest pattern, in which the days that \
               the series does not have are deleted occurrences, for up to five years and 700 days, which move on with \
               each quarter of the year. It is marked (UserProperties: DovetailStandsFor) and never carried back: the \
               server's rule stays as it is, until another pattern is chosen in Outlook. Another time of day, length or \
               end, and edits of single occurrences, are carried. Of several occurrences on one day those after the first \
               are single appointments, 700 at most (UserProperties: DovetailOccurrenceOf): an edit or a deletion of one \
               is one of that occurrence, and they go with the series.",
    },
    Row {
        fields: &[Field::Overrides],
        name: "changed occurrences",
        server: "VEVENTs with RECURRENCE-ID",
        outlook: "Exceptions that are not Deleted; single appointments of a day that has several",
        options: &[],
        lost: "Outlook keeps one sensitivity and one list of categories for the whole series; those of an occurrence \
               stay on the server, and those that a single appointment of a series is given stay in Outlook. An exception \
               of what is no occurrence stays on the server. Outlook has one occurrence a day: one that is moved there onto \
               the day of another takes its place.",
    },
    Row {
        fields: &[Field::Exdates],
        name: "cancelled occurrences",
        server: "EXDATE",
        outlook: "Exceptions that are Deleted; single appointments that are missing",
        options: &[],
        lost: "Outlook keeps the day of one alone.",
    },
    Row {
        fields: &[Field::Rdates],
        name: "further occurrences",
        server: "RDATE",
        outlook: "a stand-in, as of a rule that Outlook has no pattern for",
        options: &[],
        lost: "Outlook has none beside a pattern. One of another length (VALUE=PERIOD) is shown with that of the series.",
    },
    Row {
        fields: &[Field::Status],
        name: "whether it takes place",
        server: "STATUS",
        outlook: "Subject (`Cancelled: ` before it), MeetingStatus",
        options: &[],
        lost: "Outlook does not tell TENTATIVE from CONFIRMED; the server's stays.",
    },
    Row {
        fields: &[Field::Busy],
        name: "free or busy",
        server: "TRANSP, X-MICROSOFT-CDO-BUSYSTATUS",
        outlook: "BusyStatus",
        options: &[],
        lost: "An invitation that is not answered yet shows as tentative in Outlook where the server says busy; the server \
               is not told that.",
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
        options: &["reminders"],
        lost: "Outlook has one, before or at the start, in whole minutes: the first alarm that shows a message. All \
               others stay on the server, as do their texts, sounds, repetitions, and what was snoozed. One that is measured \
               from the end still is when its minutes are edited in Outlook. Switched off in Outlook, it goes from the \
               server, and the next one that Outlook can hold is shown.",
    },
    Row {
        fields: &[Field::Organizer],
        name: "who called the meeting",
        server: "ORGANIZER with CN, SENT-BY",
        outlook: "MeetingStatus, Organizer, SentRepresentingEmailAddress, SenderEmailAddress (who acts for them), and \
                  the Recipients of type 0",
        options: &[
            "map_attendees",
            "schedule_agent_client",
            "sogo_no_notifications",
            "organizer_as_delegate",
        ],
        lost: "An organizer who asks nobody is none in Outlook; the line stays on the server. In a meeting that somebody \
               else called it is never changed. An organizer without an address that a server could use is not written.",
    },
    Row {
        fields: &[Field::Attendees],
        name: "who is asked to come",
        server: "ATTENDEE with CN, ROLE, CUTYPE, PARTSTAT, RSVP",
        outlook: "Recipients: Name, Address, Type, MeetingResponseStatus; ResponseStatus (one's own answer), \
                  ResponseRequested",
        options: &["map_attendees", "schedule_agent_client", "sogo_no_notifications"],
        lost: "Outlook tells required, optional and resource apart: CHAIR, NON-PARTICIPANT, GROUP and ROOM stay on the \
               server, as does DELEGATED, which is no answer to Outlook, and the line of the organizer as an attendee. \
               Every other parameter (DELEGATED-TO, MEMBER, LANGUAGE, SCHEDULE-STATUS, X-parameters) stays. Who has no \
               address that a server could use stays on the side that has them. A room that a server knows by an id of its own \
               is written so, with its address in EMAIL. In a meeting that somebody else called, one's own answer alone is \
               written.",
    },
    Row {
        fields: &[Field::Attachments],
        name: "attachments",
        server: "ATTACH",
        outlook: "Attachments that are links (Type 4): DisplayName, PathName",
        options: &[],
        lost: "Links are shown in Outlook, without their media type; links to files of the computer stay there. Files inside an event stay on the side that has them, \
               as do all parameters (MANAGED-ID, SIZE).",
    },
    Row {
        fields: &[Field::Custom],
        name: "properties of one's own",
        server: "X-CALDAVSYNCHRONIZER- and the name, or as custom_properties says",
        outlook: "UserProperties that are text",
        options: &["map_custom_properties", "custom_properties"],
        lost: "Without these options they stay on the side that has them, as do names that iCalendar cannot have, and what \
               is no text or empty.",
    },
];
