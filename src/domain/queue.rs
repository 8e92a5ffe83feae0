//! Queues: where cases lie until they are closed. Each has a journal of its own. A queue is not an
//! area: [`super::area::Tree`] alone knows which area has which queue.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::area::AreaId;
use super::coded::coded;

/// Our number of a queue. The queue of an area has the area's number, which is above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(pub i32);

impl QueueId {
    /// The system queue: what staff and operators do beside the cases. It has no area, so no scope
    /// holds it.
    pub const SYSTEM: Self = Self(0);
}

/// What lies in a queue.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum QueueKind {
    /// The reports that a community works on.
    Community,
    /// 待分拨: the reports that no community owns.
    Unrouted,
    /// No reports: the audit entries.
    System,
}

coded!(QueueKind);

/// The queue of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Our number.
    pub id: QueueId,
    /// What lies in it.
    pub kind: QueueKind,
    /// The area.
    pub area: AreaId,
}
