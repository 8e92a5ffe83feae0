//! The program itself as a process of its own, for what only a process can show.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use crate::app::PATIENCE;

/// What this command prints, on the database of these settings.
pub(crate) fn run_verb(settings: &[(&'static str, String)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mashang"));
    command.args(arguments);
    for (name, value) in settings {
        command.env(format!("MASHANG_{}", name.to_uppercase()), value);
    }
    command.output().unwrap()
}

/// A server under test, ended with the test.
pub(crate) struct Process {
    child: Child,
    pub(crate) origin: String,
    pub(crate) metrics: String,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// Serves with these settings and waits until the doors are open.
    pub(crate) fn serve(settings: &[(&'static str, String)]) -> Self {
        // A file that may not grow any more ends a process that does not ignore the signal.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$0\" serve"])
            .arg(env!("CARGO_BIN_EXE_mashang"))
            .env("MASHANG_LOG_FORMAT", "json")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        for (name, value) in settings {
            command.env(format!("MASHANG_{}", name.to_uppercase()), value);
        }
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let (found, address) = mpsc::channel();
        let kept = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            let mut metrics = None;
            for line in lines.map_while(Result::ok) {
                writeln!(kept.lock().unwrap(), "{line}").unwrap();
                let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
                let named = |name: &str| said[name].as_str().map(ToOwned::to_owned);
                metrics = named("metrics").or(metrics);
                if let Some(address) = named("address") {
                    // Only the first line that names an address is waited for.
                    let _ = found.send((address, metrics.clone()));
                }
            }
        });
        let address = address.recv_timeout(PATIENCE);
        assert!(address.is_ok(), "{}", log.lock().unwrap());
        let (address, metrics) = address.unwrap();
        Self {
            origin: format!("http://{address}"),
            metrics: format!("http://{}/metrics", metrics.unwrap_or_default()),
            child,
            log,
            reader: Some(reader),
        }
    }

    /// No file of the process may grow beyond so many bytes, until the limit is lifted.
    pub(crate) fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let done = std::process::Command::new("prlimit")
            .args(["--pid", &self.child.id().to_string()])
            .arg(format!("--fsize={limit}:unlimited"))
            .status();
        assert!(done.unwrap().success());
    }

    /// A figure of the process's memory as the system names it, in kB.
    pub(crate) fn memory_kb(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.unwrap().parse().unwrap()
    }

    /// Everything that it has said so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Tells it to stop, as an operator does, and waits until it has.
    pub(crate) fn stop(&mut self) {
        let id = self.child.id().to_string();
        let signalled = std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status();
        assert!(signalled.unwrap().success());
        let ended = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        assert!(ended.success(), "{}", self.log());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails where it has ended already, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
