//! The fields of the form. A campaign chooses among them, and a report has their answers.

use strum::{EnumCount, IntoStaticStr, VariantArray};

use super::coded::coded;

/// A field of the form, in the order of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// Which way.
    Direction,
    /// Where from, or where to.
    Region,
    /// When.
    Day,
    /// The room.
    Room,
    /// Who.
    Name,
    /// How to reach them.
    Phone,
    /// How many come along.
    Companions,
    /// Who come along.
    CompanionNames,
    /// Resident identity number or passport.
    Identity,
    /// Number plate.
    Vehicle,
    /// Anything else.
    Note,
    /// The proxy reporter.
    Proxy,
}

coded!(Field, listed);
