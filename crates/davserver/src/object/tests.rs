//! What may be stored.
