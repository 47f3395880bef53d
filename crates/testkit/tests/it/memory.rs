use dovetail_model::Kind;
use dovetail_sync::storage::Traits;
use dovetail_testkit::conformance::{CHECKS, Subject};
use dovetail_testkit::{Dialect, MemoryCollection};

#[test]
fn memory_passes_the_conformance_suite_in_every_dialect_and_kind() {
    let guarded = Traits { create_guard: true, delete_guard: true, ..Traits::default() };
    for dialect in [Dialect::Outlook, Dialect::Server] {
        for kind in [Kind::Event, Kind::Task, Kind::Contact, Kind::Group] {
            for traits in [guarded, Traits::default()] {
                for (name, check) in CHECKS {
                    println!("{dialect:?} {kind:?}: {name}");
                    check(&Subject { collection: Box::new(MemoryCollection::new(dialect, traits, 1)), kind });
                }
            }
        }
    }
}
