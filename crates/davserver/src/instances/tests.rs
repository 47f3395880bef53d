//! When objects take place.
