//! PHOTO and KEY: inline bytes, a `data:` URI or a link. The model knows bytes by their digest.
//!
//! A photo that was made smaller for a server is there in place of the one that it is of, and known by that one's digest: so
//! it is nobody's edit, and never takes the place of the larger one.

use dovetail_model::item::{Attachment, AttachmentSource, Content};

use super::card::{Card, Syntax, types};
use super::{encoding, linked};
use crate::Warning;
use crate::bytes;
use crate::component::{Component, Line};
use crate::content_line;

/// Says which photo the one of a card is a smaller one of: its media type, length and digest, and the digest of the
/// smaller one. Where that is another by now, somebody has replaced it.
const REDUCED: &str = "X-DOVETAIL-PHOTO-OF";

/// The first photo that can be read; one that is only linked, as it was fetched, where it was.
pub(super) fn read_photo(card: Component<'_>, warnings: &mut Vec<Warning>) -> Option<Attachment> {
    let photo = card.lines_named("PHOTO").find_map(|line| {
        let value = line.raw_value();
        if value.trim_ascii().is_empty() {
            return None;
        }
        let photo = read_line(line, &value);
        if photo.is_none() {
            warnings.push(Warning::at("bad_base64", "PHOTO", line.number()));
        }
        photo
    })?;
    let AttachmentSource::Uri(uri) = &photo.source else { return Some(as_the_larger(card, photo)) };
    let fetched = card.parent().and_then(|root| linked::fetched(root, uri));
    fetched.map(bytes::attachment).or(Some(photo))
}

/// A photo as the one that it is a smaller one of; its bytes are the smaller one's.
fn as_the_larger(card: Component<'_>, photo: Attachment) -> Attachment {
    let larger = card.line(REDUCED).and_then(|line| {
        let value = line.value();
        let mut words = value.split_ascii_whitespace();
        let (media_type, bytes) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
        let (digest, smaller) = (words.next()?.to_owned(), words.next()?);
        let AttachmentSource::Inline { digest: held, content, .. } = &photo.source else { return None };
        let source = AttachmentSource::Inline { digest, bytes, content: content.clone() };
        (held == smaller).then(|| Attachment { source, media_type, ..photo.clone() })
    });
    larger.unwrap_or(photo)
}

/// The same photo with a smaller one's bytes: where it is written, it is known as what it is a smaller one of.
pub fn reduced(photo: &Attachment, smaller: Vec<u8>) -> Attachment {
    let mut photo = photo.clone();
    if let AttachmentSource::Inline { content, .. } = &mut photo.source {
        *content = Content(Some(smaller.into()));
    }
    photo
}

/// What there is of a photo, by its own digest: of one that stands for a larger one, the smaller.
pub(crate) fn at_hand(photo: &Attachment) -> Attachment {
    match (&photo.source, bytes::content(photo)) {
        (AttachmentSource::Inline { bytes: length, .. }, Some(content))
            if *length != content.len() as u64 =>
        {
            bytes::attachment(content.clone())
        }
        _ => photo.clone(),
    }
}

fn read_line(line: Line<'_>, value: &[u8]) -> Option<Attachment> {
    let types = types(line);
    if is_base64(line, &types) {
        return bytes::from_base64(value).map(bytes::attachment);
    }
    let uri = encoding::uri(line);
    match data_uri(&uri) {
        Some((_, base64)) => bytes::from_base64(base64.as_bytes()).map(bytes::attachment),
        None => {
            let named = types
                .iter()
                .find(|word| matches!(word.as_str(), "JPEG" | "JPG" | "PNG" | "GIF" | "BMP" | "WEBP"));
            let media_type = line
                .param("MEDIATYPE")
                .unwrap_or_else(|| named.map(|word| media_type(word)).unwrap_or_default());
            Some(Attachment { source: AttachmentSource::Uri(uri), name: String::new(), media_type })
        }
    }
}

fn is_base64(line: Line<'_>, types: &[String]) -> bool {
    let is = |word: &str| matches!(word.to_ascii_uppercase().as_str(), "B" | "BASE64");
    line.param("ENCODING").is_some_and(|word| is(&word)) || types.iter().any(|word| is(word))
}

fn media_type(word: &str) -> String {
    match word {
        "JPG" => "image/jpeg".to_owned(),
        word => format!("image/{}", word.to_ascii_lowercase()),
    }
}

/// Media type and base64 of a `data:` URI (RFC 2397).
fn data_uri(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).and(uri.get(5..))?;
    let (head, data) = rest.split_once(',')?;
    let media_type = head.strip_suffix(";base64")?;
    Some((media_type, data))
}

/// Changes the photo. Bytes that are not at hand are not written: what is there then stays.
pub(super) fn write_photo(card: &mut Card, held: Option<&Attachment>, wanted: Option<&Attachment>) {
    if held.map(|photo| &photo.source) == wanted.map(|photo| &photo.source) {
        return;
    }
    let view = card.view();
    let lines = view.lines_named("PHOTO").chain(view.lines_named(REDUCED));
    let lines: Vec<_> = lines.map(|line| line.id()).collect();
    match wanted {
        None => {}
        Some(Attachment { source: AttachmentSource::Uri(uri), media_type, .. }) => {
            add_link(card, uri, media_type);
        }
        Some(photo) => match bytes::content(photo) {
            Some(content) => {
                let smaller = at_hand(photo);
                add_bytes(card, "PHOTO", content, photo_type(&smaller));
                add_larger(card, photo, &smaller);
            }
            None => return,
        },
    }
    lines.iter().for_each(|line| card.remove(*line));
}

/// Notes which photo one is a smaller one of, where it is.
fn add_larger(card: &mut Card, photo: &Attachment, smaller: &Attachment) {
    let digests = [&photo.source, &smaller.source].map(|source| match source {
        AttachmentSource::Inline { digest, bytes, .. } => (digest.as_str(), *bytes),
        AttachmentSource::Uri(_) => ("", 0),
    });
    if let [(digest, bytes), (of_smaller, _)] = digests
        && digest != of_smaller
    {
        card.add(REDUCED, &[], &format!("{} {bytes} {digest} {of_smaller}", photo_type(photo)));
    }
}

/// The media type that is written of a photo: what nobody can tell is taken for JPEG, as most are.
fn photo_type(photo: &Attachment) -> &str {
    if photo.media_type.is_empty() { "image/jpeg" } else { &photo.media_type }
}

fn add_bytes(card: &mut Card, name: &str, content: &[u8], media_type: &str) {
    let base64 = bytes::to_base64(content);
    let line = card.add(name, &[], "");
    let word = match media_type.rsplit_once('/') {
        Some(("image", kind)) => kind.to_ascii_uppercase(),
        _ => "X509".to_owned(),
    };
    match card.syntax {
        Syntax::V21 => card.document.append_params(line, &format!(";{word};ENCODING=BASE64")),
        Syntax::V3 => card.document.append_params(line, &format!(";ENCODING=b;TYPE={word}")),
        Syntax::V4 => {
            return card.document.set_value(line, &format!("data:{media_type};base64,{base64}"));
        }
    }
    card.document.set_value(line, &base64);
}

fn add_link(card: &mut Card, uri: &str, media_type: &str) {
    let line = card.add("PHOTO", &[], "");
    if card.syntax == Syntax::V4 {
        if !media_type.is_empty() {
            card.document.set_param(line, "MEDIATYPE", &[media_type]);
        }
    } else {
        card.document.set_param(line, "VALUE", &["uri"]);
        if let Some(kind) = media_type.strip_prefix("image/") {
            card.document.set_param(line, "TYPE", &[kind.to_ascii_uppercase()]);
        }
    }
    card.put(line, &content_line::printable_value(uri));
}

/// The first X.509 certificate. Keys of other kinds, and those that are elsewhere, are not ours.
pub(super) fn read_certificate(card: Component<'_>) -> Option<Attachment> {
    card.lines_named("KEY").find_map(read_key)
}

fn read_key(line: Line<'_>) -> Option<Attachment> {
    let types = types(line);
    if types.iter().any(|word| word == "PGP") {
        return None;
    }
    let der = match is_base64(line, &types) {
        true => bytes::from_base64(&line.raw_value())?,
        false => bytes::from_base64(data_uri(&encoding::uri(line))?.1.as_bytes())?,
    };
    // A certificate is a SEQUENCE (X.690 section 8.9).
    der.starts_with(&[0x30]).then(|| bytes::attachment(der))
}

/// Changes the certificate; other keys stay.
pub(super) fn write_certificate(card: &mut Card, held: Option<&Attachment>, wanted: Option<&Attachment>) {
    if held == wanted {
        return;
    }
    let old = card.view().lines_named("KEY").find(|line| read_key(*line).is_some()).map(|line| line.id());
    match wanted.map(bytes::content) {
        None => {}
        Some(Some(content)) => add_bytes(card, "KEY", content, "application/pkix-cert"),
        Some(None) => return,
    }
    old.into_iter().for_each(|line| card.remove(line));
}
