//! Distribution lists on real servers: each side finds the members by whatever it calls them.

use dovetail_mapping::outlook::DistListItem;
use dovetail_testkit::servers::{CYRUS, Product, RADICALE, SOGO, Server};
use serde_json::{Value, json};

use crate::collections::join;
use crate::compared::{differing, properties, unsaid};
use crate::home::{Home, writes};
use crate::outside::{self, Interface};

const PEOPLE: [(&str, &str); 2] = [("Alice", "alice@example.com"), ("Bob", "bob@example.com")];

/// An address book of a server.
struct Book {
    server: Server,
    url: String,
}

impl Book {
    fn of(product: Product) -> Option<Book> {
        let server = product.start()?;
        let url = server.address_book("contacts");
        Some(Book { server, url })
    }

    fn login(&self) -> (&str, &str) {
        (&self.server.user, &self.server.password)
    }

    fn is_sogo(&self) -> bool {
        self.server.product == SOGO
    }

    fn put(&self, name: &str, body: &str) {
        let media = if body.starts_with("BEGIN:VLIST") { "text/x-vlist" } else { "text/vcard" };
        let status = outside::send("PUT", &format!("{}{name}", self.url), self.login(), media, body);
        assert!((200..300).contains(&status), "{name}: {status}");
    }

    fn get(&self, name: &str) -> String {
        outside::get(&format!("{}{name}", self.url), self.login())
    }

    /// The one resource that says this.
    fn with(&self, text: &str) -> String {
        let names = outside::names(&self.url, self.login());
        let mut found: Vec<String> = names.into_iter().filter(|name| self.get(name).contains(text)).collect();
        assert_eq!(found.len(), 1, "one says {text:?}: {found:?}");
        found.remove(0)
    }

    /// Joins a mailbox, with lists.
    fn join(&self, home: &Home) {
        join(home, "people", "Contacts", &self.server, &self.url);
        let stored = std::fs::read_to_string(home.path().join("config.json")).unwrap();
        let stored: Value = serde_json::from_str(&stored).unwrap();
        let options = &stored["profiles"]["people"]["options"];
        let is_on = options["map_distribution_lists"] == "yes" && options["list_format"] == "vlist";
        assert_eq!(is_on, self.is_sogo(), "on SOGo lists travel by themselves: {options}");
        if !self.is_sogo() {
            home.fine(&["profile", "set", "people", "map_distribution_lists=yes"]);
        }
    }

    /// How a list of this server names the card of a member.
    fn reference(&self, name: &str, uid: &str) -> String {
        match self.is_sogo() {
            true => format!("CARD:{name}\r\n"),
            false => format!("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid}\r\n"),
        }
    }
}

fn card(uid: &str, name: &str, address: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\nEMAIL:{address}\r\nEND:VCARD\r\n"
    )
}

/// The members that a mailbox's list has, as name and address, sorted.
fn members(home: &Home, title: &str) -> Vec<(String, String)> {
    let list = home.json(&["outlook", "show", &home.id_of("Contacts", title)]);
    let list = list.get("properties").unwrap_or(&list);
    let text = |member: &Value, key: &str| member[key].as_str().unwrap_or_default().to_owned();
    let all = list["Members"].as_array().unwrap_or_else(|| panic!("{list}")).iter();
    let mut all: Vec<_> = all.map(|member| (text(member, "Name"), text(member, "Address"))).collect();
    all.sort();
    all
}

fn quiet(home: &Home) {
    home.fine(&["verify", "people"]);
    let run = home.sync("people");
    assert_eq!(writes(&run), 0, "{run}");
}

#[test]
fn a_list_shows_its_members_on_each_side_and_in_a_second_mailbox() {
    for product in [RADICALE, CYRUS, SOGO] {
        let Some(book) = Book::of(product) else { continue };
        let (home, second) = (Home::new(), Home::new());
        let cards: String =
            PEOPLE.iter().map(|(name, address)| card(&format!("uid-{name}"), name, address)).collect();
        let list = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:list-1\r\nFN:Team\\; A\r\nN:Team;;;;\r\nNOTE:One\\nTwo\r\nNICKNAME:Alphas\r\nCATEGORIES:Work,Home\r\n\
            CLASS:PRIVATE\r\n\
            X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER;CN=Alice:mailto:ALICE@example.com\r\n\
            X-ADDRESSBOOKSERVER-MEMBER;CN=Bob:mailto:bob@example.com\r\n\
            X-ADDRESSBOOKSERVER-MEMBER;CN=\"Person, Outside\":mailto:outside@example.org\r\nEND:VCARD\r\n";
        let file = home.file("people.vcf", &format!("{cards}{list}"));
        home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
        book.join(&home);
        home.sync("people");
        check_members_are_named(&book);
        quiet(&home);

        arrive_late(&book, &home);
        leave(&book, &home);
        book.join(&second);
        second.sync("people");
        assert_eq!(unsaid(&home, "Contacts", &["Team; A"], &DistListItem::default()), [""; 0]);
        let rows = differing(product.name, [&home, &second], ("Contacts", &["Team; A"]), &[]);
        assert_eq!(rows, [""; 0], "{}", product.name);
        assert_eq!(properties(&second, "Contacts", "Team; A")["UserProperties"]["NICKNAME"], "Alphas");
        quiet(&second);
        stay_apart(&book, &home);
    }
}

/// Where lists do not travel, nothing comes of an edit.
fn stay_apart(book: &Book, home: &Home) {
    home.fine(&["profile", "set", "people", "map_distribution_lists=no"]);
    let name = book.with("Team\\; A");
    book.put(&name, &book.get(&name).replace("Team", "Others"));
    assert_eq!(writes(&home.sync("people")), 0, "{}", book.server.product.name);
    let before = members(home, "Team; A");
    home.fine(&["profile", "set", "people", "map_distribution_lists=yes"]);
    assert_eq!(writes(&home.sync("people")), 1, "{}", book.server.product.name);
    assert_eq!(members(home, "Others; A"), before, "{}", book.server.product.name);
}

/// What Outlook knows by an address is on the server named as the server names it.
fn check_members_are_named(book: &Book) {
    let name = book.with("Team\\; A");
    let list = book.get(&name);
    for (who, address) in PEOPLE {
        let held = book.with(&format!("FN:{who}\r\n"));
        assert!(book.get(&held).contains(address));
        let uid = book.get(&held).lines().find_map(|line| line.strip_prefix("UID:")).unwrap().to_owned();
        let reference = if book.is_sogo() { format!(":{held}") } else { format!("urn:uuid:{uid}") };
        let unfolded = list.replace("\r\n ", "");
        assert!(unfolded.contains(&reference), "{who} is {reference}:\n{list}");
    }
    assert!(list.replace("\r\n ", "").contains(":mailto:outside@example.org"), "{list}");
    if book.is_sogo() {
        assert!(list.starts_with("BEGIN:VLIST") && name.ends_with(".vlf"), "{name}: {list}");
    }
}

/// The server's list names a card that comes later, and then has another address.
fn arrive_late(book: &Book, home: &Home) {
    let name = book.with("Team\\; A");
    let end = if book.is_sogo() { "END:VLIST" } else { "END:VCARD" };
    let late = book.reference("carol.vcf", "uid-carol");
    book.put(&name, &book.get(&name).replace(end, &format!("{late}{end}")));
    home.sync("people");
    let before = members(home, "Team; A");
    assert_eq!(before.len(), 3, "{before:?}");
    for address in ["carol@example.com", "carol.new@example.com"] {
        book.put("carol.vcf", &card("uid-carol", "Carol", address));
        home.sync("people");
        let mut expected = before.clone();
        expected.push(("Carol".to_owned(), address.to_owned()));
        expected.sort();
        assert_eq!(members(home, "Team; A"), expected, "{}", book.server.product.name);
        quiet(home);
    }
}

/// Who leaves in Outlook leaves on the server; the lines of the others stay as they are.
fn leave(book: &Book, home: &Home) {
    let name = book.with("Team\\; A");
    let before = book.get(&name).replace("\r\n ", "");
    let rest: Vec<Value> = members(home, "Team; A")
        .into_iter()
        .filter(|(name, _)| name != "Bob")
        .map(|(name, address)| json!({ "Name": name, "Address": address }))
        .collect();
    let id = home.id_of("Contacts", "Team; A");
    home.fine(&["outlook", "set", &id, &format!("Members={}", Value::from(rest))]);
    home.sync("people");
    let after = book.get(&name).replace("\r\n ", "");
    // QUIRK(lists: sogo): each time it writes a list, parameters change places.
    let in_order = |line: &str| match line.rsplit_once(':') {
        Some((head, value)) if head.starts_with("CARD;") => {
            let mut parts: Vec<&str> = head.split(';').collect();
            parts.sort_unstable();
            format!("{}:{value}", parts.join(";"))
        }
        _ => line.to_owned(),
    };
    let of = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("REV")).map(in_order).collect()
    };
    let kept: Vec<String> =
        of(&before).into_iter().filter(|line| !line.contains("bob@example.com")).collect();
    assert_eq!(of(&after), kept, "{}", book.server.product.name);
    quiet(home);
}

#[test]
fn a_list_made_in_outlook_shows_its_members_in_sogos_own_interface_and_who_joins_there_joins_in_outlook() {
    let Some(book) = Book::of(SOGO) else { return };
    let home = Home::new();
    let cards: String =
        PEOPLE.iter().map(|(name, address)| card(&format!("uid-{name}"), name, address)).collect();
    let list = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:list-1\r\nFN:Team; A\r\nN:Team;;;;\r\nNOTE:All of us\r\n\
        NICKNAME:Alphas\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n\
        X-ADDRESSBOOKSERVER-MEMBER;CN=Alice:mailto:ALICE@example.com\r\n\
        X-ADDRESSBOOKSERVER-MEMBER;CN=\"Person, Outside\":mailto:outside@example.org\r\nEND:VCARD\r\n";
    home.fine(&[
        "outlook",
        "import",
        &home.file("people.vcf", &format!("{cards}{list}")),
        "--folder",
        "Contacts",
    ]);
    book.join(&home);
    home.sync("people");
    let (resource, alice, bob) =
        (book.with("BEGIN:VLIST"), book.with("FN:Alice\r\n"), book.with("FN:Bob\r\n"));

    let interface = Interface::of(&book.server);
    let shown = interface.shown(&format!("Contacts/contacts/{resource}/view"));
    assert_eq!((&shown["c_cn"], &shown["c_component"]), (&json!("Team; A"), &json!("vlist")), "{shown}");
    assert_eq!(
        (&shown["description"], &shown["nickname"]),
        (&json!("All of us"), &json!("Alphas")),
        "{shown}"
    );
    let member =
        |name: &str, address: &str, card: &str| json!({ "c_cn": name, "email": address, "reference": card });
    assert_eq!(
        shown["refs"],
        json!([member("Alice", "ALICE@example.com", &alice)]),
        "who has a card is shown"
    );

    let mut typed = shown.clone();
    typed["refs"] = json!([
        { "id": alice, "c_cn": "Alice", "email": "alice@example.com" },
        { "id": bob, "c_cn": "Bob", "email": "bob@example.com" },
    ]);
    interface.post(&format!("Contacts/contacts/{resource}/saveAsList"), &typed);
    home.sync("people");
    let mut names: Vec<String> = members(&home, "Team; A").into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["Alice", "Bob", "Person, Outside"], "nobody is lost");
    quiet(&home);

    // And who leaves in Outlook leaves there.
    let rest: Vec<Value> = members(&home, "Team; A")
        .into_iter()
        .filter(|(name, _)| name != "Alice")
        .map(|(name, address)| json!({ "Name": name, "Address": address }))
        .collect();
    let id = home.id_of("Contacts", "Team; A");
    home.fine(&["outlook", "set", &id, &format!("Members={}", Value::from(rest))]);
    home.sync("people");
    let shown = interface.shown(&format!("Contacts/contacts/{resource}/view"));
    assert_eq!(shown["refs"], json!([member("Bob", "bob@example.com", &bob)]), "{shown}");
    quiet(&home);
}

#[test]
fn a_list_within_a_list_is_one_on_each_side_and_in_a_second_mailbox() {
    for product in [RADICALE, CYRUS, SOGO] {
        let Some(book) = Book::of(product) else { continue };
        let (home, second) = (Home::new(), Home::new());
        let list = |name: &str, address: &str| {
            format!(
                "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nN:{name};;;;\r\n\
                 X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:mailto:{address}\r\nEND:VCARD\r\n"
            )
        };
        let lists = [list("A team", "outside@example.org"), list("Board", "alice@example.com")];
        let file =
            home.file("people.vcf", &format!("{}{}", card("u1", PEOPLE[0].0, PEOPLE[0].1), lists.concat()));
        home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
        let inner = home.id_of("Contacts", "Board");
        let named = json!([{ "Name": "Out", "Address": "outside@example.org" }, { "Name": "Board", "EntryID": inner }]);
        home.fine(&["outlook", "set", &home.id_of("Contacts", "A team"), &format!("Members={named}")]);
        book.join(&home);
        home.sync("people");
        let (outer, board) = (book.with("FN:A team"), book.with("FN:Board"));
        let uid = book.get(&board).lines().find_map(|line| line.strip_prefix("UID:")).unwrap().to_owned();
        let line = match book.is_sogo() {
            true => format!("CARD;FN=Board:{board}\r\n"),
            false => format!("X-ADDRESSBOOKSERVER-MEMBER;CN=Board:urn:uuid:{uid}\r\n"),
        };
        let unfolded = book.get(&outer).replace("\r\n ", "");
        assert!(unfolded.contains(&line), "{}: {line}\n{unfolded}", product.name);
        quiet(&home);

        book.join(&second);
        second.sync("people");
        let expected = [("Board", ""), ("Out", "outside@example.org")];
        let expected = expected.map(|(name, address)| (name.to_owned(), address.to_owned()));
        assert_eq!(members(&second, "A team"), expected, "{}", product.name);
        let held = properties(&second, "Contacts", "A team")["Members"].to_string();
        assert!(held.contains(&second.id_of("Contacts", "Board")), "{held}");
        quiet(&second);

        // Who leaves in the second mailbox leaves in the first one.
        let rest = json!([{ "Name": "Out", "Address": "outside@example.org" }]);
        second.fine(&["outlook", "set", &second.id_of("Contacts", "A team"), &format!("Members={rest}")]);
        second.sync("people");
        home.sync("people");
        assert_eq!(members(&home, "A team"), expected[1..], "{}", product.name);
        quiet(&home);
    }
}

#[test]
fn lists_that_contain_each_other_do_so_on_each_side_in_a_second_mailbox_and_in_a_copy() {
    for product in [RADICALE, CYRUS, SOGO] {
        let Some(book) = Book::of(product) else { continue };
        let (home, second, copy) = (Home::new(), Home::new(), Home::new());
        let list = |name: &str| {
            format!(
                "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nN:{name};;;;\r\n\
                 X-ADDRESSBOOKSERVER-KIND:group\r\n\
                 X-ADDRESSBOOKSERVER-MEMBER;CN=Out:mailto:outside@example.org\r\nEND:VCARD\r\n"
            )
        };
        // What contains one of those that contain each other comes after them, too.
        let names = ["A team", "Board", "Whole house"];
        let file = home.file("lists.vcf", &names.map(list).concat());
        home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
        for (outer, inner) in [("A team", "Board"), ("Board", "A team"), ("Whole house", "Board")] {
            let inner = json!({ "Name": inner, "EntryID": home.id_of("Contacts", inner) });
            let named = json!([{ "Name": "Out", "Address": "outside@example.org" }, inner]);
            home.fine(&["outlook", "set", &home.id_of("Contacts", outer), &format!("Members={named}")]);
        }
        book.join(&home);
        home.sync("people");
        quiet(&home);
        book.join(&second);
        second.sync("people");
        book.join(&copy);
        copy.fine(&["profile", "set", "people", "direction=replicate-to-outlook"]);
        copy.sync("people");
        for (outer, inner) in [("A team", "Board"), ("Board", "A team"), ("Whole house", "Board")] {
            let expected = [(inner, ""), ("Out", "outside@example.org")];
            let expected = expected.map(|(name, address)| (name.to_owned(), address.to_owned()));
            for mailbox in [&home, &second, &copy] {
                assert_eq!(members(mailbox, outer), expected, "{}", product.name);
                let held = properties(mailbox, "Contacts", outer)["Members"].to_string();
                assert!(held.contains(&mailbox.id_of("Contacts", inner)), "{}: {held}", product.name);
            }
        }
        quiet(&second);
        quiet(&copy);
    }
}

#[test]
fn what_a_person_wants_apart_stays_so_in_lists_that_contain_each_other() {
    let Some(book) = Book::of(RADICALE) else { return };
    let home = Home::new();
    let list = |name: &str| {
        format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nN:{name};;;;\r\n\
             X-ADDRESSBOOKSERVER-KIND:group\r\n\
             X-ADDRESSBOOKSERVER-MEMBER;CN=Out:mailto:outside@example.org\r\nEND:VCARD\r\n"
        )
    };
    let file = home.file("lists.vcf", &["A team", "Board"].map(list).concat());
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    // Each with the other one and an address outside.
    let contain_each_other = |address: &str| {
        for (outer, inner) in [("A team", "Board"), ("Board", "A team")] {
            let inner = json!({ "Name": inner, "EntryID": home.id_of("Contacts", inner) });
            let named = json!([{ "Name": "Out", "Address": address }, inner]);
            home.fine(&["outlook", "set", &home.id_of("Contacts", outer), &format!("Members={named}")]);
        }
    };
    contain_each_other("outside@example.org");
    book.join(&home);
    home.sync("people");
    quiet(&home);

    home.fine(&["profile", "set", "people", "rule=ask"]);
    home.fine(&["outlook", "set", &home.id_of("Contacts", "A team"), "Body=Mine"]);
    let team = book.with("FN:A team");
    book.put(&team, &book.get(&team).replacen("END:VCARD", "NOTE:Theirs\r\nEND:VCARD", 1));
    assert_eq!(home.run(&["sync", "people"]).code, 1, "it waits");
    let held = home.json(&["held", "list", "people"]);
    home.fine(&["held", "reject", held[0]["id"].as_str().unwrap()]);
    home.sync("people");
    home.fine(&["profile", "set", "people", "rule=merge"]);
    contain_each_other("another@example.org");
    home.sync("people");
    home.sync("people");
    let body = properties(&home, "Contacts", "A team")["Body"].clone();
    assert!(body.as_str().is_some_and(|body| body.trim() == "Mine"), "{body}");
    let card = book.get(&team);
    assert!(card.contains("NOTE:Theirs") && card.contains("another@example.org"), "{card}");
}
