//! Sample items: obviously made up, numbered, and full of what only a server can hold.

/// A card with two addresses, a grouped property and properties that nobody here understands.
pub(crate) fn card(number: usize) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:sample-card-{number}\r\nFN:Sample Person {number:03}\r\n\
         N:Person {number:03};Sample;;;\r\nEMAIL;TYPE=WORK:person{number}@example.test\r\n\
         EMAIL;TYPE=HOME:home{number}@example.test\r\nEMAIL:third{number}@example.test\r\n\
         item1.EMAIL:fourth{number}@example.test\r\nitem1.X-ABLABEL:Fourth\r\n\
         TEL;TYPE=CELL:+49 30 5550{number:03}\r\nORG:Sample Company\r\nX-SAMPLE;X-PARAM=\"a;b\":kept {number}\r\n\
         END:VCARD\r\n"
    )
}

/// A card as an address book on a computer has it: without an UID and without what only a server holds.
pub(crate) fn plain_card(number: usize) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Sample Person {number:03}\r\nN:Person {number:03};Sample;;;\r\n\
         EMAIL;TYPE=HOME:home{number}@example.test\r\nEMAIL;TYPE=WORK:person{number}@example.test\r\n\
         NOTE:from the mailbox\r\nEND:VCARD\r\n"
    )
}

/// What of a card no mailbox can hold and every server must keep.
pub(crate) const OF_A_CARD: &[&str] =
    &["X-SAMPLE;X-PARAM=\"a;b\":kept", "X-ABLABEL:Fourth", "fourth", "third"];

/// An event with two alarms and properties that nobody here understands; every tenth is a series.
pub(crate) fn event(number: usize) -> String {
    let day = 1 + number % 28;
    let month = 1 + number / 28;
    let rule = if number.is_multiple_of(10) { "RRULE:FREQ=WEEKLY;COUNT=5\r\n" } else { "" };
    format!(
        "BEGIN:VEVENT\r\nUID:sample-event-{number}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Sample event {number:03}\r\n\
         DTSTART:2026{month:02}{day:02}T090000Z\r\nDTEND:2026{month:02}{day:02}T100000Z\r\n{rule}\
         DESCRIPTION:text of {number}\r\nX-SAMPLE;X-PARAM=\"a;b\":kept {number}\r\n\
         BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:first\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n\
         BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT2H\r\nX-SAMPLE-ALARM:kept\r\nEND:VALARM\r\nEND:VEVENT\r\n"
    )
}

/// The same event as a mailbox has it; the same UID where `same_uid`, else none that anybody shares.
pub(crate) fn plain_event(number: usize, same_uid: bool) -> String {
    let day = 1 + number % 28;
    let month = 1 + number / 28;
    let rule = if number.is_multiple_of(10) { "RRULE:FREQ=WEEKLY;COUNT=5\r\n" } else { "" };
    let uid = if same_uid { format!("sample-event-{number}") } else { format!("other-event-{number}") };
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Sample event {number:03}\r\n\
         DTSTART:2026{month:02}{day:02}T090000Z\r\nDTEND:2026{month:02}{day:02}T100000Z\r\n{rule}\
         LOCATION:room {number}\r\nEND:VEVENT\r\n"
    )
}

/// What of an event no mailbox can hold and every server must keep.
pub(crate) const OF_AN_EVENT: &[&str] =
    &["X-SAMPLE;X-PARAM=\"a;b\":kept", "ACTION:AUDIO", "X-SAMPLE-ALARM:kept"];

/// A task with properties that nobody here understands.
pub(crate) fn task(number: usize) -> String {
    let day = 1 + number % 28;
    format!(
        "BEGIN:VTODO\r\nUID:sample-task-{number}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Sample task {number:03}\r\n\
         DUE;VALUE=DATE:202603{day:02}\r\nPRIORITY:1\r\nX-SAMPLE:kept {number}\r\nEND:VTODO\r\n"
    )
}

/// The same task as a mailbox has it: mailboxes keep no UID of tasks.
pub(crate) fn plain_task(number: usize) -> String {
    let day = 1 + number % 28;
    format!(
        "BEGIN:VTODO\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Sample task {number:03}\r\n\
         DUE;VALUE=DATE:202603{day:02}\r\nPRIORITY:1\r\nEND:VTODO\r\n"
    )
}

/// What of a task no mailbox can hold and every server must keep.
pub(crate) const OF_A_TASK: &[&str] = &["X-SAMPLE:kept"];

/// A calendar around components.
pub(crate) fn calendar(components: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sample//Sample//EN\r\n{components}END:VCALENDAR\r\n")
}
