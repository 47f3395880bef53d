//! Names: N, FN and ORG.

use dovetail_model::contact::Name;

use super::card::{Card, Syntax};
use super::encoding;
use crate::component::Component;
use crate::content_line;

/// What stands in FN, which must not be empty (RFC 6350 section 6.2.1), where an entry has nothing to be called by.
const UNNAMED: &str = "Unnamed";

/// The parts of the name (RFC 6350 section 6.2.2).
pub(super) fn read_parts(card: Component<'_>) -> Name {
    let parts = card.line("N").map(|line| encoding::trimmed_parts(line, ';')).unwrap_or_default();
    let mut parts = parts.into_iter();
    let mut next = || parts.next().unwrap_or_default();
    Name { family: next(), given: next(), additional: next(), prefix: next(), suffix: next() }
}

/// Changes the parts of the name that differ; the others keep their bytes. N is mandatory up to version 3.0.
pub(super) fn write_parts(card: &mut Card, held: &Name, wanted: &Name) {
    match card.first("N") {
        Some(_) if held == wanted => {}
        Some(line) => {
            let value = encoding::escaped(card.document.line(line)).into_owned();
            let value = patched(card, &value, &list(held), &list(wanted));
            card.put(line, &value);
        }
        None if held == wanted && (!card.is_new || card.syntax == Syntax::V4) => {}
        None => {
            let parts = list(wanted).map(|part| card.escape_entry(part));
            card.add("N", &[], &parts.join(";"));
        }
    }
}

fn list(name: &Name) -> [&str; 5] {
    let Name { family, given, additional, prefix, suffix } = name;
    [family, given, additional, prefix, suffix]
}

/// A structured value in which the components that differ are replaced.
pub(super) fn patched(card: &Card, value: &str, held: &[&str], wanted: &[&str]) -> String {
    let mut components: Vec<_> =
        content_line::split_escaped(value, ';').into_iter().map(str::to_owned).collect();
    for (at, (held, wanted)) in held.iter().zip(wanted).enumerate() {
        if held != wanted {
            components.resize(components.len().max(at + 1), String::new());
            if let Some(component) = components.get_mut(at) {
                *component = card.escape_entry(wanted);
            }
        }
    }
    components.join(";")
}

/// Changes FN; where nothing is wanted in it, `title` stands in, for it must not be empty.
pub(super) fn write_formatted(card: &mut Card, held: &str, wanted: &str, title: &str) {
    let shown = [wanted, title, UNNAMED].into_iter().find(|text| !text.trim().is_empty()).unwrap_or(UNNAMED);
    if held != wanted || card.is_new {
        card.write_text("FN", held, shown);
    }
}

/// Adds FN to a card that has none.
pub(super) fn write_missing(card: &mut Card, title: &str) {
    let shown = if title.trim().is_empty() { UNNAMED } else { title };
    let value = card.escape(shown);
    card.add("FN", &[], &value);
}

/// Company and department: the first component of ORG, and the others joined by semicolons.
pub(super) fn read_organization(card: Component<'_>) -> (String, String) {
    let Some(line) = card.line("ORG") else { return Default::default() };
    let mut parts = encoding::parts(line, ';');
    while parts.last().is_some_and(String::is_empty) {
        parts.pop();
    }
    let company = parts.first().cloned().unwrap_or_default();
    (company, parts.get(1..).unwrap_or_default().join(";"))
}

/// Changes company and department, each on its own.
pub(super) fn write_organization(card: &mut Card, held: &(String, String), wanted: &(String, String)) {
    if held == wanted {
        return;
    }
    let line = card.first("ORG");
    if wanted.0.is_empty() && wanted.1.is_empty() {
        return line.into_iter().for_each(|line| card.remove(line));
    }
    let old = line.map(|line| encoding::escaped(card.document.line(line)).into_owned()).unwrap_or_default();
    let old = content_line::split_escaped(&old, ';');
    let mut components = match held.0 == wanted.0 {
        true => old.iter().take(1).map(|part| (*part).to_owned()).collect(),
        false => vec![card.escape_entry(&wanted.0)],
    };
    if held.1 == wanted.1 {
        components.extend(old.iter().skip(1).map(|part| (*part).to_owned()));
    } else if !wanted.1.is_empty() {
        components.extend(wanted.1.split(';').map(|unit| card.escape_entry(unit)));
    }
    match line {
        Some(line) => card.put(line, &components.join(";")),
        None => drop(card.add("ORG", &[], &components.join(";"))),
    }
}
