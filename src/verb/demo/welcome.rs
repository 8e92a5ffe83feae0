//! What a demo says when it is ready.

use serde_json::json;

use super::accounts::Account;
use crate::domain::place::{Placard, PlacardPlace};
use crate::qr::Symbol;
use crate::service::App;

/// Where a demo can be opened, and how its commands find it.
pub(super) struct Whereabouts {
    /// Begins every address.
    pub(super) origin: String,
    /// Whether it listens on the network.
    pub(super) lan: bool,
    /// Settings in the environment, for commands beside the running demo.
    pub(super) environment: String,
}

/// One line for programs.
pub(super) fn ready(app: &App, place: &Whereabouts, accounts: &[Account]) -> serde_json::Value {
    let atlas = app.atlas();
    let words = |door: PlacardPlace<'_>| (door.place(false), door.queue.name.clone());
    let placards: Vec<_> = in_order(app)
        .iter()
        .map(|placard| {
            let (place, queue) = atlas.door(&placard.code).map(words).unwrap_or_default();
            let address = app.placard_address(placard.code.as_str());
            json!({"code": placard.code.as_str(), "address": address, "place": place, "queue": queue})
        })
        .collect();
    let staff: Vec<_> = accounts
        .iter()
        .map(|account| {
            json!({"login": account.login, "password": account.password, "used": account.used,
                "role": account.role.code(), "area": account.area})
        })
        .collect();
    json!({"origin": place.origin, "nonce": app.instance, "placards": placards, "staff": staff})
}

/// The words for people.
pub(super) fn welcome(app: &App, place: &Whereabouts, accounts: &[Account]) -> String {
    let placards = in_order(app);
    let resident = placards
        .first()
        .map(|placard| placard_of_a_resident(app, placard, place));
    let parts = [
        "\n  Mashang 码上报备 — demo: 秦灶街道. Every person, telephone and test site is made up. 人员、电话、采样点均为虚构示例。\n\n".to_owned(),
        resident.unwrap_or_default(),
        addresses(place),
        list(&place.origin, accounts),
        first_passwords(place, accounts),
        "\n  Stop with Ctrl-C. 按 Ctrl-C 停止。\n\n".to_owned(),
    ];
    parts.concat()
}

fn addresses(place: &Whereabouts) -> String {
    let origin = &place.origin;
    let warning = match place.lan {
        true => {
            "  Every device in this network can open these addresses, over plain HTTP: others in the network can read along. Type nothing real.\n  \
             本网络内的任何设备都能打开以上地址；未加密（HTTP），同网的人可能看到内容。请勿填写真实信息。\n\n"
        }
        false => "",
    };
    format!(
        "  staff      {origin}/staff\n  centre     {origin}/centre\n  API        {origin}/api/docs/\n\n{warning}"
    )
}

fn first_passwords(place: &Whereabouts, accounts: &[Account]) -> String {
    let words = "\n  A link fills in account and password. Each first password is asked to be replaced at the first sign-in.\n  \
         链接会自动填好账号和初始密码；首次登录时须更换密码。\n";
    if !accounts.iter().any(|account| account.used) {
        return words.to_owned();
    }
    format!(
        "{words}\n  A first password that is used up no longer works. A new one, also while the demo runs:\n  \
         已用过的初始密码不能再登录。重新生成（演示运行时也可以）：\n    {} mashang staff password ACCOUNT\n",
        place.environment
    )
}

fn placard_of_a_resident(app: &App, placard: &Placard, place: &Whereabouts) -> String {
    let address = app.placard_address(placard.code.as_str());
    let atlas = app.atlas();
    let door = atlas.door(&placard.code);
    let door = door.map(|door| door.place(false)).unwrap_or_default();
    let symbol = Symbol::encode(&address).map(|symbol| symbol.terminal() + "\n");
    let opens = match place.lan {
        true => "A phone in the same network opens this code. 同一网络内的手机可以扫码打开。",
        false => {
            "This code opens on this machine only; `mashang demo --lan` draws one for a phone. 此码只能在本机打开；手机扫码请用 mashang demo --lan。"
        }
    };
    format!(
        "{}  {opens}\n  resident   {address}   ({door})\n  poster     {}/staff/placards/{}.pdf   (after signing in)\n",
        symbol.unwrap_or_default(),
        place.origin,
        placard.code
    )
}

fn list(origin: &str, accounts: &[Account]) -> String {
    let heading = format!(
        "  {:<10} {:<16} {:<15} area, and a link to sign in\n",
        "account", "first password", "role"
    );
    let line = |account: &Account| {
        let (login, password, role) = (&account.login, &account.password, account.role.code());
        if account.used {
            let used = "used up 已用过";
            format!("  {login:<10} {used:<16} {role:<15} {}\n", account.area)
        } else {
            format!(
                "  {login:<10} {password:<16} {role:<15} {}  {origin}/staff/sign-in#as={login}&once={password}\n",
                account.area
            )
        }
    };
    heading + &accounts.iter().map(line).collect::<String>()
}

fn in_order(app: &App) -> Vec<Placard> {
    let atlas = app.atlas();
    let mut placards: Vec<Placard> = atlas.placards().cloned().collect();
    placards.sort_by_key(|placard| placard.id.0);
    placards
}
