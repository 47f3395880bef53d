//! Storages, one module each; none knows another.

pub mod dav;
pub mod store;
