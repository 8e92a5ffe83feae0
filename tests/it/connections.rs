//! Connections: packed bodies, slow clients, and clients that do not read.

use mashang::testing::web;
use reqwest::{Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::TestApp;
use crate::process::Process;

/// What a small packed body would unpack to, and what the process may grow by meanwhile.
const UNPACKED_BYTES: usize = 256 * 1024 * 1024;
const GROWTH_KB_MAX: u64 = 64 * 1024;

/// A socket to the server of the app.
async fn connect(origin: &str) -> TcpStream {
    let address = origin.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

/// Packs zeros in pieces, so that the test itself stays small.
fn packed(mut packer: impl std::io::Write, bytes: usize) {
    let piece = vec![0; 1024 * 1024];
    for _ in 0..bytes / piece.len() {
        packer.write_all(&piece).unwrap();
    }
}

/// guarantee: A packed body is refused before it is unpacked, at every address
#[tokio::test(flavor = "multi_thread")]
async fn packed_bodies_get_415_at_every_address() {
    let mut app = TestApp::open().await;
    let code = app.resident("C1").code.clone();
    app.close().await;
    let process = Process::serve(&app.settings);
    let mut brotli = Vec::new();
    packed(
        brotli::CompressorWriter::new(&mut brotli, 4096, 1, 24),
        UNPACKED_BYTES,
    );
    assert!(brotli.len() < 64 * 1024, "the limit of bodies lets it in");
    let before = process.memory_kb("VmHWM:");
    let mut addresses: Vec<_> = (web::registered().into_iter())
        .filter(|(method, _)| method.as_str() == "POST")
        .map(|(_, path)| path.replace("{code}", &code).replace(['{', '}'], ""))
        .collect();
    addresses.push("/no/such/page".to_owned());
    assert!(addresses.len() > 15, "{addresses:?}");
    for address in addresses {
        for encoding in ["br", "gzip", "deflate", "zstd", "BR", "identity, br"] {
            let request = app
                .http
                .request(Method::POST, format!("{}{address}", process.origin))
                .header("content-type", "application/json")
                .header("content-encoding", encoding)
                .body(brotli.clone());
            let status = request.send().await.unwrap().status();
            let wanted = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            assert_eq!(status, wanted, "{address} {encoding}");
        }
    }
    let growth = process.memory_kb("VmHWM:") - before;
    assert!(growth < GROWTH_KB_MAX, "{growth} kB more");
    let form = app.http.get(format!("{}/q/{code}", process.origin));
    assert_eq!(form.send().await.unwrap().status(), StatusCode::OK);
}

/// guarantee: Slow clients do not keep others out
#[tokio::test(flavor = "multi_thread")]
async fn reports_come_in_beside_more_slow_clients_than_connections() {
    const CEILING: &str = "40";
    const SLOW: usize = 120;
    let app = TestApp::open_with(&[("connections_max", CEILING)]).await;
    let head = format!(
        "POST /q/{} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60000\r\n\r\n",
        app.resident("C1").code
    );
    let mut slow = Vec::new();
    for nth in 0..SLOW {
        let mut socket = connect(&app.origin).await;
        // Some do not even say what they want.
        if nth % 3 > 0 {
            socket.write_all(head.as_bytes()).await.unwrap();
        }
        slow.push(socket);
        if nth % 10 == 9 {
            app.resident("C1").reports().await;
        }
    }
    for socket in &mut slow {
        // Fails where the server has ended it.
        let _ = socket.write_all(b"a").await;
    }
    for _ in 0..10 {
        app.resident("C2").reports().await;
    }
}

/// guarantee: Slow clients do not keep others out
#[tokio::test(flavor = "multi_thread")]
async fn too_slow_body_gets_408_and_its_connection_ends() {
    let app = TestApp::open_with(&[("body_seconds", "1"), ("bytes_per_second_min", "1000000")]);
    let app = app.await;
    let code = app.resident("C1").code.clone();
    for address in [format!("/q/{code}"), "/staff/sign-in".to_owned()] {
        let head = format!(
            "POST {address} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\
             content-length: 500\r\n\r\nname="
        );
        let mut socket = connect(&app.origin).await;
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // Returns at the end of the connection.
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"code\":\"too_slow\""), "{answer}");
    }
    // A body to an address without a handler ends, too.
    let mut socket = connect(&app.origin).await;
    let head = "POST /no/such/page HTTP/1.1\r\nhost: localhost\r\ncontent-length: 500\r\n\r\nname=";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 404 "));
}
