//! The socket of a connection with its deadline: an answer that the client does not read ends.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::connections::Connection;

/// The buffer of the operating system for each answer, in bytes: what it holds counts as read.
pub const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// How long an answer may wait for its client. The system reports progress in steps of a third of
/// its buffer, so the time must be long enough for a slow line to make such a step.
const WINDOW: Duration = Duration::from_mins(2);

/// A socket that ends when its connection must end, or when its client does not read.
#[derive(Debug)]
pub struct GuardedIo<T> {
    io: T,
    connection: Connection,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Bytes that a client must read within the window.
    window_bytes: usize,
    stall: Option<Stall>,
}

/// A write that waits for the client.
#[derive(Debug)]
struct Stall {
    until: Pin<Box<Sleep>>,
    written: usize,
}

impl<T> GuardedIo<T> {
    /// Guards the socket of the connection. A client must read `bytes_per_second` at least.
    pub fn new(io: T, connection: Connection, bytes_per_second: u32) -> Self {
        let seconds = u32::try_from(WINDOW.as_secs()).unwrap_or(u32::MAX);
        Self {
            io,
            ended: Box::pin(connection.ended().clone().cancelled_owned()),
            connection,
            window_bytes: usize::try_from(bytes_per_second.saturating_mul(seconds))
                .unwrap_or(usize::MAX),
            stall: None,
        }
    }

    /// The connection of the socket.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// An error where the connection must end.
    fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        self.ended.as_mut().poll(context).map(|()| {
            let reason = "ended to make room for other connections";
            io::Error::new(ErrorKind::ConnectionAborted, reason)
        })
    }

    /// An error where the client has read too little for too long.
    fn poll_stalled(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if self.connection.is_streaming() {
            return Poll::Pending;
        }
        let stall = self.stall.get_or_insert_with(|| Stall {
            until: Box::pin(sleep(WINDOW)),
            written: 0,
        });
        ready!(stall.until.as_mut().poll(context));
        let reason = "the client does not read the answer";
        Poll::Ready(io::Error::new(ErrorKind::TimedOut, reason))
    }

    fn progress(&mut self, bytes: usize) {
        if let Some(stall) = &mut self.stall {
            stall.written += bytes;
            if stall.written >= self.window_bytes {
                self.stall = None;
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for GuardedIo<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.io).poll_read(context, buffer) {
            Poll::Pending => this.poll_ended(context).map(Err),
            done @ Poll::Ready(_) => {
                if buffer.filled().len() > before {
                    this.connection.receive();
                }
                done
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for GuardedIo<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.io).poll_write(context, bytes) {
            Poll::Pending => match this.poll_ended(context) {
                Poll::Pending => this.poll_stalled(context).map(Err),
                Poll::Ready(error) => Poll::Ready(Err(error)),
            },
            done @ Poll::Ready(_) => {
                if let Poll::Ready(Ok(written)) = done {
                    this.progress(written);
                }
                done
            }
        }
    }

    /// The server flushes once it has written everything, so the client owes nothing from before.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.stall = None;
        Pin::new(&mut this.io).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{Instant, timeout};

    use super::super::connections::{Ceilings, Connections};
    use super::*;

    const BYTES_PER_SECOND: u32 = 100;
    const BUFFER: usize = 1_000;

    fn guarded() -> (GuardedIo<DuplexStream>, DuplexStream) {
        let connections = Arc::new(Connections::new(Ceilings {
            all: 1,
            unfinished_per_address: 1,
            proxies: Vec::new(),
        }));
        let connection = connections.admit(IpAddr::from([192, 0, 2, 1])).unwrap();
        let (server, client) = duplex(BUFFER);
        (GuardedIo::new(server, connection, BYTES_PER_SECOND), client)
    }

    /// guarantee: Slow clients do not keep others out
    #[tokio::test(start_paused = true)]
    async fn unread_answer_ends_and_a_slowly_read_one_does_not() {
        let (mut server, _client) = guarded();
        let begun = Instant::now();
        let error = server.write_all(&[0; 2 * BUFFER]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(begun.elapsed() >= WINDOW);

        let (mut server, mut client) = guarded();
        let reads = async {
            let mut some = [0; 200];
            for _ in 0..500 {
                sleep(Duration::from_secs(1)).await;
                client.read_exact(&mut some).await.unwrap();
            }
        };
        let write = async { server.write_all(&vec![0; 100_000]).await.unwrap() };
        tokio::join!(reads, write);
    }

    #[tokio::test(start_paused = true)]
    async fn stream_may_be_read_later() {
        let (mut server, _client) = guarded();
        server.connection().stream();
        let write = server.write_all(&[0; 2 * BUFFER]);
        assert!(timeout(WINDOW * 10, write).await.is_err());
    }

    /// guarantee: Slow clients do not keep others out
    #[tokio::test(start_paused = true)]
    async fn ended_connection_ends_its_reads_and_writes() {
        let (mut server, _client) = guarded();
        server.connection().ended().cancel();
        let error = server.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
        let error = server.write_all(&[0; 2 * BUFFER]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
    }
}
