//! A WebDAV, CalDAV and CardDAV client (RFC 4918, 4791, 6352, 6578, 5689, 6764).
//!
//! It moves resources and knows nothing of what stands in them. Blocking; a [`Client`] may be shared by threads. Each
//! request is a file with a pair of pure functions, `prepare` and `parse`, and a method of [`Client`] that puts one
//! behind the other. Start with [`client`], then [`propfind`], [`multistatus`] and [`discovery`].

pub mod auth;
pub mod client;
pub mod colour;
pub mod delete;
pub mod discovery;
pub mod dns;
pub mod error;
mod explanation;
pub mod flavor;
pub mod free_busy;
pub mod get;
pub mod href;
pub mod http_date;
mod lane;
pub mod make_collection;
pub mod multiget;
pub mod multistatus;
pub mod names;
pub mod oauth;
pub mod options;
pub mod principal;
pub mod principal_search;
pub mod propfind;
pub mod proppatch;
mod proxy;
pub mod proxy_for;
pub mod put;
pub mod query;
pub mod request;
pub mod response;
pub mod sync_collection;
pub mod tls;
mod transport;
mod unreachable;
pub mod xml;

#[cfg(test)]
mod recorded;

pub use auth::{Credentials, Login, Manner};
pub use client::{Client, ClientSettings, Proxy};
pub use colour::Colour;
pub use error::{Error, ErrorKind, Result};
pub use flavor::Flavor;
pub use multistatus::Row;
pub use names::Name;
pub use propfind::{CollectionKind, CollectionProperties, Components, Depth, Privileges};
pub use request::Request;
pub use response::Response;
pub use tls::{Fingerprint, Identity, Tls, Trust};
