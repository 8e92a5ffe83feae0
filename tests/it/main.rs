//! The program as its people use it: black box over HTTP, on a database of its own for each test.
//! On SQLite, or on PostgreSQL where `MASHANG_TEST_POSTGRES` names a maintenance database.
#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test that fails says where by failing"
)]

mod app;
mod audit;
mod authority;
mod background;
mod campaign;
mod case;
mod centre;
mod chain;
mod command_line;
mod connections;
mod deadlines;
mod demo;
mod demo_start;
mod desk;
mod digest;
mod duplicates;
mod escalation;
mod faults;
mod first_password;
mod flood;
mod full_queue;
mod grid;
mod guessed_codes;
mod handover;
mod hostile;
mod idempotency;
mod import_buildings;
mod imports;
mod keys;
mod listing;
mod memory;
mod multi_node;
mod own_words;
mod page_requests;
mod privacy;
mod process;
mod proxies;
mod reading;
mod receipt;
mod receipt_holder;
mod resident;
mod return_to;
mod search;
mod sign_in;
mod site;
mod staff;
mod state_machine_prop;
mod stream;
mod triage;
mod undecryptable;
mod undo;
mod webhook;
mod webhook_chat;
mod webhook_receiver;
