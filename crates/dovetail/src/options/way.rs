//! The options of the way to a server.

use super::{Declared, Domain, YES_NO};

pub(super) const OPTIONS: &[Declared] = &[
    Declared {
        key: "timeout_seconds",
        default: "90",
        meaning: "How long a server may take to begin an answer, and then for each piece of it, in seconds. All of it may take \
                  twenty times as long.",
        domain: Domain::Number(1, 3_600),
    },
    Declared {
        key: "proxy",
        default: "system",
        meaning: "What stands between this computer and the server. system: what the system's settings or the variables \
                  HTTPS_PROXY and NO_PROXY say; none: nothing; else its address, such as http://proxy.example.org:3128 \
                  or socks5h://127.0.0.1:1080.",
        domain: Domain::Proxy,
    },
    Declared {
        key: "proxy_user",
        default: "",
        meaning: "The user's name at the proxy, where it wants one. Its password is given with `profile password NAME \
                  --for proxy`, or for all profiles with `settings password --for proxy`.",
        domain: Domain::Text,
    },
    Declared {
        key: "login",
        default: "password",
        meaning: "How the server lets you in. password: by user and password; oauth: by access tokens (OAuth 2), for which you \
                  agree in a browser: `profile login NAME` begins that. The options that begin with oauth_ say where, as \
                  whoever runs the server tells.",
        domain: Domain::Choice(&["password", "oauth"]),
    },
    Declared {
        key: "oauth_authorization_url",
        default: "",
        meaning: "With login=oauth: the address at which you agree. What a provider wants beside the standard, such as \
                  access_type=offline, stands in its query.",
        domain: Domain::SafeAddress,
    },
    Declared {
        key: "oauth_token_url",
        default: "",
        meaning: "With login=oauth: the address that gives the tokens.",
        domain: Domain::SafeAddress,
    },
    Declared {
        key: "oauth_client_id",
        default: "",
        meaning: "With login=oauth: the name under which the provider knows this program. If there is a secret with it, that \
                  is given with `profile password NAME --for oauth-client`, or for all profiles with `settings password \
                  --for oauth-client`.",
        domain: Domain::Text,
    },
    Declared {
        key: "oauth_scope",
        default: "",
        meaning: "With login=oauth: what is asked for, in the provider's words, with blanks in between.",
        domain: Domain::Text,
    },
    Declared {
        key: "preemptive_login",
        default: "yes",
        meaning: "Whether the password is sent with every request, before the server asks. no: two more requests at the \
                  start of each run, and the strongest login of those that the server offers.",
        domain: YES_NO,
    },
    Declared {
        key: "force_basic",
        default: "no",
        meaning: "Whether the password is sent as Basic whatever the server offers, for servers that offer what they \
                  cannot do. Only over https:// is that safe.",
        domain: YES_NO,
    },
    Declared {
        key: "tls_check",
        default: "yes",
        meaning: "Whether the server's certificate is checked. no: anybody on the way can pretend to be the server; each \
                  run warns of it. tls_fingerprint is the safe way for a certificate of your own making.",
        domain: YES_NO,
    },
    Declared {
        key: "tls_fingerprint",
        default: "",
        meaning: "The SHA-256 fingerprint of the one certificate that is believed, whoever issued it; a run stops where \
                  the server shows another one.",
        domain: Domain::Fingerprint,
    },
    Declared {
        key: "tls_1_2",
        default: "yes",
        meaning: "Whether TLS 1.2 will do where the server does not speak 1.3. What is older is never spoken.",
        domain: YES_NO,
    },
    Declared {
        key: "ca_file",
        default: "",
        meaning: "A file (PEM) with certificates of authorities that are trusted beside the system's.",
        domain: Domain::Text,
    },
    Declared {
        key: "client_certificate",
        default: "",
        meaning: "A file (PEM or PKCS#12) with the certificate and the key that show the server who you are. Its \
                  password is given with `profile password NAME --for certificate`, or for all profiles with `settings \
                  password --for certificate`.",
        domain: Domain::Text,
    },
    Declared {
        key: "keep_connections",
        default: "yes",
        meaning: "Whether a connection serves several requests. no: for servers or proxies that break off connections \
                  which they seem to keep.",
        domain: YES_NO,
    },
    Declared {
        key: "lenient_headers",
        default: "yes",
        meaning: "Whether malformed headers of an answer are passed over.",
        domain: YES_NO,
    },
];
