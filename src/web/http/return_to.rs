//! Return-to addresses: after a sign-in back to the page, after a case back to its list. An address
//! never leads to another site.

use actix_web::http::Method;
use actix_web::{HttpRequest, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::report::ReportId;
use crate::domain::staff::{Act, Role};

/// Where people sign in.
pub(crate) const SIGN_IN: &str = "/staff/sign-in";
/// Where cases are.
const CASES: &str = "/staff/reports/";
/// The desk, where clerks enter reports for residents.
const DESK: &str = "/staff/desk/";
/// The queue: the list when no other one is named.
pub(crate) const QUEUE: &str = "/staff";
/// The search.
pub(crate) const SEARCH: &str = "/staff/search";
/// Lists that lead to cases. What was searched for is in none of their addresses.
const LISTS: [&str; 3] = [QUEUE, SEARCH, "/staff/digest"];
/// The value of `on` for a step that is made on the list.
const LIST: &str = "list";
/// The act that each page requires; the first match counts.
const PAGES: [(&str, Act); 3] = [
    ("/centre", Act::SeeTotals),
    ("/staff/placards", Act::PrintPlacards),
    ("/staff", Act::WorkQueue),
];

/// The address if it is a page for staff of this server; otherwise empty.
pub(crate) fn safe_path(to: &str) -> &str {
    let signs = |sign: char| sign.is_ascii_alphanumeric() || "/?&=._-".contains(sign);
    let path = path(to);
    // An address may hold another one as a value; a path that is spelled so could lead anywhere.
    let query = |sign| signs(sign) || sign == '%';
    let dots = path.split('/').any(|part| [".", ".."].contains(&part));
    let ours = act_of(path).is_some() && !dots && !path.contains("//");
    let plain = path.chars().all(signs) && to[path.len()..].chars().all(query);
    match ours && plain && path != SIGN_IN {
        true => to,
        false => "",
    }
}

/// The address if this role may open it; otherwise empty, so that the sign-in leads to the role's
/// own start page.
pub(crate) fn open_to(role: Role, to: &str) -> &str {
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

/// The sign-in that leads back to the refused page. A refused write is not sent again: the sign-in
/// leads back to the page from which it came.
pub(crate) fn sign_in_address(request: &HttpRequest) -> String {
    let path = request.path();
    let case = path
        .strip_prefix(CASES)
        .and_then(|rest| rest.split('/').next());
    let to = match (request.method(), case) {
        (&Method::GET, _) => request.uri().to_string(),
        (_, Some(case)) => format!("{CASES}{case}{}", ReturnTo::of(request).query()),
        _ if path.starts_with(DESK) => path.to_owned(),
        _ => String::new(),
    };
    match safe_path(&to) {
        "" => SIGN_IN.to_owned(),
        to => format!("{SIGN_IN}?to={}", encoded(to)),
    }
}

/// The address as a value within another one.
pub(crate) fn encoded(to: &str) -> String {
    utf8_percent_encode(to, NON_ALPHANUMERIC).to_string()
}

/// The way back from a case: the list that leads to it, and the page on which a step is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReturnTo {
    list: String,
    on: On,
}

/// On which page a step is made.
#[derive(Clone, Copy, Debug, Default)]
enum On {
    /// The page of the report itself.
    #[default]
    Own,
    /// The list.
    List,
    /// The page of another report.
    Other(ReportId),
}

/// The same in the query of an address.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    from: String,
    on: String,
}

impl ReturnTo {
    /// The way back in the address of the request, if it leads to a list of this server.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let said = web::Query::<Said>::from_query(request.query_string());
        let said = said.map(web::Query::into_inner).unwrap_or_default();
        Self {
            on: match said.on.as_str() {
                LIST => On::List,
                other => Uuid::try_parse(other).map_or(On::Own, |other| On::Other(ReportId(other))),
            },
            ..Self::to(&said.from)
        }
    }

    /// To this list.
    pub(crate) fn to(list: &str) -> Self {
        let known = LISTS.contains(&path(list)) && list != QUEUE;
        let list = if known { safe_path(list) } else { "" };
        Self {
            list: list.to_owned(),
            on: On::Own,
        }
    }

    /// The list that leads back.
    pub(crate) fn list(&self) -> &str {
        match self.list.as_str() {
            "" => QUEUE,
            list => list,
        }
    }

    /// The way back as a query; empty for the queue without filters.
    pub(crate) fn query(&self) -> String {
        match self.list.as_str() {
            "" => String::new(),
            list => format!("?from={}", encoded(list)),
        }
    }

    /// The end of the address of a step that is made on another page than the report's own: on
    /// the page of this report, or of none for the list.
    pub(crate) fn query_on(&self, shown: Option<ReportId>) -> String {
        let on = shown.map_or_else(|| LIST.to_owned(), |shown| shown.0.to_string());
        match self.query().as_str() {
            "" => format!("?on={on}"),
            query => format!("{query}&on={on}"),
        }
    }

    /// Where the last step with a report is taken back from the page of a case, or from the list.
    pub(crate) fn to_undo(&self, id: ReportId, shown: Option<ReportId>) -> String {
        let query = match shown == Some(id) {
            true => self.query(),
            false => self.query_on(shown),
        };
        format!("{CASES}{}/undo{query}", id.0)
    }

    /// The page of a report.
    pub(crate) fn case(&self, id: ReportId) -> String {
        format!("{CASES}{}{}", id.0, self.query())
    }

    /// The same in this language, which is then kept.
    pub(crate) fn case_in(&self, id: ReportId, lang: &str) -> String {
        let case = self.case(id);
        let sign = if case.contains('?') { '&' } else { '?' };
        format!("{case}{sign}lang={lang}")
    }

    /// Whether the step is made on the list.
    pub(crate) fn is_on_list(&self) -> bool {
        matches!(self.on, On::List)
    }

    /// Where a step with this report leads: to where it was made, or to the list where the report
    /// has ended or left.
    pub(crate) fn after(&self, id: ReportId, stays: bool) -> String {
        match self.on {
            On::Other(other) => self.case(other),
            On::Own if stays => self.case(id),
            On::Own | On::List => self.list().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    /// guarantee: A sign-in leads back to the page that asked for it, on this server only
    #[test]
    fn a_sign_in_leads_back_to_this_server_only() {
        let mine = "/staff?view=mine&direction=leave";
        let case = "/staff/reports/01-a?from=%2Fstaff%3Fview%3Dmine";
        for to in ["/staff", "/centre", mine, "/staff/reports/01-a", case] {
            assert_eq!(safe_path(to), to);
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
            "/staff/%2e%2e/q/7K3P9",
            "/staff?to=<script>",
            "/staff/\r\nset-cookie:a=b",
            "/q/7K3P9",
            SIGN_IN,
            "/staff/sign-in?to=/staff",
            "",
        ] {
            assert_eq!(safe_path(to), "", "{to}");
        }
    }

    #[test]
    fn role_returns_only_to_pages_it_may_open() {
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
    fn a_sign_in_leads_back_to_the_refused_page() {
        let refused = |method, uri: &str| {
            let request = TestRequest::with_uri(uri).method(method);
            sign_in_address(&request.to_http_request())
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
        let from = post("/staff/reports/01a/close?from=%2Fstaff%3Fview%3Dmine");
        assert_eq!(
            from,
            format!("{case}%3Ffrom%3D%252Fstaff%253Fview%253Dmine")
        );
    }

    /// guarantee: A case leads back to the list from which it was opened, on this server only
    #[test]
    fn a_case_leads_back_to_its_list_only() {
        let list = |from: &str| {
            let uri = format!("/staff/reports/01a/close?from={}", encoded(from));
            ReturnTo::of(&TestRequest::with_uri(&uri).to_http_request())
                .list()
                .to_owned()
        };
        let building = "/staff?view=waiting&building=7&after=-5.01a";
        for from in [building, "/staff/search", "/staff/digest?day=2022-09-15"] {
            assert_eq!(list(from), from);
        }
        for from in [
            "https://evil.example/staff",
            "//evil.example/staff",
            "/staff/../q/7K3P9",
            "/staff/reports/01a",
            "/staff/stream",
            "/centre",
            "",
        ] {
            assert_eq!(list(from), QUEUE, "{from}");
        }
    }
}
