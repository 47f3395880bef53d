//! To be written.
use dovetail_model::Item;

use crate::{Reading, Settings};

/// Interface.
pub fn read(original: &[u8], settings: &Settings) -> Reading {
    let _ = (original, settings);
    unimplemented!()
}

/// Interface.
pub fn write(item: &Item, from: Option<&[u8]>, settings: &Settings) -> Vec<u8> {
    let _ = (item, from, settings);
    unimplemented!()
}
