//! Rows as stored.
