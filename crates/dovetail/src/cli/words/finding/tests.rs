use dovetail_dav::CollectionKind;
use dovetail_model::Kind;

use super::told;
use crate::app::{Finding as F, Guard, Stored, Weight};

/// Findings of every kind, and of every weight that a kind can have.
fn all() -> Vec<F> {
    let text = || "sample".to_owned();
    let mut all = vec![
        F::Encrypted { server: text() },
        F::Pinned { server: text() },
        F::NotChecked { server: text() },
        F::Unencrypted { server: text(), stays_here: true },
        F::Unencrypted { server: text(), stays_here: false },
        F::LoggedIn { user: text() },
        F::SentOn { to: text() },
        F::Holds { kinds: vec![Kind::Event, Kind::Task], name: Some(text()) },
        F::HoldsBoth,
        F::HoldsNothing,
        F::WrongKind { folder: Kind::Contact, kinds: vec![Kind::Event] },
        F::NotAnnounced { kind: CollectionKind::Calendar },
        F::NotAnnounced { kind: CollectionKind::AddressBook },
        F::Writable,
        F::PartlyWritable { missing: vec!["add", "remove"] },
        F::ReadOnly,
        F::ReadOnlyAsWanted,
        F::RightsUnknown,
        F::Reports,
        F::ReportsMissing { reports: vec!["calendar-query"] },
        F::TellsChanges,
        F::TellsChangesNot { error: text() },
        F::NoChanges,
        F::ETags { items: 3, weak: 0, missing: 0, unquoted: 0 },
        F::ETags { items: 3, weak: 1, missing: 1, unquoted: 1 },
        F::NoItems,
        F::Shared { owner: text() },
        F::AddressKnown { address: text() },
        F::AddressMissing { known: vec![text()] },
        F::AddressDiffers { ours: text(), known: vec![text()] },
        F::AddressUnknown,
        F::MailsAttendees,
        F::ChangeSeen { told: true },
        F::ChangeSeen { told: false },
        F::WriteFailed { what: text(), left: None },
        F::WriteFailed { what: text(), left: Some(text()) },
    ];
    for holds in [true, false] {
        all.extend([Guard::Create, Guard::Update, Guard::Delete].map(|guard| F::Guarded { guard, holds }));
        for as_sent in [true, false] {
            all.push(F::Created(Stored { tells_etag: holds, etag_is_right: true, as_sent }));
        }
    }
    all.push(F::Created(Stored { tells_etag: true, etag_is_right: false, as_sent: true }));
    all
}

#[test]
fn every_finding_is_a_sentence_and_a_bad_one_says_what_follows_and_what_to_do() {
    for finding in all() {
        let told = told(&finding, Some("work"));
        let sentences = [Some(told.what.clone()), told.consequence.clone(), told.hint.clone()];
        for sentence in sentences.into_iter().flatten() {
            assert!(sentence.ends_with('.'), "{finding:?}: {sentence:?}");
            assert!(!sentence.contains("NAME"), "{finding:?}: {sentence:?}");
        }
        assert!(told.what.len() > 1, "{finding:?}");
        if finding.weight() >= Weight::Warning {
            assert!(told.consequence.is_some() && told.hint.is_some(), "{finding:?}: {told:?}");
        }
    }
}

#[test]
fn what_can_be_set_is_named_with_the_profile_if_there_is_one() {
    let finding = F::AddressMissing { known: vec!["me@example.test".to_owned()] };
    let hint = |profile| told(&finding, profile).hint.unwrap_or_default();
    assert!(hint(Some("work")).contains("profile set work email=me@example.test"));
    assert!(hint(None).contains("profile set NAME email="));
}
