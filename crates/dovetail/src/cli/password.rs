//! How one shows who one is: by a password, which is asked for on a terminal without echo, or as one line of the standard
//! input, and never as an argument; or in a browser.

use std::io::{BufRead, IsTerminal};

use console::Term;
use secrecy::SecretString;
use serde_json::json;

use super::screen::Screen;
use crate::app::{Agreeing, App, Proof};
use crate::error::{Error, Result};
use crate::secrets::Secret;

/// A password beside that of the server's account.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Further {
    /// Of the user that proxy_user names
    Proxy,
    /// Of the file that client_certificate names
    Certificate,
    /// The secret that who gives access tokens has given to the program that oauth_client_id names
    OauthClient,
}

impl Further {
    /// Under which name it is kept.
    pub(crate) fn secret(self) -> Secret {
        match self {
            Further::Proxy => Secret::Proxy,
            Further::Certificate => Secret::Certificate,
            Further::OauthClient => Secret::Program,
        }
    }

    /// Whose password is asked for, in words.
    pub(crate) fn owner(self) -> &'static str {
        match self {
            Further::Proxy => "the proxy's user",
            Further::Certificate => "the client certificate",
            Further::OauthClient => "this program",
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
    /// What shows that we are this user, in the way that the server's options say.
    pub(crate) fn proof(&self, app: &App, user: &str, screen: &Screen) -> Result<Proof> {
        match app.agree(user)? {
            Some(agreeing) => agreed(agreeing, screen),
            None => self.password(user).map(Proof::Password),
        }
    }

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

/// Lets a person agree in a browser. The address is shown and not opened: whatever a program is started with is seen by all
/// who use the computer, and whoever has the address could finish the login in our place.
pub(crate) fn agreed(agreeing: Agreeing, screen: &Screen) -> Result<Proof> {
    screen.remark(&match screen.json {
        true => json!({ "open": agreeing.url() }).to_string(),
        false => format!(
            "Open this address in a browser on this computer, and agree there:\n\n{}\n",
            agreeing.url()
        ),
    });
    agreeing.finish()
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
