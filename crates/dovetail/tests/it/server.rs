//! The server as a test sees it from outside: plain requests over a socket, so that nothing under test is trusted.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use dovetail_testkit::servers::{self, Server};

use crate::samples;

/// What a new collection holds.
#[derive(Clone, Copy)]
pub(crate) enum Holding {
    Events,
    Tasks,
    Cards,
}

/// An empty collection of a server that one test has for itself.
pub(crate) struct Collection {
    server: Server,
    holding: Holding,
    path: String,
}

/// An answer of the server.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Collection {
    /// Starts a server; `None`, loudly, where that cannot be.
    pub(crate) fn make(holding: Holding) -> Option<Collection> {
        let server = servers::radicale()?;
        let name = match holding {
            Holding::Events => "calendar",
            Holding::Tasks => "tasks",
            Holding::Cards => "contacts",
        };
        let path = format!("/{}/{name}/", server.user);
        Some(Collection { server, holding, path })
    }

    /// The address book that Cyrus makes for each user; `None`, loudly, where it cannot be started.
    pub(crate) fn address_book_of_cyrus() -> Option<Collection> {
        let server = servers::CYRUS.start()?;
        let url = server.address_book("Default");
        let path = url.trim_start_matches(server.address.trim_end_matches('/')).to_owned();
        Some(Collection { server, holding: Holding::Cards, path })
    }

    pub(crate) fn user(&self) -> &str {
        &self.server.user
    }

    pub(crate) fn password(&self) -> &str {
        &self.server.password
    }

    /// The address of the server itself.
    pub(crate) fn server_url(&self) -> &str {
        &self.server.address
    }

    /// Its host and port.
    pub(crate) fn authority(&self) -> &str {
        self.server.address.trim_start_matches("http://").trim_end_matches('/')
    }

    /// The path of the collection.
    pub(crate) fn path(&self) -> String {
        self.path.clone()
    }

    /// The login by Basic.
    pub(crate) fn basic(&self) -> String {
        format!("Basic {}", base64(format!("{}:{}", self.user(), self.password()).as_bytes()))
    }

    /// Makes an address book beside it.
    pub(crate) fn make_another(&self, name: &str) {
        let body = "<D:mkcol xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><D:set><D:prop>\
                    <D:resourcetype><D:collection/><C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>";
        let answer = self.request("MKCOL", &format!("/{}/{name}/", self.user()), body);
        assert_eq!(answer.status, 201, "{}", answer.body);
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        self.server.at(&self.path())
    }

    /// Puts an object there: a card, or a component that gets a calendar around it.
    pub(crate) fn put(&self, name: &str, object: &str) {
        let body = match self.holding {
            Holding::Cards => object.to_owned(),
            Holding::Events | Holding::Tasks => samples::calendar(object),
        };
        let answer = self.request("PUT", name, &body);
        assert!((200..300).contains(&answer.status), "{name}: {} {}", answer.status, answer.body);
    }

    /// Changes an object: every occurrence of one text becomes another.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let before = self.request("GET", name, "").body;
        assert!(before.contains(from), "{name} has no {from:?}: {before}");
        let answer = self.request("PUT", name, &before.replace(from, to));
        assert!((200..300).contains(&answer.status), "{name}: {} {}", answer.status, answer.body);
    }

    /// Deletes an object.
    pub(crate) fn delete(&self, name: &str) {
        let answer = self.request("DELETE", name, "");
        assert!((200..300).contains(&answer.status), "{name}: {} {}", answer.status, answer.body);
    }

    /// The names of all objects.
    pub(crate) fn names(&self) -> Vec<String> {
        let body = "<D:propfind xmlns:D=\"DAV:\"><D:prop><D:getetag/></D:prop></D:propfind>";
        let answer = self.request("PROPFIND", "", body);
        assert_eq!(answer.status, 207, "{}", answer.body);
        let path = self.path();
        // With or without a prefix: `<D:href>/path</D:href>`.
        let hrefs = answer.body.split("href>").skip(1).step_by(2).filter_map(|rest| rest.split('<').next());
        let mut names: Vec<_> = hrefs
            .filter_map(|href| href.strip_prefix(&path))
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        names.sort();
        names
    }

    /// The texts of all objects.
    pub(crate) fn objects(&self) -> Vec<String> {
        self.names().iter().map(|name| self.request("GET", name, "").body).collect()
    }

    /// The values that all objects together have of a property, sorted.
    pub(crate) fn values(&self, property: &str) -> Vec<String> {
        let start = format!("{property}:");
        let lines = |object: &String| {
            let values = object.lines().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned);
            values.collect::<Vec<_>>()
        };
        let mut values: Vec<_> = self.objects().iter().flat_map(lines).collect();
        values.sort();
        values
    }

    /// Sends one request and waits for the answer; `name` is a path, or relative to the collection.
    pub(crate) fn request(&self, method: &str, name: &str, body: &str) -> Answer {
        let path = if name.starts_with('/') { name.to_owned() } else { format!("{}{name}", self.path()) };
        let media_type = match (method, self.holding) {
            ("PUT", Holding::Cards) => "text/vcard; charset=utf-8",
            ("PUT", _) => "text/calendar; charset=utf-8",
            _ => "application/xml; charset=utf-8",
        };
        let login = self.basic();
        let authority = self.authority();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nAuthorization: {login}\r\nDepth: 1\r\n\
             Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
            authority,
            body.len()
        );
        let mut stream = TcpStream::connect(authority).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
        stream.write_all(request.as_bytes()).expect("the server takes the request");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("the server answers");
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        let status =
            head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("an answer has a status");
        Answer { status, body: body.to_owned() }
    }
}

/// RFC 4648 section 4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte));
        for place in 0..4 {
            let letter = LETTERS[number >> (18 - 6 * place) & 63];
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}
