//! Principals, and searching for them, against every real server.

use dovetail_dav::{Client, ClientSettings, Credentials, ErrorKind};
use dovetail_testkit::servers::{self, CYRUS, DAVICAL, RADICALE, SABRE, Server, XANDIKOS};
use url::Url;

fn client(server: &Server) -> Client {
    let credentials = Credentials { user: server.user.clone(), password: server.password.as_str().into() };
    let url = Url::parse(&server.address).expect("a URL");
    Client::new(&url, Some(credentials.into()), &ClientSettings::default()).expect("a client")
}

#[test]
fn people_are_found_by_their_names_where_the_server_can_search() {
    for server in servers::each() {
        let client = client(&server);
        let principal = Url::parse(&server.at(&server.principal())).unwrap();
        let own = client.principal(&principal).unwrap();
        let name = own.name.clone().unwrap_or_else(|| server.user.clone());
        let found = client.search_principals(&principal, &name);
        if ![XANDIKOS, DAVICAL, CYRUS, SABRE].contains(&server.product) {
            // They do not know the report. QUIRK(search: radicale): it finds nobody, in place of refusing.
            match found {
                Ok(nobody) => assert_eq!((server.product, nobody), (RADICALE, vec![])),
                Err(refused) => assert_eq!(refused.kind, ErrorKind::Refused, "{refused}"),
            }
            continue;
        }
        let found = found.unwrap();
        let itself = found.iter().find(|found| found.url.path() == principal.path());
        let itself =
            itself.unwrap_or_else(|| panic!("{}: {name:?} is not among {found:#?}", server.product.name));
        assert_eq!((&itself.name, &itself.mail_addresses), (&own.name, &own.mail_addresses));
        // A person is no room.
        assert_eq!(client.find_resource(&principal, &name).unwrap(), None);
        let nobody = client.search_principals(&principal, "<nobody & \"nothing\">").unwrap();
        assert_eq!(nobody, [], "{}", server.product.name);
        assert_eq!(client.search_principals(&principal, "  ").unwrap(), []);
    }
}

#[test]
fn a_collection_of_ones_own_is_not_shared() {
    for server in servers::each() {
        let calendar = Url::parse(&server.calendar("calendar")).unwrap();
        let whose = client(&server).ownership(&calendar).unwrap();
        // QUIRK(owners: xandikos): its collections have no owner.
        let expected = Some(false).filter(|_| server.product != XANDIKOS);
        assert_eq!(whose.is_shared(), expected, "{}: {whose:?}", server.product.name);
    }
}
