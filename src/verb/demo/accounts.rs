//! The accounts of a demo: who works there, and the file that keeps their first passwords, so that
//! a second start can show them again.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::domain::area::Level;
use crate::domain::staff::Role;
use crate::service::{App, people};

/// An account and its first password.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) login: String,
    pub(super) password: String,
    pub(super) role: Role,
    /// The name of the area.
    pub(super) area: String,
    /// Whether the first password no longer works.
    pub(super) used: bool,
}

/// A person who gets an account.
pub(super) struct Person {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) area_code: String,
}

/// One lead for every community of this sheet of areas, and one of each other role.
pub(super) fn people_of(areas: &[u8]) -> Vec<Person> {
    let person = |login: &str, name: &str, role, code: &str| Person {
        login: login.to_owned(),
        name: format!("{name}（示例）"),
        role,
        area_code: code.to_owned(),
    };
    let office = "320613019000";
    let mut people = vec![
        person("duty", "值班员", Role::DutyOfficer, office),
        person("admin", "管理员", Role::Admin, office),
        person("auditor", "审计员", Role::Auditor, office),
        person("worker", "网格员", Role::GridWorker, "320613019001"),
        person(
            "grid01",
            "桥北第一网格网格员",
            Role::GridWorker,
            "320613019001-1",
        ),
    ];
    let text = String::from_utf8_lossy(areas);
    let lines = text
        .lines()
        .filter(|line| line.contains(Level::Community.code()));
    for (at, line) in lines.enumerate() {
        let mut cells = line.split(',');
        let code = cells.next().unwrap_or_default();
        let name = format!("{}负责人", cells.nth(2).unwrap_or_default());
        let login = format!("lead{:02}", at + 1);
        people.push(person(&login, &name, Role::CommunityLead, code));
    }
    people
}

/// Takes the person on, with a first password.
pub(super) async fn take_on(app: &App, person: Person) -> Result<Account> {
    let atlas = app.atlas();
    let Person {
        login,
        name,
        role,
        area_code,
    } = person;
    let area = atlas.tree.areas().find(|area| area.code == area_code);
    let area = area.with_context(|| format!("no area {area_code}"))?;
    let password = people::take_on(app, &login, &name, role, area.id).await?;
    Ok(Account {
        login,
        password,
        role,
        area: area.name.clone(),
        used: false,
    })
}

/// Writes the file.
pub(super) fn keep(file: &Path, accounts: &[Account]) -> Result<()> {
    let lines: Vec<String> = accounts
        .iter()
        .map(|account| {
            let (login, password, area) = (&account.login, &account.password, &account.area);
            format!("{login}\t{password}\t{}\t{area}", account.role.code())
        })
        .collect();
    std::fs::write(file, lines.join("\n") + "\n")?;
    Ok(())
}

/// Reads the file, and finds out which first passwords still work.
pub(super) async fn kept(app: &App, file: &Path) -> Result<Vec<Account>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} is gone; start again with --fresh", file.display()))?;
    let mut accounts = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let &[login, password, role, area] = cells.as_slice() else {
            bail!(
                "{} cannot be read; start again with --fresh",
                file.display()
            );
        };
        accounts.push(Account {
            login: login.to_owned(),
            password: password.to_owned(),
            role: Role::from_code(role).context("no such role")?,
            area: area.to_owned(),
            used: !people::one_time_password_works(app, login, password).await?,
        });
    }
    Ok(accounts)
}
