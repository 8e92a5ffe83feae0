//! The command centre's stream: the totals after each change.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use tokio::sync::watch;
use tokio::time::sleep;

use super::totals::totals_view;
use crate::service::App;
use crate::service::stream_sessions::Subscription;
use crate::web::http::auth::{Authorized, SeeTotals};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::sse::{CLOSED, Frame, Heartbeat, streaming};

/// The shortest time between two events. People cannot read totals that change faster.
const CENTRE_PAUSE: Duration = Duration::from_millis(200);

struct TotalsStream {
    app: Arc<App>,
    subscription: Subscription,
    heartbeat: Heartbeat,
    page: PageContext,
    changed: watch::Receiver<u64>,
    first: bool,
    /// Whether the last event was sent.
    closed: bool,
}

/// `GET /centre/stream`: today's totals, at once and after each change.
#[utoipa::path(get, operation_id = "centre_stream", path = "/centre/stream", security(("staff" = [])),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "events `totals` with a TotalsView; `closed` last where the sign-in has opened too many streams"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn centre(context: Authorized<SeeTotals>) -> Result<HttpResponse, Problem> {
    let context = context.into_inner();
    let app = context.app;
    let stream = TotalsStream {
        changed: app.notifier.subscribe(),
        page: context.page,
        heartbeat: Heartbeat::new(),
        subscription: app
            .stream_sessions
            .follow(context.principal, &app.notifier.closing()),
        app,
        first: true,
        closed: false,
    };
    Ok(streaming(futures_util::stream::unfold(
        stream,
        TotalsStream::next,
    )))
}

impl TotalsStream {
    async fn next(mut self) -> Option<(Frame, Self)> {
        if !std::mem::take(&mut self.first) {
            tokio::select! {
                () = self.subscription.over() => {}
                changed = self.changed.changed() => {
                    changed.ok()?;
                    sleep(CENTRE_PAUSE).await;
                }
                () = self.heartbeat.due() => {}
            }
        }
        if self.subscription.is_over() {
            let closes = self.subscription.was_replaced() && !self.closed;
            self.closed = true;
            return closes.then_some((Ok(CLOSED), self));
        }
        self.heartbeat.rest();
        self.changed.borrow_and_update();
        let scope = &self.subscription.principal().scope;
        let view = totals_view(&self.app, scope, &self.page).await.ok()?;
        let data = serde_json::to_string(&view).unwrap_or_default();
        Some((Ok(format!("event: totals\ndata: {data}\n\n").into()), self))
    }
}
