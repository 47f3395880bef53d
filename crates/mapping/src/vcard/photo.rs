//! PHOTO: inline bytes, a `data:` URI or a link. Bytes stay in the original; the model knows them by their digest.

use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use dovetail_model::item::{Attachment, AttachmentSource};
use sha2::{Digest, Sha256};

use super::card::{Card, Syntax, types};
use super::encoding;
use crate::Warning;
use crate::component::{Component, Line};
use crate::content_line;

/// The first photo that can be read.
pub(super) fn read_photo(card: Component<'_>, warnings: &mut Vec<Warning>) -> Option<Attachment> {
    card.lines_named("PHOTO").filter(|line| !line.raw_value().trim_ascii().is_empty()).find_map(|line| {
        let photo = read_line(line);
        if photo.is_none() {
            warnings.push(Warning::at("bad_base64", "PHOTO", line.number()));
        }
        photo
    })
}

fn read_line(line: Line<'_>) -> Option<Attachment> {
    let types = types(line);
    let is_base64 = |word: &str| matches!(word.to_ascii_uppercase().as_str(), "B" | "BASE64");
    let media_type = line.param("MEDIATYPE").unwrap_or_else(|| {
        let named = types
            .iter()
            .find(|word| matches!(word.as_str(), "JPEG" | "JPG" | "PNG" | "GIF" | "BMP" | "WEBP"));
        named.map(|word| media_type(word)).unwrap_or_default()
    });
    let inline = |media_type: String, base64: &[u8]| {
        let bytes = decode_base64(base64)?;
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let source = AttachmentSource::Inline { digest, bytes: bytes.len() as u64 };
        Some(Attachment { source, name: String::new(), media_type })
    };
    if line.param("ENCODING").is_some_and(|word| is_base64(&word)) || types.iter().any(|word| is_base64(word))
    {
        return inline(media_type, &line.raw_value());
    }
    let uri = encoding::uri(line);
    match data_uri(&uri) {
        Some((embedded, base64)) => inline(embedded, base64.as_bytes()),
        None => Some(Attachment { source: AttachmentSource::Uri(uri), name: String::new(), media_type }),
    }
}

fn media_type(word: &str) -> String {
    match word {
        "JPG" => "image/jpeg".to_owned(),
        word => format!("image/{}", word.to_ascii_lowercase()),
    }
}

/// Media type and base64 of a `data:` URI (RFC 2397).
fn data_uri(uri: &str) -> Option<(String, &str)> {
    let rest = uri.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).and(uri.get(5..))?;
    let (head, data) = rest.split_once(',')?;
    let media_type = head.strip_suffix(";base64")?;
    Some((media_type.to_owned(), data))
}

/// Lenient base64: blanks and padding do not matter, nor does the literal `\n` that SOGo puts in.
fn decode_base64(value: &[u8]) -> Option<Vec<u8>> {
    let mut digits = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, further)) = rest.split_first() {
        if let Some(further) = rest.strip_prefix(b"\\n") {
            rest = further;
            continue;
        }
        if !first.is_ascii_whitespace() {
            digits.push(*first);
        }
        rest = further;
    }
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(digits).ok()
}

/// Changes the photo: it can be removed, or become a link. Bytes that the card does not hold cannot be written.
pub(super) fn write_photo(card: &mut Card, held: Option<&Attachment>, wanted: Option<&Attachment>) {
    if held.map(|photo| &photo.source) == wanted.map(|photo| &photo.source) {
        return;
    }
    let lines: Vec<_> = card.view().lines_named("PHOTO").map(|line| line.id()).collect();
    match wanted.map(|photo| (&photo.source, photo)) {
        None => lines.iter().for_each(|line| card.remove(*line)),
        Some((AttachmentSource::Inline { .. }, _)) => {}
        Some((AttachmentSource::Uri(uri), photo)) => {
            let first = lines.first().copied();
            lines.iter().skip(1).for_each(|line| card.remove(*line));
            first.into_iter().for_each(|line| card.remove(line));
            add_link(card, uri, &photo.media_type);
        }
    }
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
