//! Labels of residents' pages.

use super::Words;
use crate::domain::campaign::Wording;
use crate::domain::phone::AreaCode;
use crate::domain::report::{COMPANIONS_MAX, Direction, Field, Mistake};

labels! {
    /// The form behind a placard.
    FormLabels {
        lead: "30 秒填完，不用下载，不用登录", "30 seconds. No app, no account";
        check_word: "核对词", "Check word";
        never_asks: "本页不收钱、不要验证码。请核对：页面与码牌上的核对词应一致。", "This page never asks for money or codes. The check word must match the poster.";
        direction: "您这次是", "You are";
        come_hint: "从外地回来", "from elsewhere";
        go_hint: "去外地", "to elsewhere";
        from: "从哪里来", "Where from";
        to: "去哪里", "Where to";
        question: "？", "?";
        region_hint: "如：上海浦东，或国家名", "e.g. Shanghai 上海, or a country";
        region_which: "请选择地区", "Which one?";
        day: "日期", "Date";
        day_back: "返回日期", "Date of arrival";
        day_away: "离开日期", "Date of leaving";
        today: "今天", "Today";
        yesterday: "昨天", "Yesterday";
        tomorrow: "明天", "Tomorrow";
        other_day: "其他日期", "Another date";
        room: "房号", "Room number";
        room_hint: "如：1203 室", "e.g. 1203";
        person: "姓名", "Name";
        phone: "电话", "Phone";
        phone_hint: "方便社区联系您", "for your community to call";
        optional: "选填：", "Optional: ";
        companions: "同行人数（不含本人）", "Companions (not counting you)";
        fewer: "减少一人", "One fewer";
        one_more: "增加一人", "One more";
        companion_names: "同行人姓名", "Names of companions";
        names_hint: "多人用顿号隔开", "separated by commas";
        identity: "身份证或护照号码", "ID card or passport number";
        vehicle: "车牌号", "Number plate";
        note: "备注", "Note";
        proxy: "代报人姓名（替家人、邻居报备时填）", "Your own name, if you report for somebody else";
        no_typing: "不会填？只留电话 ↓", "Too much to fill in? Leave only your phone ↓";
        only_phone: "只留电话，请社区打给我", "Leave only my phone";
        only_hint: "上面的都不用填，社区会打电话问您。", "Leave the rest empty: the community calls and asks.";
        call_me: "请社区打给我", "Please call me";
        incomplete: "只留了电话", "left only a phone number";
        places: "{} 个地名，请选择", "{} places, please choose";
        legal_basis: "依据：", "Basis: ";
        send: "提交报备", "Send report";
        save: "保存修改", "Save changes";
        leave: "不改了", "Leave it as it is";
        owed: "请填写以下 {} 项：", "Please fill in ({}):";
        mistakes: "请修改以下 {} 处：", "Please fix the following ({}):";
        call: "不会填？打电话给社区", "Call the community";
        find_site: "附近采样点", "Test sites nearby";
        sent_before: "此表已提交过", "This form was sent before";
        sent_before_hint: "回执号", "Receipt";
        send_again: "作为另一条报备提交", "Send as another report";
        busy: "系统繁忙，尚未收到。所填内容都在，请再按一次“提交报备”，或打电话。", "The system is busy and has not received this yet. All you filled in is still here: press “Send report” again, or call.";
        unsent: "尚未提交成功", "Not sent yet";
        unsent_hint: "已保存在本机（最多 48 小时），有信号后自动提交；看到回执才算成功。", "Saved on this phone (48 hours). It sends itself when you have signal. Only the receipt means that it arrived.";
        retry: "重试", "Try again now";
        not_mine: "不是我的手机，清空", "Not my phone: clear it";
        fill: "填入", "Fill in";
        forget: "清除记住的信息", "Forget these";
        remember: "在本机记住姓名、电话和房号", "Remember name, phone and room number on this phone";
        last: "本机上次报备", "Last report from this phone";
        last_show: "查看回执", "Open the receipt";
        last_forget: "隐藏", "Do not show again";
    }
}

labels! {
    /// Status by number.
    StatusLabels {
        title: "查询报备", "Find my report";
        lead: "请填写回执号和报备电话的后四位。有回执链接的，直接打开链接即可。", "Give the receipt number and the last four digits of your phone number. If you have the receipt's link, open it instead.";
        digits: "电话后四位", "Last four digits of your phone number";
        number_owed: "请填写回执号，如 QZ-0731-7K3P", "Give the receipt number, such as QZ-0731-7K3P";
        digits_owed: "请填写报备电话的后四位", "Give the last four digits of your phone number";
        look: "查询", "Show";
        unknown: "回执号或电话后四位不正确，请核对后再试。", "The number or the digits are not right. Please check both.";
        wait: "尝试次数过多，请稍后再试，或打电话给社区。", "Too many tries. Please try again later, or call your community.";
        only_here: "这里只能查询进度。修改或撤回请用回执链接，或打电话给社区。", "This page only shows where your report stands. To correct or withdraw it, use the receipt's link or call the community.";
    }
}

labels! {
    /// The receipt.
    ReceiptLabels {
        unreadable: "姓名、电话、房号等内容暂时打不开。报备没有丢失，社区能看到楼栋。请点“修改”重新填写。", "Your name, phone and room number cannot be opened at the moment. The report itself is not lost, and the community sees the building. Please press “Correct” and enter them once more.";
        unreadable_call: "姓名、电话、房号等内容暂时打不开。报备没有丢失，社区能看到楼栋；请打电话给社区。", "Your name, phone and room number cannot be opened at the moment. The report itself is not lost, and the community sees the building. Please call the community.";
        correct: "修改", "Correct";
        correcting: "修改报备", "Correct report";
        too_late: "社区已在办理，不能在这里修改；如需修改，请打电话给社区。", "Your community is working on it already, so it cannot be changed here; please call them.";
        too_late_withdrawn: "这条报备已撤回，不能修改；需要报备的，请重新填写。", "This report was withdrawn, so it cannot be corrected. If you still need one, please send a new report.";
        too_late_ended: "这条报备已办结，不能修改；如情况有变，请重新报备或打电话给社区。", "This report is closed, so it cannot be corrected. If your plans changed, send a new report or call the community.";
        site: "最近的开放采样点", "Nearest open test site";
        withdraw: "撤回报备", "Withdraw this report";
        withdraw_hint: "行程取消或填错了，可以撤回。撤回后社区不再联系您，记录会保留。", "If the trip is off or something is wrong, you can withdraw the report. The community does not call you then; the record stays.";
        title: "报备回执", "Receipt";
        received: "已收到", "Received";
        number: "回执号", "Receipt number";
        next: "下一步", "What happens next";
        call: "社区会打电话给您，请留意来电。", "Your community will call you.";
        call_by: "最晚{} 前联系您", "They call you by {}";
        call_rested: "已登记，不打扰您和网格员休息；社区将于{} 前与您联系。", "It is registered; you are not called at night. Your community will call you by {}.";
        call_late: "已过约定时间，社区会尽快联系您。事情要紧请打电话。", "The promised time has passed; your community calls you as soon as it can. If it is urgent, please call.";
        taken: "社区工作人员正在办理。", "A staff member is taking care of it.";
        unanswered: "社区给您打过电话，未接通，会再打。您也可以打过去。", "Your community called and got no answer. It will call again, or you can call.";
        closed: "已办结，您无需再操作。", "Closed. There is nothing left for you to do.";
        withdrawn: "您已撤回，社区不会再联系您。", "You withdrew this report. The community will not call you.";
        merged: "与另一条报备重复，已合并办理，您无需再操作。", "It repeats another report and is handled together with it. There is nothing left for you to do.";
        invalid: "社区核实后认为此条无需办理。如有疑问，请打电话。", "Your community found that there is nothing to do for this report. If you think otherwise, please call.";
        answers: "填报内容", "What you reported";
        persons: "人数", "Persons";
        in_all: "共 {} 人", "{}";
        history: "办理进度", "Progress";
        keep: "凭此链接即可查看，请勿转发。建议保存链接或截图。", "Anybody who has the link of this page can see it, so do not pass it on. Keep the link or a screenshot.";
        another: "再报备一人", "Report one more person";
        again: "重新报备", "Report again";
        by_staff: "工作人员 {}", "{} (staff)";
    }
}

labels! {
    /// Test sites.
    SiteLabels {
        use_here: "按当前位置排序", "Sort from where I am";
        nowhere: "未能取得位置，仍按本楼位置排序。", "Your position could not be found; the list is still sorted from this building.";
        lead_here: "按距当前位置远近排序，开放的在前；位置仅用这一次，不保存", "Sorted from where you are, open ones first; your position is used once and not kept";
        title: "附近采样点", "Test sites nearby";
        lead: "按距本楼远近排序，开放的在前", "By distance from your building, open ones first";
        lead_community: "本社区的在前，开放的在前", "Those of your community first, open ones before others";
        open: "开放中", "Open now";
        until: "开放至{}", "until {}";
        always: "全天开放", "Open all day";
        closed: "未开放", "Closed now";
        unknown: "开放时间不详", "Hours unknown";
        ask_first: "请先打电话确认再前往", "please call before you go";
        opens: "{} 开放", "opens {}";
        sample: "示例", "sample";
        checked: "{}核实", "checked on {}";
        stale: "信息可能已过时，请先打电话确认", "this may be out of date, please call before you go";
        none: "此处尚未登记采样点，请打电话询问社区。", "No test site is listed here yet; please call your community.";
        back: "返回报备", "Back to the report";
        metres: "{} 米", "{} m";
        kilometres: "{} 公里", "{} km";
        amap: "高德", "Amap";
        tencent: "腾讯", "Tencent";
        baidu: "百度", "Baidu";
    }
}

impl Words {
    /// The title of a list of so many mistakes.
    pub(crate) fn mistakes(&self, count: usize) -> String {
        self.form.mistakes.replace("{}", &count.to_string())
    }

    /// What the page asks for: 返通、离通报备.
    pub(crate) fn report_title(&self, city: &Wording) -> String {
        if self.english {
            return match city.en.as_str() {
                "" => "Report arriving or leaving".to_owned(),
                city => format!("Report arriving in {city} or leaving it"),
            };
        }
        let [back, away] = Direction::OFFERED.map(|way| self.direction(way, city));
        format!("{back}、{away}报备")
    }

    /// What is wrong with a field, and what would be right.
    pub(crate) fn mistake(
        &self,
        field: Field,
        mistake: &Mistake,
        city: &Wording,
        area_code: Option<&AreaCode>,
    ) -> String {
        let text = match (field, mistake) {
            (Field::Direction, _) => {
                let [back, away] = Direction::OFFERED.map(|way| self.direction(way, city));
                return self.say("请选择：{}还是{}", "Choose: {} or {}").replacen("{}", &back, 1).replacen("{}", &away, 1);
            }
            (Field::Region, Mistake::Missing) => self.say("请填写从哪里来或去哪里", "Say where you come from or where you are going"),
            (Field::Region, Mistake::Ambiguous(_)) => self.say("有多个同名地区，请选择", "Several places have this name: please choose one"),
            (Field::Day, Mistake::OutOfRange) => self.say("日期须在今天前后 14 天之内", "The date must lie within 14 days of today"),
            (Field::Day, _) => self.say("请选择日期", "Choose a date"),
            (Field::Room, Mistake::Missing) => self.say("请填写房号，如 1203", "Give the room number, such as 1203"),
            (Field::Name, Mistake::Missing) => self.say("请填写姓名", "Give your name"),
            (Field::Phone, Mistake::Missing) => self.say("请填写手机号或座机号", "Give a mobile or landline number"),
            (Field::Phone, _) if area_code.is_some() => self.say("电话号码格式不正确：手机号 11 位，外地座机请带区号，境外号码以 + 开头", "This is not a phone number: mobiles have 11 digits, landlines of other cities need the area code, numbers abroad begin with +"),
            (Field::Phone, _) => self.say("电话号码格式不正确：手机号 11 位，座机请带区号，境外号码以 + 开头", "This is not a phone number: mobiles have 11 digits, landlines need the area code, numbers abroad begin with +"),
            (Field::Companions, _) => return self.say("同行人数请填 0 至 {}", "Companions: a number from 0 to {}").replace("{}", &COMPANIONS_MAX.to_string()),
            (Field::CompanionNames, Mistake::OutOfRange) => self.say("同行人姓名比同行人数多，请核对", "More names than companions: please check both"),
            (Field::Identity, Mistake::Malformed) => self.say("证件号码不正确，请核对；也可以不填", "The ID number is not right: please check it, or leave it empty"),
            (_, Mistake::NotAsked) => self.say("现在不收集{}，请不要填写", "{} is not asked for; please leave it out"),
            (_, Mistake::TooLong) => self.say("{}太长，请缩短", "{} is too long"),
            _ => self.say("{}中有不支持的符号，请修改", "{}: some characters cannot be used here"),
        };
        text.replace("{}", self.noun(field))
    }
}
