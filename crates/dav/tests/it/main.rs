//! The client on the wire, against scripts.

mod people;
mod recorded;
mod way;
mod wire;
