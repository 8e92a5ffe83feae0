//! The command centre's stream: totals, whenever they change.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use tokio::sync::watch;
use tokio::time::sleep;

use super::totals::figures;
use crate::service::App;
use crate::service::stream_sessions::Subscription;
use crate::web::http::auth::{Authorized, SeeTotals};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::sse::{Frame, Heartbeat, streaming};

/// The shortest time between two events of the centre: totals are read, not watched.
const CENTRE_PAUSE: Duration = Duration::from_millis(200);

struct Watcher {
    app: Arc<App>,
    following: Subscription,
    pulse: Heartbeat,
    chrome: PageContext,
    changed: watch::Receiver<u64>,
    first: bool,
}

/// `GET /centre/stream`: today's totals, whenever they change.
#[utoipa::path(get, operation_id = "centre_stream", path = "/centre/stream", security(("staff" = [])),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "events `totals` with a TotalsView"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn centre(
    request: HttpRequest,
    app: web::Data<App>,
    observer: Authorized<SeeTotals>,
) -> Result<HttpResponse, Problem> {
    let watcher = Watcher {
        changed: app.notifier.subscribe(),
        chrome: PageContext::of(&request),
        pulse: Heartbeat::new(),
        following: app
            .stream_sessions
            .follow(observer.into_inner().principal, &app.notifier.closing()),
        app: app.into_inner(),
        first: true,
    };
    Ok(streaming(futures_util::stream::unfold(
        watcher,
        Watcher::next,
    )))
}

impl Watcher {
    async fn next(mut self) -> Option<(Frame, Self)> {
        if !std::mem::take(&mut self.first) {
            tokio::select! {
                () = self.following.over() => return None,
                changed = self.changed.changed() => {
                    changed.ok()?;
                    sleep(CENTRE_PAUSE).await;
                }
                () = self.pulse.due() => {}
            }
        }
        if self.following.is_over() {
            return None;
        }
        self.pulse.rest();
        self.changed.borrow_and_update();
        let scope = &self.following.principal().scope;
        let view = figures(&self.app, scope, &self.chrome).await.ok()?;
        let data = serde_json::to_string(&view).unwrap_or_default();
        Some((Ok(format!("event: totals\ndata: {data}\n\n").into()), self))
    }
}
