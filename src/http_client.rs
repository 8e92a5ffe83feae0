//! The HTTP client: sends a request to the address of another operator, over TLS, and says how it
//! was taken. It follows no redirects, and its errors never name the address.

use std::error::Error;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Url};
use rustls::{ClientConfig, RootCertStore};

use self::networks::{ClosedNetwork, OpenNetworks};

mod networks;

/// Bytes of a response body that are read at most.
const RESPONSE_BYTES_MAX: usize = 16 * 1024;
/// How long an unused connection is kept. Many servers close theirs after five seconds, and a
/// request that is sent at that moment is lost.
const IDLE_MAX: Duration = Duration::from_secs(4);

/// A request to send.
#[derive(Clone)]
pub struct Request {
    /// Where to; often a password in itself.
    pub address: String,
    /// Headers besides those that every request has.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request(…)")
    }
}

/// Why a request was not taken, in words that name no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The server answered with this status.
    #[error("status {0}")]
    Status(u16),
    /// The server did not answer in time.
    #[error("no answer in time")]
    Late,
    /// No server is at the address, or the connection broke.
    #[error("no connection")]
    Connection,
    /// The server's certificate is not trusted, or it does not speak TLS.
    #[error("no trust in its certificate")]
    Trust,
    /// The address leads into a closed network.
    #[error(transparent)]
    Closed(#[from] ClosedNetwork),
}

/// Why an address is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is not the address of a web server.
    #[error("this is no address like https://example.org/hook")]
    Malformed,
    /// Every machine on the way could read what is sent.
    #[error("only https is used beyond this machine (setting webhook_plain_http)")]
    Plain,
    /// It holds a login and a password, which would stand in logs of others.
    #[error("an address with a login or a password is not used")]
    UserInfo,
    /// It leads into a closed network.
    #[error(transparent)]
    Closed(#[from] ClosedNetwork),
}

/// Whether requests may go to this address: over TLS, or on this very machine, or where `plain`
/// allows it.
pub fn check(address: &str, plain: bool) -> Result<(), BadAddress> {
    let url: Url = address.parse().or(Err(BadAddress::Malformed))?;
    let host = url.host_str().ok_or(BadAddress::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadAddress::UserInfo);
    }
    let own = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    match url.scheme() {
        "https" => Ok(()),
        "http" if plain || own => Ok(()),
        "http" => Err(BadAddress::Plain),
        _ => Err(BadAddress::Malformed),
    }
}

/// The host of an address, which is all of it that may be shown.
pub fn host(address: &str) -> String {
    let url: Option<Url> = address.parse().ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

/// The one client of the process: requests to one server share its connections.
#[derive(Debug, Default)]
pub struct HttpClient {
    client: OnceLock<reqwest::Client>,
    /// None where requests may go anywhere.
    open: Option<OpenNetworks>,
}

impl HttpClient {
    /// A client that goes to public addresses and into these networks alone.
    pub fn within(networks: &[IpNet]) -> Self {
        Self {
            client: OnceLock::new(),
            open: Some(OpenNetworks::of(networks)),
        }
    }

    /// Judges an address by what its host is now, before it is kept.
    pub async fn judge(&self, address: &str) -> Result<(), ClosedNetwork> {
        match &self.open {
            Some(open) => open.judge(address).await,
            None => Ok(()),
        }
    }

    /// Posts the request and returns the response body once the server has taken it. Where the
    /// future is dropped half-way, the request may still have arrived.
    pub async fn send(&self, request: Request, timeout: Duration) -> Result<String, DeliveryError> {
        if let Some(open) = &self.open {
            open.judge_literal(&request.address)?;
        }
        let mut post = self
            .client()
            .post(request.address)
            .header(CONTENT_TYPE, "application/json; charset=utf-8");
        for (name, value) in request.headers {
            post = post.header(name, value);
        }
        answer(post.body(request.body).timeout(timeout)).await
    }

    /// Gets this address and returns the response body.
    pub async fn get(&self, address: &str, timeout: Duration) -> Result<String, DeliveryError> {
        answer(self.client().get(address).timeout(timeout)).await
    }

    fn client(&self) -> &reqwest::Client {
        self.client.get_or_init(|| {
            let mut builder = builder().pool_idle_timeout(IDLE_MAX).user_agent("mashang");
            if let Some(open) = &self.open {
                builder = builder.dns_resolver(Arc::new(open.clone()));
            }
            builder
                .build()
                .expect("every option is valid, whatever the machine is")
        })
    }
}

/// Begins a client that trusts the certificates of this machine and follows no redirects. The
/// HTTP library has no cryptography of its own, so every client begins here.
pub fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .tls_backend_preconfigured(TLS.clone())
}

/// The certificates that the machine trusts, and the one provider of cryptography.
static TLS: LazyLock<ClientConfig> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("the provider has the default versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth()
});

async fn answer(request: RequestBuilder) -> Result<String, DeliveryError> {
    let response = request.send().await.map_err(|error| classify(&error))?;
    let status = response.status();
    if !status.is_success() {
        return Err(DeliveryError::Status(status.as_u16()));
    }
    // The server has taken the request, whether or not its answer can be read.
    Ok(body(response).await.unwrap_or_default())
}

/// The response body as text; none where it breaks off, is too long or is not UTF-8.
async fn body(mut response: reqwest::Response) -> Option<String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > RESPONSE_BYTES_MAX {
            return None;
        }
    }
    String::from_utf8(body).ok()
}

fn classify(error: &reqwest::Error) -> DeliveryError {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    let closed = causes.clone().find_map(|cause| cause.downcast_ref());
    if let Some(closed) = closed.copied() {
        DeliveryError::Closed(closed)
    } else if error.is_timeout() {
        DeliveryError::Late
    } else if causes.any(is_tls) {
        DeliveryError::Trust
    } else {
        DeliveryError::Connection
    }
}

/// Whether TLS failed; its error hides within one or two of the operating system's.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    let system = cause.downcast_ref::<std::io::Error>();
    let inner = system.and_then(std::io::Error::get_ref);
    cause.is::<rustls::Error>() || inner.is_some_and(|inner| is_tls(inner))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn only_addresses_that_encrypt_or_stay_here_are_used() {
        for (address, plain, wanted) in [
            ("https://example.org/hook?key=1", false, Ok(())),
            ("http://127.0.0.1:9/hook", false, Ok(())),
            ("http://[::1]:9/", false, Ok(())),
            ("http://localhost", false, Ok(())),
            (
                "http://localhost.example.org/",
                false,
                Err(BadAddress::Plain),
            ),
            ("http://10.0.0.1/", false, Err(BadAddress::Plain)),
            ("http://10.0.0.1/", true, Ok(())),
            (
                "https://user:pw@example.org/",
                true,
                Err(BadAddress::UserInfo),
            ),
            ("https://user@example.org/", true, Err(BadAddress::UserInfo)),
            ("ftp://example.org/", true, Err(BadAddress::Malformed)),
            ("/hook", true, Err(BadAddress::Malformed)),
            ("", true, Err(BadAddress::Malformed)),
        ] {
            assert_eq!(check(address, plain), wanted, "{address}");
        }
    }

    /// What is returned where the server at this end of a connection answers so.
    async fn answered(scheme: &str, answer: Option<String>) -> Result<String, DeliveryError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("{scheme}://{}/", listener.local_addr().unwrap());
        // Only a server that never answers is late.
        let patience = match answer {
            Some(_) => Duration::from_mins(5),
            None => Duration::from_millis(500),
        };
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let asked = stream.read(&mut [0; 4_096]).await.unwrap();
            assert!(asked > 0, "nothing was asked");
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                None => std::future::pending().await,
            }
        });
        let client = HttpClient::default();
        let got = client.get(&address, patience).await;
        server.abort();
        got
    }

    #[tokio::test]
    async fn each_failure_has_its_own_error() {
        let with = |status: u16, body: &str| {
            let length = body.len();
            Some(format!(
                "HTTP/1.1 {status} So\r\ncontent-length: {length}\r\n\r\n{body}"
            ))
        };
        let cases = [
            ("http", with(200, "well"), Ok("well".to_owned())),
            ("http", with(302, ""), Err(DeliveryError::Status(302))),
            ("http", with(503, ""), Err(DeliveryError::Status(503))),
            ("http", None, Err(DeliveryError::Late)),
            ("http", Some(String::new()), Err(DeliveryError::Connection)),
            ("https", with(400, ""), Err(DeliveryError::Trust)),
        ];
        for (scheme, answer, wanted) in cases {
            let said = format!("{scheme} {answer:?}");
            assert_eq!(answered(scheme, answer).await, wanted, "{said}");
        }
    }

    /// guarantee: A webhook goes to no machine of an inner network, unless a setting names the network
    #[tokio::test]
    async fn each_delivery_judges_where_the_name_leads_now() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let closed = HttpClient::within(&[]);
        for host in ["localhost", "127.0.0.1"] {
            let request = Request {
                address: format!("http://{host}:{port}/"),
                headers: Vec::new(),
                body: String::new(),
            };
            let sent = closed.send(request, Duration::from_mins(5)).await;
            assert_eq!(sent, Err(DeliveryError::Closed(ClosedNetwork)), "{host}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_left_unread() {
        let length = RESPONSE_BYTES_MAX + 1;
        let body = "a".repeat(length);
        let answer = format!("HTTP/1.1 200 So\r\ncontent-length: {length}\r\n\r\n{body}");
        assert_eq!(answered("http", Some(answer)).await, Ok(String::new()));
    }
}
