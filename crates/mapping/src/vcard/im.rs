//! Addresses of instant messaging: IMPP (RFC 4770, RFC 6350 section 6.4.3), and the properties that producers made up before.

use dovetail_model::contact::Im;

use super::card::{Card, Syntax, types};
use super::encoding;
use super::entries::{self, Entry};
use crate::component::{Component, Line, LineId};
use crate::content_line::printable_value;
use crate::im::{self, SERVICES};
use crate::options::{ContactOptions, ImForm};

/// Further properties, with the service that they are of; empty where they do not say.
const OTHERS: [(&str, &str); 3] =
    [("X-SKYPE-USERNAME", "Skype"), ("X-GTALK", "GoogleTalk"), ("X-MS-IMADDRESS", "")];

/// The addresses, each once: some producers write each in several ways.
pub(super) fn read_ims(card: Component<'_>, options: &ContactOptions) -> Vec<Im> {
    let mut found: Vec<Im> = Vec::new();
    for (_, im) in read_lines(card, options) {
        if !found.iter().any(|known| known.is_same(&im)) {
            found.push(im);
        }
    }
    found
}

fn read_lines(card: Component<'_>, options: &ContactOptions) -> Vec<(LineId, Im)> {
    card.lines().filter_map(|line| Some((line.id(), read_line(line, options)?))).collect()
}

fn read_line(line: Line<'_>, options: &ContactOptions) -> Option<Im> {
    let im = if line.is("IMPP") { read_impp(line)? } else { read_property(line)? };
    let service = if im.service.is_empty() { options.default_im.0.clone() } else { im.service };
    (!im.handle.is_empty()).then_some(Im { service, handle: im.handle })
}

fn read_property(line: Line<'_>) -> Option<Im> {
    // Most lines are none.
    line.name().get(..2).filter(|start| start.eq_ignore_ascii_case("X-"))?;
    let own = SERVICES.iter().map(|service| (service.property, service.name));
    let (_, service) = own.chain(OTHERS).find(|(property, _)| line.is(property))?;
    let handle = encoding::text(line).trim().to_owned();
    match handle.split_once(':') {
        Some((word, rest)) if service.is_empty() => {
            Some(Im { service: im::name_of(word), handle: rest.trim().to_owned() })
        }
        _ => Some(Im { service: service.to_owned(), handle }),
    }
}

fn read_impp(line: Line<'_>) -> Option<Im> {
    let uri = encoding::uri(line);
    // QUIRK(messaging: emclient): a colon stands before the scheme.
    let uri = uri.trim_start_matches(':');
    let (scheme, handle) = match uri.split_once(':') {
        Some((scheme, handle)) if is_scheme(scheme) => (scheme, handle),
        _ => ("", uri),
    };
    let named =
        line.param("X-SERVICE-TYPE").filter(|word| !word.trim().is_empty()).map(|word| im::name_of(&word));
    let typed =
        || types(line).iter().find_map(|word| im::service(word)).map(|service| service.name.to_owned());
    let service = named.or_else(typed).unwrap_or_else(|| im::name_of(scheme));
    Some(Im { service, handle: handle.to_owned() })
}

fn is_scheme(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

/// Changes the addresses, on all lines that say them.
pub(super) fn write_ims(card: &mut Card, wanted: &[Im], options: &ContactOptions) {
    let mut held: Vec<(Vec<LineId>, Im)> = Vec::new();
    for (line, im) in read_lines(card.view(), options) {
        match held.iter_mut().find(|(_, known)| known.is_same(&im)) {
            Some((lines, _)) => lines.push(line),
            None => held.push((vec![line], im)),
        }
    }
    let form = match (card.syntax, options.im_form) {
        (Syntax::V4, _) | (_, ImForm::Impp) => ImForm::Impp,
        _ => ImForm::OwnProperties,
    };
    let wanted: Vec<Written> = wanted.iter().map(|im| Written { im: im.clone(), form }).collect();
    let held = held.into_iter().map(|(lines, im)| (lines, Written { im, form })).collect();
    entries::write_grouped(card, held, &wanted);
}

impl IsSame for Im {
    fn is_same(&self, other: &Self) -> bool {
        self.service.eq_ignore_ascii_case(&other.service)
            && self.handle.to_lowercase() == other.handle.to_lowercase()
    }
}

trait IsSame {
    /// Whether both are the same address.
    fn is_same(&self, other: &Self) -> bool;
}

/// An address, and how it is written where it is new.
#[derive(Clone, PartialEq)]
struct Written {
    im: Im,
    form: ImForm,
}

impl Entry for Written {
    fn is_same(&self, other: &Self) -> bool {
        self.im.is_same(&other.im)
    }

    fn has_same_type(&self, other: &Self) -> bool {
        self.im.service.eq_ignore_ascii_case(&other.im.service)
    }

    fn add(&self, card: &mut Card) {
        let Im { service, handle } = &self.im;
        let known = im::service(service);
        match known.filter(|_| self.form == ImForm::OwnProperties) {
            Some(known) => {
                let value = card.escape(handle);
                card.add(known.property, &[], &value);
            }
            None => {
                let line = card.add("IMPP", &[], "");
                let service = if service.is_empty() { "other" } else { service };
                card.document.set_param(line, "X-SERVICE-TYPE", &[service]);
                let scheme = known.map_or_else(|| scheme_of(service), |known| known.scheme.to_owned());
                card.put(line, &printable_value(&format!("{scheme}:{handle}")));
            }
        }
    }

    fn change(&self, held: &Self, line: LineId, card: &mut Card) {
        if !self.has_same_type(held) {
            self.add(card);
            return card.remove(line);
        }
        if self.im.handle == held.im.handle {
            return;
        }
        let view = card.document.line(line);
        let old = encoding::text(view);
        let is_uri = view.is("IMPP");
        let before = old.strip_suffix(held.im.handle.as_str()).unwrap_or_default();
        let value = format!("{before}{}", self.im.handle);
        let value = if is_uri { printable_value(&value) } else { card.escape(&value) };
        card.put(line, &value);
    }
}

/// A scheme for a service that nobody knows.
fn scheme_of(service: &str) -> String {
    if is_scheme(service) { service.to_ascii_lowercase() } else { "x-im".to_owned() }
}
