//! Words of views, filters and search, in both languages side by side.

use super::Words;
use crate::domain::listing::{Listing, Order};
use crate::domain::open_cases::Fold;

labels! {
    /// The queue as it is looked at.
    ListingLabels {
        views: "视图", "Views";
        filter: "筛选", "Filter";
        apply: "应用", "Apply";
        whole: "清除筛选", "Clear filters";
        sort: "排序", "Order";
        direction: "方向", "Direction";
        any_direction: "全部方向", "Both directions";
        queue: "社区", "Community";
        any_queue: "全部社区", "All communities";
        estate: "小区", "Estate";
        any_estate: "全部小区", "All estates";
        building: "楼栋", "Building";
        any_building: "全部楼栋", "All buildings";
        on_paper: "本页 {} 行，共 {} 条报备", "{} lines on this page, {} reports in all";
        printed_at: "打印时间", "Printed";
        state: "状态", "Status";
        place: "地点", "Place";
        travel: "行程", "Journey";
        person: "姓名、电话", "Name, phone";
        deadline: "时限", "Deadline";
        nothing: "此视图中没有报备。", "No report is in this view.";
        search: "搜索", "Search";
        search_for: "回执号、电话、楼栋或房号", "Receipt number, phone, building or room";
        search_hint: "楼栋、房号、电话后四位（如 3号楼 1203）只查待办；回执号和完整电话也查已办结的。", "Building, room and the last four digits of a phone (such as 3号楼 1203) find open reports; a receipt number or a whole phone number finds closed ones as well.";
        found: "搜索结果", "Search results";
        not_found: "没有找到。请核对号码；不归您管的报备不显示。", "Nothing was found. Please check the number; reports of other communities are not shown.";
        many: "仅显示一部分，可能还有更多；请补充楼栋或房号。", "Only a part is shown; there may be more. Please add the building or the room.";
        unreadable: "请填写回执号（如 QZ-0731-7K3P）、电话或其后四位、楼栋、房号（如 3号楼 1203）。", "Please enter a receipt number (such as QZ-0731-7K3P), a phone number or its last four digits, a building or a room (such as 3号楼 1203).";
    }
}

impl Words {
    /// What one line for many reports of a telephone says.
    pub(crate) fn flood(&self, Fold { reports, today }: Fold) -> String {
        let words = match today {
            today if today == reports => {
                self.say("此号码今日已报 {} 条", "{} reports of this number today")
            }
            0 => self.say("此号码有 {} 条待办", "{} open reports of this number"),
            _ => self.say(
                "此号码有 {} 条待办，其中今日 {} 条",
                "{} open reports of this number, {} of them today",
            ),
        };
        let words = words.replacen("{}", &reports.to_string(), 1);
        words.replacen("{}", &today.to_string(), 1)
    }

    /// A view in words.
    pub(crate) fn listing(&self, listing: Listing) -> &'static str {
        match listing {
            Listing::Open => self.say("全部待办", "All open"),
            Listing::Mine => self.say("我经办的", "Mine"),
            Listing::Waiting => self.say("待签收", "Waiting"),
            Listing::DueSoon => self.say("即将超时", "Due soon"),
            Listing::Overdue => self.say("超时", "Overdue"),
            Listing::Unrouted => self.say("待分拨", "Unrouted"),
            Listing::Red => self.say("红色", "Red"),
            Listing::Escalated => self.say("已提级", "Escalated"),
            Listing::Unreachable => self.say("联系不上", "Unreachable"),
            Listing::Incomplete => self.say("只留电话", "Only a phone"),
            Listing::Duplicates => self.say("疑似重复", "Probable duplicates"),
            Listing::ClosedToday => self.say("今日办结", "Closed today"),
        }
    }

    /// An order in words.
    pub(crate) fn order(&self, order: Order) -> &'static str {
        match order {
            Order::Deadline => self.say("按时限", "By deadline"),
            Order::Building => self.say("按楼栋", "Building by building"),
            Order::Newest => self.say("最新收到", "Latest first"),
        }
    }
}
