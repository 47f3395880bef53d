//! The client on the wire, against scripts.

mod recorded;
mod wire;
