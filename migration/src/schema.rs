//! Columns as this schema writes them: each holds a value unless its name ends in `_null`.

use sea_orm::sea_query::ColumnDef;

pub(crate) fn pk_auto(name: &'static str) -> ColumnDef {
    integer(name).auto_increment().primary_key().take()
}

pub(crate) fn integer(name: &'static str) -> ColumnDef {
    integer_null(name).not_null().take()
}

pub(crate) fn integer_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().take()
}

pub(crate) fn small_integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).small_integer().not_null().take()
}

pub(crate) fn big_integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

pub(crate) fn double(name: &'static str) -> ColumnDef {
    double_null(name).not_null().take()
}

pub(crate) fn double_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).double().take()
}

pub(crate) fn boolean(name: &'static str) -> ColumnDef {
    boolean_null(name).not_null().take()
}

pub(crate) fn boolean_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().take()
}

pub(crate) fn string(name: &'static str) -> ColumnDef {
    string_null(name).not_null().take()
}

pub(crate) fn string_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string().take()
}

pub(crate) fn string_uniq(name: &'static str) -> ColumnDef {
    string(name).unique_key().take()
}

pub(crate) fn text(name: &'static str) -> ColumnDef {
    text_null(name).not_null().take()
}

pub(crate) fn text_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

pub(crate) fn binary(name: &'static str) -> ColumnDef {
    binary_null(name).not_null().take()
}

pub(crate) fn binary_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).binary().take()
}

pub(crate) fn uuid(name: &'static str) -> ColumnDef {
    uuid_null(name).not_null().take()
}

pub(crate) fn uuid_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

pub(crate) fn date(name: &'static str) -> ColumnDef {
    date_null(name).not_null().take()
}

pub(crate) fn date_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().take()
}

pub(crate) fn time_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).time().take()
}

pub(crate) fn timestamp_with_time_zone(name: &'static str) -> ColumnDef {
    timestamp_with_time_zone_null(name).not_null().take()
}

pub(crate) fn timestamp_with_time_zone_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}
