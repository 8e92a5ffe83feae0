//! Reports, their history, their numbers, and what is counted of them.

use sea_orm::sea_query::{Table, TableCreateStatement};

use super::{primary_key, uuid_key};
use crate::schema::{
    big_integer, binary, binary_null, boolean, date, integer, integer_null, small_integer, string,
    string_null, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        report(),
        undo(),
        // Only for clients that bring an Idempotency-Key of their own making.
        Table::create()
            .table("client_key")
            .col(binary("hash").primary_key())
            .col(uuid("report_id"))
            .take(),
        // The last number of each queue's history. Writers lock its row first.
        Table::create()
            .table("journal_head")
            .col(integer("queue_id").primary_key())
            .col(big_integer("reached"))
            .take(),
        journal_entry(),
        Table::create()
            .table("receipt_sequence")
            .col(integer("area_id"))
            .col(date("day"))
            .col(integer("reached"))
            .primary_key(&mut primary_key("receipt_sequence_pk", &["area_id", "day"]))
            .take(),
        tally(),
    ]
}

/// The key comes with the page and is ordered by time, so the index of the key grows at its end.
/// No foreign keys: the writer resolves places from memory, and a place that is gone must not take
/// its history along. `urgent` is the name of the rule that the report matched, so that the reason
/// outlives the rule.
fn report() -> TableCreateStatement {
    Table::create()
        .table("report")
        .col(uuid_key("id"))
        .col(binary("content_hash"))
        .col(string("number"))
        .col(date("serial_day"))
        .col(integer("serial"))
        .col(integer("queue_id"))
        .col(integer_null("placard_id"))
        .col(integer_null("building_id"))
        .col(string("channel"))
        .col(string("lang"))
        .col(string("direction"))
        .col(small_integer("persons"))
        .col(integer_null("region_id"))
        .col(date("travel_day"))
        .col(boolean("incomplete"))
        .col(string_null("notice_version"))
        .col(string_null("urgent"))
        .col(string("status"))
        .col(string_null("outcome"))
        .col(integer("version"))
        .col(integer_null("owner_id"))
        .col(timestamp_with_time_zone_null("retry_at"))
        .col(small_integer("refusals"))
        .col(uuid_null("merged_into"))
        .col(timestamp_with_time_zone("received_at"))
        .col(date("tally_day"))
        .col(small_integer("tally_hour"))
        .col(timestamp_with_time_zone("contact_due_at"))
        .col(timestamp_with_time_zone("finish_due_at"))
        .col(string_null("escalated_to"))
        .col(timestamp_with_time_zone_null("escalated_at"))
        .col(timestamp_with_time_zone_null("accepted_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(binary("sealed"))
        .col(binary_null("phone_tag"))
        .col(binary_null("room_tag"))
        .take()
}

/// The state of each report before the last step of a staff member.
fn undo() -> TableCreateStatement {
    Table::create()
        .table("undo")
        .col(uuid_key("report_id"))
        .col(integer("version"))
        .col(integer("actor_id"))
        .col(timestamp_with_time_zone("at"))
        .col(integer("queue_id"))
        .col(string("status"))
        .col(string_null("outcome"))
        .col(integer_null("owner_id"))
        .col(small_integer("refusals"))
        .col(timestamp_with_time_zone_null("retry_at"))
        .col(uuid_null("merged_into"))
        .col(timestamp_with_time_zone_null("accepted_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .take()
}

/// `mac` is a keyed hash over the entry and the one before it; `detail_hash` stays when the detail is
/// erased.
fn journal_entry() -> TableCreateStatement {
    Table::create()
        .table("journal_entry")
        .col(integer("queue_id"))
        .col(big_integer("seq"))
        .col(uuid("report_id"))
        .col(string("kind"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("at"))
        .col(integer_null("actor_id"))
        .col(text_null("detail"))
        .col(binary_null("detail_hash"))
        .col(binary("mac"))
        .primary_key(&mut primary_key("journal_entry_pk", &["queue_id", "seq"]))
        .take()
}

fn tally() -> TableCreateStatement {
    Table::create()
        .table("tally")
        .col(date("day"))
        .col(integer("queue_id"))
        .col(small_integer("hour"))
        .col(string("direction"))
        .col(string("status"))
        .col(big_integer("reports"))
        .col(big_integer("persons"))
        .primary_key(&mut primary_key(
            "tally_pk",
            &["day", "queue_id", "hour", "direction", "status"],
        ))
        .take()
}
