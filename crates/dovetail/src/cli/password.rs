//! How a password is asked for: on a terminal without echo, or as one line of the standard input. Never as an argument.

use std::io::{BufRead, IsTerminal};

use console::Term;
use secrecy::SecretString;

use crate::error::{Error, Result};
use crate::secrets::Secret;

/// A password beside that of the server's account.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Further {
    /// Of the user that proxy_user names
    Proxy,
    /// Of the file that client_certificate names
    Certificate,
}

impl Further {
    /// Under which name it is kept.
    pub(crate) fn secret(self) -> Secret {
        match self {
            Further::Proxy => Secret::Proxy,
            Further::Certificate => Secret::Certificate,
        }
    }

    /// Whose password is asked for, in words.
    pub(crate) fn owner(self) -> &'static str {
        match self {
            Further::Proxy => "the proxy's user",
            Further::Certificate => "the client certificate",
        }
    }
}

/// Where the password comes from.
#[derive(clap::Args)]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of the standard input, instead of asking
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordSource {
    /// The password.
    pub(crate) fn password(&self, user: &str) -> Result<SecretString> {
        let password = if self.password_stdin {
            first_line(&mut std::io::stdin().lock())
        } else if std::io::stdin().is_terminal() {
            let terminal = Term::stderr();
            let _ = terminal.write_str(&format!("Password of {user}: "));
            terminal.read_secure_line().unwrap_or_default()
        } else {
            return Err(Error::usage(
                "There is no terminal to ask for the password.",
                "Give --password-stdin and write the password to the standard input.",
            ));
        };
        if password.is_empty() {
            return Err(Error::usage("The password is empty.", "Give the password of the server's account."));
        }
        Ok(SecretString::from(password))
    }
}

/// The line without its end, which some shells write as CR LF.
fn first_line(input: &mut impl BufRead) -> String {
    let mut line = String::new();
    let _ = input.read_line(&mut line);
    line.trim_end_matches(['\r', '\n']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn a_password_is_the_first_line_with_its_blanks() {
        for (input, password) in [("a b \r\nc\n", "a b "), ("x", "x"), ("", ""), ("\n", "")] {
            assert_eq!(first_line(&mut input.as_bytes()), password, "{input:?}");
        }
    }
}
