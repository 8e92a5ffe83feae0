//! Urgent rules: what cannot wait for the morning, as data.

use super::report::Direction;

/// A rule; what matches it reaches the duty officer at any hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrgentRule {
    /// What people call it; stands on every report that it marked.
    pub name: String,
    /// Only this direction; none for both.
    pub direction: Option<Direction>,
    /// What the region's code begins with; empty for any region, known or not.
    pub region_prefix: String,
    /// Whether it is in force.
    pub active: bool,
}

impl UrgentRule {
    /// Whether the rule is in force and a report with this direction and region matches it.
    pub fn matches(&self, direction: Direction, region: Option<&str>) -> bool {
        self.active
            && self.direction.is_none_or(|only| only == direction)
            && (self.region_prefix.is_empty()
                || region.is_some_and(|code| code.starts_with(&self.region_prefix)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgent_rule_matches_direction_and_region_while_active() {
        let rule = |direction, prefix: &str, active| UrgentRule {
            name: "示例".into(),
            direction,
            region_prefix: prefix.into(),
            active,
        };
        let (back, leave) = (Direction::Return, Direction::Leave);
        for (rule, direction, region, wanted) in [
            (rule(Some(back), "31", true), back, Some("310101"), true),
            (rule(Some(back), "31", true), leave, Some("310101"), false),
            (rule(Some(back), "31", true), back, Some("320613"), false),
            (rule(Some(back), "31", true), back, None, false),
            (rule(Some(back), "31", false), back, Some("310101"), false),
            (rule(None, "31", true), leave, Some("310000"), true),
            (rule(Some(leave), "", true), leave, None, true),
        ] {
            assert_eq!(rule.matches(direction, region), wanted, "{rule:?}");
        }
    }
}
