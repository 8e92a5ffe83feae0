//! Passwords: a few are hashed at a time, and the queue before that is short.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::store::Error;

/// Passwords that are hashed at the same time; each takes tens of MiB.
const HASHES_AT_ONCE: usize = 2;
/// Passwords of each class that are checked or wait for it. Further ones are refused at once: a
/// flood of guesses must not make every sign-in wait.
const CHECKS_MAX: usize = 16;

/// The class of a client. Each has a queue of its own, so that guesses of strangers do not keep
/// colleagues out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ClientClass {
    /// It has signed in before.
    Known,
    /// It has not.
    Unknown,
}

impl ClientClass {
    /// The word for the device of the client in audit entries.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a password was not checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many passwords wait to be checked.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// The hash failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Checks and makes passwords.
#[derive(Debug)]
pub struct Passwords {
    params: Option<Params>,
    turn: Arc<Semaphore>,
    room_known: Arc<Semaphore>,
    room_unknown: Arc<Semaphore>,
}

impl Passwords {
    pub(super) fn new(memory_kib: u32, rounds: u32) -> Self {
        Self {
            params: Params::new(memory_kib, rounds, 1, None).ok(),
            turn: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            room_known: Arc::new(Semaphore::new(CHECKS_MAX)),
            room_unknown: Arc::new(Semaphore::new(CHECKS_MAX)),
        }
    }

    /// The Argon2id hash of a password (RFC 9106), in PHC form. Never refused: only signed-in people
    /// and the command line set passwords.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        let hasher = self.hasher();
        self.blocking(move || {
            let hash = hasher.hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).ok()
        })
        .await?
        .ok_or_else(|| Error::Corrupt("password parameters".into()))
    }

    /// Whether the password belongs to the hash. A missing hash takes as long as a wrong one, so
    /// that the time does not show which logins exist.
    pub(super) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
        class: ClientClass,
    ) -> Result<bool, PasswordError> {
        let room = match class {
            ClientClass::Known => &self.room_known,
            ClientClass::Unknown => &self.room_unknown,
        };
        let Ok(room) = Arc::clone(room).try_acquire_owned() else {
            return Err(PasswordError::Busy);
        };
        let hasher = self.hasher();
        let right = self.blocking(move || {
            let _room = room;
            let Some(hash) = hash else {
                let _ = hasher.hash_password(password.as_bytes());
                return false;
            };
            PasswordHash::new(&hash)
                .is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(right.await?)
    }

    fn hasher(&self) -> Argon2<'static> {
        let params = self.params.clone().unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    /// The turn ends with the work, also when the caller is dropped: otherwise a client that
    /// disconnects would let one more hash run than the memory is for.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await
            .or(Err(Error::Corrupt("a password task ended early".into())))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::future::join_all;
    use futures_util::poll;

    use super::*;

    fn is_busy(answer: &Poll<Result<bool, PasswordError>>) -> bool {
        matches!(answer, Poll::Ready(Err(PasswordError::Busy)))
    }

    /// guarantee: Sign-ins beyond the hashing capacity are refused at once, and no more hashes run
    /// than memory allows
    #[tokio::test]
    async fn beyond_the_capacity_checks_are_refused_and_the_others_finish() {
        let passwords = Passwords::new(8, 1);
        let hash = passwords.hash("right".into()).await.unwrap();
        let busy = passwords.turn.acquire_many(2).await.unwrap();
        let check =
            |word: &str| passwords.verify(word.into(), Some(hash.clone()), ClientClass::Unknown);
        let mut waiting: Vec<_> = (0..CHECKS_MAX).map(|_| Box::pin(check("right"))).collect();
        for one in &mut waiting {
            assert!(poll!(one).is_pending());
        }
        assert!(is_busy(&poll!(Box::pin(check("right")))));
        let known = passwords.verify("right".into(), Some(hash.clone()), ClientClass::Known);
        let mut known = Box::pin(known);
        assert!(poll!(&mut known).is_pending(), "a known device has room");
        // A dropped check makes room.
        waiting.pop();
        let mut last = Box::pin(check("wrong"));
        assert!(poll!(&mut last).is_pending());
        assert!(is_busy(&poll!(Box::pin(check("right")))));
        drop(busy);
        let right: Vec<_> = join_all(waiting).await;
        assert!(right.into_iter().all(|right| right.unwrap()));
        assert!(!last.await.unwrap());
        assert!(known.await.unwrap());
    }

    /// guarantee: Sign-ins beyond the hashing capacity are refused at once, and no more hashes run
    /// than memory allows
    #[tokio::test]
    async fn turn_ends_with_its_work_when_caller_is_dropped() {
        let passwords = Passwords::new(8, 1);
        let (end, ends) = std::sync::mpsc::channel::<()>();
        let mut work = Box::pin(passwords.blocking(move || ends.recv().ok()));
        assert!(poll!(&mut work).is_pending());
        drop(work);
        assert_eq!(passwords.turn.available_permits(), HASHES_AT_ONCE - 1);
        end.send(()).unwrap();
        let all = passwords.turn.acquire_many(2).await;
        assert!(all.is_ok());
    }
}
