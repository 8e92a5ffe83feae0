//! Passwords: hashed and checked a few at a time, and nobody waits for that in an endless queue.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::store::Error;

/// Passwords that are hashed at the same time; each takes tens of MiB.
const HASHES_AT_ONCE: usize = 2;
/// Passwords that are checked or wait for it. Whoever comes then is told so at once: behind a
/// flood of guesses nobody would be served, and everybody would wait.
const CHECKS_MAX: usize = 32;

/// Too many passwords wait to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be checked")]
pub struct Crowded;

/// Checks and makes passwords.
#[derive(Debug)]
pub struct Passwords {
    params: Option<Params>,
    turn: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Passwords {
    pub(super) fn new(memory_kib: u32, rounds: u32) -> Self {
        Self {
            params: Params::new(memory_kib, rounds, 1, None).ok(),
            turn: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            room: Arc::new(Semaphore::new(CHECKS_MAX)),
        }
    }

    /// The Argon2id hash of a password (RFC 9106), in PHC form. For whoever was checked already,
    /// so that there is always room.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        let hasher = self.hasher();
        self.blocking(move || {
            let hash = hasher.hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).ok()
        })
        .await?
        .ok_or_else(|| Error::Corrupt("password parameters".into()))
    }

    /// Whether the password belongs to the hash, or that there is no room to say so. A missing
    /// hash takes as long as a wrong one, so that nobody learns which logins exist.
    pub(super) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<Result<bool, Crowded>, Error> {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            return Ok(Err(Crowded));
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
        Ok(Ok(right.await?))
    }

    fn hasher(&self) -> Argon2<'static> {
        let params = self.params.clone().unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    /// The turn ends with the work and not with whoever waits for it: a client that goes away
    /// would else make room for one more hash than there is memory for.
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

    fn is_crowded(answer: &Poll<Result<Result<bool, Crowded>, Error>>) -> bool {
        matches!(answer, Poll::Ready(Ok(Err(Crowded))))
    }

    /// guarantee: Sign-ins beyond the hashing capacity are refused at once, and no more hashes run
    /// than memory allows
    #[tokio::test]
    async fn whoever_finds_too_many_waiting_is_told_so_and_the_others_have_their_turn() {
        let passwords = Passwords::new(8, 1);
        let hash = passwords.hash("right".into()).await.unwrap();
        let busy = passwords.turn.acquire_many(2).await.unwrap();
        let check = |word: &str| passwords.verify(word.into(), Some(hash.clone()));
        let mut waiting: Vec<_> = (0..CHECKS_MAX).map(|_| Box::pin(check("right"))).collect();
        for one in &mut waiting {
            assert!(poll!(one).is_pending());
        }
        assert!(is_crowded(&poll!(Box::pin(check("right")))));
        // Whoever goes away makes room.
        waiting.pop();
        let mut last = Box::pin(check("wrong"));
        assert!(poll!(&mut last).is_pending());
        assert!(is_crowded(&poll!(Box::pin(check("right")))));
        drop(busy);
        let right: Vec<_> = join_all(waiting).await;
        assert!(right.into_iter().all(|right| right.unwrap() == Ok(true)));
        assert_eq!(last.await.unwrap(), Ok(false));
    }

    /// guarantee: Sign-ins beyond the hashing capacity are refused at once, and no more hashes run
    /// than memory allows
    #[tokio::test]
    async fn a_turn_is_over_when_its_work_is_and_not_when_nobody_waits_any_more() {
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
