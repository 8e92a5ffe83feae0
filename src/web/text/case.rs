//! Words of a case: statuses, moves, outcomes and lines of history, in both languages side by side.

use super::Words;
use crate::domain::journal::Event;
use crate::domain::triage::{Move, Outcome, Stage, Status};

labels! {
    /// A report as staff work on it.
    CaseLabels {
        call: "签收并拨打", "Take and call";
        unreadable: "姓名、电话、房号无法打开", "Name, phone and room number cannot be opened";
        unreadable_hint: "这条报备的姓名、电话、房号等内容无法打开（数据损坏或缺少密钥），请告知系统管理员。签收、转派、办结等不受影响；尚未签收时，居民可以从回执链接重新填写。", "Name, phone, room number and notes of this report cannot be opened: the data are damaged or a key is missing. Please tell the administrator. You can still take, transfer and close the report; until it is taken, the resident can fill it in again from the receipt's link.";
        history: "办理经过", "What happened";
        more_moves: "更多操作", "Other steps";
        reason: "说明（200 字以内）", "Why (at most 200 characters)";
        reason_owed: "请填写原因或备注，200 字以内。", "Please write the reason or the note, in at most 200 characters.";
        retry: "未接通，何时再拨", "No answer · Call again in";
        retry_at: "再次联系", "Call again";
        to: "转派给哪个社区", "To which community";
        colleague: "转交给", "To whom";
        same_as: "同一电话的其他报备", "Other reports of this phone number";
        same_room: "同一房号、同一方向的其他报备", "Other reports of this room number and direction";
        resident: "居民", "Resident";
        undo: "撤销", "Undo";
        late: "已超过可撤销的时间，或之后又有变动。", "It is too late to undo this, or something has happened since.";
        why_stale: "刚有变化，请核对后再办", "has just changed: look again";
        why_taken: "已由{}签收，无需重复操作", "{} has taken it already";
        why_illegal: "当前为{}，不能{}", "now {}: cannot {}";
        why_target: "不能转给所选的社区或人员", "cannot go to that community or person";
        why_keeps: "已有报备合并到本条，本条须保留", "other reports were merged into this one, so it stays";
        why_reason: "请填写原因", "needs a reason";
        why_gone: "已转出，不归您管", "has moved to another queue";
        why_other: "未能办理", "was not done";
        target: "所选的社区、人员、时间或报备不可用，请重新选择。", "That community, person, time or report cannot be chosen. Please choose again.";
        keeps: "已有其他报备合并到本条，本条须保留：请打开另一条，把它合并到本条。", "Other reports were merged into this one, so it stays: please open the other report and merge that one into this one.";
        you_wanted: "您刚才的操作：", "What you wanted to do:";
        last_contact: "上次联系", "Last contact";
        refused: "退回", "refused";
        dispatch_to: "分拨到", "Send to";
        news: "此报备刚有变化：{}", "This report has just changed: {}";
        show_news: "显示最新内容", "Show it";
        minutes: "分钟", "min";
        hours: "小时", "h";
        me: "我", "me";
        owner: "经办", "Taken by";
        stands: "当前状态：", "How it stands now:";
        both: "您刚才的操作：{}。当前状态：{}。", "You wanted: {}. Now: {}.";
        again: "仍要办理：", "Still do it:";
        merged_into: "与另一条报备重复，已合并到：", "A duplicate, merged into this report:";
        merged_elsewhere: "与另一社区的一条报备重复，已合并到那一条。", "A duplicate, merged into a report of another community.";
        merged: "已合并到本条的重复报备", "Duplicates that were merged into this report";
        why_late: "已不能撤销", "cannot be undone any more";
        bulk_all_undone: "{} 条已撤销", "{} undone";
        bulk_merged: "{} 条已合并到 {}", "{} merged into {}";
        two_to_merge: "请至少选中两条再合并", "Select two or more to merge";
        bulk_reason: "作废原因", "Why not a report";
        bulk_more: "转派、指派、作废…", "Transfer, assign, set aside…";
        bulk_set_aside: "更多…", "More…";
        pane: "报备详情", "The report";
        pane_shut: "关闭详情", "Close the report pane";
        bulk_merge: "合并为一条", "Merge into one";
        bulk_merge_all: "全部合并为一条", "Merge all into one";
        choose: "请选择社区", "Choose a community";
        owed: "请先选择或填写：", "Please fill in first:";
        one_phone: "同一号码的报备", "Reports of one phone number";
        all_of_phone: "查看此号码的全部报备", "All reports of this number";
        bulk_undone: "{} 条已撤销，{} 条未能撤销", "{} undone, {} could not be undone";
    }
}

impl Words {
    /// A status in words.
    pub(crate) fn status(&self, status: Status) -> &'static str {
        match status {
            Status::Waiting => self.say("待签收", "Waiting"),
            Status::Accepted => self.say("处置中", "In hand"),
            Status::Unreachable => self.say("联系不上", "Unreachable"),
            Status::Closed => self.say("已办结", "Closed"),
            Status::Verified => self.say("已核验", "Verified"),
            Status::Withdrawn => self.say("已撤回", "Withdrawn"),
            Status::Duplicate => self.say("重复", "Duplicate"),
            Status::Invalid => self.say("无效", "Invalid"),
        }
    }

    /// A stage in words.
    pub(crate) fn stage(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::Waiting => self.say("待签收", "Waiting"),
            Stage::InHand => self.say("处置中", "In hand"),
            Stage::Done => self.say("已办结", "Closed"),
            Stage::Aside => self.say("无需办理", "Set aside"),
        }
    }

    /// An outcome in words.
    pub(crate) fn outcome(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Confirmed => self.say("已核实登记", "Confirmed"),
            Outcome::Informed => self.say("已告知", "Informed"),
            Outcome::Cancelled => self.say("行程取消", "Trip cancelled"),
            Outcome::Referred => self.say("已转交", "Referred"),
        }
    }

    /// The label of a move's button.
    pub(crate) fn step(&self, step: Move) -> &'static str {
        match step {
            Move::Accept => self.say("签收", "Take"),
            Move::Assign => self.say("指派", "Assign"),
            Move::Unreachable => self.say("联系不上", "No answer"),
            Move::Close(_) => self.say("办结", "Close"),
            Move::Verify => self.say("核验", "Verify"),
            Move::Invalidate => self.say("作废", "Not a report"),
            Move::Reopen => self.say("重新打开", "Reopen"),
            Move::Refuse => self.say("退回", "Not ours"),
            Move::Transfer => self.say("转派", "Transfer"),
            Move::Merge => self.say("合并为重复", "Merge"),
            Move::Split => self.say("取消合并", "Not a duplicate"),
            Move::Note => self.say("添加备注", "Add a note"),
            Move::Correct => self.say("修改", "Correct"),
            Move::Withdraw => self.say("撤回", "Withdraw"),
            Move::HandOver => self.say("移交", "Hand over"),
            Move::Release => self.say("交回队列", "Put back"),
        }
    }

    /// A move that was made, after the number of the report.
    pub(crate) fn made(&self, step: Move) -> &'static str {
        match step {
            Move::Accept => self.say("已签收", "taken"),
            Move::Assign => self.say("已指派", "assigned"),
            Move::Unreachable => self.say("已记为联系不上", "noted as not answering"),
            Move::Close(_) => self.say("已办结", "closed"),
            Move::Verify => self.say("已核验", "verified"),
            Move::Invalidate => self.say("已作废", "set aside as not a report"),
            Move::Reopen => self.say("已重新打开", "reopened"),
            Move::Refuse => self.say("已退回", "returned to the command centre"),
            Move::Transfer => self.say("已转派", "transferred"),
            Move::Merge => self.say("已合并为重复", "merged as a duplicate"),
            Move::Split => self.say("已取消合并", "separated again"),
            Move::Note => self.say("已添加备注", "note added"),
            Move::Correct | Move::Withdraw | Move::HandOver | Move::Release => {
                self.event_of_case(step.event())
            }
        }
    }

    /// The label of the move with this code; empty for an unknown one.
    pub(crate) fn step_of(&self, code: &str) -> &'static str {
        let known = Move::OF_STAFF.into_iter().find(|step| step.code() == code);
        known.map_or("", |step| self.step(step))
    }

    /// A line of history as colleagues read it.
    pub(crate) fn event_of_case(&self, event: Event) -> &'static str {
        match event {
            Event::Submitted => {
                self.say("已收到，已派到社区", "Received and sent to the community")
            }
            Event::Corrected => self.say("修改了内容", "Corrected"),
            Event::Withdrawn => self.say("撤回了报备", "Withdrawn"),
            Event::Accepted => self.say("已签收", "Took it on"),
            Event::Assigned => self.say("已指派经办人", "Given to a staff member"),
            Event::Unreachable => self.say("拨打电话，未接通", "Called, no answer"),
            Event::Closed => self.say("已办结", "Closed"),
            Event::Verified => self.say("已核验", "Verified"),
            Event::Invalidated => self.say("已作废", "Found not to be a report"),
            Event::Reopened => self.say("重新打开", "Reopened"),
            Event::Refused => self.say("社区退回", "Refused by the community"),
            Event::Transferred => self.say("已转派", "Transferred"),
            Event::Arrived => self.say("转入社区", "Arrived at another community"),
            Event::Merged => self.say("与另一条报备合并", "Merged with another report"),
            Event::Split => self.say("取消合并", "Separated again"),
            Event::Noted => self.say("备注", "Note"),
            Event::Revealed => self.say("查看了联系方式", "Looked at the contact details"),
            Event::Escalated => {
                self.say("超过时限，已提级", "Overdue, escalated to the next level")
            }
            Event::Undone => self.say("撤销了上一步", "Took the last step back"),
            Event::HandedOver => {
                self.say("离岗，移交给同事", "Left, and handed over to a colleague")
            }
            Event::Released => self.say(
                "离岗，交回社区重新签收",
                "Left, and gave it back to the community",
            ),
        }
    }

    /// An arrival in the bin of the command centre, as colleagues read it.
    pub(crate) fn to_the_bin(&self) -> &'static str {
        self.say(
            "退回指挥中心，待分拨",
            "Returned to the command centre, to be dispatched",
        )
    }

    /// An automatic separation of merged reports, as colleagues read it.
    pub(crate) fn freed(&self) -> &'static str {
        self.say(
            "本条所并入的报备已撤回或作废，本条重新待签收",
            "The report that it was merged into was withdrawn or found invalid; this one is waiting again",
        )
    }

    /// A line of history as the resident reads it; none for what only colleagues need to know.
    pub(crate) fn event(&self, event: Event) -> Option<&'static str> {
        Some(match event {
            Event::Submitted => {
                self.say("已收到，已派到社区", "Received and sent to the community")
            }
            Event::Corrected => self.say("修改了内容", "Corrected"),
            Event::Withdrawn => self.say("撤回了报备", "Withdrawn"),
            Event::Accepted => self.say("已受理", "Took it on"),
            Event::Unreachable => self.say("来电联系，未接通", "Called, no answer"),
            Event::Closed => self.say("已办结", "Closed"),
            Event::Invalidated => self.say("核实后无需办理", "Found that there is nothing to do"),
            Event::Reopened => self.say("重新办理", "Took it up again"),
            Event::Refused => self.say("转指挥中心重新分派", "Passed on to the command centre"),
            Event::Transferred => self.say("转给另一个社区", "Passed on to another community"),
            Event::Merged => self.say("与另一条报备合并", "Merged with another report"),
            Event::Split => self.say("与另一条报备分开", "Separated from another report"),
            Event::Revealed => self.say("查看了您的联系方式", "Looked at your contact details"),
            Event::Escalated => {
                self.say("已超时，报上级督办", "Overdue, reported to the next level")
            }
            Event::Assigned
            | Event::Verified
            | Event::Arrived
            | Event::Noted
            | Event::Undone
            | Event::HandedOver
            | Event::Released => return None,
        })
    }

    /// A status as the resident reads it.
    pub(crate) fn progress(&self, status: Status) -> &'static str {
        match status {
            Status::Waiting => self.say("待社区受理", "Waiting for the community"),
            Status::Accepted => self.say("办理中", "In hand"),
            Status::Unreachable => self.say("未接通", "No answer"),
            Status::Closed | Status::Verified => self.say("已办结", "Closed"),
            Status::Withdrawn => self.say("已撤回", "Withdrawn"),
            Status::Duplicate => self.say("已合并", "Merged"),
            Status::Invalid => self.say("无需办理", "Nothing to do"),
        }
    }
}
