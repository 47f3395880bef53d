//! PROPPATCH (RFC 4918 section 9.2): all of it or nothing.

use super::multistatus::Multistatus;
use super::{Exchange, Reply, properties};
use crate::location::Location;
use crate::refusal::Refusal;
use crate::store::Access;
use crate::xml::{self, Element, Name};

/// Sets and removes properties of a collection.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location) -> Result<Reply, Refusal> {
    let Location::Collection(address) = location else {
        return Err(Refusal::new(403, "only collections have properties that can be set"));
    };
    let root = xml::parse(exchange.asked.bytes())?;
    if root.name != Name::dav("propertyupdate") {
        return Err(Refusal::new(400, "the body is no propertyupdate"));
    }
    let changes = changes(&root);
    let mut store = exchange.shared.write();
    let collection = store.collection(address).ok_or_else(Refusal::missing)?;
    let read_only = collection.access == Access::ReadOnly;
    let refused: Vec<&Name> = changes
        .iter()
        .map(|(name, _)| name)
        .filter(|name| read_only || properties::is_protected(name))
        .collect();
    let mut answer = Multistatus::new(exchange);
    let rest = || changes.iter().map(|(name, _)| name).filter(|name| !refused.contains(name));
    answer.own(&address.href(), |out| match refused.is_empty() {
        true => properties::propstat(out, 200, rest()),
        false => {
            properties::propstat(out, 403, refused.iter().copied());
            if rest().next().is_some() {
                properties::propstat(out, 424, rest());
            }
        }
    });
    if refused.is_empty() {
        store.set_properties(address, changes)?;
    }
    Ok(answer.finish())
}

/// What is to be set, and what removed, in order.
pub(super) fn changes(root: &Element) -> Vec<(Name, Option<Element>)> {
    let mut changes = Vec::new();
    for instruction in root.elements() {
        let sets = instruction.name == Name::dav("set");
        if !sets && instruction.name != Name::dav("remove") {
            continue;
        }
        let props = instruction.elements().filter(|prop| prop.name == Name::dav("prop"));
        for property in props.flat_map(Element::elements) {
            changes.push((property.name.clone(), sets.then(|| property.clone())));
        }
    }
    changes
}
