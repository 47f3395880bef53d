//! What a server asks for in its `WWW-Authenticate` and `Proxy-Authenticate` headers (RFC 9110 section 11.6.1).
//!
//! Servers put several challenges into one header or into many, with commas inside and between them, in any order and case.

/// One way in that a server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme, in lower case: `basic`, `digest`, `bearer`, `negotiate`, ...
    pub scheme: String,
    /// Parameters: names in lower case, values without their quotes.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The first parameter of that name, in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// All challenges of these headers, in order. What is no challenge is passed over.
pub fn challenges<'a>(headers: impl Iterator<Item = &'a str>) -> Vec<Challenge> {
    let mut found = Vec::new();
    for header in headers {
        let mut rest = Rest(header);
        // A parameter belongs to a challenge of its own header.
        let first = found.len();
        while let Some(word) = rest.word() {
            match rest.value() {
                Some(value) => {
                    if let Some(challenge) = found.get_mut(first..).and_then(<[Challenge]>::last_mut) {
                        challenge.parameters.push((word.to_ascii_lowercase(), value));
                    }
                }
                None => {
                    found.push(Challenge { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
                    rest.pass_token68();
                }
            }
        }
    }
    found
}

/// The schemes as people know them, such as `NTLM or Basic`.
pub fn names(challenges: &[Challenge]) -> String {
    let mut names: Vec<&str> = challenges
        .iter()
        .map(|challenge| match challenge.scheme.as_str() {
            "basic" => "Basic",
            "digest" => "Digest",
            "negotiate" => "Negotiate (Kerberos)",
            "ntlm" => "NTLM",
            "bearer" => "Bearer (OAuth)",
            other => other,
        })
        .collect();
    names.dedup();
    match names.is_empty() {
        true => "means that it does not name".to_owned(),
        false => names.join(" or "),
    }
}

/// What of a header is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// The next word: the name of a scheme or of a parameter.
    fn word(&mut self) -> Option<&'a str> {
        loop {
            let start = self.0.find(is_token)?;
            let rest = self.0.get(start..)?;
            let end = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
            // Whatever stood before the word is none of ours; a quoted string in the wrong place is passed over whole.
            if let Some(quote) = self.0.get(..start)?.find('"') {
                self.0 = self.0.get(quote..)?;
                self.quoted();
                continue;
            }
            let (word, rest) = rest.split_at_checked(end)?;
            self.0 = rest;
            return Some(word);
        }
    }

    /// The value, if what was read is the name of a parameter.
    fn value(&mut self) -> Option<String> {
        let after = self.0.trim_start_matches([' ', '\t']).strip_prefix('=')?;
        self.0 = after.trim_start_matches([' ', '\t']);
        if self.0.starts_with('"') {
            return Some(self.quoted());
        }
        let end = self.0.find([',', ' ', '\t']).unwrap_or(self.0.len());
        let (value, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some(value.to_owned())
    }

    /// A quoted string, without quotes and escapes. One that does not end goes on to the end.
    fn quoted(&mut self) -> String {
        let mut value = String::new();
        let mut characters = self.0.chars();
        characters.next();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => value.extend(characters.next()),
                other => value.push(other),
            }
        }
        self.0 = characters.as_str();
        value
    }

    /// Passes over data that stands in place of parameters, such as that of `Negotiate`.
    fn pass_token68(&mut self) {
        let data = self.0.trim_start_matches([' ', '\t']);
        let end = data.find([',', ' ', '\t']).unwrap_or(data.len());
        let Some((data, rest)) = data.split_at_checked(end) else { return };
        let is_data = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
        let follows = rest.trim_start_matches([' ', '\t']);
        if data.trim_end_matches('=').chars().all(is_data) && (follows.is_empty() || follows.starts_with(','))
        {
            self.0 = rest;
        }
    }
}

/// Whether a character may stand in a token (RFC 9110 section 5.6.2).
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

#[cfg(test)]
mod tests;
