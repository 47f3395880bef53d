//! Dates of HTTP headers (RFC 9110 section 5.6.7), in the one form that servers write today.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Seconds since 1970 of an `IMF-fixdate` such as `Sun, 06 Nov 1994 08:49:37 GMT`. `None`: not one.
pub fn unix_seconds(text: &str) -> Option<i64> {
    let (_, rest) = text.trim().split_once(',')?;
    let mut words = rest.split_ascii_whitespace();
    let day = number(words.next()?, 1..=31)?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))? + 1;
    let year = number(words.next()?, 1970..=9999)?;
    let mut clock = words.next()?.splitn(3, ':');
    let hour = number(clock.next()?, 0..=23)?;
    let minute = number(clock.next()?, 0..=59)?;
    let second = number(clock.next()?, 0..=60)?;
    if !matches!(words.next(), Some("GMT" | "UTC" | "+0000")) {
        return None;
    }
    let days = days_since_1970(year, i64::try_from(month).ok()?, day);
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(text: &str, within: std::ops::RangeInclusive<i64>) -> Option<i64> {
    text.parse().ok().filter(|number| within.contains(number))
}

/// Counts in years that begin on the first of March, so that a leap day is the last day of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let days_of_years = 365 * year + year / 4 - year / 100 + year / 400;
    let days_of_months = (153 * month + 2) / 5;
    days_of_years + days_of_months + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    #[test]
    fn a_fixdate_is_read() {
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Fri, 1 Mar 2024 00:00:00 GMT", Some(1_709_251_200)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("120", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("", None),
        ] {
            assert_eq!(unix_seconds(text), seconds, "{text}");
        }
    }
}
