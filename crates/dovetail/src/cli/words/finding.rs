//! What the connection test found out, in English: the fact, what follows from it, and what to do.

use dovetail_dav::CollectionKind;
use dovetail_model::Kind;

use crate::app::{Finding, Guard, Stored};
use crate::cli::screen::count;
use crate::cli::words;
use crate::error::sentence;

/// A finding in words.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// What was found.
    pub(crate) what: String,
    /// What follows from it.
    pub(crate) consequence: Option<String>,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Told {
    fn fact(what: impl Into<String>) -> Told {
        Told { what: what.into(), ..Told::default() }
    }

    fn so(self, consequence: impl Into<String>) -> Told {
        Told { consequence: Some(consequence.into()), ..self }
    }

    fn hint(self, hint: impl Into<String>) -> Told {
        Told { hint: Some(hint.into()), ..self }
    }
}

/// A finding in words, for whoever has this profile, or none yet.
pub(crate) fn told(finding: &Finding, profile: Option<&str>) -> Told {
    let mut told = of(finding);
    if let (Some(hint), Some(profile)) = (&mut told.hint, profile) {
        *hint = hint.replace("NAME", profile);
    }
    told
}

fn of(finding: &Finding) -> Told {
    use Finding as F;
    match finding {
        F::Encrypted { .. }
        | F::Pinned { .. }
        | F::NotChecked { .. }
        | F::Unencrypted { .. }
        | F::LoggedIn { .. }
        | F::SentOn { .. } => of_connection(finding),
        F::Holds { .. } | F::HoldsBoth | F::HoldsNothing | F::WrongKind { .. } | F::NotAnnounced { .. } => {
            of_kind(finding)
        }
        F::Writable | F::PartlyWritable { .. } | F::ReadOnly | F::ReadOnlyAsWanted | F::RightsUnknown => {
            of_rights(finding)
        }
        F::Shared { .. }
        | F::AddressKnown { .. }
        | F::AddressMissing { .. }
        | F::AddressDiffers { .. }
        | F::AddressUnknown
        | F::MailsAttendees => of_people(finding),
        F::Created(_) | F::Guarded { .. } | F::ChangeSeen { .. } | F::WriteFailed { .. } => {
            of_writes(finding)
        }
        F::Reports
        | F::ReportsMissing { .. }
        | F::TellsChanges
        | F::TellsChangesNot { .. }
        | F::NoChanges
        | F::ETags { .. }
        | F::NoItems => of_reading(finding),
    }
}

fn of_connection(finding: &Finding) -> Told {
    match finding {
        Finding::Encrypted { server } => {
            Told::fact(format!("The connection to {server} is encrypted, and its certificate is trusted."))
        }
        Finding::Pinned { server } => Told::fact(format!(
            "The connection to {server} is encrypted, and its certificate is the one that was pinned."
        )),
        Finding::NotChecked { server } => {
            Told::fact(format!("The connection to {server} is encrypted, but its certificate is not checked."))
                .so("Whoever is on the way can pretend to be the server: read your password and all items, and change them.")
                .hint(
                    "Set tls_check=yes; if the certificate is then refused, compare the fingerprint that is shown with the server's, and set tls_fingerprint.",
                )
        }
        Finding::Unencrypted { server, stays_here: true } => Told::fact(format!(
            "The connection to {server} is not encrypted, but does not leave this computer."
        )),
        Finding::Unencrypted { server, .. } => {
            Told::fact(format!("The connection to {server} is not encrypted."))
                .so("Whoever is on the way can read your password and all items, and change them.")
                .hint("Use the address that begins with https://, if the server has one.")
        }
        Finding::LoggedIn { user } => Told::fact(format!("The server lets {user} in.")),
        Finding::SentOn { to } => Told::fact(format!("The server sends us on to {to}."))
            .so("Each request is made twice.")
            .hint("Make the profile with that address: what is on both sides is matched, not doubled."),
        _ => Told::default(),
    }
}

fn of_kind(finding: &Finding) -> Told {
    let discover = "Find the right address with `dovetail discover`.";
    match finding {
        Finding::Holds { kinds, name } => {
            let called = name.as_ref().map(|name| format!(" It is called {name:?}.")).unwrap_or_default();
            Told::fact(format!("The collection holds {}.{called}", plural(kinds)))
        }
        Finding::HoldsBoth => Told::fact("The server calls it a calendar and an address book at once.")
            .so("It cannot be known which items it takes.")
            .hint("Give the address of one collection, not of a folder of several."),
        Finding::HoldsNothing => Told::fact("It is neither a calendar nor an address book.")
            .so("There is nothing to sync.")
            .hint(discover),
        Finding::WrongKind { folder, kinds } => {
            Told::fact(format!("The folder holds {}, the collection {}.", plural(&[*folder]), plural(kinds)))
                .so("Nothing of the one fits into the other.")
                .hint(discover)
        }
        Finding::NotAnnounced { kind } => {
            let what = match kind {
                CollectionKind::Calendar => "calendars (calendar-access)",
                CollectionKind::AddressBook => "address books (addressbook)",
            };
            Told::fact(format!("The server does not announce {what} at this address."))
                .so("What it answers may not be what the standard says.")
                .hint(discover)
        }
        _ => Told::default(),
    }
}

fn of_rights(finding: &Finding) -> Told {
    match finding {
        Finding::Writable => Told::fact("You may change, add and remove items."),
        Finding::PartlyWritable { missing } => {
            Told::fact(format!("You may write there, but not {} items.", missing.join(" and not ")))
                .so("Such edits of yours stay in the mailbox, and are reported as failed by each run.")
                .hint("Ask the owner of the collection for the right.")
        }
        Finding::ReadOnly => Told::fact("You may only read there.")
            .so("Your own edits would never arrive.")
            .hint(words::MAY_NOT_WRITE),
        Finding::ReadOnlyAsWanted => Told::fact("You may only read there.")
            .so("The profile writes Outlook alone, so that nothing more is needed."),
        Finding::RightsUnknown => Told::fact("The server does not say what you may do there.")
            .hint("`dovetail test --write` tries it."),
        _ => Told::default(),
    }
}

fn of_reading(finding: &Finding) -> Told {
    match finding {
        Finding::Reports => Told::fact("The server lists items and gives many at a time."),
        Finding::ReportsMissing { reports } => {
            Told::fact(format!("The server does not announce {}.", reports.join(" and ")))
                .so("Reading may fail, or take long.")
                .hint("Sync once and look at the report; if it fails, ask whoever runs the server.")
        }
        Finding::TellsChanges => Told::fact("The server tells what has changed (sync-collection)."),
        Finding::TellsChangesNot { error } => {
            Told::fact(format!("The server announces sync-collection, but fails at it: {}", sentence(error)))
                .so("Each run lists the whole collection.")
                .hint("Tell whoever runs the server.")
        }
        Finding::NoChanges => Told::fact("The server cannot tell what has changed (no sync-collection).")
            .so("Each run lists the whole collection, which takes longer the more it holds."),
        Finding::NoItems => Told::fact("The collection is empty, so that no ETag could be looked at."),
        Finding::ETags { items, weak, missing, unquoted } => of_etags(*items, *weak, *missing, *unquoted),
        _ => Told::default(),
    }
}

fn of_etags(items: usize, weak: usize, missing: usize, unquoted: usize) -> Told {
    if weak + missing + unquoted == 0 {
        return Told::fact(format!("All of {} have a strong ETag.", count(items, "item")));
    }
    let flaws = [(missing, "no ETag"), (weak, "a weak ETag"), (unquoted, "an ETag without quotes")];
    let flaws: Vec<String> = flaws
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, flaw)| format!("{number} with {flaw}"))
        .collect();
    Told::fact(format!("Among {} are {}.", count(items, "item"), flaws.join(", ")))
        .so("Whether somebody changed such an item meanwhile cannot always be told.")
        .hint("Ask whoever runs the server whether something on the way changes headers, such as a compressing proxy.")
}

fn of_people(finding: &Finding) -> Told {
    let set = |address: &str| format!("Set it with `dovetail profile set NAME email={address}`.");
    match finding {
        Finding::Shared { owner } => Told::fact(format!("The collection is {owner}'s, and shared with you."))
            .so("Meetings that you enter there are the owner's."),
        Finding::AddressKnown { address } => {
            Told::fact(format!("The server knows {address} as the owner's address."))
        }
        Finding::AddressMissing { known } => {
            let first = known.first().map(String::as_str).unwrap_or_default();
            Told::fact(format!("The owner's address on the server is {}.", known.join(", ")))
                .so("Without it in the profile, you are not found among the attendees of meetings.")
                .hint(set(first))
        }
        Finding::AddressDiffers { ours, known } => {
            let first = known.first().map(String::as_str).unwrap_or_default();
            Told::fact(format!("The profile has {ours}, the server {}.", known.join(", ")))
                .so("You are not found among the attendees of meetings, and your replies may not count.")
                .hint(set(first))
        }
        Finding::AddressUnknown => Told::fact("The server tells no mail address of the owner.")
            .so("Whether the address of the profile is the right one cannot be tested."),
        Finding::MailsAttendees => Told::fact("The server mails attendees by itself.")
            .so("Meetings are written so that it does not (schedule_agent_client, on SOGo sogo_no_notifications); a write that \
                 might make it mail waits for you, unless the profile says server_may_schedule=yes."),
        _ => Told::default(),
    }
}

fn of_writes(finding: &Finding) -> Told {
    match finding {
        Finding::Created(stored) => of_stored(*stored),
        Finding::Guarded { guard, holds } => of_guard(*guard, *holds),
        Finding::ChangeSeen { told: true } => Told::fact("What was written is told of by sync-collection."),
        Finding::ChangeSeen { told: false } => Told::fact(
            "What was written is not told of by sync-collection.",
        )
        .so("Edits on the server may be noticed late or never.")
        .hint("Compare both sides with `dovetail verify` now and then, and tell whoever runs the server."),
        Finding::WriteFailed { what, left: None } => {
            Told::fact(format!("Writing failed: {}", sentence(what)))
                .so("Your edits would not arrive.")
                .hint("Ask whoever runs the server: its log says why.")
        }
        Finding::WriteFailed { what, left: Some(left) } => {
            Told::fact(format!("Writing failed: {}", sentence(what)))
                .so(format!("An object of this test may be left at {left}."))
                .hint("Delete \"Dovetail connection test\" by hand.")
        }
        _ => Told::default(),
    }
}

fn of_stored(stored: Stored) -> Told {
    let read_again = "Each item is read again after it was written, which costs a little time.";
    match stored {
        Stored { as_sent: true, tells_etag: true, etag_is_right: true } => {
            Told::fact("An item is stored as it was sent, and its ETag comes with the answer.")
        }
        Stored { as_sent: false, tells_etag: true, .. } => {
            Told::fact("The server stores items in its own words, though its ETag says that it does not.")
                .so(read_again)
        }
        Stored { as_sent: false, .. } => {
            Told::fact("The server stores items in its own words.").so(read_again)
        }
        Stored { tells_etag: false, .. } => Told::fact("The answer to a write has no ETag.").so(read_again),
        Stored { .. } => {
            Told::fact("The ETag in the answer to a write is another than that of the item.").so(read_again)
        }
    }
}

fn of_guard(guard: Guard, holds: bool) -> Told {
    let allowed_for = "There is nothing to do: Dovetail allows for it.";
    let (deed, condition, so, hint) = match guard {
        Guard::Create => (
            "A creation",
            "If-None-Match",
            "New items get names that nobody else would choose, so that nothing is overwritten.",
            allowed_for,
        ),
        Guard::Update => (
            "An update",
            "If-Match",
            "Each item is looked at right before it is written; an edit that somebody makes on the server between the look and \
             the write, within milliseconds, can be overwritten.",
            "Do not edit an item on the server while a run goes on.",
        ),
        Guard::Delete => (
            "A deletion",
            "If-Match",
            "Each item is looked at right before it is deleted; an edit that somebody makes on the server between the look and \
             the deletion, within milliseconds, can be lost.",
            allowed_for,
        ),
    };
    match holds {
        true => Told::fact(format!("{deed} on a wrong condition ({condition}) is refused.")),
        false => Told::fact(format!("{deed} on a wrong condition ({condition}) is done all the same."))
            .so(so)
            .hint(hint),
    }
}

fn plural(kinds: &[Kind]) -> String {
    let names = kinds.iter().map(|kind| match kind {
        Kind::Event => "events",
        Kind::Task => "tasks",
        Kind::Contact => "contacts",
        Kind::Group => "distribution lists",
    });
    let names: Vec<_> = names.collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(" and ") }
}

#[cfg(test)]
mod tests;
