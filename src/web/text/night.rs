//! Words of the night: deadlines, escalation, red rules, the morning digest; both languages side by
//! side.

use super::Words;
use crate::domain::area::Level;
use crate::domain::deadline::Due;

labels! {
    /// Texts of deadlines, escalation, urgent reports and the morning digest.
    NightLabels {
        centre: "指挥中心", "Command centre";
        red: "红色", "Red";
        red_notice: "有红色报备，请立即处理", "A red report needs attention now";
        red_sound: "红色报备提示音（夜间也响）", "A tone for each red report (by night too)";
        app: "系统", "The system";
        figures: "待分拨、红色、已提级：指当前未办结的报备，不论何时收到", "Unrouted, red and escalated count all reports that are open now, of any day.";
        digest: "班前清单", "Morning digest";
        digest_lead: "昨夜收到、今早须联系的报备，按楼栋排列", "Reports of last night, to be called this morning, by building";
        received_between: "收到时间", "Received";
        quiet_night: "昨夜没有新的报备。", "There were no reports last night.";
        elsewhere: "楼栋未登记", "No known building";
        print: "打印", "Print";
        open_digest: "昨夜的班前清单", "Morning digest of last night";
        waiting: "待签收", "Waiting";
        rough: "{} 小时", "{} h";
    }
}

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

    /// The same by the code of the level; empty for an unknown code.
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
