//! The memory storage is a storage like any other.

use dovetail_model::Kind;
use dovetail_sync::storage::Traits;
use dovetail_testkit::conformance::{CHECKS, Planted, Subject};
use dovetail_testkit::{Dialect, MemoryCollection, sample};

#[test]
fn memory_passes_the_conformance_suite_in_every_dialect_and_kind() {
    let guarded = Traits { create_guard: true, delete_guard: true, ..Traits::default() };
    for dialect in [Dialect::Outlook, Dialect::Server] {
        for kind in [Kind::Event, Kind::Task, Kind::Contact, Kind::Group] {
            for traits in [guarded, Traits::default()] {
                CHECKS.iter().for_each(|(_, check)| check(&subject(dialect, kind, traits)));
            }
        }
    }
}

fn subject(dialect: Dialect, kind: Kind, traits: Traits) -> Subject {
    let collection = MemoryCollection::new(dialect, traits, 1);
    let planted = collection.clone();
    let plant = move || {
        let item = sample::items(kind, 1, 3).remove(0);
        Planted { id: planted.make(&item, "known to nobody"), unknown: "known to nobody".into() }
    };
    Subject {
        collection: Box::new(collection),
        kind,
        plant: Some(Box::new(plant)),
        fitting: |item| item,
        many: 500,
    }
}
