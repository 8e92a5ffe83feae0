//! Builds the application, serves it, and shuts it down in order. Tests start the same.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpServer, web};
use anyhow::{Context, Result, bail};
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinHandle;
use tracing_actix_web::TracingLogger;

use crate::clock::Clock;
use crate::config::Config;
use crate::seal::{KEY_BYTES, Keys};
use crate::service::tasks::TASKS;
use crate::service::{App, background, places};
use crate::store::Db;
use crate::web::{Root, headers, routes};

/// Seconds that open requests have to finish at shutdown.
const SHUTDOWN_S: u64 = 3;

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    /// The application's state.
    pub app: Arc<App>,
    /// The address that it listens on.
    pub address: SocketAddr,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
}

/// Builds the application's state: keys, database, places. It does not serve yet; the verbs of the
/// command line use it too.
/// The future is boxed: an async function would be compiled into every crate that awaits it, each
/// binary of tests among them, with all that it awaits.
pub fn build(config: &Config) -> BoxFuture<'_, Result<Arc<App>>> {
    Box::pin(assemble(config))
}

/// Starts the server and the background work. Boxed as [`build`] is.
pub fn serve(app: Arc<App>, config: &Config) -> BoxFuture<'_, Result<Running>> {
    Box::pin(open(app, config))
}

async fn assemble(config: &Config) -> Result<Arc<App>> {
    prepare_folder(config)?;
    let keys = Keys::of(&master_key(&config.key_file)?);
    let db = Db::open(&config.database)
        .await
        .context("the database cannot be opened")?;
    let clock = Clock::new(config.time_zone);
    let app = Arc::new(App::new(db, keys, clock, config.rules.clone()));
    places::reload(&app)
        .await
        .context("the places cannot be read")?;
    Ok(app)
}

async fn open(app: Arc<App>, config: &Config) -> Result<Running> {
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let server = listen(&app, config, listener)?;
    let handle = server.handle();
    places::reload(&app).await?;
    background::start(&app, TASKS);
    let server = tokio::spawn(server);
    tracing::info!(%address, instance = %app.instance, "open");
    Ok(Running {
        app,
        address,
        handle,
        server,
    })
}

/// The web server with all its pages.
fn listen(app: &Arc<App>, config: &Config, listener: TcpListener) -> Result<Server> {
    let data = web::Data::from(Arc::clone(app));
    let figures = web::Data::new(crate::web::figures(
        recorder(),
        config.metrics_token.clone(),
    ));
    let mut server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(data.clone())
            .app_data(figures.clone())
            .wrap(Compress::default())
            .wrap(from_fn(headers))
            .wrap(TracingLogger::<Root>::new())
            .configure(routes)
    })
    .disable_signals()
    .shutdown_timeout(SHUTDOWN_S);
    if let Some(workers) = config.workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run())
}

impl Running {
    /// Shuts down: streams first, because they would not end by themselves; then open requests, whose
    /// reports are written; then the database.
    pub async fn close(self) -> Result<()> {
        self.app.notifier.close();
        self.handle.stop(true).await;
        self.server.await??;
        self.app.intake.close();
        self.app.db.close().await;
        tracing::info!("closed");
        Ok(())
    }

    /// Serves until the process gets SIGTERM or SIGINT, then closes.
    pub async fn until_signal(self) -> Result<()> {
        stop_signal().await?;
        self.close().await
    }
}

async fn stop_signal() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        done = tokio::signal::ctrl_c() => done?,
    }
    Ok(())
}

/// One recorder per process, however many houses a test builds in it.
fn recorder() -> Option<PrometheusHandle> {
    static RECORDER: std::sync::OnceLock<Option<PrometheusHandle>> = std::sync::OnceLock::new();
    RECORDER
        .get_or_init(|| PrometheusBuilder::new().install_recorder().ok())
        .clone()
}

fn prepare_folder(config: &Config) -> Result<()> {
    if let Some(file) = config.database.url.strip_prefix("sqlite:") {
        let file = Path::new(file.trim_start_matches("//"));
        if let Some(folder) = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        if file.exists() && !config.key_file.exists() {
            bail!(
                "the database {} is there but its key file {} is not: without it nothing sealed can be read. Put the key file back",
                file.display(),
                config.key_file.display()
            );
        }
    }
    Ok(())
}

/// Reads the master key, or makes one that only the owner may read.
fn master_key(file: &Path) -> Result<[u8; KEY_BYTES]> {
    use std::os::unix::fs::OpenOptionsExt;
    if !file.exists() {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let fresh: [u8; KEY_BYTES] = rand::random();
        let mut open = std::fs::OpenOptions::new();
        let mut new = open
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)
            .with_context(|| format!("cannot make the key file {}", file.display()))?;
        for byte in fresh {
            write!(new, "{byte:02x}")?;
        }
        writeln!(new)?;
        new.sync_all()?;
        return Ok(fresh);
    }
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the key file {}", file.display()))?;
    let text = text.trim();
    let bytes: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect();
    let key: Option<[u8; KEY_BYTES]> = bytes.and_then(|bytes| bytes.try_into().ok());
    key.with_context(|| format!("{} does not hold 32 bytes as hex", file.display()))
}
