//! `dovetail discover`, against every real server: whatever address a person has, it leads to the collections.

use dovetail_testkit::servers::{self, DAVICAL, SOGO, Scripted, Server, Zone, answer};
use serde_json::Value;

use crate::home::{Ended, Home};
use crate::outside;

/// Discovers with these words, as this user.
fn run(home: &Home, words: &[&str], user: &str, password: &str) -> Ended {
    let words = [&["discover"], words, &["--user", user, "--password-stdin"]].concat();
    home.run_with_input(&words, &format!("{password}\n"))
}

/// What was found, as JSON.
fn found(home: &Home, words: &[&str], server: &Server) -> Vec<Value> {
    let ended = run(home, &[words, &["--json"]].concat(), &server.user, &server.password);
    assert_eq!(ended.code, 0, "{} {words:?}: {ended:#?}", server.product.name);
    let answer: Value = serde_json::from_str(&ended.out).expect("JSON");
    match answer {
        Value::Array(found) => found,
        one => vec![one],
    }
}

fn urls(found: &[Value]) -> Vec<&str> {
    let mut urls: Vec<_> = found.iter().map(|found| found["url"].as_str().unwrap()).collect();
    urls.sort_unstable();
    urls
}

#[test]
fn every_address_leads_to_the_same_collections() {
    let home = Home::new();
    for server in servers::each() {
        let bare = server.address.trim_end_matches('/').to_owned();
        let calendar = server.calendar("calendar");
        let whole = found(&home, &["--url", &server.address], &server);
        for wanted in [&calendar, &server.calendar("tasks"), &server.address_book("contacts")] {
            assert!(urls(&whole).contains(&wanted.as_str()), "{wanted}: {whole:#?}");
        }
        let without_slash = calendar.trim_end_matches('/').to_owned();
        let starts =
            [bare, server.at(&server.principal()), server.at(&server.calendar_home()), without_slash];
        for start in &starts {
            assert_eq!(urls(&found(&home, &["--url", start], &server)), urls(&whole), "{start}");
        }
        let itself = found(&home, &["--url", &calendar], &server);
        assert_eq!(itself[0]["url"], calendar.as_str(), "a collection that is named comes first");
        assert_eq!(urls(&itself), urls(&whole));
        // QUIRK(directory: sogo): everybody's directory is nobody's.
        let own = |found: &Value| found["owner"].is_null() || found["name"] == "Directory";
        assert!(whole.iter().all(own), "all are the user's own: {whole:#?}");
    }
}

#[test]
fn a_new_collection_has_the_name_and_the_colour_that_were_wanted() {
    let home = Home::new();
    let name = "Küche & \"Bad\" / <Keller> 'x'";
    for server in servers::each() {
        // QUIRK(escapes: davical): it escapes names once too often, CDATA included.
        let escaped = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let kept = if server.product == DAVICAL { &escaped } else { name };
        for (kind, takes) in [("calendar", "event"), ("tasks", "task"), ("contacts", "contact")] {
            let mut words = vec!["--url", &server.address, "--create", kind, name];
            if kind != "contacts" {
                words.extend(["--color", "#3366cc"]);
            }
            let made = found(&home, &words, &server).remove(0);
            // The same name again makes another one.
            let again = found(&home, &words, &server).remove(0);
            assert_ne!(made["url"], again["url"]);
            let all = found(&home, &["--url", &server.address], &server);
            for one in [&made, &again] {
                let listed = all.iter().find(|listed| listed["url"] == one["url"]);
                let listed = listed.unwrap_or_else(|| panic!("{one} is not among {all:#?}"));
                // QUIRK(book-names: sogo): no two address books have the same name.
                if server.product != SOGO || kind != "contacts" || one == &made {
                    assert_eq!(listed["name"], kept, "{}: {listed}", server.product.name);
                }
                let kinds = listed["kinds"].as_array().unwrap();
                assert!(kinds.iter().any(|kind| kind == takes), "{}: {listed}", server.product.name);
                // QUIRK(components: sogo): its calendars take events and tasks, whatever is asked for.
                assert!(kinds.len() == 1 || server.product == SOGO, "{}: {listed}", server.product.name);
                if kind != "contacts" {
                    assert_eq!(listed["colour"], "#3366CCFF", "{}: {listed}", server.product.name);
                }
                assert_ne!(listed["access"], "read", "{listed}");
            }
        }
    }
}

#[test]
fn a_mail_address_leads_to_the_server_that_its_domain_names() {
    let home = Home::new();
    let Some(server) = servers::radicale() else { return };
    let port: u16 = server.address.trim_end_matches('/').rsplit_once(':').unwrap().1.parse().unwrap();
    let names = Zone::default()
        .srv("_caldav._tcp.example.test", 0, 1, port, "localhost")
        .txt("_caldav._tcp.example.test", &format!("path={}", server.principal()))
        .srv("_carddavs._tcp.example.test", 0, 0, 0, ".")
        .serve();
    let address = names.address.to_string();
    let words = ["--email", "alice@example.test", "--name-server", &address];
    // The server is of another domain: nothing is sent there unless somebody says so.
    let refused = run(&home, &words, &server.user, &server.password);
    assert_eq!(refused.code, 2, "{refused:#?}");
    assert!(refused.err.contains(&format!("http://localhost:{port}")), "{refused:#?}");
    let all = found(&home, &[&words[..], &["--yes"]].concat(), &server);
    let calendar = server.calendar("calendar").replace("127.0.0.1", "localhost");
    assert!(urls(&all).contains(&calendar.as_str()), "{all:#?}");
    assert_eq!(
        names.asked(),
        [
            "_caldavs._tcp.example.test",
            "_caldav._tcp.example.test",
            "_carddavs._tcp.example.test",
            "_carddav._tcp.example.test",
            "_caldavs._tcp.example.test",
            "_caldav._tcp.example.test",
            "_carddavs._tcp.example.test",
            "_carddav._tcp.example.test",
        ]
    );
    let with_address = [&["discover"], &words[..], &["--yes", "--password-stdin"]].concat();
    let unknown = home.run_with_input(&with_address, &server.password);
    assert_eq!(unknown.code, 3, "{unknown:#?}");
    assert!(unknown.err.contains("give it with --user"), "{unknown:#?}");
    let nobody = run(&home, &["--email", "alice", "--name-server", &address], "alice", "x");
    assert_eq!(nobody.code, 2, "{nobody:#?}");
}

#[test]
fn a_server_that_is_down_is_passed_over_for_the_next_of_the_domain() {
    let home = Home::new();
    let Some(server) = servers::radicale() else { return };
    let port: u16 = server.address.trim_end_matches('/').rsplit_once(':').unwrap().1.parse().unwrap();
    let down = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut zone = Zone::default();
    for service in ["_caldav._tcp.example.test", "_carddav._tcp.example.test"] {
        zone = zone.srv(service, 20, 1, port, "localhost").srv(service, 10, 1, down, "localhost");
    }
    let address = zone.serve().address.to_string();
    let words = ["--email", "alice@example.test", "--name-server", &address, "--yes"];
    let all = found(&home, &words, &server);
    assert_eq!(all.len(), 3, "each collection is there once: {all:#?}");
}

#[test]
fn a_domain_without_the_service_says_so_without_a_password_being_asked_for() {
    let home = Home::new();
    let mut zone = Zone::default();
    for service in ["_caldavs", "_caldav", "_carddavs", "_carddav"] {
        zone = zone.srv(&format!("{service}._tcp.example.test"), 0, 0, 0, ".");
    }
    let address = zone.serve().address.to_string();
    let ended = home.run(&["discover", "--email", "me@example.test", "--name-server", &address]);
    assert_eq!(ended.code, 3, "{ended:#?}");
    assert!(ended.err.contains("neither calendars nor address books"), "{ended:#?}");
}

#[test]
fn what_others_share_is_found_with_its_owner() {
    let home = Home::new();
    let Some(server) = SOGO.start() else { return };
    let (owner, password) = server.another_user();
    let calendar = |user: &str| server.at(&format!("/SOGo/dav/{user}/Calendar/personal/"));
    let own = "xmlns=\"urn:inverse:params:xml:ns:inverse-dav\"";
    let roles = format!(
        "<acl-query {own}><set-roles user=\"{}\"><PublicViewer/><PrivateViewer/></set-roles></acl-query>",
        server.user
    );
    assert_eq!(post(&calendar(&owner), &owner, &password, &roles), 204);
    // SOGo lets a user act for those to whose calendars he has subscribed.
    let subscribe = format!("<subscribe {own}/>");
    assert_eq!(post(&calendar(&owner), &server.user, &server.password, &subscribe), 200);
    let all = found(&home, &["--url", &server.address], &server);
    let theirs = all.iter().find(|found| found["url"] == calendar(&owner).as_str());
    let theirs = theirs.unwrap_or_else(|| panic!("{all:#?}"));
    let name = format!("{}{} Test", owner[..1].to_uppercase(), &owner[1..]);
    assert_eq!((&theirs["owner"], &theirs["access"]), (&name.as_str().into(), &"read".into()), "{theirs}");
    let words = ["test", "--url", &calendar(&owner), "--user", &server.user, "--password-stdin"];
    let tested = home.run_with_input(&words, &server.password);
    assert_eq!(tested.code, 1, "{tested:#?}");
    assert!(tested.out.contains("You may only read there."), "{tested:#?}");
    assert!(tested.out.contains(&format!("The collection is {name}'s, and shared with you.")), "{tested:#?}");
    let shown = run(&home, &["--url", &server.address], &server.user, &server.password);
    assert!(shown.out.contains("OWNER") && shown.out.contains(&name), "{shown:#?}");
}

/// Posts XML; the status.
fn post(url: &str, user: &str, password: &str, body: &str) -> u16 {
    outside::send("POST", url, (user, password), "application/xml", body)
}

/// A multistatus of one row.
fn row(href: &str, properties: &str) -> Vec<u8> {
    let body = format!(
        "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:response><D:href>{href}</D:href>\
         <D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"
    );
    answer(207, &[("Content-Type", "application/xml")], &body)
}

#[test]
fn homes_at_another_server_are_told_of_and_not_asked() {
    let home = Home::new();
    let other = Scripted::new(|_, _| answer(401, &[], ""));
    let (here, there) = ("/here/", format!("{}/there/", other.address));
    let homes =
        move |own: &str| format!("<C:calendar-home-set>{own}<D:href>{there}</D:href></C:calendar-home-set>");
    let principal_elsewhere = format!(
        "<D:current-user-principal><D:href>{}/there/me/</D:href></D:current-user-principal>",
        other.address
    );
    let both = homes(&format!("<D:href>{here}</D:href>"));
    let alone = homes("");
    let serving = |homes: String| {
        Scripted::new(move |_, seen| match (seen.method.as_str(), seen.path.as_str()) {
            ("PROPFIND", "/here/") => {
                row("/here/", "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>")
            }
            ("PROPFIND", "/") => {
                row("/", &format!("<D:resourcetype><D:collection/></D:resourcetype>{homes}"))
            }
            _ => answer(404, &[], ""),
        })
    };
    let server = serving(both);
    let ended = run(&home, &["--url", &server.address, "--json"], "alice", "secret-password");
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(ended.out.contains("/here/") && !ended.out.contains("/there/"), "{ended:#?}");
    assert!(ended.err.contains("/there/") && ended.err.contains("no password went there"), "{ended:#?}");
    for elsewhere in [alone, principal_elsewhere] {
        let server = serving(elsewhere);
        let ended = run(&home, &["--url", &server.address], "alice", "secret-password");
        assert_eq!(ended.code, 3, "{ended:#?}");
        assert!(ended.err.contains(&other.address), "{ended:#?}");
    }
    assert_eq!(other.seen(), []);
}

#[test]
fn a_home_that_is_listed_in_part_is_told_of() {
    let home = Home::new();
    let of = |href: &str, properties: &str| {
        format!(
            "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        )
    };
    for is_whole in [true, false] {
        let server = Scripted::new(move |_, seen| match (seen.method.as_str(), seen.path.as_str()) {
            ("PROPFIND", "/") => row("/", "<C:calendar-home-set><D:href>/h/</D:href></C:calendar-home-set>"),
            ("PROPFIND", "/h/") => {
                let listed = of("/h/work/", "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>");
                let rest = match is_whole {
                    true => "",
                    false => {
                        "<D:response><D:href>/h/</D:href>\
                         <D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>"
                    }
                };
                let head = "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>";
                answer(207, &[], &format!("{head}{listed}{rest}</D:multistatus>"))
            }
            _ => answer(404, &[], ""),
        });
        let ended = run(&home, &["--url", &server.address, "--json"], "alice", "secret-password");
        assert_eq!(ended.code, 0, "{ended:#?}");
        assert!(ended.out.contains("/h/work/"), "{ended:#?}");
        assert_eq!(ended.err.contains("/h/ (507)"), !is_whole, "{ended:#?}");
    }
}
