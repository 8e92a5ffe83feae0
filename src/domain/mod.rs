//! What things mean. Pure: no I/O, no clock, no randomness, no async, no framework.

pub mod area;
pub mod deadline;
pub mod place;
pub mod report;
pub mod staff;
pub mod totals;
pub mod triage;
