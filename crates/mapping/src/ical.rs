//! To be written.
use dovetail_model::Item;
use jiff::Timestamp;

use crate::{Reading, Settings};

/// Interface.
pub fn read(original: &[u8], settings: &Settings) -> Reading {
    let _ = (original, settings);
    unimplemented!()
}

/// Interface.
pub fn write(item: &Item, from: Option<&[u8]>, now: Timestamp, settings: &Settings) -> Vec<u8> {
    let _ = (item, from, now, settings);
    unimplemented!()
}
