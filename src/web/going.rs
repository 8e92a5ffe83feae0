//! Where somebody was going who had to sign in first: back to the page, and to no other house.

use actix_web::HttpRequest;
use actix_web::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::staff::{Act, Role};

/// Where people sign in.
pub(super) const SIGN_IN: &str = "/staff/sign-in";
/// Where cases are.
const CASES: &str = "/staff/reports/";
/// Where people write down what others tell them.
const DESK: &str = "/staff/desk/";
/// What each page asks of whoever opens it; the first that fits.
const PAGES: [(&str, Act); 3] = [
    ("/centre", Act::SeeTotals),
    ("/staff/placards", Act::PrintPlacards),
    ("/staff", Act::WorkQueue),
];

/// The address, where it is a page for people at work; nothing otherwise.
pub(super) fn inside(to: &str) -> &str {
    let signs = |sign: char| sign.is_ascii_alphanumeric() || "/?&=._-".contains(sign);
    let path = path(to);
    let dots = path.split('/').any(|part| [".", ".."].contains(&part));
    let ours = act_of(path).is_some() && !dots && !path.contains("//");
    match ours && to.chars().all(signs) && path != SIGN_IN {
        true => to,
        false => "",
    }
}

/// The address, where somebody with this role may open it; nothing otherwise, so that they are led
/// to their own work.
pub(super) fn open_to(role: Role, to: &str) -> &str {
    match act_of(path(to)).is_some_and(|act| role.may(act)) {
        true => to,
        false => "",
    }
}

fn path(to: &str) -> &str {
    to.split_once('?').map_or(to, |(path, _)| path)
}

fn act_of(path: &str) -> Option<Act> {
    let below = |root: &str| {
        let rest = path.strip_prefix(root);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let page = PAGES.into_iter().find(|(root, _)| below(root));
    page.map(|(_, act)| act)
}

/// The sign-in for whoever was refused this. What was about to be sent is not sent again: it leads
/// back to the page from which it came.
pub(super) fn first(request: &HttpRequest) -> String {
    let path = request.path();
    let case = path
        .strip_prefix(CASES)
        .and_then(|rest| rest.split('/').next());
    let to = match (request.method(), case) {
        (&Method::GET, _) => request.uri().to_string(),
        (_, Some(case)) => format!("{CASES}{case}"),
        _ if path.starts_with(DESK) => path.to_owned(),
        _ => String::new(),
    };
    match inside(&to) {
        "" => SIGN_IN.to_owned(),
        to => format!("{SIGN_IN}?to={}", encoded(to)),
    }
}

/// The address as a value within another one.
pub(super) fn encoded(to: &str) -> String {
    utf8_percent_encode(to, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_sign_in_leads_back_into_this_house_and_nowhere_else() {
        let mine = "/staff?view=mine&direction=leave";
        for to in ["/staff", "/centre", mine, "/staff/reports/01-a"] {
            assert_eq!(inside(to), to);
        }
        for to in [
            "//evil.example",
            "https://evil.example/staff",
            "/staff.evil.example",
            "/staffroom",
            "/staff/\\evil.example",
            "/staff//evil.example",
            "/staff/../q/7K3P9",
            "/staff/..//evil.example",
            "/staff/./reports",
            "/staff?to=<script>",
            "/staff/\r\nset-cookie:a=b",
            "/q/7K3P9",
            SIGN_IN,
            "/staff/sign-in?to=/staff",
            "",
        ] {
            assert_eq!(inside(to), "", "{to}");
        }
    }

    #[test]
    fn nobody_is_led_to_what_they_may_not_open() {
        for (role, to, leads) in [
            (Role::Auditor, "/staff", ""),
            (Role::Auditor, "/centre", "/centre"),
            (Role::Admin, "/staff/reports/01a", ""),
            (
                Role::Admin,
                "/staff/placards/7K3P9.pdf",
                "/staff/placards/7K3P9.pdf",
            ),
            (Role::GridWorker, "/centre", ""),
            (Role::GridWorker, "/staff?view=mine", "/staff?view=mine"),
            (Role::DutyOfficer, "/staff", "/staff"),
        ] {
            assert_eq!(open_to(role, to), leads, "{role:?} {to}");
        }
    }

    #[test]
    fn whoever_must_sign_in_first_goes_on_where_they_were() {
        let refused = |method, uri: &str| {
            let request = TestRequest::with_uri(uri).method(method);
            first(&request.to_http_request())
        };
        let get = |uri| refused(Method::GET, uri);
        let post = |uri| refused(Method::POST, uri);
        let mine = "/staff/sign-in?to=%2Fstaff%3Fview%3Dmine";
        assert_eq!(get("/staff?view=mine"), mine);
        let case = "/staff/sign-in?to=%2Fstaff%2Freports%2F01a";
        assert_eq!(get("/staff/reports/01a"), case);
        assert_eq!(post("/staff/reports/01a/close"), case);
        assert_eq!(
            post("/staff/desk/b7"),
            "/staff/sign-in?to=%2Fstaff%2Fdesk%2Fb7"
        );
        assert_eq!(post("/staff/search"), SIGN_IN);
    }
}
