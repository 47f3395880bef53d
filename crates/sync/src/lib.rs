//! The sync engine: it knows items, not formats; storages, not protocols.

pub mod error;
pub mod journal;
pub mod plan;
pub mod report;
pub mod sides;
pub mod spool;
pub mod state;
pub mod storage;

pub use error::{Error, ErrorKind, Result};
pub use sides::{Side, Sides};
