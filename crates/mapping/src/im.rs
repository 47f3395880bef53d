//! Services of instant messaging, as vCard and Outlook name them.

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// What it is called: in the model, in Outlook, and in `X-SERVICE-TYPE`.
    pub name: &'static str,
    /// The property of its own.
    pub property: &'static str,
    /// The scheme of its URIs.
    pub scheme: &'static str,
    /// Other words for it, in lower case.
    pub also: &'static [&'static str],
}

/// All that have a name.
pub const SERVICES: [Service; 11] = [
    Service { name: "AIM", property: "X-AIM", scheme: "aim", also: &[] },
    Service { name: "Facebook", property: "X-FACEBOOK", scheme: "xmpp", also: &["fb"] },
    Service {
        name: "GoogleTalk",
        property: "X-GOOGLE-TALK",
        scheme: "xmpp",
        also: &["google-talk", "google", "gtalk"],
    },
    Service { name: "ICQ", property: "X-ICQ", scheme: "aim", also: &[] },
    Service { name: "Jabber", property: "X-JABBER", scheme: "xmpp", also: &["xmpp"] },
    Service { name: "MSN", property: "X-MSN", scheme: "msnim", also: &["msnim"] },
    Service { name: "QQ", property: "X-QQ", scheme: "x-apple", also: &[] },
    Service { name: "Skype", property: "X-SKYPE", scheme: "skype", also: &["skype-username"] },
    Service { name: "Yahoo", property: "X-YAHOO", scheme: "ymsgr", also: &["ymsgr"] },
    Service { name: "GaduGadu", property: "X-GADUGADU", scheme: "x-apple", also: &["gadu", "gg"] },
    Service { name: "SIP", property: "X-SIP", scheme: "sip", also: &["sips"] },
];

/// The service of that name, whatever its case and whichever of its names.
pub fn service(word: &str) -> Option<&'static Service> {
    let word = word.trim().to_ascii_lowercase();
    SERVICES
        .iter()
        .find(|service| service.name.eq_ignore_ascii_case(&word) || service.also.contains(&word.as_str()))
}

/// The name that a word for a service stands for; a word that nobody knows stands for itself.
pub(crate) fn name_of(word: &str) -> String {
    service(word).map_or_else(|| word.trim().to_owned(), |service| service.name.to_owned())
}
