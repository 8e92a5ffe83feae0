//! A browser without scripts: it keeps cookies and follows redirects.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{Person, TestApp};

/// A browser, and what it shows.
pub(crate) struct Browser<'a> {
    app: &'a TestApp,
    person: Person,
    cookies: BTreeMap<String, String>,
    /// The address that it shows.
    pub(crate) at: String,
    /// The page.
    pub(crate) page: String,
}

impl TestApp {
    /// A browser in which this person is signed in.
    pub(crate) fn browser(&self, person: &Person) -> Browser<'_> {
        Browser {
            app: self,
            person: person.clone(),
            cookies: BTreeMap::new(),
            at: String::new(),
            page: String::new(),
        }
    }
}

impl Browser<'_> {
    /// Opens an address and says how it was answered at last.
    pub(crate) async fn opens(&mut self, address: &str) -> StatusCode {
        self.goes(Method::GET, address, None).await
    }

    /// Sends a form.
    pub(crate) async fn sends(&mut self, address: &str, form: Value) -> StatusCode {
        self.goes(Method::POST, address, Some(form)).await
    }

    /// Presses the only button that sends to an address which begins so, with its hidden fields
    /// and these words.
    pub(crate) async fn presses(&mut self, begins: &str, mut words: Value) -> StatusCode {
        let (action, hidden) = self.form(begins).expect("the form is on the page");
        for (name, value) in hidden {
            words[name] = value.into();
        }
        self.sends(&action, words).await
    }

    /// The first form of the page that sends to an address which begins so, by itself or by a button
    /// of its own, with its hidden fields.
    pub(crate) fn form(&self, begins: &str) -> Option<(String, Vec<(String, String)>)> {
        let by_button = self.page.split("<button ").skip(1).find_map(|button| {
            let action = value(button.split('>').next()?, "formaction=\"")?;
            let form = format!(" id=\"{}\"", value(button, "form=\"")?);
            action.starts_with(begins).then_some((action, form))
        });
        let forms = self.page.split("<form ").skip(1);
        forms.into_iter().find_map(|form| {
            let (form, _) = form.split_once("</form>")?;
            let head = form.split('>').next()?;
            let own = value(head, " action=\"").filter(|action| action.starts_with(begins));
            let of_button = by_button
                .as_ref()
                .filter(|(_, id)| head.contains(id.as_str()));
            let action = own.or_else(|| of_button.map(|(action, _)| action.clone()))?;
            let hidden = form.split("<input type=\"hidden\" ").skip(1);
            let field = |field| Some((value(field, "name=\"")?, value(field, "value=\"")?));
            Some((action, hidden.filter_map(field).collect()))
        })
    }

    /// The first link of the page to an address that begins so.
    pub(crate) fn link(&self, begins: &str) -> String {
        let links = self.page.split("href=\"").skip(1);
        let mut links = links.filter_map(|link| link.split('"').next());
        let found = links.find(|link| link.starts_with(begins));
        found
            .expect("the link is on the page")
            .replace("&#38;", "&")
    }

    /// Takes over the cookies of another browser, as if they were this person's.
    pub(crate) fn takes_over(&mut self, other: &Self, me: i64) {
        for (name, value) in &other.cookies {
            let kind = name
                .rsplit_once('-')
                .map_or(name.as_str(), |(kind, _)| kind);
            self.cookies.insert(format!("{kind}-{me}"), value.clone());
        }
    }

    async fn goes(&mut self, method: Method, address: &str, form: Option<Value>) -> StatusCode {
        let (mut method, mut address, mut form) = (method, address.to_owned(), form);
        loop {
            let request = self.app.request(method, &address, Some(&self.person));
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            let request = request
                .header("accept", "text/html")
                .header("accept-language", "zh-CN")
                .header("cookie", cookies.join("; "));
            let request = match form.take() {
                Some(form) => request.form(&form),
                None => request,
            };
            let answer = request.send().await.unwrap();
            for set in answer.headers().get_all("set-cookie") {
                let text = set.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = text.split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let status = answer.status();
            if status != StatusCode::SEE_OTHER {
                self.at = address;
                self.page = answer.text().await.unwrap();
                return status;
            }
            address = answer.headers()["location"].to_str().unwrap().to_owned();
            method = Method::GET;
        }
    }
}

fn value(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(name)?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&#38;", "&"))
}
