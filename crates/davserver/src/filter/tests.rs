//! Which objects are found.
