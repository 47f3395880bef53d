//! Names of time zones: Windows ids, IANA names old and new, and the names that Outlook shows.
//!
//! Tables only; what a TZID of a calendar means is decided in [`crate::ical`], which also looks at VTIMEZONEs. All
//! look-ups ignore case. The data is CLDR's (see `table.rs` for its licence and `data/` for how it is generated).

mod table;
#[cfg(test)]
mod tests;

/// The IANA zone, in its present name, that stands for a Windows zone: `W. Europe Standard Time` is `Europe/Berlin`.
pub fn iana_of_windows(id: &str) -> Option<&'static str> {
    find(table::PRIMARY, &id.to_lowercase()).map(|row| row.2)
}

/// The Windows zone of an IANA zone, whichever of its names is given.
pub fn windows_of_iana(id: &str) -> Option<&'static str> {
    find(table::NAMES, &id.to_lowercase()).map(|row| row.2).filter(|windows| !windows.is_empty())
}

/// The present name of an IANA zone: `Asia/Calcutta` is `Asia/Kolkata`.
pub fn canonical_iana(id: &str) -> Option<&'static str> {
    find(table::NAMES, &id.to_lowercase()).map(|row| row.1)
}

/// The Windows zone that Outlook shows under a name such as `(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm,
/// Vienna`; the offset does not matter, nor does punctuation.
pub fn windows_of_shown_name(name: &str) -> Option<&'static str> {
    let name = plain_name(name);
    table::SHOWN
        .binary_search_by(|row| row.0.cmp(name.as_str()))
        .ok()
        .and_then(|at| table::SHOWN.get(at))
        .map(|row| row.1)
}

/// The IANA zones that stand for a Windows zone each.
pub fn main_iana_zones() -> impl Iterator<Item = &'static str> {
    table::PRIMARY.iter().map(|row| row.2)
}

/// A name that Outlook shows, without the offset before it, in lower case, letters and digits only.
fn plain_name(name: &str) -> String {
    let name = name.trim();
    let name = match name.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((offset, rest)) if is_offset(offset) => rest,
        _ => name,
    };
    name.to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || "+-".contains(*character))
        .collect()
}

/// `UTC+01:00`, `GMT-05.00`, `UTC`.
fn is_offset(text: &str) -> bool {
    let rest = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT"));
    rest.is_some_and(|rest| {
        rest.chars().all(|character| character.is_ascii_digit() || "+-:. ".contains(character))
    })
}

fn find(
    table: &'static [(&'static str, &'static str, &'static str)],
    key: &str,
) -> Option<&'static (&'static str, &'static str, &'static str)> {
    table.binary_search_by(|row| row.0.cmp(key)).ok().and_then(|at| table.get(at))
}
