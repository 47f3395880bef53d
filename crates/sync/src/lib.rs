//! The sync engine: it knows items, not formats; storages, not protocols.

pub mod sides;
pub mod storage;
pub mod error;
pub mod state;

pub use error::{Error, ErrorKind, Result};
pub use sides::{Side, Sides};
