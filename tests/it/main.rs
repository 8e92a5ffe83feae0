//! The house as its people use it: black box over HTTP, on a database of its own for each test.
//! On SQLite, or on PostgreSQL where `MASHANG_TEST_POSTGRES` names a maintenance database.
#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test that fails says where by failing"
)]

mod anybody;
mod app;
mod authority;
mod back;
mod campaign;
mod case;
mod centre;
mod desk;
mod digest;
mod ear;
mod escalation;
mod grid;
mod handover;
mod holder;
mod listing;
mod night;
mod nodes;
mod page;
mod privacy;
mod process;
mod resend;
mod resident;
mod robot;
mod search;
mod sign_in;
mod site;
mod staff;
mod stream;
mod survival;
mod triage;
mod twins;
mod undo;
mod unreadable;
mod webhook;
