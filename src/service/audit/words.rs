//! Audit entries in plain words, in both languages.

use serde_json::{Map, Value};

use super::{AuditEntry, By};
use crate::domain::audit::AuditEvent;
use crate::domain::person::Text;
use crate::domain::staff::Role;

/// Who did it, and what, in one sentence.
pub fn words(entry: &AuditEntry, english: bool) -> String {
    format!("{} {}", who(&entry.by, english), what(entry, english))
}

fn who(by: &By, english: bool) -> String {
    match (by, english) {
        (By::Staff { login, name }, true) => format!("{name} ({login})"),
        (By::Staff { login, name }, false) => format!("{name}（{login}）"),
        (By::Operator(user), true) => format!("operator {user}"),
        (By::Operator(user), false) => format!("服务器操作员 {user}"),
        (By::Program, true) => "system".to_owned(),
        (By::Program, false) => "系统".to_owned(),
    }
}

/// The facts of an entry, as text.
struct Facts<'a> {
    facts: &'a Map<String, Value>,
    english: bool,
}

impl Facts<'_> {
    /// A fact; empty where the entry has none of this name.
    fn get(&self, name: &str) -> String {
        match self.facts.get(name) {
            Some(Value::String(text)) => Text::visible(text),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        }
    }

    fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.english { en } else { zh }
    }

    fn role(&self) -> String {
        let code = self.get("role");
        let words = Role::from_code(&code).map(|role| match role {
            Role::GridWorker => self.say("网格员", "grid worker"),
            Role::CommunityLead => self.say("社区负责人", "community lead"),
            Role::DutyOfficer => self.say("值班员", "duty officer"),
            Role::Admin => self.say("管理员", "administrator"),
            Role::Auditor => self.say("审计员", "auditor"),
        });
        words.map_or(code, str::to_owned)
    }

    fn device(&self) -> &'static str {
        if self.get("device") == "known" {
            self.say("用过的设备", "a known device")
        } else {
            self.say("新设备", "a new device")
        }
    }

    fn table(&self) -> String {
        let code = self.get("table");
        match code.as_str() {
            "areas" => self.say("辖区", "areas").to_owned(),
            "buildings" => self.say("楼栋", "buildings").to_owned(),
            "sites" => self.say("采样点", "test sites").to_owned(),
            "regions" => self.say("行政区划", "regions").to_owned(),
            "holidays" => self.say("节假日", "holidays").to_owned(),
            "red_rules" => self.say("标红规则", "red rules").to_owned(),
            _ => code,
        }
    }

    fn sought(&self) -> &'static str {
        match self.get("by").as_str() {
            "number" => self.say("回执编号", "receipt number"),
            "telephone" => self.say("电话", "telephone"),
            _ => self.say("地址", "door"),
        }
    }
}

fn what(entry: &AuditEntry, english: bool) -> String {
    let facts = Facts {
        facts: &entry.facts,
        english,
    };
    match AuditEvent::from_code(&entry.kind) {
        // A later version wrote it.
        None => entry.kind.clone(),
        Some(event) if english => in_english(event, &facts),
        Some(event) => in_chinese(event, &facts),
    }
}

fn in_english(event: AuditEvent, facts: &Facts<'_>) -> String {
    let get = |name| facts.get(name);
    match event {
        AuditEvent::SignedIn => format!("signed in on {}", facts.device()),
        AuditEvent::SignedOut => "signed out".to_owned(),
        AuditEvent::SignInsRefused => {
            let login = Some(get("login")).filter(|login| !login.is_empty());
            let login = login.map_or("no account".to_owned(), |login| format!("account {login}"));
            let (wrong, throttled) = (get("wrong"), get("throttled"));
            format!(
                "refused sign-ins of {login} on {}: {wrong} wrong passwords, {throttled} too soon after others",
                facts.device()
            )
        }
        AuditEvent::PasswordChanged => {
            format!("replaced their password; {} sign-ins ended", get("ended"))
        }
        AuditEvent::PasswordReset => format!(
            "gave {} a one-time password; {} sign-ins ended",
            get("login"),
            get("ended")
        ),
        AuditEvent::AccountAdded => format!(
            "added the account {}: {} of {}",
            get("login"),
            facts.role(),
            get("area")
        ),
        AuditEvent::AccountDisabled => format!(
            "disabled the account {}; {} reports handed over, {} back in the queue",
            get("login"),
            get("to_colleague"),
            get("to_queue")
        ),
        AuditEvent::AccountEnabled => format!("enabled the account {} again", get("login")),
        AuditEvent::Imported => format!("imported {} lines of {}", get("lines"), facts.table()),
        AuditEvent::PlacardsIssued => {
            format!(
                "issued {} placards, batch {}",
                get("placards"),
                get("batch")
            )
        }
        AuditEvent::PlacardRevoked => format!("revoked the placard {}", get("code")),
        AuditEvent::PostersDrawn => format!("drew posters of {} placards", get("placards")),
        AuditEvent::WebhookAdded => format!(
            "added webhook {} ({}) of {} to {}",
            get("webhook"),
            get("kind"),
            get("area"),
            get("host")
        ),
        AuditEvent::WebhookPaused => format!("paused webhook {}", get("webhook")),
        AuditEvent::WebhookResumed => format!("resumed webhook {}", get("webhook")),
        AuditEvent::WebhookReplayed => format!(
            "set webhook {} to entry {} of queue {}",
            get("webhook"),
            get("from"),
            get("queue")
        ),
        AuditEvent::WebhookTested => format!("sent a test message to webhook {}", get("webhook")),
        AuditEvent::WebhookRemoved => format!("removed webhook {}", get("webhook")),
        AuditEvent::Searched => format!("searched by {}", facts.sought()),
        AuditEvent::CommandRun => format!("ran the command {}", get("command")),
    }
}

fn in_chinese(event: AuditEvent, facts: &Facts<'_>) -> String {
    let get = |name| facts.get(name);
    match event {
        AuditEvent::SignedIn => format!("在{}上登录", facts.device()),
        AuditEvent::SignedOut => "退出登录".to_owned(),
        AuditEvent::SignInsRefused => {
            let login = Some(get("login")).filter(|login| !login.is_empty());
            let login = login.map_or("不存在的账号".to_owned(), |login| {
                format!("账号 {login} ")
            });
            let (wrong, throttled) = (get("wrong"), get("throttled"));
            format!(
                "拒绝{login}在{}上登录：密码错误 {wrong} 次，尝试过于频繁 {throttled} 次",
                facts.device()
            )
        }
        AuditEvent::PasswordChanged => format!("修改了自己的密码，{} 处登录失效", get("ended")),
        AuditEvent::PasswordReset => format!(
            "为账号 {} 重设一次性密码，{} 处登录失效",
            get("login"),
            get("ended")
        ),
        AuditEvent::AccountAdded => format!(
            "新增账号 {}：{}，辖区 {}",
            get("login"),
            facts.role(),
            get("area")
        ),
        AuditEvent::AccountDisabled => format!(
            "停用账号 {}：移交报备 {} 件，退回队列 {} 件",
            get("login"),
            get("to_colleague"),
            get("to_queue")
        ),
        AuditEvent::AccountEnabled => format!("恢复账号 {}", get("login")),
        AuditEvent::Imported => format!("导入{} {} 行", facts.table(), get("lines")),
        AuditEvent::PlacardsIssued => {
            format!("签发码牌 {} 块，批次 {}", get("placards"), get("batch"))
        }
        AuditEvent::PlacardRevoked => format!("停用码牌 {}", get("code")),
        AuditEvent::PostersDrawn => format!("生成码牌海报 {} 张", get("placards")),
        AuditEvent::WebhookAdded => format!(
            "新增推送 {}（{}），辖区 {}，发往 {}",
            get("webhook"),
            get("kind"),
            get("area"),
            get("host")
        ),
        AuditEvent::WebhookPaused => format!("暂停推送 {}", get("webhook")),
        AuditEvent::WebhookResumed => format!("恢复推送 {}", get("webhook")),
        AuditEvent::WebhookReplayed => format!(
            "将推送 {} 调整到队列 {} 的第 {} 条",
            get("webhook"),
            get("queue"),
            get("from")
        ),
        AuditEvent::WebhookTested => format!("向推送 {} 发送测试消息", get("webhook")),
        AuditEvent::WebhookRemoved => format!("删除推送 {}", get("webhook")),
        AuditEvent::Searched => format!("按{}查找报备", facts.sought()),
        AuditEvent::CommandRun => format!("运行命令 {}", get("command")),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn every_kind_has_words_in_both_languages() {
        for event in AuditEvent::ALL {
            let entry = AuditEntry {
                seq: 1,
                kind: event.code().to_owned(),
                at: DateTime::UNIX_EPOCH,
                by: By::Program,
                facts: Map::new(),
            };
            let (zh, en) = (words(&entry, false), words(&entry, true));
            assert_ne!(what(&entry, true), event.code());
            assert!(en.is_ascii() && !zh.is_ascii(), "{zh} {en}");
        }
    }
}
