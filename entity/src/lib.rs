//! Rows as stored: one file per table, no meaning, no serde. `store` alone reads them; the schema
//! itself is `migration`, and a test holds the two together.
#![expect(
    missing_docs,
    reason = "a column is explained once, in the migration that made it"
)]

pub mod area;
pub mod building;
pub mod cache_version;
pub mod client_key;
pub mod estate;
pub mod holiday;
pub mod installation;
pub mod journal_entry;
pub mod journal_head;
pub mod lease;
pub mod placard;
pub mod queue;
pub mod receipt_sequence;
pub mod region;
pub mod report;
pub mod session;
pub mod site;
pub mod staff;
pub mod tally;
pub mod undo;
pub mod urgent_rule;
pub mod webhook;
pub mod webhook_cursor;
