//! The demo's tasks.

use jiff::Span;
use jiff::civil::Date;

use super::filling::{Entry, Part};

/// A task that is done on the server.
pub(crate) const PAINT: &str = "Order paint";

/// A task that is new in the mailbox.
pub(crate) const NEW: &str = "Answer the letter";
/// How a task ends that is done.
pub(super) const DONE: &str =
    "STATUS:COMPLETED\r\nPERCENT-COMPLETE:100\r\nCOMPLETED:20260301T120000Z\r\nEND:VTODO";

const SUBJECTS: &[&str] = &[
    "Water the plants",
    "Renew the passport",
    "Read the draft",
    "Plan the offsite",
    "Sort the photos",
    "Call the landlord",
    "Prepare the figures",
    "Book the train",
];

/// All tasks, due around today.
pub(super) fn entries(today: Date) -> Vec<Entry> {
    let mut entries = vec![task(0, PAINT, Part::Both, today)];
    entries.extend((1..40_usize).map(|number| {
        let subject = SUBJECTS.get(number % SUBJECTS.len()).copied().unwrap_or_default();
        task(number, &format!("{subject} ({number})"), Part::of(number), today)
    }));
    entries
}

fn task(number: usize, title: &str, part: Part, today: Date) -> Entry {
    let offset = i32::try_from(number).unwrap_or(0) * 3 - 20;
    let due = today.saturating_add(Span::new().days(offset)).strftime("%Y%m%d");
    let progress = match number % 5 {
        1 => "STATUS:IN-PROCESS\r\nPERCENT-COMPLETE:40\r\n",
        2 => "STATUS:COMPLETED\r\nPERCENT-COMPLETE:100\r\nCOMPLETED:20260105T120000Z\r\n",
        _ => "STATUS:NEEDS-ACTION\r\n",
    };
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sample//EN\r\nBEGIN:VTODO\r\nUID:task-{number}@example.com\r\n\
         DTSTAMP:20260101T000000Z\r\nSUMMARY:{title}\r\nDUE;VALUE=DATE:{due}\r\nPRIORITY:{}\r\n{progress}\
         DESCRIPTION:First this\\nthen that\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
        [0, 1, 5, 9].get(number % 4).copied().unwrap_or(0),
    );
    Entry { name: format!("task-{number}.ics"), part, text }
}

/// The task that is new in the mailbox.
pub(super) fn new_task() -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sample//EN\r\nBEGIN:VTODO\r\nUID:new-task@example.com\r\n\
         DTSTAMP:20260101T000000Z\r\nSUMMARY:{NEW}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
}
