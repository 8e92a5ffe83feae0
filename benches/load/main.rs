//! How fast the program is: reports that are durable, pages over few and many reports, streams, forms.
//!
//!   cargo bench --bench load -- [--seconds 3] [--rounds 3] [--only PART,…] [--write docs/performance.md]
//!       [--postgres URL] [--beside PATH/TO/pocketbase] [--connections 1,32,256] [--targets WORD,…]
//!
//! Parts: reports, full, live, lists, totals, forms. `--postgres` names the maintenance database of a
//! server, on which databases of its own are measured, too. `--beside` measures PocketBase in the same
//! run. `--targets` measures only those of the targets of *reports* whose name has one of the words. The
//! load comes from the same cores, over loopback, and ends by itself.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement talks, and stops at the first error"
)]

mod archive;
mod arrivals;
mod bare;
mod beside;
mod forms;
mod full;
mod home;
mod lists;
mod live;
mod reports;
mod sending;
mod totals;

use std::time::Duration;

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Arguments {
    seconds: u64,
    rounds: usize,
    only: Option<String>,
    write: Option<String>,
    postgres: Option<String>,
    beside: Option<String>,
    connections: Vec<usize>,
    targets: Option<String>,
}

fn arguments() -> Arguments {
    let words: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    Arguments {
        seconds: after("--seconds").map_or(3, |text| text.parse().unwrap()),
        rounds: after("--rounds").map_or(3, |text| text.parse().unwrap()),
        only: after("--only"),
        write: after("--write"),
        postgres: after("--postgres"),
        beside: after("--beside"),
        connections: after("--connections")
            .unwrap_or_else(|| "1,32,256".into())
            .split(',')
            .map(|text| text.parse().unwrap())
            .collect(),
        targets: after("--targets"),
    }
}

fn main() {
    let arguments = arguments();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let text = runtime.block_on(measure(&arguments));
    println!("{text}");
    if let Some(file) = arguments.write {
        std::fs::write(file, text).unwrap();
    }
}

async fn measure(arguments: &Arguments) -> String {
    let length = Duration::from_secs(arguments.seconds);
    let only = arguments.only.as_deref();
    let wanted = |part| only.is_none_or(|only| only.split(',').any(|one| one == part));
    let mut text = preface();
    if wanted("reports") {
        text += &reports::durable(arguments, length).await;
    }
    if wanted("full") {
        text += &full::full(length).await;
    }
    if wanted("live") {
        text += &live::live(arguments.postgres.as_deref()).await;
    }
    if wanted("lists") {
        text += &lists::lists().await;
    }
    if wanted("totals") {
        text += &totals::totals().await;
    }
    if wanted("forms") {
        text += &forms::forms(length).await;
        text += &forms::nearest();
    }
    text
}

fn preface() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory
        .split_whitespace()
        .nth(1)
        .and_then(|n| n.parse::<u64>().ok());
    let day = chrono::Utc::now().date_naive();
    format!(
        "# Performance\n\nWritten by `cargo bench --bench load -- --write docs/performance.md` on {day}: {cores} cores shared with the load, {} GiB, loopback. Figures of one table are of one run and comparable; figures of two machines, or of two days, are not.\n\n",
        kib.unwrap_or(0) / 1024 / 1024
    )
}
