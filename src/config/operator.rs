//! Who runs this process.

/// The user of the operating system who runs this process: the name, or the number where the machine
/// does not know a name; and who became that user by `sudo`.
pub(crate) fn name() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut cells = line.split(':');
        let name = cells.next()?;
        (cells.nth(1)? == uid).then(|| name.to_owned())
    });
    let user = name.unwrap_or(uid);
    let is_of_name = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
    match std::env::var("SUDO_USER") {
        Ok(before) if before.chars().all(is_of_name) => format!("{user} (sudo {before})"),
        _ => user,
    }
}
