//! Against a name server of our own, on loopback.

use std::collections::BTreeMap;
use std::net::UdpSocket;

use dovetail_testkit::servers::Zone;

use super::{Answer, Resolver, Srv, in_order};
use crate::error::ErrorKind;
use crate::propfind::CollectionKind;

fn places(zone: Zone, kind: CollectionKind) -> Answer {
    Resolver::at(zone.serve().address).unwrap().places("example.test", kind).unwrap()
}

fn urls(answer: Answer) -> Vec<String> {
    let Answer::At(places) = answer else { panic!("{answer:?}") };
    places.into_iter().map(|place| place.url.to_string()).collect()
}

#[test]
fn encrypted_servers_come_before_others_and_a_text_names_the_path() {
    let zone = Zone::default()
        .srv("_caldav._tcp.example.test", 0, 1, 80, "plain.example.test")
        .srv("_caldavs._tcp.example.test", 20, 1, 443, "second.example.test")
        .srv("_caldavs._tcp.example.test", 10, 1, 8443, "first.example.test")
        .txt("_caldavs._tcp.example.test", "Path=/dav/of all/");
    assert_eq!(
        urls(places(zone, CollectionKind::Calendar)),
        [
            "https://first.example.test:8443/dav/of%20all/",
            "https://second.example.test/dav/of%20all/",
            "http://plain.example.test/.well-known/caldav",
        ]
    );
}

#[test]
fn each_kind_has_its_own_service() {
    let zone = || Zone::default().srv("_carddavs._tcp.example.test", 0, 0, 443, "cards.example.test");
    let expected = "https://cards.example.test/.well-known/carddav";
    assert_eq!(urls(places(zone(), CollectionKind::AddressBook)), [expected]);
    assert_eq!(places(zone(), CollectionKind::Calendar), Answer::Silent);
}

#[test]
fn a_target_of_a_dot_says_that_there_is_no_such_service() {
    let none = || Zone::default().srv("_caldavs._tcp.example.test", 0, 0, 0, ".");
    assert_eq!(places(none(), CollectionKind::Calendar), Answer::NotOffered);
    // Not encrypted it is there, all the same.
    let plain = none().srv("_caldav._tcp.example.test", 0, 0, 8008, "dav.example.test");
    let expected = "http://dav.example.test:8008/.well-known/caldav";
    assert_eq!(urls(places(plain, CollectionKind::Calendar)), [expected]);
}

#[test]
fn texts_that_name_no_path_are_passed_over() {
    let zone = Zone::default()
        .srv("_caldavs._tcp.example.test", 0, 0, 443, "dav.example.test")
        .txt("_caldavs._tcp.example.test", "v=spf1 -all")
        .txt("_caldavs._tcp.example.test", "path=https://elsewhere.example.net/")
        .txt("_caldavs._tcp.example.test", "path");
    let expected = "https://dav.example.test/.well-known/caldav";
    assert_eq!(urls(places(zone, CollectionKind::Calendar)), [expected]);
}

#[test]
fn a_server_of_another_domain_is_told_from_one_within() {
    for (target, within) in [
        ("example.test", true),
        ("dav.EXAMPLE.test", true),
        ("dav.example.net", false),
        ("notexample.test", false),
        ("example.test.example.net", false),
    ] {
        let zone = Zone::default().srv("_caldavs._tcp.example.test", 0, 0, 443, target);
        let Answer::At(places) = places(zone, CollectionKind::Calendar) else { panic!("{target}") };
        assert_eq!(places[0].is_within(), within, "{target}");
    }
}

#[test]
fn a_name_server_that_is_silent_and_a_name_that_is_none_are_failures() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let resolver = Resolver::at(silent.local_addr().unwrap()).unwrap();
    // Nobody listens any more: the port is closed.
    drop(silent);
    let failed = resolver.places("example.test", CollectionKind::Calendar).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Offline, "{failed}");
    let server = Zone::default().serve();
    let long = "a".repeat(64);
    let failed = Resolver::at(server.address).unwrap().places(&long, CollectionKind::Calendar).unwrap_err();
    assert_eq!((failed.kind, server.asked()), (ErrorKind::Refused, vec![]), "{failed}");
}

#[test]
fn only_the_domain_itself_is_asked_for() {
    let server = Zone::default().serve();
    let answer =
        Resolver::at(server.address).unwrap().places("example.test", CollectionKind::Calendar).unwrap();
    assert_eq!(answer, Answer::Silent);
    assert_eq!(server.asked(), ["_caldavs._tcp.example.test", "_caldav._tcp.example.test"]);
}

fn record(priority: u16, weight: u16, target: &str) -> Srv {
    Srv { priority, weight, port: 443, target: target.to_owned() }
}

#[test]
fn equal_priorities_are_drawn_by_weight() {
    let records =
        || vec![record(1, 5, "c"), record(0, 1, "one"), record(0, 3, "three"), record(0, 0, "zero")];
    // The sums of the running weights are 0, 1 and 4: RFC 2782 takes the first that reaches the lot.
    for (lots, expected) in [
        (vec![0, 0, 0, 0], ["zero", "one", "three", "c"]),
        (vec![1, 0, 0, 0], ["one", "zero", "three", "c"]),
        (vec![2, 1, 0, 5], ["three", "one", "zero", "c"]),
        (vec![4, 0, 0, 0], ["three", "zero", "one", "c"]),
    ] {
        let (mut lots, mut offered) = (lots.into_iter(), Vec::new());
        let ordered = in_order(records(), &mut |most| {
            offered.push(most);
            lots.next().unwrap()
        });
        let targets: Vec<_> = ordered.iter().map(|record| record.target.as_str()).collect();
        assert_eq!(targets, expected);
        assert_eq!(offered[0], 4, "lots go up to the sum of the weights");
    }
}

#[test]
fn weights_decide_how_often_a_server_is_the_first() {
    let mut first = BTreeMap::new();
    for lot in 0..=100 {
        let ordered =
            in_order(vec![record(0, 75, "large"), record(0, 25, "small")], &mut |most| lot.min(most));
        *first.entry(ordered[0].target.clone()).or_insert(0) += 1;
    }
    assert_eq!((first["large"], first["small"]), (76, 25));
    assert!((0..1000).all(|_| super::random(7) <= 7));
}
