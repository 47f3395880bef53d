//! The fields that events and tasks have in common, each with its reading above its writing.

use dovetail_model::Kind;
use dovetail_model::contact::Custom;
use dovetail_model::item::{Attachment, AttachmentSource, Priority, Sensitivity};
use sha2::{Digest, Sha256};

use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

use super::{Reader, Writer};
use crate::component::{Component, ComponentId, Line, LineId};
use crate::content_line::{self, NewLine};
use crate::options::{AllCustom, CalendarOptions, ConfidentialAs, Mapped, PrivateAs, PublicAs, PublicClass};
use crate::{Warning, vcard};

/// A TEXT property; empty if it is not there. Old calendars (vCalendar 1.0) encode values.
pub(super) fn read_text(component: Component<'_>, name: &str) -> String {
    let text = |line: Line<'_>| match is_quoted_printable(line) {
        true => vcard::decoded_text(line),
        false => line.text(),
    };
    component.line(name).map(text).unwrap_or_default()
}

/// Whether the value of a line is encoded as quoted-printable.
pub(super) fn is_quoted_printable(line: Line<'_>) -> bool {
    line.param("ENCODING").is_some_and(|encoding| encoding.eq_ignore_ascii_case("QUOTED-PRINTABLE"))
}

/// Changes a TEXT property.
pub(super) fn write_text(writer: &mut Writer<'_>, id: ComponentId, name: &str, before: &str, after: &str) {
    if before != after {
        writer.write_text(id, name, after);
    }
}

/// A page about the item. URIs have no escapes (RFC 5545 section 3.3.13).
pub(super) fn read_url(component: Component<'_>) -> String {
    component.line("URL").map(|line| line.value().trim().to_owned()).unwrap_or_default()
}

/// Changes the page about the item.
pub(super) fn write_url(writer: &mut Writer<'_>, id: ComponentId, before: &str, after: &str) {
    if before != after {
        writer.write_raw(id, "URL", after);
    }
}

/// PRIORITY; anything that is no number from 0 to 9 is none.
pub(super) fn read_priority(component: Component<'_>, reader: &mut Reader<'_>) -> Priority {
    if reader.options.calendar.priority == Mapped::No {
        return Priority(0);
    }
    let Some(line) = component.line("PRIORITY") else { return Priority(0) };
    match line.value().trim().parse::<u8>() {
        Ok(number @ 0..=9) => Priority(number),
        _ => {
            reader.warn(Warning::at("bad_value", "PRIORITY", line.number()).with(line.value()));
            Priority(0)
        }
    }
}

/// Changes PRIORITY.
pub(super) fn write_priority(writer: &mut Writer<'_>, id: ComponentId, before: Priority, after: Priority) {
    if before != after && writer.settings.options.calendar.priority == Mapped::Yes {
        writer.write_raw(id, "PRIORITY", &after.0.min(9).to_string());
    }
}

/// CLASS; one that is not known is to be treated as PRIVATE (RFC 5545 section 3.8.1.3).
pub(super) fn read_class(component: Component<'_>, options: &CalendarOptions) -> Sensitivity {
    let class = component.line("CLASS").map(|line| line.value().trim().to_ascii_uppercase());
    match (class.as_deref(), options.confidential_as, options.public_as) {
        (None | Some("PUBLIC" | ""), _, PublicAs::Public) => Sensitivity::Public,
        (Some("CONFIDENTIAL"), ConfidentialAs::Confidential, _) => Sensitivity::Confidential,
        _ => Sensitivity::Private,
    }
}

/// Changes CLASS; a new component says it. Outlook's Personal is to be made Private before ([`held_class`]).
pub(super) fn write_class(writer: &mut Writer<'_>, id: ComponentId, before: Sensitivity, after: Sensitivity) {
    let options = &writer.settings.options.calendar;
    if before == after && !writer.is_new(id) {
        return;
    }
    let class = match (after, options.private_as, options.public_class) {
        (Sensitivity::Public, _, PublicClass::Omitted) => "",
        (Sensitivity::Public, ..) => "PUBLIC",
        (Sensitivity::Confidential, ..)
        | (Sensitivity::Personal | Sensitivity::Private, PrivateAs::Confidential, _) => "CONFIDENTIAL",
        (Sensitivity::Personal | Sensitivity::Private, ..) => "PRIVATE",
    };
    writer.write_raw(id, "CLASS", class);
}

/// The sensitivity that iCalendar can hold.
pub(super) fn held_class(class: Sensitivity) -> Sensitivity {
    match class {
        Sensitivity::Personal => Sensitivity::Private,
        other => other,
    }
}

/// The categories of all CATEGORIES lines, without repetitions.
pub(super) fn read_categories(component: Component<'_>) -> Vec<String> {
    let mut categories: Vec<String> = Vec::new();
    for line in component.lines_named("CATEGORIES") {
        for category in line.text_list().iter().map(|category| category.trim()) {
            if !category.is_empty() && !has_category(&categories, category) {
                categories.push(category.to_owned());
            }
        }
    }
    categories
}

/// Changes categories: those that go leave their line, new ones join the last line.
pub(super) fn write_categories(
    writer: &mut Writer<'_>,
    id: ComponentId,
    before: &[String],
    after: &[String],
) {
    let lines: Vec<_> = writer.document.component(id).lines_named("CATEGORIES").map(Line::id).collect();
    if before.iter().any(|category| !has_category(after, category)) {
        for line in lines {
            remove_categories(writer, line, after);
        }
    }
    let mut new: Vec<&str> = Vec::new();
    for category in after.iter().map(|category| category.trim()) {
        if !category.is_empty() && !has_category(before, category) && !has_category(&new, category) {
            new.push(category);
        }
    }
    if new.is_empty() {
        return;
    }
    match writer
        .document
        .component(id)
        .lines_named("CATEGORIES")
        .last()
        .map(|line| (line.id(), line.value().into_owned()))
    {
        Some((line, value)) => {
            let mut all: Vec<_> = Some(value).filter(|value| !value.trim().is_empty()).into_iter().collect();
            all.extend(new.iter().map(|category| content_line::escape_text(category)));
            writer.document.set_value(line, &all.join(","));
        }
        None => writer.insert(id, &NewLine::list("CATEGORIES", &new)),
    }
}

fn remove_categories(writer: &mut Writer<'_>, line: LineId, wanted: &[String]) {
    let value = writer.document.line(line).value().into_owned();
    let all = content_line::split_escaped(&value, ',');
    let is_kept = |text: &&&str| {
        let category = content_line::unescape_text(text);
        category.trim().is_empty() || has_category(wanted, category.trim())
    };
    let kept: Vec<_> = all.iter().filter(is_kept).copied().collect();
    if kept.iter().all(|text| text.trim().is_empty()) {
        writer.document.remove_line(line);
    } else if kept.len() < all.len() {
        writer.document.set_value(line, &kept.join(","));
    }
}

pub(super) fn has_category<T: AsRef<str>>(categories: &[T], wanted: &str) -> bool {
    let wanted = wanted.trim().to_lowercase();
    categories.iter().any(|category| category.as_ref().trim().to_lowercase() == wanted)
}

/// Attachments: URIs, and bytes inside the calendar by their digest (SHA-256).
pub(super) fn read_attachments(component: Component<'_>, reader: &mut Reader<'_>) -> Vec<Attachment> {
    component.lines_named("ATTACH").filter_map(|line| read_attachment(line, reader)).collect()
}

fn read_attachment(line: Line<'_>, reader: &mut Reader<'_>) -> Option<Attachment> {
    let value = line.value();
    let has =
        |name: &str, wanted: &str| line.param(name).is_some_and(|text| text.eq_ignore_ascii_case(wanted));
    let source = if has("VALUE", "BINARY") || has("ENCODING", "BASE64") {
        let Ok(bytes) = lenient_base64().decode(value.split_ascii_whitespace().collect::<String>()) else {
            reader.warn(Warning::at("bad_base64", "ATTACH", line.number()));
            return None;
        };
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        AttachmentSource::Inline { digest, bytes: bytes.len() as u64, content: Default::default() }
    } else if value.trim().is_empty() {
        return None;
    } else {
        AttachmentSource::Uri(value.trim().to_owned())
    };
    let name = FILE_NAMES.iter().find_map(|name| line.param(name));
    Some(Attachment {
        source,
        name: name.unwrap_or_default(),
        media_type: line.param("FMTTYPE").unwrap_or_default(),
    })
}

fn lenient_base64() -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&base64::alphabet::STANDARD, config)
}

/// The parameters that give the name of a file: RFC 8607's, and older ones.
const FILE_NAMES: [&str; 3] = ["FILENAME", "X-FILENAME", "X-APPLE-FILENAME"];

/// Changes attachments: lines of those that go are removed, a link that is called otherwise keeps its line; of new ones only
/// URIs can be added, since bytes are not part of an item.
pub(super) fn write_attachments(
    writer: &mut Writer<'_>,
    id: ComponentId,
    before: &[Attachment],
    after: &[Attachment],
) {
    if before == after {
        return;
    }
    let mut new = after.to_vec();
    let mut gone = Vec::new();
    for line in writer.document.component(id).lines_named("ATTACH") {
        let Some(attachment) = read_attachment(line, &mut writer.reader) else { continue };
        match new.iter().position(|wanted| *wanted == attachment) {
            Some(at) => drop(new.remove(at)),
            None => gone.push((line.id(), attachment)),
        }
    }
    for (line, old) in gone {
        let is_link = matches!(old.source, AttachmentSource::Uri(_));
        match new.iter().position(|wanted| is_link && wanted.source == old.source) {
            Some(at) => call_attachment(writer, line, &old, &new.remove(at)),
            None => writer.document.remove_line(line),
        }
    }
    for attachment in new {
        if let AttachmentSource::Uri(uri) = &attachment.source
            && is_uri(uri)
        {
            let mut line = NewLine::raw("ATTACH", uri);
            for (name, value) in [("FMTTYPE", &attachment.media_type), ("FILENAME", &attachment.name)] {
                line = if value.is_empty() { line } else { line.param(name, value) };
            }
            writer.insert(id, &line);
        }
    }
}

/// Whether a text is a URI, which others can follow, and not the path of a file on a computer: a letter alone is a drive.
pub(crate) fn is_uri(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.len() > 1
        && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

/// Changes what a link is called.
fn call_attachment(writer: &mut Writer<'_>, line: LineId, before: &Attachment, after: &Attachment) {
    let view = writer.document.line(line);
    let name = FILE_NAMES.into_iter().find(|name| view.param(name).is_some()).unwrap_or(FILE_NAMES[0]);
    for (param, before, after) in
        [(name, &before.name, &after.name), ("FMTTYPE", &before.media_type, &after.media_type)]
    {
        if before == after {
            continue;
        }
        if after.is_empty() {
            writer.document.remove_param(line, param);
        } else {
            writer.document.set_param(line, param, &[after]);
        }
    }
}

/// Properties of the user's own, by Outlook's names; of several lines of one name the first counts.
pub(super) fn read_custom(component: Component<'_>, kind: Kind, reader: &Reader<'_>) -> Vec<Custom> {
    custom_lines(component, kind, reader).into_iter().map(|(_, property)| property).collect()
}

fn custom_lines(component: Component<'_>, kind: Kind, reader: &Reader<'_>) -> Vec<(LineId, Custom)> {
    let options = &reader.settings.options.calendar.custom;
    let mut found: Vec<(LineId, Custom)> = Vec::new();
    if options.all == AllCustom::Left && options.pairs.is_empty() {
        return found;
    }
    for line in component.lines() {
        let Some(name) = options.in_outlook(kind, line.name()) else { continue };
        let value = line.text();
        if !value.is_empty() && !found.iter().any(|(_, known)| known.name.eq_ignore_ascii_case(&name)) {
            found.push((line.id(), Custom { name, value }));
        }
    }
    found
}

/// Changes properties of the user's own. What has no name on the server stays in Outlook.
pub(super) fn write_custom(writer: &mut Writer<'_>, id: ComponentId, kind: Kind, after: &[Custom]) {
    let there = custom_lines(writer.document.component(id), kind, &writer.reader);
    let same = |one: &Custom, other: &Custom| one.name.eq_ignore_ascii_case(&other.name);
    for (line, before) in &there {
        match after.iter().find(|wanted| same(wanted, before)) {
            Some(wanted) if wanted.value == before.value => {}
            Some(wanted) => writer.document.set_text(*line, &wanted.value),
            None => writer.document.remove_line(*line),
        }
    }
    for wanted in after.iter().filter(|wanted| !there.iter().any(|(_, before)| same(wanted, before))) {
        let name = writer.settings.options.calendar.custom.on_server(kind, &wanted.name);
        if let Some(name) = name.filter(|_| !wanted.value.is_empty()) {
            writer.insert(id, &NewLine::text(&name, &wanted.value));
        }
    }
}
