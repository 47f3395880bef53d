//! Photos that a card only links to. Who reads the card may fetch them, and keep them with it: behind the card, in a
//! component of our own, which is no part of the card and never sent.

use std::borrow::Cow;

use dovetail_model::item::AttachmentSource;

use super::{first_card, group, photo};
use crate::bytes;
use crate::component::{Component, Document, Place};
use crate::content_line::NewLine;

const COMPONENT: &str = "X-DOVETAIL-FETCHED";

/// The link of a contact's photo, where it has one and no photo itself.
pub fn link(card: &[u8]) -> Option<String> {
    // Most cards have none, and need not be read for that.
    if !card.windows(4).any(|word| word.eq_ignore_ascii_case(b"http")) {
        return None;
    }
    let document = Document::parse(card);
    let card = first_card(&document).filter(|card| !group::is_group(*card))?;
    match photo::read_photo(card, &mut Vec::new())?.source {
        AttachmentSource::Uri(uri) => Some(uri),
        AttachmentSource::Inline { .. } => None,
    }
}

/// A card together with the photo that it links to; the card alone where that is no image.
pub fn with_photo(card: Vec<u8>, link: &str, photo: &[u8]) -> Vec<u8> {
    if bytes::image_type(photo).is_none() {
        return card;
    }
    let mut document = Document::parse(&card);
    let root = document.root().id();
    let Some(fetched) = document.insert_component(root, Place::Last, COMPONENT) else { return card };
    for (name, value) in [("URL", link), ("DATA", &bytes::to_base64(photo))] {
        document.insert(fetched, Place::Last, &NewLine::raw(name, value));
    }
    document.to_bytes()
}

/// The card alone.
pub fn without_photo(kept: &[u8]) -> Cow<'_, [u8]> {
    let begin = format!("BEGIN:{COMPONENT}");
    if !kept.windows(begin.len()).any(|words| words == begin.as_bytes()) {
        return Cow::Borrowed(kept);
    }
    let mut document = Document::parse(kept);
    let ours: Vec<_> = document.components_named(COMPONENT).map(Component::id).collect();
    ours.into_iter().for_each(|component| document.remove_component(component));
    Cow::Owned(document.to_bytes())
}

/// The photo that was fetched from a link.
pub(super) fn fetched(root: Component<'_>, link: &str) -> Option<Vec<u8>> {
    let kept = root
        .components_named(COMPONENT)
        .find(|kept| kept.line("URL").is_some_and(|it| it.value() == link))?;
    bytes::from_base64(&kept.line("DATA")?.raw_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetched_photo_stays_beside_the_card_and_out_of_it() {
        let card =
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nPHOTO;VALUE=uri:https://example.com/p\r\nEND:VCARD\r\n";
        assert_eq!(link(card).as_deref(), Some("https://example.com/p"));
        let png = b"\x89PNG\r\n\x1a\nrest";
        let kept = with_photo(card.to_vec(), "https://example.com/p", png);
        assert_eq!(link(&kept), None);
        assert_eq!(&*without_photo(&kept), card);
        assert_eq!(&*without_photo(card), card);
        let document = Document::parse(&kept);
        let photo = photo::read_photo(first_card(&document).unwrap(), &mut Vec::new()).unwrap();
        assert_eq!(bytes::content(&photo).map(|content| content.to_vec()), Some(png.to_vec()));
        // What is no image is none of a contact's.
        assert_eq!(with_photo(card.to_vec(), "https://example.com/p", b"<html>"), card);
        // Another link has not been fetched.
        let moved = String::from_utf8(kept).unwrap().replacen("com/p\r\nEND:VCARD", "com/q\r\nEND:VCARD", 1);
        assert_eq!(link(moved.as_bytes()).as_deref(), Some("https://example.com/q"));
    }
}
