//! What residents and open pages do: fill in a form, send it, follow a stream.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{Got, Resident};

/// A queue's stream, read entry by entry.
pub(crate) struct Stream {
    pub(super) response: Response,
    pub(super) text: String,
}

impl Stream {
    /// The next entry, with the id to resume after.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        loop {
            while let Some(at) = self.text.find("\n\n") {
                let frame = self.text[..at].to_owned();
                self.text.drain(..at + 2);
                let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
                if line("event: ") == Some("entry") {
                    let data = serde_json::from_str(line("data: ").unwrap()).unwrap();
                    return (line("id: ").unwrap().to_owned(), data);
                }
            }
            let chunk = self
                .response
                .chunk()
                .await
                .unwrap()
                .expect("the stream has ended");
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Whether the stream ends by itself.
    pub(crate) async fn ends(&mut self) -> bool {
        while let Ok(Some(_)) = self.response.chunk().await {}
        true
    }
}

impl Resident<'_> {
    /// A form that would be taken, with a fresh key.
    pub(crate) async fn form(&self) -> Value {
        let got = self.world.get(&format!("/q/{}", self.code), None).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.json);
        let days = got.json["days"].as_array().unwrap();
        let today = days.iter().find(|day| day["chosen"] == true).unwrap();
        json!({
            "key": got.json["key"], "direction": "return", "region": "上海", "day": today["value"],
            "room": "1203", "name": "王示例", "phone": "138 0000 0000", "companions": "1",
        })
    }

    pub(crate) async fn sends(&self, form: &Value) -> Got {
        self.world
            .send(
                Method::POST,
                &format!("/q/{}", self.code),
                None,
                Some(form.clone()),
            )
            .await
    }

    /// Reports, and is told the receipt's number and address.
    pub(crate) async fn reports(&self) -> (String, String) {
        let got = self.sends(&self.form().await).await;
        assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
        let text = |name: &str| got.json[name].as_str().unwrap().to_owned();
        (text("number"), text("receipt"))
    }
}
