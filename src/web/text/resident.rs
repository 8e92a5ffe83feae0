//! Labels of residents' pages.

use super::Words;
use crate::domain::report::{Field, Mistake};

labels! {
    /// The form behind a placard.
    FormLabels {
        title: "返程离开报备", "Report arriving or leaving";
        lead: "30 秒填完，不用下载，不用登录", "30 seconds. No app, no account";
        check_word: "核对码", "Check word";
        never_asks: "本页不收钱、不要验证码。核对码应与码牌上的两个字一样", "This page takes no money and asks for no code. The check word must be the one on the placard";
        direction: "您是", "You are";
        come: "回来 / 到达", "Arriving";
        come_hint: "从外地来", "coming from elsewhere";
        go: "离开", "Leaving";
        go_hint: "到外地去", "going elsewhere";
        region: "从哪里来 / 到哪里去", "From where / to where";
        region_hint: "如：上海浦东，或国家名", "e.g. Shanghai 上海, or a country";
        region_which: "是哪一个？", "Which one?";
        day: "哪一天", "Which day";
        today: "今天", "Today";
        yesterday: "昨天", "Yesterday";
        tomorrow: "明天", "Tomorrow";
        room: "门牌号", "Room";
        room_hint: "如：1203", "e.g. 1203";
        person: "姓名", "Name";
        phone: "电话", "Phone";
        phone_hint: "社区用它联系您", "the community calls you on it";
        more: "同行人、代报、证件、车牌、备注（可不填）", "Companions, for somebody else, ID, vehicle, note (optional)";
        companions: "同行几人（不算您自己）", "Companions (not counting you)";
        identity: "身份证或护照号码", "ID card or passport number";
        vehicle: "车牌号", "Number plate";
        note: "备注", "Note";
        proxy: "代报人姓名（替家人、邻居报备时填）", "Your own name, if you report for somebody else";
        only_phone: "只留电话，请社区打给我", "Leave only my phone: please call me";
        incomplete: "只留了电话", "left only a telephone";
        places: "点选地名", "Choose a place";
        legal_basis: "依据：", "Basis: ";
        return_to: "返", "Coming to ";
        leave_from: "离", "Leaving ";
        send: "提交报备", "Send report";
        save: "保存更正", "Save the correction";
        mistakes: "还有几处要改：", "A few things to mend:";
        call: "不会填？打电话", "Prefer to call?";
        find_site: "附近采样点", "Test sites nearby";
        privacy: "所填内容加密保存，只有您所在社区的工作人员能看到；每次查看都会记在您的回执上。", "What you write is kept encrypted and seen only by the staff of your community; each look is a line on your receipt.";
        sent_before: "这张表已经提交过了", "This form was sent before";
        sent_before_hint: "回执号", "Receipt";
        send_again: "作为另一条报备提交", "Send as another report";
        busy: "系统正忙，还没有收到。您填的都在，请再按一次“提交报备”，或打电话。", "The system is busy and has not received this yet. Your words are kept: press “Send report” again, or call.";
        unsent: "还没有送到", "Not sent yet";
        unsent_hint: "您填的已存在这部手机上（最多 48 小时），有信号时会自动送出；看到回执才算送到。", "Your words are kept on this phone for up to 48 hours and will be sent by themselves when there is signal. Only the receipt means that they arrived.";
        retry: "现在再送一次", "Try again now";
        fill: "填入", "Fill in";
        forget: "清除记住的信息", "Forget what was remembered";
        remember: "在这部手机上记住姓名、电话和门牌号", "Remember name, phone and room on this phone";
    }
}

labels! {
    /// Status by number.
    StatusLabels {
        title: "查报备", "Find my report";
        lead: "凭回执号和所填电话的后四位查看；有回执链接的，直接打开链接即可。", "With the receipt number and the last four digits of the telephone you gave. If you have the receipt's link, open it instead.";
        digits: "电话后四位", "Last four digits of the telephone";
        look: "查看", "Show";
        unknown: "回执号或电话后四位不对，请核对后再试。", "The number or the digits are not right. Please check both.";
        wait: "试得太多了，请过一会儿再试，或打电话给社区。", "Too many tries. Please try again later, or call your community.";
    }
}

labels! {
    /// The receipt.
    ReceiptLabels {
        unreadable: "您填的姓名、电话、门牌等内容现在打不开。报备本身没有丢，社区看得到是哪栋楼。请点“更正内容”再填一次。", "Your name, telephone and room cannot be opened at the moment. The report itself is not lost, and the community sees the building. Please press “Correct” and enter them once more.";
        unreadable_call: "您填的姓名、电话、门牌等内容现在打不开。报备本身没有丢，社区看得到是哪栋楼；请打电话给社区。", "Your name, telephone and room cannot be opened at the moment. The report itself is not lost, and the community sees the building. Please call the community.";
        correct: "更正内容", "Correct what you wrote";
        too_late: "社区已经在处理，不能再改了；要改请打电话给社区。", "Your community is working on it already, so it cannot be changed here; please call them.";
        site: "最近开着的采样点", "Nearest open test site";
        withdraw: "撤回这条报备", "Withdraw this report";
        withdraw_hint: "行程取消或填错了，可以撤回。撤回后不会再有人联系您；记录会保留。", "If the trip is off or something is wrong you can take the report back. Nobody will call you then; the record stays.";
        title: "报备回执", "Receipt";
        received: "已收到", "Received";
        number: "回执号", "Receipt number";
        next: "接下来", "What happens next";
        next_call: "社区会打电话给您，请留意来电。", "Your community will call you.";
        next_by: "最晚", "At the latest";
        next_taken: "社区工作人员正在处理。", "A staff member is taking care of it.";
        next_closed: "已经办结，您不用再做什么。", "Closed. There is nothing left for you to do.";
        answers: "您填的内容", "What you told us";
        history: "经过", "History";
        keep: "请保存本页链接或截图；只有拿着链接的人能看到本页。", "Keep the link of this page or a screenshot. Only people who have the link can see it.";
        another: "再报一人", "Report one more person";
        staff_member: "社区工作人员", "community staff";
    }
}

labels! {
    /// Test sites.
    SiteLabels {
        use_here: "按我现在的位置排", "Sort from where I am";
        nowhere: "没有取得位置；下面仍按楼栋的位置排列。", "Your position could not be had; the list is still sorted from this building.";
        lead_here: "按离您现在位置的远近排列，开着的在前；位置只用这一次，不保存", "Sorted from where you are, open ones first; your position is used once and not kept";
        title: "附近采样点", "Test sites nearby";
        lead: "按离您这栋楼的远近排列，开着的在前", "By distance from your building, open ones first";
        lead_community: "本社区的在前，开着的在前", "Those of your community first, open ones before others";
        open: "现在开放", "Open now";
        until: "到", "until";
        always: "全天开放", "Open all day";
        closed: "现在不开", "Closed now";
        unknown: "开放时间不详", "Hours unknown";
        ask_first: "请先打电话问清楚再去", "please call before you go";
        opens: "开门：", "opens";
        sample: "示例", "sample";
        checked: "核实于", "checked on";
        none: "这里还没有登记采样点，请打电话问社区。", "No test site is listed here yet; please call your community.";
        back: "返回报备", "Back to the report";
        amap: "高德", "Amap";
        tencent: "腾讯", "Tencent";
        baidu: "百度", "Baidu";
    }
}

impl Words {
    /// What is wrong with a field, and what would be right.
    pub(crate) fn mistake(&self, field: Field, mistake: &Mistake) -> &'static str {
        match (field, mistake) {
            (Field::Direction, _) => self.say("请选择：回来还是离开", "Choose: arriving or leaving"),
            (Field::Region, Mistake::Missing) => self.say("请填写从哪里来，或到哪里去", "Say where you come from or where you are going"),
            (Field::Region, Mistake::Ambiguous(_)) => self.say("有几个同名的地方，请选一个", "Several places have this name: choose one"),
            (Field::Day, Mistake::OutOfRange) => self.say("日期只能在前后 14 天之内", "The day must lie within 14 days of today"),
            (Field::Day, _) => self.say("请选择日期", "Choose a day"),
            (Field::Room, Mistake::Missing) => self.say("请填写门牌号，如 1203", "Give the room, such as 1203"),
            (Field::Name, Mistake::Missing) => self.say("请填写姓名", "Give your name"),
            (Field::Phone, Mistake::Missing) => self.say("请填写手机号或座机号", "Give a mobile or landline number"),
            (Field::Phone, _) => self.say("这个号码打不通：手机号 11 位，座机请带区号，境外号码以 + 开头", "This number cannot be called: mobiles have 11 digits, landlines need the area code, numbers abroad begin with +"),
            (Field::Companions, _) => self.say("同行人数请填 0 到 20", "Companions: a number from 0 to 20"),
            (Field::Identity, _) => self.say("证件号码不对，请核对最后一位；也可以不填", "The ID number is not right: check its last character, or leave it out"),
            (_, Mistake::NotAsked) => self.say("这一项现在不收集，请不要填写", "This is not asked for; please leave it out"),
            (_, Mistake::TooLong) => self.say("太长了，请写短一些", "This is too long"),
            _ => self.say("有不能使用的字符，请改一下", "Some characters cannot be used here"),
        }
    }
}
