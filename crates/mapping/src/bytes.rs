//! Bytes inside an item, photos and certificates: their digest, their kind, their base64.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD};
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use dovetail_model::item::{Attachment, AttachmentSource, Content};
use sha2::{Digest, Sha256};

/// What holds these bytes, with the media type that they show.
pub(crate) fn attachment(bytes: impl Into<Arc<[u8]>>) -> Attachment {
    let bytes = bytes.into();
    let digest = Sha256::digest(&bytes);
    let mut hex = String::with_capacity(2 * digest.len());
    for byte in digest {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        hex.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    let media_type = image_type(&bytes).unwrap_or_default().to_owned();
    let source =
        AttachmentSource::Inline { digest: hex, bytes: bytes.len() as u64, content: Content(Some(bytes)) };
    Attachment { source, name: String::new(), media_type }
}

/// The bytes of an attachment, where they are at hand.
pub(crate) fn content(attachment: &Attachment) -> Option<&Arc<[u8]>> {
    match &attachment.source {
        AttachmentSource::Inline { content: Content(content), .. } => content.as_ref(),
        AttachmentSource::Uri(_) => None,
    }
}

/// The media type of an image, by its first bytes: what is said of it is often wrong.
pub(crate) fn image_type(bytes: &[u8]) -> Option<&'static str> {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    match () {
        () if begins(b"\xff\xd8\xff") => Some("image/jpeg"),
        () if begins(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        () if begins(b"GIF8") => Some("image/gif"),
        () if begins(b"BM") => Some("image/bmp"),
        () if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some("image/webp"),
        () => None,
    }
}

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Lenient base64: blanks and padding do not matter, nor does the literal `\n` that SOGo puts in.
pub(crate) fn from_base64(value: &[u8]) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
    // What is as it should be is not copied first.
    if let Ok(bytes) = engine.decode(value) {
        return Some(bytes);
    }
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
    engine.decode(digits).ok()
}
