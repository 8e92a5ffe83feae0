//! What things mean. Pure: no I/O, no clock, no randomness, no async, no framework.

pub mod area;
pub mod calendar;
pub mod campaign;
pub mod code;
mod coded;
pub mod deadline;
pub mod escalation;
pub mod hours;
pub mod identity;
pub mod journal;
pub mod listing;
pub mod number;
pub mod open_cases;
pub mod person;
pub mod phone;
pub mod place;
pub mod position;
pub mod reading;
pub mod region;
pub mod report;
pub mod rota;
pub mod site;
pub mod staff;
pub mod totals;
pub mod triage;
pub mod urgent;
pub mod webhook;
