//! To be written.
use dovetail_model::Item;
use jiff::Timestamp;

use crate::Reading;

/// The version of a new card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// RFC 2426.
    V3,
    /// RFC 6350.
    V4,
}

/// Interface.
pub fn read(original: &[u8]) -> Reading {
    let _ = original;
    unimplemented!()
}

/// Interface.
pub fn write(item: &Item, from: Option<&[u8]>, version: Version, now: Timestamp) -> Vec<u8> {
    let _ = (item, from, version, now);
    unimplemented!()
}
