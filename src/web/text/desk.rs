//! Words of the desk and of the paper form, in both languages side by side.

labels! {
    /// Reports that staff write down for others.
    DeskLabels {
        title: "代录", "Desk entry";
        lead: "替没有手机、不会填的居民填写；内容、顺序与居民的页面一样，当场就有回执号。", "For residents without a phone at hand: the same questions in the same order as on their own page, and a receipt number at once.";
        find: "找小区或楼栋", "Find an estate or a building";
        find_hint: "如：花园 3号楼", "such as Garden Building 3";
        look: "查找", "Find";
        none: "没有找到。请换个关键词，或请管理员登记该楼栋。", "Nothing found. Try other words, or ask an administrator to enter this building.";
        more: "仅列出一部分，请输入更具体的名称。", "Only some are shown; please be more specific.";
        others: "选择其他楼栋", "Another building";
        office: "报送至：", "Goes to ";
        ask: "请逐项问居民，并读给本人核对。", "Please ask one by one, and read the answers back.";
        save: "提交代录", "Enter the report";
        only_phone: "只留电话，请社区打给居民", "Only the phone: the community calls";
        busy: "系统繁忙，尚未收到。所填内容都在，请再按一次“提交代录”。", "The server is busy and has not taken this yet. Everything is still here; please press the button once more.";
        offline: "没有网络，尚未提交。所填内容都在，有网后请再按一次。", "No connection; nothing was sent yet. All that was filled in is here: press again once there is a connection.";
        sent_before: "此表已录入，回执号", "This one was entered already, receipt number";
        as_another: "作为另一条报备提交", "Enter as another report";
        done: "已收到", "Received";
        read_out: "请把回执号读给居民，或打印本页交给居民。", "Please read the receipt number to the resident, or print this page for them.";
        next: "最晚联系时间", "Called by";
        scan: "家人可扫码查看、修改或撤回", "Family can scan this to look, correct or withdraw";
        print: "打印", "Print";
        same_place: "同址再录一人", "One more at this place";
        tag: "代录", "Desk";
    }
    with {
        paper: PaperLabels;
    }
}

labels! {
    /// The form on paper.
    PaperLabels {
        open: "打印纸质表", "Print the paper form";
        table: "{}表", "{}";
        lead: "用正楷填写，填好交给社区工作人员或放进门卫处的收表箱。", "Please write clearly and give this to your community's staff or the gatekeeper.";
        place: "地点", "Place";
        code: "编号", "Code";
        optional: "以下选填", "Optional";
        hand_in: "本表仅用于联系您，录入后由社区销毁。不收钱、不要验证码。", "Used only to call you, and destroyed once entered. It costs nothing and needs no code.";
        telephone: "社区电话", "Community phone";
        keep: "沿虚线撕下，由居民保存", "Tear off and keep";
        for_staff: "工作人员填写", "For staff";
        written_by: "录入人", "Entered by";
        written_at: "录入时间", "Entered at";
    }
}
