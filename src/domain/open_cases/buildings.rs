//! A set of buildings.

use super::entry::Detail;
use crate::domain::place::BuildingId;

/// A set of buildings. Numbers of buildings are small.
#[derive(Clone, Debug, Default)]
pub struct Buildings(Vec<bool>);

impl FromIterator<BuildingId> for Buildings {
    fn from_iter<I: IntoIterator<Item = BuildingId>>(some: I) -> Self {
        let mut set = Vec::new();
        for at in some.into_iter().filter_map(|id| usize::try_from(id.0).ok()) {
            if set.len() <= at {
                set.resize(at + 1, false);
            }
            set[at] = true;
        }
        Self(set)
    }
}

impl Buildings {
    /// Whether the building of the case is one of the set. Without a set all are.
    pub(super) fn hold(set: Option<&Self>, detail: &Detail) -> bool {
        let Some(Self(set)) = set else { return true };
        let at = usize::try_from(detail.building).ok();
        at.and_then(|at| set.get(at)).is_some_and(|is| *is)
    }
}
