//! Labels of staff pages, of the command centre and of problems.

labels! {
    /// Staff pages.
    StaffLabels {
        sign_in: "登录", "Sign in";
        staff_sign_in: "工作人员登录", "Staff sign-in";
        login_owed: "请填写账号", "Give the account";
        password_owed: "请填写密码", "Give the password";
        old_owed: "请填写当前密码", "Give the current password";
        show_password: "显示密码", "Show the password";
        forgotten: "忘记密码？请联系本单位的系统管理员重置。", "Forgotten your password? Your administrator can set a new one.";
        login: "账号", "Account";
        password: "密码", "Password";
        wrong: "账号或密码不正确", "Account and password do not match";
        wrong_old: "当前密码不正确", "That is not the current password";
        wait: "尝试次数过多，请 {} 分钟后再试", "Too many tries; try again in {} min";
        new_password: "新密码", "New password";
        new_password_lead: "首次登录，请设置新密码（至少 10 个字符）。", "First sign-in: choose a password of your own (at least 10 characters).";
        old_password: "当前密码", "Current password";
        weak: "新密码须为 10 到 128 个字符", "A password has 10 to 128 characters";
        same: "新密码不能与当前密码相同", "The new password is the current one; choose another";
        common: "这个密码太常见，容易被猜中。请换一个：可用几个不相关的词连成一句。", "This password is too common and easy to guess. Choose another: several words that do not belong together are good.";
        own_name: "密码中不能有您的账号或单位名称，请换一个。", "A password must not hold your account or the name of your office. Choose another.";
        expired: "一次性密码已过期，请联系本单位的系统管理员重新设置。", "This one-time password has expired. Your administrator can set a new one.";
        save: "保存", "Save";
        sign_out: "退出", "Sign out";
        queue: "报备队列", "Queue";
        empty: "全部办完，没有待办的报备。", "All done. Nothing is waiting.";
        new_reports: "条新报备，点此显示", "new, show them";
        closed: "此账号打开的页面过多，本页改为每 15 秒刷新；关闭其他页面后刷新本页即可恢复。", "Too many pages of this account are open. This page updates every 15 seconds; close others and reload it.";
        lost: "连接断开，正在重连；所示内容可能不是最新", "Connection lost, trying again; this may be out of date";
        accept: "签收", "Take";
        close: "办结", "Close";
        reveal: "查看电话", "Show phone";
        reveal_hint: "每次查看都有记录，居民能看到", "Each look is recorded and the resident sees it";
        outcome: "结果", "Outcome";
        back: "返回队列", "Back to the queue";
        unrouted: "待分拨", "Unrouted";
        overdue: "超时", "Overdue";
        due_soon: "即将超时", "Due soon";
        received: "收到", "Received";
        changed: "此报备刚被他人更新，以下是最新情况。", "A colleague has just changed this report; this is how it stands now.";
        more: "下一页", "Next page";
        keys: "键盘快捷键", "Keyboard shortcuts";
        keys_help: "j 下一条 · k 上一条 · Enter 打开 · a 签收 · e 去办结 · x 勾选 · * 全选 · Esc 关闭详情 · n 显示新报备 · b 批量操作 · z 撤销 · / 搜索 · ? 帮助", "j next · k previous · Enter open · a take · e close · x select · * select all · Esc close the report · n show new reports · b steps with all selected · z undo · / search · ? help";
        beside: "宽屏时在列表右侧打开报备（Esc 关闭）", "On a wide screen, open reports beside the list (Esc closes)";
        shut: "关闭", "Close";
        sound: "新报备提示音（夜间静音，值班员的红色报备除外）", "A sound for new reports (silent at night, but for red reports on duty)";
        notice: "新报备桌面提醒（不含个人信息，夜间静音，值班员的红色报备除外）", "A desktop notice for new reports (no personal data, silent at night, but for red reports on duty)";
        settings: "提醒与快捷键", "Notices and shortcuts";
        mute: "🔇 提示音尚未开启：请点一下页面任意处。", "🔇 The sound is not on yet: please touch the page anywhere.";
        title_count: "在标签页标题上显示新报备条数", "The number of new reports in the tab's title";
        signed_out: "登录已过期，页面上的内容都还在。", "Your sign-in has ended; everything on this page is still here.";
        sign_in_again: "在新窗口重新登录", "Sign in again in a new window";
        marked: "条已选", "selected";
        mark: "选中", "Select";
        mark_all: "全选", "All";
        working: "正在处理，还有 {} 条……", "Working, {} to go…";
        left: "剩 {}", "{} left";
        over: "超时 {}", "{} overdue";
        span_hours: "{} 小时 {} 分", "{} h {} min";
        span_minutes: "{} 分钟", "{} min";
        span_moment: "不到 1 分钟", "under 1 min";
        undone: "已撤销", "Undone";
        failed: "{} 未成功，请再试一次", "{}: that did not work, please try again";
        bulk_all_done: "{} 条已处理", "{} done";
        bulk_done: "{} 条已处理，{} 条未能处理（仍勾选着）", "{} done, {} not possible (still selected)";
        notice_text: "有新的报备", "New reports have arrived";
        moved_away: "已转出", "Moved to another queue";
    }
}

impl StaffLabels {
    /// The keys, one by one.
    pub(crate) fn key_list(&self) -> impl Iterator<Item = &'static str> {
        self.keys_help.split(" · ")
    }
}

labels! {
    /// The command centre.
    CentreLabels {
        title: "指挥中心 · 今日", "Command centre · today";
        reports: "报备", "Reports";
        persons: "人数", "Persons";
        unrouted: "待分拨", "Unrouted";
        by_queue: "社区情况", "By community";
        by_hour: "分时段", "By hour";
        queue: "社区", "Community";
        all: "合计", "All";
        sum: "各社区与待分拨之和＝今日合计", "Of today, the communities and the unrouted bin always add up to the total";
        definition: "今日＝本地时间零点以来收到的报备，按当前状态统计", "Today = reports received since local midnight, by their status now";
        stopped: "数据停在", "Data stopped at";
    }
}

labels! {
    /// Pages of what went wrong.
    ProblemLabels {
        over: "报备已经结束，不再收集任何信息。结束日期：", "Reporting has ended; nothing is collected here any more. Last day:";
        not_yet: "报备尚未开始。开始日期：", "Reporting has not begun. First day:";
        home_title: "请扫描电梯内的码牌", "Scan the poster in the lift";
        home_lead: "或在此填写码牌上的短码：", "or type the short code that stands on it:";
        code: "短码", "Short code";
        code_owed: "请填写短码", "Give the short code";
        developers: "接口文档", "For programs";
        open: "打开", "Open";
        unknown_code: "没有这个短码，请对照码牌重新输入。", "There is no such code. Please compare it with the poster.";
        mistyped_code: "短码有误，请对照码牌重新输入（短码中没有 0、O、1、I）。", "This code is mistyped. Please compare it with the poster (there is no 0, O, 1 or I).";
        revoked_code: "此码牌已停用。请扫新码牌，或打电话。", "This poster is no longer in use. Scan the new one, or call.";
        replaced_code: "此码牌已更换。下次请扫新码牌，现在可直接打开新的报备页。", "This poster has been replaced. Scan the new one next time; its form is one tap away.";
        open_instead: "打开新的报备页", "Open the form of the new poster";
        phone_instead: "也可以打电话报备：", "You can also report by phone:";
        missing: "没有这个页面，或您无权查看。", "There is no such page, or it is not yours to see.";
        forbidden: "您的账号无权进行此操作。", "Your account may not do this.";
        malformed: "内容格式不正确。", "This is not in the right form.";
        undrawable: "此码牌无法绘制：字库缺字，或文字放不下。请修改名称后再试。", "This placard cannot be drawn: the fonts lack a character, or the words do not fit. Change the name and try again.";
        field_missing: "缺少一个字段。", "A field is missing.";
        field_unknown: "有一个字段无法识别。", "A field is not known.";
        field_malformed: "有一个字段格式不正确。", "A field is not in the right form.";
        wrong_method: "此地址不能直接打开，请返回上一页，点页面上的按钮。", "This address cannot be opened by itself. Please go back and use the button on the page.";
        too_large: "内容太长。", "This is too long.";
        too_slow: "网络太慢，未收全。请稍后再试。", "The network is too slow, and not everything came. Try again later.";
        packed: "不接受压缩的内容。", "Compressed content is not accepted.";
        busy: "系统繁忙，请稍后再试。", "The system is busy. Please try again in a moment.";
        internal: "系统出错，已记录。请稍后再试。", "Something went wrong here and was noted. Please try again.";
        conflict: "刚被他人更新，请刷新后再试。", "A colleague has just changed this. Reload and try again.";
        illegal: "当前状态不能进行此操作。", "This cannot be done as things stand.";
        cross_site: "此请求不是从本站页面发出的。", "The request did not come from a page of this site.";
    }
}
