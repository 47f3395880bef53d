//! Resource names that every server takes.

use sha2::{Digest, Sha256};

/// Names that get longer than this once they are encoded are cut: file systems of servers end at 255 bytes, and some servers
/// put things around a name.
const LONGEST: usize = 120;

/// A resource name made of `name`: itself where it is harmless, else what is harmless of it and a digest of all of it, so
/// that different names stay different.
///
/// QUIRK(names: radicale, xandikos, davical, sogo): each of them refuses or loses some characters in names, even encoded.
pub(super) fn resource_name(name: &str, extension: &str) -> String {
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    let mut length = 0;
    let fits = |c: &char| {
        length += if *c == '@' { "%40".len() } else { 1 };
        length <= LONGEST
    };
    let harmless: String = name.chars().filter(|c| is_harmless(*c)).take_while(fits).collect();
    let harmless = harmless.trim_start_matches('.');
    if harmless == name && !name.is_empty() {
        return format!("{name}.{extension}");
    }
    let digest = Sha256::digest(name.as_bytes());
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let separator = if harmless.is_empty() { "" } else { "-" };
    format!("{harmless}{separator}{digest}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::resource_name;

    #[test]
    fn harmless_names_stay_and_others_stay_apart() {
        assert_eq!(resource_name("a-b_c.d@example.com", "ics"), "a-b_c.d@example.com.ics");
        let long = ["x".repeat(500), "x".repeat(501), "@".repeat(90), "@".repeat(91)];
        let odd = ["a/b", "a?b", "a b", "ab/", ".ab", "äab", "", ".."];
        let odd: Vec<&str> = odd.into_iter().chain(long.iter().map(String::as_str)).collect();
        let mut names: Vec<String> = odd.iter().map(|name| resource_name(name, "vcf")).collect();
        for name in &names {
            assert!(name.replace('@', "%40").len() < 160 && !name.starts_with('.'), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c)), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), odd.len());
    }

    #[test]
    fn a_name_is_made_the_same_way_each_time() {
        assert_eq!(resource_name("a/b", "ics"), resource_name("a/b", "ics"));
        assert_ne!(resource_name("a/b", "ics"), resource_name("ab", "ics"));
    }
}
