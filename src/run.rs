//! Builds the application, serves it, and shuts it down in order. Tests start the same.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_server::ServerHandle;
use anyhow::{Context, Result};
use futures_util::future::BoxFuture;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::config::{Config, operator};
use crate::master_key;
use crate::server::{self, Listeners};
use crate::service::audit::refused_sign_ins;
use crate::service::tasks::TASKS;
use crate::service::{App, background, places};
use crate::store::Db;

/// How long a start waits for the open cases.
const OPEN_CASES_WAIT: Duration = Duration::from_secs(2);

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    /// The application's state.
    pub app: Arc<App>,
    /// The address that it listens on.
    pub address: SocketAddr,
    /// The address of the metrics.
    pub metrics_address: Option<SocketAddr>,
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
    let db = Db::open(&config.database)
        .await
        .context("the database cannot be opened")?;
    let keys = master_key::keys(config, &db).await?;
    let clock = Clock::new(config.time_zone);
    let app = App::new(db, keys, clock, config.rules.clone(), &operator::name());
    let app = Arc::new(app);
    places::reload(&app)
        .await
        .context("the places cannot be read")?;
    Ok(app)
}

async fn open(app: Arc<App>, config: &Config) -> Result<Running> {
    let bind = |address: SocketAddr| {
        TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))
    };
    let listeners = Listeners {
        public: bind(config.listen)?,
        metrics: config.metrics_listen.map(bind).transpose()?,
    };
    let address = listeners.public.local_addr()?;
    let metrics = listeners.metrics.as_ref();
    let metrics_address = metrics.map(TcpListener::local_addr).transpose()?;
    let server = server::listen(&app, config, listeners)?;
    let handle = server.handle();
    places::reload(&app).await?;
    read_open_cases(&app).await;
    background::start(&app, TASKS);
    let server = tokio::spawn(server);
    if let Some(metrics) = metrics_address {
        tracing::info!(%metrics, "metrics");
    }
    tracing::info!(%address, instance = %app.instance, "open");
    Ok(Running {
        app,
        address,
        metrics_address,
        handle,
        server,
    })
}

/// Reads the open cases, so that the first list need not. Connections wait meanwhile; where it takes
/// longer, or fails, the first list reads them.
async fn read_open_cases(app: &Arc<App>) {
    let reader = Arc::clone(app);
    let (done, read) = oneshot::channel();
    app.db.spawn(async move {
        let _ = done.send(reader.open_cases.catch_up(&reader.db).await.is_ok());
    });
    let _ = timeout(OPEN_CASES_WAIT, read).await;
}

impl Running {
    /// Shuts down: streams first, because they would not end by themselves; then open requests, whose
    /// reports are written; then the database.
    pub async fn close(self) -> Result<()> {
        self.app.notifier.close();
        self.handle.stop(true).await;
        self.server.await??;
        if let Err(error) = refused_sign_ins::write(&self.app).await {
            tracing::error!(?error, "refused sign-ins are in no audit entry");
        }
        self.app.intake.close();
        self.app.db.close().await;
        tracing::info!("closed");
        Ok(())
    }

    /// Serves until the process is told to stop, then closes.
    pub async fn until(self, mut stop: StopSignal) -> Result<()> {
        stop.received().await;
        self.close().await
    }
}

/// Receives SIGTERM and SIGINT from the moment it is made: a signal that comes while the server still
/// starts must end it in order, too.
#[derive(Debug)]
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Takes the signals over from the system, which would end the process at once.
    pub fn listen() -> Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
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
    }
    Ok(())
}
