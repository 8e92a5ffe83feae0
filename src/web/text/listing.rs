//! Words of views, filters and search, in both languages side by side.

use super::Words;
use crate::domain::listing::{Listing, Order};

/// The queue as it is looked at.
#[derive(Debug)]
pub(crate) struct ListingWords {
    pub(crate) views: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) apply: &'static str,
    pub(crate) whole: &'static str,
    pub(crate) sort: &'static str,
    pub(crate) direction: &'static str,
    pub(crate) any_direction: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) any_queue: &'static str,
    pub(crate) estate: &'static str,
    pub(crate) any_estate: &'static str,
    pub(crate) building: &'static str,
    pub(crate) any_building: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) search: &'static str,
    pub(crate) search_for: &'static str,
    pub(crate) search_hint: &'static str,
    pub(crate) found: &'static str,
    pub(crate) not_found: &'static str,
    pub(crate) many: &'static str,
    pub(crate) unreadable: &'static str,
}

pub(super) const ZH: ListingWords = ListingWords {
    views: "视图",
    filter: "筛选与排序",
    apply: "应用",
    whole: "清除筛选",
    sort: "排序",
    direction: "方向",
    any_direction: "全部方向",
    queue: "社区",
    any_queue: "全部社区",
    estate: "小区",
    any_estate: "全部小区",
    building: "楼栋",
    any_building: "全部楼栋",
    nothing: "这个视图里没有报备。",
    search: "搜索",
    search_for: "回执号或完整电话",
    search_hint: "已办结的也能找到；电话须填完整。",
    found: "搜索结果",
    not_found: "没有找到。请核对号码；不归您管的报备也不会显示。",
    many: "只显示最近的一批，可能还有更早的。",
    unreadable: "请填写回执号（如 QZ-0731-7K3P）或完整的电话号码。",
};

pub(super) const EN: ListingWords = ListingWords {
    views: "Views",
    filter: "Filter and sort",
    apply: "Apply",
    whole: "Clear filters",
    sort: "Order",
    direction: "Direction",
    any_direction: "Both directions",
    queue: "Community",
    any_queue: "All communities",
    estate: "Estate",
    any_estate: "All estates",
    building: "Building",
    any_building: "All buildings",
    nothing: "No report is in this view.",
    search: "Search",
    search_for: "Receipt number or whole telephone",
    search_hint: "Closed reports are found as well; a telephone only as a whole.",
    found: "Search results",
    not_found: "Nothing was found. Please check the number; reports of other communities are not shown.",
    many: "Only the latest are shown; there may be earlier ones.",
    unreadable: "Please enter a receipt number (such as QZ-0731-7K3P) or a whole telephone number.",
};

impl Words {
    /// A view in words.
    pub(crate) fn listing(&self, listing: Listing) -> &'static str {
        match listing {
            Listing::Open => self.say("全部待办", "All open"),
            Listing::Mine => self.say("我的", "Mine"),
            Listing::Waiting => self.say("待签收", "Waiting"),
            Listing::DueSoon => self.say("将超时", "Due soon"),
            Listing::Overdue => self.say("超时", "Overdue"),
            Listing::Unrouted => self.say("待分拨", "Unrouted"),
            Listing::Red => self.say("红色", "Red"),
            Listing::Escalated => self.say("已提级", "Escalated"),
            Listing::Unreachable => self.say("联系不上", "Unreachable"),
            Listing::Incomplete => self.say("只留电话", "Incomplete"),
            Listing::Duplicates => self.say("疑似重复", "Probable duplicates"),
            Listing::ClosedToday => self.say("今日了结", "Closed today"),
        }
    }

    /// An order in words.
    pub(crate) fn order(&self, order: Order) -> &'static str {
        match order {
            Order::Deadline => self.say("最急的在前", "Most urgent first"),
            Order::Building => self.say("按楼栋", "Building by building"),
            Order::Newest => self.say("最新的在前", "Latest first"),
        }
    }
}
