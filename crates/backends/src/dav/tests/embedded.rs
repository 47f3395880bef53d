//! Against the server of this project in this process: the conformance suite, also where the server is as odd as some are.

use dovetail_davserver::faults::{BadEtags, Fault, RewrittenEtag, Tokens, Which};
use dovetail_davserver::{CollectionKind, Faults, Server, Settings, User};
use dovetail_mapping::vcard;
use dovetail_model::Kind;
use dovetail_testkit::conformance::{CHECKS, Subject};

use super::{Contents, collection};

fn server() -> Server {
    let users = vec![User::new("alice", "alicepw")];
    Server::start(Settings { users, ..Settings::default() }).unwrap()
}

/// Runs the conformance suite, each check in a new collection.
fn conforms(kind: Kind, faults: &Faults) {
    let server = server();
    server.set_faults(faults.clone());
    let (contents, made) = match kind {
        Kind::Event | Kind::Task => (Contents::Calendar, CollectionKind::EventsAndTasks),
        _ => (Contents::AddressBook { new_cards: vcard::Version::V4 }, CollectionKind::Contacts),
    };
    for (name, check) in CHECKS {
        let path = format!("/alice/{name}/");
        server.make_collection(&path, made, name).unwrap();
        let url = format!("{}{}", server.url(), path.trim_start_matches('/'));
        check(&Subject { collection: Box::new(collection(&url, contents)), kind, plant: None, many: 250 });
    }
}

#[test]
fn a_calendar_of_events_conforms() {
    conforms(Kind::Event, &Faults::default());
}

#[test]
fn a_calendar_of_tasks_conforms() {
    conforms(Kind::Task, &Faults::default());
}

#[test]
fn an_address_book_conforms() {
    conforms(Kind::Contact, &Faults::default());
}

/// What a storage has to make good for: whoever uses it sees no difference.
#[test]
fn a_server_with_oddities_conforms_all_the_same() {
    let all = Which::default;
    let odd = [
        Faults::always(all(), Fault::Tokens(Tokens::CtagOnly)),
        Faults::always(all(), Fault::Tokens(Tokens::Missing)),
        Faults::always(Which::method("PUT"), Fault::Etags(BadEtags::Missing)),
        Faults::always(Which::method("PUT"), Fault::Etags(BadEtags::Weak)),
        Faults::always(all(), Fault::Etags(BadEtags::Unquoted)),
        Faults::always(all(), Fault::Rewrites(RewrittenEtag::Untold)),
        Faults::always(all(), Fault::Rewrites(RewrittenEtag::Told)),
        Faults::always(all(), Fault::HrefsAbsolute),
        Faults::always(all(), Fault::HrefsEncodedDifferently),
        Faults::always(Which::body("sync-collection"), Fault::Truncated { rows: 7 }),
    ];
    for faults in odd {
        conforms(Kind::Event, &faults);
    }
}
