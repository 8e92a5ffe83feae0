//! Words of a case: statuses, moves, outcomes and lines of history, in both languages side by side.

use super::Words;
use crate::domain::journal::Event;
use crate::domain::triage::{Move, Outcome, Stage, Status};

labels! {
    /// A report as staff work on it.
    CaseLabels {
        call: "签收并拨打", "Take and call";
        unreadable: "姓名、电话、门牌打不开", "Name, telephone and room cannot be opened";
        unreadable_hint: "这条报备的姓名、电话、门牌等内容打不开（数据损坏或缺少密钥），请告诉系统管理员。签收、转派、办结等不受影响；尚未签收时，居民可以从回执链接重新填写。", "Name, telephone, room and notes of this report cannot be opened: the data are damaged or a key is missing. Please tell the administrator. You can still take, transfer and close the report; until it is taken, the resident can fill it in again from the receipt's link.";
        history: "经过", "What happened";
        more_moves: "其他处理", "Other steps";
        reason: "说明（200 字以内）", "Why (at most 200 characters)";
        reason_owed: "请写明原因，200 字以内。", "Please give the reason, in at most 200 characters.";
        retry: "没打通 · 多久后再打", "No answer · Call again in";
        retry_at: "再次联系", "Call again";
        to: "转给哪个社区", "To which community";
        colleague: "交给谁", "To whom";
        same_as: "同一电话的其他报备", "Other reports of this telephone";
        same_room: "同一门牌、同一方向的其他报备", "Other reports of this room and direction";
        resident: "居民", "Resident";
        undo: "撤销", "Undo";
        late: "已超过可撤销的时间，或之后又有了变动。", "It is too late to undo this, or something has happened since.";
        why_stale: "刚有变化，请看清再办", "has just changed: look again";
        why_illegal: "现在不能这样办", "not possible now";
        why_other: "没有办成", "was not done";
        target: "所选的社区、人员、时间或报备不可用，请重新选择。", "That community, person, time or report cannot be chosen. Please choose again.";
        keeps: "已有其他报备并入这一条，它须保留：请打开另一条，把它并入这一条。", "Other reports were merged into this one, so it stays: please open the other report and merge that one into this one.";
        you_wanted: "您刚才要做的是：", "What you wanted to do:";
        last_contact: "上次联系", "Last contact";
        minutes: "分钟", "min";
        hours: "小时", "h";
        me: "我", "me";
        owner: "经办", "Taken by";
        stands: "现在的情况：", "How it stands now:";
        both: "您刚才要做的是：{}。现在：{}。", "You wanted: {}. Now: {}.";
        again: "仍要办理：", "Still do it:";
        merged_into: "与这条报备重复，已并入：", "A duplicate, merged into this report:";
        merged_elsewhere: "与另一社区的一条报备重复，已并入那一条。", "A duplicate, merged into a report of another community.";
        merged: "并入这一条的重复报备", "Duplicates that were merged into this report";
        why_late: "已不能撤销", "cannot be undone any more";
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
            Stage::Aside => self.say("不需处置", "Set aside"),
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
            Move::Merge => self.say("并为重复", "Merge"),
            Move::Split => self.say("取消合并", "Not a duplicate"),
            Move::Note => self.say("记一笔", "Add a note"),
            Move::Correct => self.say("更正", "Correct"),
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
            Move::Merge => self.say("已并为重复", "merged as a duplicate"),
            Move::Split => self.say("已取消合并", "separated again"),
            Move::Note => self.say("已记一笔", "note added"),
            Move::Correct | Move::Withdraw | Move::HandOver | Move::Release => {
                self.event(step.event())
            }
        }
    }

    /// The label of the move with this code; empty for an unknown one.
    pub(crate) fn step_of(&self, code: &str) -> &'static str {
        let known = Move::OF_STAFF.into_iter().find(|step| step.code() == code);
        known.map_or("", |step| self.step(step))
    }

    /// A line of history as colleagues read it: the contact details are the resident's.
    pub(crate) fn event_of_case(&self, event: Event) -> &'static str {
        match event {
            Event::Revealed => self.say("查看了联系方式", "Looked at the contact details"),
            Event::Unreachable => self.say("打了电话，未接通", "Called, no answer"),
            other => self.event(other),
        }
    }

    /// An automatic separation of merged reports, as colleagues read it.
    pub(crate) fn freed(&self) -> &'static str {
        self.say(
            "并入的那条报备已撤回或作废，本条重新待签收",
            "The report that it was merged into was withdrawn or found invalid; this one is waiting again",
        )
    }

    /// A line of history as the resident reads it.
    pub(crate) fn event(&self, event: Event) -> &'static str {
        match event {
            Event::Submitted => {
                self.say("已收到，已派到社区", "Received and sent to the community")
            }
            Event::Corrected => self.say("更正了内容", "Corrected"),
            Event::Withdrawn => self.say("撤回了报备", "Withdrawn"),
            Event::Accepted => self.say("已签收", "Took it on"),
            Event::Assigned => self.say("已指派经办人", "Given to a staff member"),
            Event::Unreachable => self.say("来电联系，未接通", "Called, no answer"),
            Event::Closed => self.say("已办结", "Closed"),
            Event::Verified => self.say("已核验", "Verified"),
            Event::Invalidated => self.say("作废", "Found not to be a report"),
            Event::Reopened => self.say("重新打开", "Reopened"),
            Event::Refused => {
                self.say("社区退回，由指挥中心分拨", "Returned to the command centre")
            }
            Event::Transferred => self.say("已转派", "Transferred"),
            Event::Arrived => self.say("转到新的社区", "Arrived at another community"),
            Event::Merged => self.say("与另一条报备合并", "Merged with another report"),
            Event::Split => self.say("取消合并", "Separated again"),
            Event::Noted => self.say("记录", "Note"),
            Event::Revealed => self.say("查看了您的联系方式", "Looked at your contact details"),
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
}
