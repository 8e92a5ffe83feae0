//! The web server: all routes behind connections with limits.

use std::future::ready;
use std::io::Error;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::Data;
use anyhow::{Context, Result, ensure};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use rlimit::Resource;
use tokio::net::TcpStream;

use crate::config::Config;
use crate::service::App;
use crate::web::{
    BodyPace, Ceilings, Connections, Figures, GuardedIo, SEND_BUFFER_BYTES, figures, headers,
    metrics_routes, routes, span,
};

/// Seconds that open requests have to finish at shutdown.
const SHUTDOWN_S: u64 = 3;
/// The time for the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// The time for the client to close its end of a connection.
const DISCONNECT_TIME: Duration = Duration::from_secs(1);
/// Open files that are not connections: database, log, streams between threads.
const OTHER_FILES: u64 = 256;
/// Fewer connections than this are of no use.
const CONNECTIONS_MIN: u64 = 128;

/// The sockets of a server.
#[derive(Debug)]
pub struct Listeners {
    /// For residents and staff.
    pub public: TcpListener,
    /// For metrics.
    pub metrics: Option<TcpListener>,
}

/// What the listener of the metrics shares with the other one.
#[derive(Clone)]
struct Shared {
    app: Data<App>,
    figures: Data<Figures>,
    open: Data<Connections>,
}

/// Starts the server on these listeners.
pub fn listen(app: &Arc<App>, config: &Config, listeners: Listeners) -> Result<Server> {
    let listener = listeners.public;
    let address = listener.local_addr()?;
    socket2::SockRef::from(&listener).set_send_buffer_size(SEND_BUFFER_BYTES)?;
    let rules = config.connections;
    let all = usize::try_from(connections_max(rules.all as u64)?)?;
    let connections = Arc::new(Connections::new(Ceilings {
        all,
        unfinished_per_address: rules.unfinished_per_address,
        proxies: config.rules.trusted_proxies.clone(),
    }));
    let shared = Shared {
        app: Data::from(Arc::clone(app)),
        figures: Data::new(figures(recorder(), config.metrics_token.clone())),
        open: Data::from(Arc::clone(&connections)),
    };
    let app = shared.app.clone();
    let pace = Data::new(BodyPace {
        grace: rules.body_grace,
        bytes_per_second: rules.bytes_per_second,
    });
    let mut server = ServerBuilder::new()
        .disable_signals()
        .shutdown_timeout(SHUTDOWN_S)
        // Above the ceiling, which ends a waiting connection for each new one.
        .max_concurrent_connections(all + 1);
    if let Some(workers) = config.workers {
        server = server.workers(workers);
    }
    if let Some(listener) = listeners.metrics {
        server = listen_for_metrics(server, listener, shared)?;
    }
    let shutdown = server.graceful_shutdown_signal();
    let server = server.listen("http", listener, move || {
        let handlers = actix_web::App::new()
            .app_data(app.clone())
            .app_data(pace.clone())
            .wrap(Compress::default())
            .wrap(from_fn(headers))
            .wrap(from_fn(span))
            .configure(routes)
            .into_factory()
            .map_err(|error| error.error_response());
        let shutdown = shutdown.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let shutdown = shutdown.clone();
                async move { shutdown.notified().await }
            })
            .client_request_timeout(HEAD_TIME)
            .client_disconnect_timeout(DISCONNECT_TIME)
            .local_addr(address)
            .on_connect_ext(|io: &GuardedIo<TcpStream>, data| {
                data.insert(io.connection().clone());
            })
            .h1(map_config(handlers, |()| AppConfig::default()));
        let connections = Arc::clone(&connections);
        let admit = move |io: TcpStream| {
            let peer = io.peer_addr().ok();
            let admitted = peer.and_then(|peer| connections.admit(peer.ip()));
            let full = || DispatchError::Io(Error::other("too many connections"));
            let admitted = admitted.ok_or_else(full);
            let guard = |connection| GuardedIo::new(io, connection, rules.bytes_per_second);
            ready(admitted.map(|connection| (guard(connection), peer)))
        };
        fn_service(admit).and_then(http)
    })?;
    Ok(server.run())
}

/// Answers with metrics on a listener of its own, where nothing else is.
fn listen_for_metrics(
    server: ServerBuilder,
    listener: TcpListener,
    shared: Shared,
) -> Result<ServerBuilder> {
    let address = listener.local_addr()?;
    Ok(server.listen("metrics", listener, move || {
        let handlers = actix_web::App::new()
            .app_data(shared.app.clone())
            .app_data(shared.figures.clone())
            .app_data(shared.open.clone())
            .configure(metrics_routes)
            .into_factory()
            .map_err(|error| error.error_response());
        let http = HttpService::build()
            .client_request_timeout(HEAD_TIME)
            .client_disconnect_timeout(DISCONNECT_TIME)
            .local_addr(address)
            .h1(map_config(handlers, |()| AppConfig::default()));
        let with_peer = |io: TcpStream| {
            let peer = io.peer_addr().ok();
            ready(Ok::<_, DispatchError>((io, peer)))
        };
        fn_service(with_peer).and_then(http)
    })?)
}

/// Raises the limit of open files, and returns how many connections it allows, at most `wanted`.
fn connections_max(wanted: u64) -> Result<u64> {
    let (now, most) = Resource::NOFILE
        .get()
        .context("the limit of open files cannot be read")?;
    let files = now.max((wanted + OTHER_FILES).min(most));
    Resource::NOFILE
        .set(files, most)
        .context("the limit of open files cannot be raised")?;
    let allowed = files.saturating_sub(OTHER_FILES);
    ensure!(
        allowed >= CONNECTIONS_MIN,
        "the system allows {files} open files (ulimit -n); the server needs at least {}",
        CONNECTIONS_MIN + OTHER_FILES
    );
    if allowed < wanted {
        tracing::warn!(
            files,
            connections = allowed,
            wanted,
            "the limit of open files allows fewer connections than connections_max"
        );
    }
    Ok(allowed.min(wanted))
}

/// One recorder per process, however many servers a test starts in it.
fn recorder() -> Option<PrometheusHandle> {
    static RECORDER: std::sync::OnceLock<Option<PrometheusHandle>> = std::sync::OnceLock::new();
    RECORDER
        .get_or_init(|| PrometheusBuilder::new().install_recorder().ok())
        .clone()
}
