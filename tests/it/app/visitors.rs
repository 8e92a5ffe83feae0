//! What residents and open pages do: fill in a form, send it, follow a stream.

use std::net::SocketAddr;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::{Got, Person, Resident, TestApp};

/// A queue's stream, read entry by entry.
pub(crate) struct Stream {
    response: Response,
    text: String,
}

/// An event as it came.
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) data: String,
}

impl Stream {
    /// What answers this request, as a stream.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let text = String::new();
        Self { response, text }
    }

    /// The next entry, with the id to resume after.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        loop {
            let event = self.event().await;
            if event.kind == "entry" {
                return (event.id, serde_json::from_str(&event.data).unwrap());
            }
        }
    }

    /// The next event of any kind.
    pub(crate) async fn event(&mut self) -> Event {
        loop {
            if let Some(at) = self.text.find("\n\n") {
                let frame: String = self.text.drain(..at + 2).collect();
                let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
                let said = |name| line(name).unwrap_or_default().to_owned();
                return Event {
                    kind: said("event: "),
                    id: said("id: "),
                    data: said("data: "),
                };
            }
            let chunk = self.response.chunk().await.unwrap();
            let chunk = chunk.expect("the stream has ended");
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Whether the stream ends by itself, and not because nobody waits for it any longer.
    pub(crate) async fn ends(&mut self) -> bool {
        loop {
            match self.response.chunk().await {
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }
}

impl Resident<'_> {
    /// A form that would be taken, with a fresh key.
    pub(crate) async fn form(&self) -> Value {
        let got = self.app.get(&format!("/q/{}", self.code), None).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.json);
        let days = got.json["days"].as_array().unwrap();
        let today = days.iter().find(|day| day["chosen"] == true).unwrap();
        json!({
            "key": got.json["key"], "direction": "return", "region": "上海", "day": today["value"],
            "room": "1203", "name": "王示例", "phone": "138 0000 0000", "companions": "1",
        })
    }

    pub(crate) async fn sends(&self, form: &Value) -> Got {
        self.app
            .send(
                Method::POST,
                &format!("/q/{}", self.code),
                None,
                Some(form.clone()),
            )
            .await
    }

    /// Reports. Returns the receipt's number and address.
    pub(crate) async fn reports(&self) -> (String, String) {
        let got = self.sends(&self.form().await).await;
        assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
        let text = |name: &str| got.json[name].as_str().unwrap().to_owned();
        (text("number"), text("receipt"))
    }
}

impl TestApp {
    pub(crate) fn metrics_address(&self) -> Option<SocketAddr> {
        self.running.as_ref().unwrap().metrics_address
    }

    /// What the listener of the metrics answers.
    pub(crate) async fn metrics(&self) -> String {
        let address = self.metrics_address().unwrap();
        let request = self.http.get(format!("http://{address}/metrics"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().await.unwrap()
    }

    /// What the search of this person answers.
    pub(crate) async fn search(&self, person: &Person, words: &str) -> (StatusCode, Value) {
        let body = Some(json!({"q": words}));
        let path = "/staff/search";
        let got = self.send(Method::POST, path, Some(person), body).await;
        (got.status, got.json)
    }
}
