//! For operators: health, readiness, metrics.

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use crate::service::{App, proxies, webhook};
use crate::store::{Conn, journal};
use crate::web::http::connections::Connections;
use crate::web::http::problem::{Problem, ProblemBody};

/// The recorder of the metrics route and the token that it requires.
#[derive(Clone)]
pub struct Figures {
    recorder: Option<PrometheusHandle>,
    token: Option<String>,
}

/// The metrics of a recorder, where one is installed, for clients that send the token; without a
/// token, for all that reach the listener.
pub fn figures(recorder: Option<PrometheusHandle>, token: Option<String>) -> Figures {
    Figures { recorder, token }
}

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Figures(…)")
    }
}

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    pub(crate) status: &'static str,
    /// This process.
    pub(crate) instance: uuid::Uuid,
}

/// The process can work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Always `ok`.
    pub(crate) status: &'static str,
    /// This process.
    pub(crate) instance: uuid::Uuid,
    /// What an operator should look at: `unknown_proxy`, `silent_proxy`.
    pub(crate) doubts: Vec<&'static str>,
}

/// `GET /healthz`: the process answers. A header names the process, so that a test can tell it
/// from another process on the same port.
#[utoipa::path(get, operation_id = "healthz", path = "/healthz", responses((status = 200, body = Health)))]
pub(crate) async fn alive(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("x-instance", app.instance.to_string()))
        .json(Health {
            status: "ok",
            instance: app.instance,
        })
}

/// `GET /readyz`: the database answers, this program knows its schema, and the queue of the intake
/// writer has space.
#[utoipa::path(get, operation_id = "readyz", path = "/readyz", responses((status = 200, body = Readiness), (status = 503, body = ProblemBody)))]
pub(crate) async fn ready(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let work = |conn: Conn| async move {
        conn.present()?;
        conn.fits().await?;
        journal::reached(&conn).await
    };
    app.db.read(work).await?;
    if app.intake.capacity() == 0 {
        return Err(Problem::Busy);
    }
    Ok(HttpResponse::Ok().json(Readiness {
        status: "ok",
        instance: app.instance,
        doubts: proxies::doubts(&app),
    }))
}

/// `GET /metrics`, on a listener of its own: for clients that send the token, where one is set.
/// Tokens are compared in constant time.
pub(crate) async fn metrics(
    request: HttpRequest,
    app: web::Data<App>,
    figures: web::Data<Figures>,
    connections: web::Data<Connections>,
) -> HttpResponse {
    let shown = request.headers().get(AUTHORIZATION);
    let shown = shown.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let shown = shown.unwrap_or_default().as_bytes();
    let allowed = |token: &String| bool::from(shown.ct_eq(token.as_bytes()));
    match &figures.recorder {
        Some(recorder) if figures.token.as_ref().is_none_or(allowed) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4"))
            .body(recorder.render() + &of_now(&app, &connections).await),
        _ => HttpResponse::NotFound().finish(),
    }
}

/// Gauges that are computed for each request, so that removed webhooks disappear. Without the
/// database, its gauges are missing.
async fn of_now(app: &App, connections: &Connections) -> String {
    let gauge = |name: &str, values: Vec<(String, i64)>| {
        let lines = values
            .into_iter()
            .map(|(labels, value)| format!("{name}{labels} {value}\n"));
        let head = format!("# TYPE {name} gauge\n");
        [head].into_iter().chain(lines).collect::<String>()
    };
    let room = i64::try_from(app.intake.capacity()).unwrap_or(i64::MAX);
    let unlisted = i64::try_from(app.open_cases.unlisted()).unwrap_or(i64::MAX);
    let streams = i64::try_from(app.stream_sessions.streams()).unwrap_or(i64::MAX);
    let mut text = gauge("mashang_intake_room_reports", vec![(String::new(), room)]);
    text += &gauge("mashang_reports_unlisted", vec![(String::new(), unlisted)]);
    text += &gauge("mashang_streams", vec![(String::new(), streams)]);
    let open = i64::try_from(connections.open()).unwrap_or(i64::MAX);
    text += &gauge("mashang_connections", vec![(String::new(), open)]);
    match webhook::delivery_stats(app).await {
        Ok(stats) => {
            let each = |value: fn(&webhook::DeliveryStats) -> i64| {
                let labels = |one: &webhook::DeliveryStats| format!("{{webhook=\"{}\"}}", one.id.0);
                let values = stats.iter().map(|one| (labels(one), value(one)));
                values.collect()
            };
            let failures = each(|one| one.failures.into());
            text += &gauge("mashang_webhook_failures", failures);
            let behind = each(|one| one.behind);
            text += &gauge("mashang_webhook_behind_entries", behind);
        }
        Err(error) => tracing::warn!(?error, "the figures of webhooks cannot be read"),
    }
    text
}
