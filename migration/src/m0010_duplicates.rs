//! Duplicates: what was merged into a report is found from there.

use sea_orm::DbBackend;

/// Adds an index of the reports that were merged into others, which are few: the rest costs it
/// nothing. Whoever takes a report back must not wait until all that there ever were are read.
pub(crate) fn statements(_: DbBackend) -> Vec<String> {
    // Partial; both databases read the same words.
    vec![
        "CREATE INDEX report_merged ON report (merged_into) WHERE merged_into IS NOT NULL"
            .to_owned(),
    ]
}
