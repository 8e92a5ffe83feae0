//! Refused sign-ins, summed: a stranger who tries passwords all day leaves a few entries a minute,
//! and does not fill the journal or its writer.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::{Actor, AuditAct, Recorder};
use crate::domain::audit::AuditEvent;
use crate::service::App;
use crate::service::passwords::ClientClass;
use crate::store::{Error, Tx, staff};

/// Logins that are counted one by one between two writes; the others are counted together.
const LOGINS_MAX: usize = 1_000;
/// Characters of a login that are kept.
const LOGIN_CHARS_MAX: usize = 64;

/// How often sign-ins were refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    /// The password was wrong.
    wrong: u64,
    /// There were too many tries before, so the password was not checked.
    throttled: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.wrong += other.wrong;
        self.throttled += other.throttled;
    }
}

/// The refused sign-ins since the last write, by login and class of the client. The login is none
/// for all those beyond the limit.
type Counts = BTreeMap<(Option<String>, ClientClass), Count>;

/// The refused sign-ins of this node that are in no entry yet.
#[derive(Debug, Default)]
pub(in crate::service) struct RefusedSignIns(Mutex<Counts>);

impl RefusedSignIns {
    /// Counts a wrong password.
    pub(in crate::service) fn wrong(&self, login: &str, class: ClientClass) {
        let one = Count {
            wrong: 1,
            throttled: 0,
        };
        count(&mut self.lock(), Some(login), class, one);
    }

    /// Counts a try that came too soon after others.
    pub(in crate::service) fn throttled(&self, login: &str, class: ClientClass) {
        let one = Count {
            wrong: 0,
            throttled: 1,
        };
        count(&mut self.lock(), Some(login), class, one);
    }

    /// Each count is whole at every instant, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(counts: &mut Counts, login: Option<&str>, class: ClientClass, more: Count) {
    let login: Option<String> = login.map(|login| login.chars().take(LOGIN_CHARS_MAX).collect());
    let mut key = (login, class);
    if counts.len() >= LOGINS_MAX && !counts.contains_key(&key) {
        key.0 = None;
    }
    counts.entry(key).or_default().add(more);
}

/// Writes the entries of what was refused since the last write: one for each account and class of
/// client, and one for each class with all logins that no account has. What cannot be written is
/// kept for the next write.
pub async fn write(app: &App) -> Result<(), Error> {
    let counts = std::mem::take(&mut *app.refused_sign_ins.lock());
    if counts.is_empty() {
        return Ok(());
    }
    let (recorder, kept) = (Recorder::of(app), counts.clone());
    let work = move |tx: Tx| async move {
        let accounts = staff::list(&tx).await?;
        let is_account = |login: &str| accounts.iter().any(|account| account.login == login);
        recorder.write(&tx, acts(counts, is_account)).await
    };
    let written: Result<(), Error> = app.db.write(work).await;
    if written.is_err() {
        let mut counts = app.refused_sign_ins.lock();
        for ((login, class), more) in kept {
            count(&mut counts, login.as_deref(), class, more);
        }
    }
    written
}

/// What a person typed as a login may be their password, so only the logins of accounts are named.
fn acts(counts: Counts, is_account: impl Fn(&str) -> bool) -> Vec<AuditAct> {
    let mut sums = Counts::new();
    for ((login, class), more) in counts {
        let login = login.filter(|login| is_account(login));
        sums.entry((login, class)).or_default().add(more);
    }
    let act = |((login, class), count): ((Option<String>, ClientClass), Count)| {
        let facts = json!({
            "login": login, "device": class.code(),
            "wrong": count.wrong, "throttled": count.throttled,
        });
        AuditAct::of(Actor::Program, AuditEvent::SignInsRefused, facts)
    };
    sums.into_iter().map(act).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_logins_are_counted_in_little_memory() {
        let refused = RefusedSignIns::default();
        for nth in 0..3 * LOGINS_MAX {
            refused.wrong(&format!("login{nth}"), ClientClass::Unknown);
            refused.throttled("wang", ClientClass::Known);
        }
        let counts = std::mem::take(&mut *refused.lock());
        assert_eq!(counts.len(), LOGINS_MAX + 1);
        let sum = counts.values().fold(Count::default(), |mut sum, count| {
            sum.add(*count);
            sum
        });
        let all = 3 * LOGINS_MAX as u64;
        assert_eq!((sum.wrong, sum.throttled), (all, all));
        assert_eq!(acts(counts, |login| login == "wang").len(), 2);
    }
}
