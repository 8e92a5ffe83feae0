//! Server-sent events: how a stream of frames is answered, and its heartbeat.

use std::pin::Pin;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a stream sends nothing at most. A page that gets nothing for three of these times treats
/// the connection as lost (`assets/static/event-source.js`).
const BEAT: Duration = Duration::from_secs(5);

/// One or several events, or why the stream breaks.
pub(crate) type Frame = Result<Bytes, actix_web::Error>;

/// The last event of a stream that a newer one replaces.
pub(crate) const CLOSED: Bytes =
    Bytes::from_static(b"event: closed\ndata: {\"reason\":\"too_many_streams\"}\n\n");

/// The answer whose body is this stream of frames.
pub(crate) fn streaming(
    stream: impl futures_util::Stream<Item = Result<Bytes, actix_web::Error>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        // Packed answers are held back until they are worth a packet.
        .insert_header(("content-encoding", "identity"))
        .streaming(stream)
}

/// When a stream next sends a heartbeat, unless it sends a frame before.
pub(crate) struct Heartbeat {
    due: Instant,
    /// Ends when it was due once; a frame does not set the timer again.
    timer: Pin<Box<Sleep>>,
}

impl Heartbeat {
    /// The first one is due at a random time, so that streams that were opened together do not all
    /// send in one moment.
    pub(crate) fn new() -> Self {
        let due = Instant::now() + BEAT.mul_f64(rand::random_range(0.5..1.0));
        Self {
            due,
            timer: Box::pin(sleep_until(due)),
        }
    }

    /// A frame was sent, so the next heartbeat is due one [`BEAT`] later.
    pub(crate) fn rest(&mut self) {
        self.due = Instant::now() + BEAT;
    }

    /// Returns when it is time.
    pub(crate) async fn due(&mut self) {
        loop {
            if self.timer.deadline() != self.due && self.timer.is_elapsed() {
                self.timer.as_mut().reset(self.due);
            }
            self.timer.as_mut().await;
            if self.timer.deadline() >= self.due {
                return;
            }
        }
    }
}
