//! What the machine itself can do: the same bytes to as many lines, from a server that does nothing
//! else. Measured in the same run as the program, so that a slow hour of the machine slows both.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::arrivals::{Arrivals, PAUSE, REPORTS, Spread};

/// About as long as an entry with its row.
const FRAME_BYTES: usize = 1_400;

/// How long a bare broadcast takes to as many lines.
pub(crate) async fn latency(lines: usize) -> Spread {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (news, _) = watch::channel(Arc::<str>::from(""));
    let server = tokio::spawn(serve(listener, news.clone()));
    let mut arrivals = Arrivals::new();
    for _ in 0..lines {
        arrivals.reads(join(at).await);
    }
    for nth in 1..=REPORTS {
        let sent = Instant::now();
        news.send_replace(frame(nth).into());
        arrivals.have(nth, sent).await;
        tokio::time::sleep(PAUSE).await;
    }
    server.abort();
    drop(news);
    arrivals.end().await
}

/// A frame that looks like an entry of the real stream.
fn frame(nth: usize) -> String {
    let mut frame = format!("event: entry\ndata: {{\"queue\":1,\"seq\":{nth},\"row\":\"");
    let _ = write!(frame, "{:.<FRAME_BYTES$}\"}}\n\n", "");
    frame
}

async fn join(at: SocketAddr) -> TcpStream {
    let mut line = TcpStream::connect(at).await.unwrap();
    line.set_nodelay(true).unwrap();
    let mut hello = [0];
    line.read_exact(&mut hello).await.unwrap();
    line
}

async fn serve(listener: TcpListener, news: watch::Sender<Arc<str>>) {
    while let Ok((mut line, _)) = listener.accept().await {
        let mut news = news.subscribe();
        tokio::spawn(async move {
            line.set_nodelay(true).unwrap();
            line.write_all(b"\n").await.unwrap();
            while news.changed().await.is_ok() {
                let frame = Arc::clone(&news.borrow_and_update());
                if line.write_all(frame.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
    }
}
