//! What resources say of themselves: the live properties, and those that clients set.

use std::borrow::Cow;

use super::multistatus::reason;
use super::resource::{Found, Resource};
use super::{Exchange, get};
use crate::clock;
use crate::faults::Tokens;
use crate::location::{home_href, principal_href};
use crate::refusal::Refusal;
use crate::store::{Access, Collection, CollectionKind};
use crate::xml::names::{CALDAV, CALENDAR_SERVER, CARDDAV, DAV};
use crate::xml::{Element, Name, escape_into, names};

/// Which properties are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those of RFC 4918 and what clients set, with these.
    All(Vec<Name>),
    /// The names of all.
    Names,
    /// These.
    These(Vec<Name>),
}

impl Wanted {
    /// What the child of a `propfind` or a report says: `allprop`, `propname` or `prop`.
    pub(super) fn read(parent: &Element) -> Result<Wanted, Refusal> {
        let named = |element: &Element| element.elements().map(|property| property.name.clone()).collect();
        if let Some(prop) = parent.child(&Name::dav("prop")) {
            return Ok(Wanted::These(named(prop)));
        }
        if parent.child(&Name::dav("propname")).is_some() {
            return Ok(Wanted::Names);
        }
        if parent.child(&Name::dav("allprop")).is_some() {
            let include = parent.child(&Name::dav("include"));
            return Ok(Wanted::All(include.map(named).unwrap_or_default()));
        }
        Err(Refusal::new(400, "it does not say which properties are wanted"))
    }
}

/// What RFC 4918 defines of what is here.
const ALL: [Name; 6] = [
    Name::dav("resourcetype"),
    names::DISPLAYNAME,
    Name::dav("getetag"),
    Name::dav("getlastmodified"),
    Name::dav("getcontenttype"),
    Name::dav("getcontentlength"),
];

/// Everything else that is live.
const FURTHER: [Name; 20] = [
    Name::dav("current-user-principal"),
    Name::dav("principal-URL"),
    Name::dav("principal-collection-set"),
    Name::dav("owner"),
    Name::dav("current-user-privilege-set"),
    Name::dav("supported-report-set"),
    Name::dav("sync-token"),
    Name::new(CALENDAR_SERVER, "getctag"),
    Name::caldav("calendar-home-set"),
    Name::caldav("calendar-user-address-set"),
    Name::caldav("supported-calendar-component-set"),
    Name::caldav("supported-calendar-data"),
    Name::caldav("supported-collation-set"),
    Name::caldav("max-resource-size"),
    Name::caldav("calendar-data"),
    Name::carddav("addressbook-home-set"),
    Name::carddav("supported-address-data"),
    Name::carddav("supported-collation-set"),
    Name::carddav("max-resource-size"),
    Name::carddav("address-data"),
];

/// Whether a client may set a property.
pub(super) fn is_protected(name: &Name) -> bool {
    (ALL.contains(name) && *name != names::DISPLAYNAME) || FURTHER.contains(name)
}

/// Writes the propstats of a resource; `data` writes the object itself, where that is asked for.
pub(super) fn write(
    exchange: &Exchange<'_>,
    resource: Resource<'_>,
    wanted: &Wanted,
    data: &dyn Fn(Found<'_>, &mut String),
    out: &mut String,
) {
    let asked: Cow<'_, [Name]> = match wanted {
        Wanted::These(names) => Cow::Borrowed(names),
        Wanted::All(further) => {
            ALL.iter().chain(further).cloned().chain(dead(resource).map(|(name, _)| name.clone())).collect()
        }
        Wanted::Names => {
            ALL.iter().chain(&FURTHER).cloned().chain(dead(resource).map(|it| it.0.clone())).collect()
        }
    };
    let start = out.len();
    out.push_str("<D:propstat><D:prop>");
    let before = out.len();
    let mut missing = Vec::new();
    for name in asked.iter() {
        let place = out.len();
        if !value(exchange, resource, name, data, out) {
            missing.push(name);
        } else if *wanted == Wanted::Names {
            out.truncate(place);
            name.empty(out);
        }
    }
    if out.len() > before || asked.is_empty() {
        out.push_str("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>");
    } else {
        out.truncate(start);
    }
    if !missing.is_empty() && matches!(wanted, Wanted::These(_)) {
        propstat(out, 404, missing.into_iter());
    }
}

/// A propstat of properties without values.
pub(super) fn propstat<'n>(out: &mut String, code: u16, names: impl Iterator<Item = &'n Name>) {
    out.push_str("<D:propstat><D:prop>");
    names.for_each(|name| name.empty(out));
    out.push_str(&format!("</D:prop><D:status>HTTP/1.1 {code} {}</D:status></D:propstat>", reason(code)));
}

fn dead<'s>(resource: Resource<'s>) -> impl Iterator<Item = (&'s Name, &'s Element)> {
    let properties = match resource {
        Resource::Collection(_, collection) => Some(&collection.properties),
        _ => None,
    };
    properties.into_iter().flatten().filter(|(name, _)| **name != names::DISPLAYNAME)
}

/// Writes a property; says whether there is such a one.
fn value(
    exchange: &Exchange<'_>,
    resource: Resource<'_>,
    name: &Name,
    data: &dyn Fn(Found<'_>, &mut String),
    out: &mut String,
) -> bool {
    let start = out.len();
    let end = name.open(out);
    let before = out.len();
    let found = match name.namespace.as_ref() {
        DAV => dav(exchange, resource, &name.local, out),
        CALENDAR_SERVER if name.local == "getctag" => ctag(exchange, resource, out),
        CALDAV => caldav(exchange, resource, &name.local, data, out),
        CARDDAV => carddav(exchange, resource, &name.local, data, out),
        _ => None,
    };
    if found.is_some() {
        if out.len() == before {
            out.truncate(start);
            name.empty(out);
        } else {
            out.push_str(&end);
        }
        return true;
    }
    out.truncate(start);
    let Resource::Collection(_, collection) = resource else { return false };
    let Some(element) = collection.properties.get(name) else { return false };
    out.push_str(&element.to_xml());
    true
}

/// `None`: there is no such property; else what is in it was written.
fn dav(exchange: &Exchange<'_>, resource: Resource<'_>, local: &str, out: &mut String) -> Option<()> {
    let href = |out: &mut String, href: &str| out.push_str(&format!("<D:href>{href}</D:href>"));
    match (local, resource) {
        ("resourcetype", resource) => resource_type(resource, out),
        ("current-user-principal" | "owner", _) => href(out, &principal_href(&exchange.user.name)),
        ("principal-URL", Resource::Principal(user)) => href(out, &principal_href(&user.name)),
        ("principal-collection-set", _) => href(out, &Resource::Principals.href()),
        ("current-user-privilege-set", resource) => privileges(resource, out),
        ("supported-report-set", resource) => reports(exchange, resource, out),
        ("displayname", Resource::Principal(user) | Resource::Home(user)) => escape_into(out, &user.name),
        ("displayname", Resource::Collection(_, collection)) => {
            escape_into(out, &collection.properties.get(&names::DISPLAYNAME)?.text());
        }
        ("sync-token", Resource::Collection(_, collection)) => match exchange.hits.tokens() {
            tokens if tokens.sync() => escape_into(out, &sync_token(collection, told(collection, tokens))),
            _ => return None,
        },
        ("getetag", Resource::Object(found)) => {
            let (_, etag) = exchange.hits.etags(&found.stored.etag, found.stored.writes);
            escape_into(out, &etag?);
        }
        ("getlastmodified", Resource::Object(found)) => {
            let modified = clock::shifted(found.stored.modified, exchange.hits.clock_off());
            out.push_str(&clock::http_date(modified));
        }
        ("getcontenttype", Resource::Object(found)) => out.push_str(get::media_type(found.collection.kind)),
        ("getcontentlength", Resource::Object(found)) => out.push_str(&found.stored.bytes.len().to_string()),
        _ => return None,
    }
    Some(())
}

fn caldav(
    exchange: &Exchange<'_>,
    resource: Resource<'_>,
    local: &str,
    data: &dyn Fn(Found<'_>, &mut String),
    out: &mut String,
) -> Option<()> {
    match (local, resource) {
        ("calendar-home-set", Resource::Principal(user)) => {
            out.push_str(&format!("<D:href>{}</D:href>", home_href(&user.name)));
        }
        ("calendar-user-address-set", Resource::Principal(user)) => {
            out.push_str("<D:href>mailto:");
            escape_into(out, &user.mail);
            out.push_str(&format!("</D:href><D:href>{}</D:href>", principal_href(&user.name)));
        }
        ("calendar-data", Resource::Object(found)) if found.collection.kind != CollectionKind::Contacts => {
            let before = out.len();
            data(found, out);
            return (out.len() > before).then_some(());
        }
        (_, Resource::Collection(_, collection)) if collection.kind != CollectionKind::Contacts => {
            match local {
                "supported-calendar-component-set" => {
                    for component in collection.kind.components() {
                        out.push_str(&format!("<C:comp name=\"{component}\"/>"));
                    }
                }
                "supported-calendar-data" => {
                    out.push_str("<C:calendar-data content-type=\"text/calendar\" version=\"2.0\"/>");
                }
                "supported-collation-set" => collations("C", out),
                "max-resource-size" => out.push_str(&exchange.shared.settings.max_resource_size.to_string()),
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}

fn carddav(
    exchange: &Exchange<'_>,
    resource: Resource<'_>,
    local: &str,
    data: &dyn Fn(Found<'_>, &mut String),
    out: &mut String,
) -> Option<()> {
    match (local, resource) {
        ("addressbook-home-set", Resource::Principal(user)) => {
            out.push_str(&format!("<D:href>{}</D:href>", home_href(&user.name)));
        }
        ("address-data", Resource::Object(found)) if found.collection.kind == CollectionKind::Contacts => {
            let before = out.len();
            data(found, out);
            return (out.len() > before).then_some(());
        }
        (_, Resource::Collection(_, collection)) if collection.kind == CollectionKind::Contacts => {
            match local {
                "supported-address-data" => {
                    for version in ["3.0", "4.0"] {
                        let kind = format!("content-type=\"text/vcard\" version=\"{version}\"");
                        out.push_str(&format!("<CR:address-data-type {kind}/>"));
                    }
                }
                "supported-collation-set" => collations("CR", out),
                "max-resource-size" => out.push_str(&exchange.shared.settings.max_resource_size.to_string()),
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}

fn resource_type(resource: Resource<'_>, out: &mut String) {
    let types: &[&str] = match resource {
        Resource::Object(_) => &[],
        Resource::Root | Resource::Principals | Resource::Home(_) => &["D:collection"],
        Resource::Principal(_) => &["D:collection", "D:principal"],
        Resource::Collection(_, collection) => match collection.kind {
            CollectionKind::Contacts => &["D:collection", "CR:addressbook"],
            _ => &["D:collection", "C:calendar"],
        },
    };
    types.iter().for_each(|name| out.push_str(&format!("<{name}/>")));
}

/// RFC 3744 section 5.4.
fn privileges(resource: Resource<'_>, out: &mut String) {
    const READ: [&str; 3] = ["D:read", "D:read-current-user-privilege-set", "C:read-free-busy"];
    const WRITE: [&str; 5] = ["D:write", "D:write-properties", "D:write-content", "D:bind", "D:unbind"];
    let may_write = match resource {
        Resource::Root | Resource::Principals | Resource::Principal(_) => false,
        Resource::Home(_) => true,
        Resource::Collection(_, collection) => collection.access == Access::ReadWrite,
        Resource::Object(found) => found.collection.access == Access::ReadWrite,
    };
    let write = WRITE.iter().filter(|_| may_write);
    READ.iter().chain(write).for_each(|name| out.push_str(&format!("<D:privilege><{name}/></D:privilege>")));
}

/// RFC 3253 section 3.1.5.
fn reports(exchange: &Exchange<'_>, resource: Resource<'_>, out: &mut String) {
    let Resource::Collection(_, collection) = resource else { return };
    let of_kind: &[&str] = match collection.kind {
        CollectionKind::Contacts => &["CR:addressbook-query", "CR:addressbook-multiget"],
        _ => &["C:calendar-query", "C:calendar-multiget", "C:free-busy-query"],
    };
    let syncs = exchange.hits.tokens().sync();
    let names = of_kind.iter().chain(["D:sync-collection"].iter().filter(|_| syncs));
    for name in names {
        out.push_str(&format!("<D:supported-report><D:report><{name}/></D:report></D:supported-report>"));
    }
}

fn collations(prefix: &str, out: &mut String) {
    for collation in ["i;ascii-casemap", "i;octet", "i;unicode-casemap"] {
        out.push_str(&format!("<{prefix}:supported-collation>{collation}</{prefix}:supported-collation>"));
    }
}

/// The collection's state in one word, for clients that do not know of `sync-collection`.
fn ctag(exchange: &Exchange<'_>, resource: Resource<'_>, out: &mut String) -> Option<()> {
    let Resource::Collection(_, collection) = resource else { return None };
    let moment = match exchange.hits.tokens() {
        Tokens::Missing => return None,
        Tokens::Coarse | Tokens::CoarseCtagOnly => collection.changed.second,
        Tokens::Exact | Tokens::CtagOnly => collection.revision,
    };
    escape_into(out, &format!("\"{}-{moment}\"", collection.incarnation));
    Some(())
}

/// The revision that a sync token of now stands for.
pub(super) fn told(collection: &Collection, tokens: Tokens) -> u64 {
    match tokens {
        Tokens::Coarse => collection.changed.after,
        _ => collection.revision,
    }
}

/// A sync token: a URI (RFC 6578 section 6.2).
pub(super) fn sync_token(collection: &Collection, revision: u64) -> String {
    format!("data:,{}/{revision}", collection.incarnation)
}
