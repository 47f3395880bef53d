//! RTF (version 1.9.1), as Outlook keeps bodies: a reader of what Word and Outlook write, HTML in RTF (MS-OXRTFEX)
//! included, and a writer.
//!
//! The reader takes bytes of any kind; its memory is a small multiple of theirs, and groups in groups do not go deeper
//! than it has room for.

use super::rich::Rich;

mod lists;
mod read;
mod tables;
mod write;

pub use write::write;

/// What some RTF says; nothing where it is no RTF.
pub fn read(rtf: &[u8]) -> Rich {
    read::read(rtf)
}
