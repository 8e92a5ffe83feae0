//! Words of the night: deadlines, escalation, red rules, the morning digest; both languages side by
//! side.

use super::Words;
use crate::domain::area::Level;
use crate::domain::deadline::Due;

/// Texts of deadlines, escalation, urgent reports and the morning digest.
#[derive(Debug)]
pub(crate) struct NightWords {
    pub(crate) centre: &'static str,
    pub(crate) red: &'static str,
    pub(crate) red_notice: &'static str,
    pub(crate) red_sound: &'static str,
    pub(crate) app: &'static str,
    pub(crate) figures: &'static str,
    pub(crate) digest: &'static str,
    pub(crate) digest_lead: &'static str,
    pub(crate) received_between: &'static str,
    pub(crate) quiet_night: &'static str,
    pub(crate) elsewhere: &'static str,
    pub(crate) more: &'static str,
    pub(crate) print: &'static str,
    pub(crate) open_digest: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) rough: &'static str,
}

pub(super) const ZH: NightWords = NightWords {
    centre: "指挥中心",
    red: "红色",
    red_notice: "有红色报备，请立即处理",
    red_sound: "红色报备响一声（夜间也响）",
    app: "系统",
    figures: "待分拨、红色、已提级 = 现在未结的报备，不论收到日期",
    digest: "班前清单",
    digest_lead: "昨夜收到、今早要联系的报备，按楼栋排列",
    received_between: "收到时间",
    quiet_night: "昨夜没有新的报备。",
    elsewhere: "未登记楼栋",
    more: "还有更多，请在队列中查看。",
    print: "打印",
    open_digest: "昨夜的班前清单",
    waiting: "待签收",
    rough: "{} 小时",
};

pub(super) const EN: NightWords = NightWords {
    centre: "Command centre",
    red: "Red",
    red_notice: "A red report needs attention now",
    red_sound: "A tone for each red report (by night too)",
    app: "The system",
    figures: "Unrouted, red and escalated count all reports that are open now, of any day.",
    digest: "Morning digest",
    digest_lead: "Reports of last night, to be called this morning, by building",
    received_between: "Received",
    quiet_night: "There were no reports last night.",
    elsewhere: "No known building",
    more: "There is more; see the queue.",
    print: "Print",
    open_digest: "Morning digest of last night",
    waiting: "Waiting",
    rough: "{} h",
};

impl Words {
    /// The label of the deadline that counts.
    pub(crate) fn due(&self, due: Due) -> &'static str {
        match due {
            Due::Contact => self.say("首次联系时限", "Call by"),
            Due::Finish => self.say("办结时限", "Close by"),
        }
    }

    /// The level that an overdue report was escalated to.
    pub(crate) fn escalated(&self, to: Level) -> &'static str {
        match to {
            Level::District => self.say("已提级到区", "Escalated to the district"),
            _ => self.say("已提级到街道", "Escalated to the subdistrict"),
        }
    }

    /// The same by the level's code; empty where nobody was told.
    pub(crate) fn escalated_to(&self, code: &str) -> &'static str {
        Level::from_code(code).map_or("", |to| self.escalated(to))
    }

    /// The same in a row, where there is room for a word.
    pub(crate) fn escalated_short(&self, to: Level) -> &'static str {
        match to {
            Level::District => self.say("↑ 已报区", "↑ District"),
            _ => self.say("↑ 已报街道", "↑ Subdistrict"),
        }
    }
}
