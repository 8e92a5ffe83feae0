//! What things mean. Pure: no I/O, no clock, no randomness, no async, no framework.
