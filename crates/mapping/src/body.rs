//! Formatted text: RTF, as Outlook keeps it, HTML, as calendars carry it, and the plain text that says the same.
//!
//! All go through [`Rich`], which knows only what both formats can say and what is safe; so what was read from one is
//! clean in the other, and comes back the same. [`html`] and [`rtf`] each read and write it. Nothing in here fails: what
//! cannot be understood is left out.

mod charset;
pub mod compressed;
mod entities;
pub mod html;
mod rich;
pub mod rtf;
#[cfg(test)]
mod tests;

pub use rich::{Align, Block, ListItem, ListKind, Paragraph, Rich, Run, Script, Style, Table};

/// The HTML of a formatted text as an item has it: clean, in one spelling, and `None` where it says no more than the
/// plain text does.
pub fn canonical(rich: &Rich) -> Option<String> {
    (!rich.is_plain()).then(|| html::write(rich))
}
