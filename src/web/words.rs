//! What the pages say. One struct and two values of it: a word that is missing in one language
//! does not compile.

use crate::domain::report::{Direction, Event, Field, Mistake};
use crate::domain::staff::Role;
use crate::domain::triage::{Outcome, Status};

/// The words of one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) name: &'static str,
    pub(super) other_language: &'static str,
    pub(super) form: FormWords,
    pub(super) receipt: ReceiptWords,
    pub(super) sites: SiteWords,
    pub(super) staff: StaffWords,
    pub(super) centre: CentreWords,
    pub(super) problem: ProblemWords,
}

/// The form behind a placard.
#[derive(Debug)]
pub(super) struct FormWords {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) check_word: &'static str,
    pub(super) never_asks: &'static str,
    pub(super) direction: &'static str,
    pub(super) come: &'static str,
    pub(super) come_hint: &'static str,
    pub(super) go: &'static str,
    pub(super) go_hint: &'static str,
    pub(super) region: &'static str,
    pub(super) region_hint: &'static str,
    pub(super) region_which: &'static str,
    pub(super) day: &'static str,
    pub(super) today: &'static str,
    pub(super) yesterday: &'static str,
    pub(super) tomorrow: &'static str,
    pub(super) room: &'static str,
    pub(super) room_hint: &'static str,
    pub(super) person: &'static str,
    pub(super) phone: &'static str,
    pub(super) phone_hint: &'static str,
    pub(super) more: &'static str,
    pub(super) companions: &'static str,
    pub(super) identity: &'static str,
    pub(super) vehicle: &'static str,
    pub(super) note: &'static str,
    pub(super) send: &'static str,
    pub(super) mistakes: &'static str,
    pub(super) call: &'static str,
    pub(super) find_site: &'static str,
    pub(super) privacy: &'static str,
    pub(super) sent_before: &'static str,
    pub(super) sent_before_hint: &'static str,
    pub(super) send_again: &'static str,
    pub(super) busy: &'static str,
}

/// The receipt.
#[derive(Debug)]
pub(super) struct ReceiptWords {
    pub(super) title: &'static str,
    pub(super) received: &'static str,
    pub(super) number: &'static str,
    pub(super) next: &'static str,
    pub(super) next_call: &'static str,
    pub(super) next_by: &'static str,
    pub(super) next_taken: &'static str,
    pub(super) next_closed: &'static str,
    pub(super) answers: &'static str,
    pub(super) history: &'static str,
    pub(super) keep: &'static str,
    pub(super) another: &'static str,
    pub(super) staff_member: &'static str,
}

/// Test sites.
#[derive(Debug)]
pub(super) struct SiteWords {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) open: &'static str,
    pub(super) until: &'static str,
    pub(super) always: &'static str,
    pub(super) closed: &'static str,
    pub(super) opens: &'static str,
    pub(super) sample: &'static str,
    pub(super) checked: &'static str,
    pub(super) none: &'static str,
    pub(super) back: &'static str,
    pub(super) amap: &'static str,
    pub(super) tencent: &'static str,
    pub(super) baidu: &'static str,
}

/// Staff pages.
#[derive(Debug)]
pub(super) struct StaffWords {
    pub(super) sign_in: &'static str,
    pub(super) login: &'static str,
    pub(super) password: &'static str,
    pub(super) wrong: &'static str,
    pub(super) wait: &'static str,
    pub(super) new_password: &'static str,
    pub(super) new_password_lead: &'static str,
    pub(super) old_password: &'static str,
    pub(super) weak: &'static str,
    pub(super) save: &'static str,
    pub(super) sign_out: &'static str,
    pub(super) queue: &'static str,
    pub(super) empty: &'static str,
    pub(super) new_reports: &'static str,
    pub(super) lost: &'static str,
    pub(super) accept: &'static str,
    pub(super) close: &'static str,
    pub(super) reveal: &'static str,
    pub(super) reveal_hint: &'static str,
    pub(super) outcome: &'static str,
    pub(super) back: &'static str,
    pub(super) unrouted: &'static str,
    pub(super) due: &'static str,
    pub(super) overdue: &'static str,
    pub(super) received: &'static str,
    pub(super) changed: &'static str,
    pub(super) more: &'static str,
}

/// The command centre.
#[derive(Debug)]
pub(super) struct CentreWords {
    pub(super) title: &'static str,
    pub(super) reports: &'static str,
    pub(super) persons: &'static str,
    pub(super) unrouted: &'static str,
    pub(super) by_queue: &'static str,
    pub(super) by_hour: &'static str,
    pub(super) queue: &'static str,
    pub(super) all: &'static str,
    pub(super) sum: &'static str,
    pub(super) definition: &'static str,
    pub(super) stopped: &'static str,
}

/// Pages of what went wrong.
#[derive(Debug)]
pub(super) struct ProblemWords {
    pub(super) home_title: &'static str,
    pub(super) home_lead: &'static str,
    pub(super) code: &'static str,
    pub(super) open: &'static str,
    pub(super) unknown_code: &'static str,
    pub(super) mistyped_code: &'static str,
    pub(super) revoked_code: &'static str,
    pub(super) phone_instead: &'static str,
    pub(super) missing: &'static str,
    pub(super) forbidden: &'static str,
    pub(super) malformed: &'static str,
    pub(super) too_large: &'static str,
    pub(super) busy: &'static str,
    pub(super) internal: &'static str,
    pub(super) conflict: &'static str,
    pub(super) illegal: &'static str,
    pub(super) cross_site: &'static str,
}

impl Words {
    /// Whether these are the English ones.
    fn english(&self) -> bool {
        std::ptr::eq(self, &raw const EN)
    }

    /// A direction in words.
    pub(super) fn direction(&self, direction: Direction) -> &'static str {
        match (direction, self.english()) {
            (Direction::Return, false) => "返程",
            (Direction::Return, true) => "Arriving",
            (Direction::Leave, false) => "离开",
            (Direction::Leave, true) => "Leaving",
        }
    }

    /// A status in words.
    pub(super) fn status(&self, status: Status) -> &'static str {
        match (status, self.english()) {
            (Status::Waiting, false) => "待签收",
            (Status::Waiting, true) => "Waiting",
            (Status::Accepted, false) => "处置中",
            (Status::Accepted, true) => "In hand",
            (Status::Closed, false) => "已办结",
            (Status::Closed, true) => "Closed",
        }
    }

    /// An outcome in words.
    pub(super) fn outcome(&self, outcome: Outcome) -> &'static str {
        match (outcome, self.english()) {
            (Outcome::Confirmed, false) => "已核实登记",
            (Outcome::Confirmed, true) => "Confirmed",
            (Outcome::Informed, false) => "已告知要求",
            (Outcome::Informed, true) => "Informed",
            (Outcome::Cancelled, false) => "行程取消",
            (Outcome::Cancelled, true) => "Journey cancelled",
            (Outcome::Referred, false) => "已转交",
            (Outcome::Referred, true) => "Referred",
        }
    }

    /// A line of history in words.
    pub(super) fn event(&self, event: Event) -> &'static str {
        match (event, self.english()) {
            (Event::Submitted, false) => "已收到，已派到社区",
            (Event::Submitted, true) => "Received and sent to the community",
            (Event::Accepted, false) => "工作人员已签收",
            (Event::Accepted, true) => "Taken by a staff member",
            (Event::Closed, false) => "已办结",
            (Event::Closed, true) => "Closed",
            (Event::Revealed, false) => "查看了您的联系方式",
            (Event::Revealed, true) => "Looked at your contact details",
        }
    }

    /// A role in words.
    pub(super) fn role(&self, role: Role) -> &'static str {
        match (role, self.english()) {
            (Role::GridWorker, false) => "网格员",
            (Role::GridWorker, true) => "Grid worker",
            (Role::CommunityLead, false) => "社区负责人",
            (Role::CommunityLead, true) => "Community lead",
            (Role::DutyOfficer, false) => "值班员",
            (Role::DutyOfficer, true) => "Duty officer",
            (Role::Admin, false) => "管理员",
            (Role::Admin, true) => "Administrator",
            (Role::Auditor, false) => "审计员",
            (Role::Auditor, true) => "Auditor",
        }
    }

    /// The label of a field.
    pub(super) fn field(&self, field: Field) -> &'static str {
        let form = &self.form;
        match field {
            Field::Direction => form.direction,
            Field::Region => form.region,
            Field::Day => form.day,
            Field::Room => form.room,
            Field::Name => form.person,
            Field::Phone => form.phone,
            Field::Companions => form.companions,
            Field::Identity => form.identity,
            Field::Vehicle => form.vehicle,
            Field::Note => form.note,
        }
    }

    /// What is wrong with a field, and what would be right.
    pub(super) fn mistake(&self, field: Field, mistake: &Mistake) -> &'static str {
        if self.english() {
            english_mistake(field, mistake)
        } else {
            chinese_mistake(field, mistake)
        }
    }
}

fn chinese_mistake(field: Field, mistake: &Mistake) -> &'static str {
    match (field, mistake) {
        (Field::Direction, _) => "请选择：回来还是离开",
        (Field::Region, Mistake::Missing) => "请填写从哪里来，或到哪里去",
        (Field::Region, Mistake::Ambiguous(_)) => "有几个同名的地方，请选一个",
        (Field::Day, Mistake::OutOfRange) => "日期只能在前后 14 天之内",
        (Field::Day, _) => "请选择日期",
        (Field::Room, Mistake::Missing) => "请填写门牌号，如 1203",
        (Field::Name, Mistake::Missing) => "请填写姓名",
        (Field::Phone, Mistake::Missing) => "请填写手机号或座机号",
        (Field::Phone, _) => "这个号码打不通：手机号 11 位，座机请带区号，境外号码以 + 开头",
        (Field::Companions, _) => "同行人数请填 0 到 20",
        (Field::Identity, _) => "证件号码不对，请核对最后一位；也可以不填",
        (_, Mistake::TooLong) => "太长了，请写短一些",
        _ => "有不能使用的字符，请改一下",
    }
}

fn english_mistake(field: Field, mistake: &Mistake) -> &'static str {
    match (field, mistake) {
        (Field::Direction, _) => "Choose: arriving or leaving",
        (Field::Region, Mistake::Missing) => "Say where you come from or where you are going",
        (Field::Region, Mistake::Ambiguous(_)) => "Several places have this name: choose one",
        (Field::Day, Mistake::OutOfRange) => "The day must lie within 14 days of today",
        (Field::Day, _) => "Choose a day",
        (Field::Room, Mistake::Missing) => "Give the room, such as 1203",
        (Field::Name, Mistake::Missing) => "Give your name",
        (Field::Phone, Mistake::Missing) => "Give a mobile or landline number",
        (Field::Phone, _) => {
            "This number cannot be called: mobiles have 11 digits, landlines need the area code, numbers abroad begin with +"
        }
        (Field::Companions, _) => "Companions: a number from 0 to 20",
        (Field::Identity, _) => {
            "The ID number is not right: check its last character, or leave it out"
        }
        (_, Mistake::TooLong) => "This is too long",
        _ => "Some characters cannot be used here",
    }
}

/// 中文
pub(super) static ZH: Words = Words {
    name: "码上报备",
    other_language: "English",
    form: FormWords {
        title: "返程离开报备",
        lead: "30 秒填完，不用下载，不用登录",
        check_word: "核对码",
        never_asks: "本页不收钱、不要验证码。核对码应与码牌上的两个字一样",
        direction: "您是",
        come: "回来 / 到达",
        come_hint: "从外地来",
        go: "离开",
        go_hint: "到外地去",
        region: "从哪里来 / 到哪里去",
        region_hint: "如：上海浦东，或国家名",
        region_which: "是哪一个？",
        day: "哪一天",
        today: "今天",
        yesterday: "昨天",
        tomorrow: "明天",
        room: "门牌号",
        room_hint: "如：1203",
        person: "姓名",
        phone: "电话",
        phone_hint: "社区用它联系您",
        more: "同行人、证件、车牌、备注（可不填）",
        companions: "同行几人（不算您自己）",
        identity: "身份证或护照号码",
        vehicle: "车牌号",
        note: "备注",
        send: "提交报备",
        mistakes: "还有几处要改：",
        call: "不会填？打电话",
        find_site: "附近采样点",
        privacy: "所填内容加密保存，只有您所在社区的工作人员能看到；每次查看都会记在您的回执上。",
        sent_before: "这张表已经提交过了",
        sent_before_hint: "回执号",
        send_again: "作为另一条报备提交",
        busy: "系统正忙，还没有收到。您填的都在，请再按一次“提交报备”，或打电话。",
    },
    receipt: ReceiptWords {
        title: "报备回执",
        received: "已收到",
        number: "回执号",
        next: "接下来",
        next_call: "社区会打电话给您，请留意来电。",
        next_by: "最晚",
        next_taken: "社区工作人员正在处理。",
        next_closed: "已经办结，您不用再做什么。",
        answers: "您填的内容",
        history: "经过",
        keep: "请保存本页链接或截图；只有拿着链接的人能看到本页。",
        another: "再报一人",
        staff_member: "社区工作人员",
    },
    sites: SiteWords {
        title: "附近采样点",
        lead: "按离您这栋楼的远近排列，开着的在前",
        open: "现在开放",
        until: "到",
        always: "全天开放",
        closed: "现在不开",
        opens: "开门：",
        sample: "示例",
        checked: "核实于",
        none: "这里还没有登记采样点，请打电话问社区。",
        back: "返回报备",
        amap: "高德",
        tencent: "腾讯",
        baidu: "百度",
    },
    staff: StaffWords {
        sign_in: "登录",
        login: "账号",
        password: "密码",
        wrong: "账号或密码不对",
        wait: "试得太多了，请稍后再试（秒）：",
        new_password: "新密码",
        new_password_lead: "首次登录，请换一个自己的密码（至少 10 个字符）。",
        old_password: "现在的密码",
        weak: "新密码至少 10 个字符，且不能与现在的相同",
        save: "保存",
        sign_out: "退出",
        queue: "报备队列",
        empty: "都处理完了，没有待办的报备。",
        new_reports: "条新报备，点此显示",
        lost: "连接断开，正在重连；所示可能不是最新",
        accept: "签收",
        close: "办结",
        reveal: "查看电话",
        reveal_hint: "查看会记录，居民能看到",
        outcome: "结果",
        back: "返回队列",
        unrouted: "待分拨",
        due: "首次联系时限",
        overdue: "超时",
        received: "收到",
        changed: "刚被别人更新过，下面是最新的情况。",
        more: "下一页",
    },
    centre: CentreWords {
        title: "指挥中心 · 今日",
        reports: "报备",
        persons: "人数",
        unrouted: "待分拨",
        by_queue: "各社区",
        by_hour: "各小时",
        queue: "社区",
        all: "合计",
        sum: "各社区与待分拨之和恒等于合计",
        definition: "今日 = 本地时间零点以来收到的报备，按现在的状态计",
        stopped: "数据停在",
    },
    problem: ProblemWords {
        home_title: "请扫电梯里的码牌",
        home_lead: "或把码牌上的短码填在这里：",
        code: "短码",
        open: "打开",
        unknown_code: "没有这个码。请再看一眼码牌。",
        mistyped_code: "这个码有误：最后一位是校验位，能发现抄错的字。请再核对一遍（没有 0、O、1、I）。",
        revoked_code: "这个码牌已停用。请扫新的码牌，或打电话。",
        phone_instead: "也可以打电话报备：",
        missing: "没有这个页面，或您无权查看。",
        forbidden: "您的账号不能做这件事。",
        malformed: "内容格式不对。",
        too_large: "内容太长。",
        busy: "系统正忙，请稍后再试。",
        internal: "系统出了错，已经记录。请稍后再试。",
        conflict: "刚被别人更新过，请刷新后再试。",
        illegal: "现在的状态不能这样做。",
        cross_site: "请求不是从本站页面发出的。",
    },
};

/// English
pub(super) static EN: Words = Words {
    name: "Mashang",
    other_language: "中文",
    form: FormWords {
        title: "Report arriving or leaving",
        lead: "30 seconds. No app, no account",
        check_word: "Check word",
        never_asks: "This page takes no money and asks for no code. The check word must be the one on the placard",
        direction: "You are",
        come: "Arriving",
        come_hint: "coming from elsewhere",
        go: "Leaving",
        go_hint: "going elsewhere",
        region: "From where / to where",
        region_hint: "e.g. Shanghai 上海, or a country",
        region_which: "Which one?",
        day: "Which day",
        today: "Today",
        yesterday: "Yesterday",
        tomorrow: "Tomorrow",
        room: "Room",
        room_hint: "e.g. 1203",
        person: "Name",
        phone: "Phone",
        phone_hint: "the community calls you on it",
        more: "Companions, ID, vehicle, note (optional)",
        companions: "Companions (not counting you)",
        identity: "ID card or passport number",
        vehicle: "Number plate",
        note: "Note",
        send: "Send report",
        mistakes: "A few things to mend:",
        call: "Prefer to call?",
        find_site: "Test sites nearby",
        privacy: "What you write is kept encrypted and seen only by the staff of your community; each look is a line on your receipt.",
        sent_before: "This form was sent before",
        sent_before_hint: "Receipt",
        send_again: "Send as another report",
        busy: "The system is busy and has not received this yet. Your words are kept: press “Send report” again, or call.",
    },
    receipt: ReceiptWords {
        title: "Receipt",
        received: "Received",
        number: "Receipt number",
        next: "What happens next",
        next_call: "Your community will call you.",
        next_by: "At the latest",
        next_taken: "A staff member is taking care of it.",
        next_closed: "Closed. There is nothing left for you to do.",
        answers: "What you told us",
        history: "History",
        keep: "Keep the link of this page or a screenshot. Only whoever has the link can see it.",
        another: "Report one more person",
        staff_member: "community staff",
    },
    sites: SiteWords {
        title: "Test sites nearby",
        lead: "By distance from your building, open ones first",
        open: "Open now",
        until: "until",
        always: "Open all day",
        closed: "Closed now",
        opens: "opens",
        sample: "sample",
        checked: "checked on",
        none: "No test site is listed here yet; please call your community.",
        back: "Back to the report",
        amap: "Amap",
        tencent: "Tencent",
        baidu: "Baidu",
    },
    staff: StaffWords {
        sign_in: "Sign in",
        login: "Account",
        password: "Password",
        wrong: "Account and password do not match",
        wait: "Too many tries; try again in so many seconds:",
        new_password: "New password",
        new_password_lead: "First sign-in: choose a password of your own (at least 10 characters).",
        old_password: "Present password",
        weak: "At least 10 characters, and not the present one",
        save: "Save",
        sign_out: "Sign out",
        queue: "Queue",
        empty: "All done. Nothing is waiting.",
        new_reports: "new, show them",
        lost: "Connection lost, trying again; this may be out of date",
        accept: "Accept",
        close: "Close",
        reveal: "Show phone",
        reveal_hint: "Each look is recorded and the resident sees it",
        outcome: "Outcome",
        back: "Back to the queue",
        unrouted: "Unrouted",
        due: "First contact due",
        overdue: "Overdue",
        received: "Received",
        changed: "Somebody has just changed this; here is how it stands.",
        more: "Next page",
    },
    centre: CentreWords {
        title: "Command centre · today",
        reports: "Reports",
        persons: "Persons",
        unrouted: "Unrouted",
        by_queue: "By community",
        by_hour: "By hour",
        queue: "Community",
        all: "All",
        sum: "The communities and the unrouted bin always add up to the total",
        definition: "Today = reports received since local midnight, by their status now",
        stopped: "Data stopped at",
    },
    problem: ProblemWords {
        home_title: "Scan the placard in the lift",
        home_lead: "or type the short code that stands on it:",
        code: "Short code",
        open: "Open",
        unknown_code: "There is no such code. Please look at the placard again.",
        mistyped_code: "This code is mistyped: its last character is a check character that notices slips. Please compare once more (there is no 0, O, 1 or I).",
        revoked_code: "This placard is no longer in use. Scan the new one, or call.",
        phone_instead: "You can also report by telephone:",
        missing: "There is no such page, or it is not yours to see.",
        forbidden: "Your account may not do this.",
        malformed: "This is not in the right form.",
        too_large: "This is too long.",
        busy: "The system is busy. Please try again in a moment.",
        internal: "Something went wrong here and was noted. Please try again.",
        conflict: "Somebody has just changed this. Reload and try again.",
        illegal: "This cannot be done as things stand.",
        cross_site: "The request did not come from a page of this site.",
    },
};
