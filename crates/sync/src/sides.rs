//! The two sides of a pair. Symmetric code is written once, over [`Sides`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The mailbox.
    Outlook,
    /// The CalDAV or CardDAV server.
    Server,
}

impl Side {
    /// Both, Outlook first.
    pub const BOTH: [Side; 2] = [Side::Outlook, Side::Server];

    /// The one across.
    pub fn other(self) -> Side {
        match self {
            Side::Outlook => Side::Server,
            Side::Server => Side::Outlook,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Outlook => "Outlook",
            Side::Server => "server",
        })
    }
}

/// One thing for each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sides<T> {
    /// Outlook's.
    pub outlook: T,
    /// The server's.
    pub server: T,
}

impl<T> Sides<T> {
    /// Makes one thing for each side.
    pub fn new(mut make: impl FnMut(Side) -> T) -> Self {
        Sides { outlook: make(Side::Outlook), server: make(Side::Server) }
    }

    /// The thing of `side`.
    pub fn of(&self, side: Side) -> &T {
        match side {
            Side::Outlook => &self.outlook,
            Side::Server => &self.server,
        }
    }

    /// The thing of `side`, to change it.
    pub fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Outlook => &mut self.outlook,
            Side::Server => &mut self.server,
        }
    }

    /// References to both.
    pub fn as_ref(&self) -> Sides<&T> {
        Sides { outlook: &self.outlook, server: &self.server }
    }

    /// References to both, to change them.
    pub fn as_mut(&mut self) -> Sides<&mut T> {
        Sides { outlook: &mut self.outlook, server: &mut self.server }
    }

    /// Both, Outlook's first.
    pub fn into_array(self) -> [T; 2] {
        [self.outlook, self.server]
    }

    /// Another thing made of each.
    pub fn map<U>(self, mut make: impl FnMut(Side, T) -> U) -> Sides<U> {
        Sides { outlook: make(Side::Outlook, self.outlook), server: make(Side::Server, self.server) }
    }

    /// Another thing made of each, or the first failure.
    pub fn try_map<U, E>(self, mut make: impl FnMut(Side, T) -> Result<U, E>) -> Result<Sides<U>, E> {
        Ok(Sides { outlook: make(Side::Outlook, self.outlook)?, server: make(Side::Server, self.server)? })
    }

    /// Pairs of both.
    pub fn zip<U>(self, with: Sides<U>) -> Sides<(T, U)> {
        Sides { outlook: (self.outlook, with.outlook), server: (self.server, with.server) }
    }
}
