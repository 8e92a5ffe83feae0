//! People: taking staff on, new passwords. For the command line; letting go is in `handover`.

use rand::seq::IndexedRandom;

use super::House;
use crate::domain::area::AreaId;
use crate::domain::staff::{Role, Staff};
use crate::store::{Conn, Error, session, staff};

/// Signs of a printed password: none that is taken for another.
const PASSWORD_ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Length of a printed password; 31^14 is more than 2^69.
const PASSWORD_CHARS: usize = 14;

/// Takes somebody on and returns the password that works until they have chosen their own.
pub async fn take_on(
    house: &House,
    (login, name): (&str, &str),
    (role, area): (Role, AreaId),
) -> Result<String, Error> {
    let password = one_time_password();
    let new = staff::NewStaff {
        login: login.trim().to_lowercase(),
        name: name.trim().to_owned(),
        role,
        area,
        password_hash: house.passwords.hash(password.clone()).await?,
        created_at: house.clock.now(),
    };
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        staff::insert(&tx, new).await?;
        tx.commit().await
    };
    house.db.run(work).await?;
    Ok(password)
}

/// Gives somebody a new one-time password and ends all their sign-ins.
pub async fn reset_password(house: &House, login: &str) -> Result<String, Error> {
    let password = one_time_password();
    let hash = house.passwords.hash(password.clone()).await?;
    let login = login.trim().to_lowercase();
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        let found = staff::credentials(&tx, &login).await?;
        staff::set_password(&tx, found.staff.id, hash, true).await?;
        session::end_all(&tx, found.staff.id).await?;
        tx.commit().await
    };
    house.db.run::<_, Error, _, _>(work).await?;
    Ok(password)
}

/// Takes somebody back who was let go.
pub async fn take_back(house: &House, login: &str) -> Result<(), Error> {
    let login = login.trim().to_lowercase();
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        let all = staff::list(&tx).await?;
        let person = all.into_iter().find(|person| person.login == login);
        staff::take_back(&tx, person.ok_or(Error::Missing)?.id).await?;
        tx.commit().await
    };
    house.db.run(work).await
}

/// Everybody who works here.
pub async fn everybody(house: &House) -> Result<Vec<Staff>, Error> {
    let work = move |conn: Conn| async move { staff::list(&conn).await };
    house.db.run(work).await
}

fn one_time_password() -> String {
    let mut rng = rand::rng();
    (0..PASSWORD_CHARS)
        .filter_map(|_| PASSWORD_ALPHABET.choose(&mut rng))
        .map(|sign| char::from(*sign))
        .collect()
}
