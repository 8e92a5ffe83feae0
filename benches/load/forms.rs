//! Form pages, and the nearest test sites: what residents read.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use mashang::testing::domain::position::{Nearest, Position};

use crate::home::{Home, codes};
use crate::sending::load;

const CONNECTIONS: usize = 64;
const SITES: u32 = 10_000;
const LOOKUPS: u32 = 20_000;

pub(crate) async fn forms(length: Duration) -> String {
    let home = Home::new();
    let running = home.open(&[]).await;
    let code = codes(&running).remove(0);
    let mut text = format!(
        "\n## Form pages, {CONNECTIONS} connections\n\n| encoding | pages/s | p99 ms | bytes on the wire |\n|---|---|---|---|\n"
    );
    for encoding in ["identity", "br"] {
        let head = format!(
            "GET /q/{code} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\naccept-encoding: {encoding}\r\n\r\n"
        );
        let request = move |_: usize| head.clone();
        let (measured, bytes) = load(running.address, CONNECTIONS, length, request, "200").await;
        let _ = writeln!(
            text,
            "| {encoding} | {:.0} | {:.1} | {bytes} |",
            measured.per_second, measured.p99_ms
        );
    }
    running.close().await.unwrap();
    text
}

pub(crate) fn nearest() -> String {
    let at = |seed: u32| {
        let spread = |n: u32| f64::from(n.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
        Position::new(
            119.0 + spread(seed) * 3.0,
            31.0 + spread(seed ^ 0x5bd1_e995) * 2.0,
        )
        .unwrap()
    };
    let index = Nearest::new((0..SITES).map(|seed| (at(seed), seed)).collect());
    let begun = Instant::now();
    let mut found = 0;
    for seed in 0..LOOKUPS {
        found += index.nearest(at(seed + SITES), 5).count();
    }
    let each = begun.elapsed() / LOOKUPS;
    format!(
        "\n## Nearest five of {SITES} sites\n\n{:.1} µs each, {found} found in {LOOKUPS} look-ups.\n",
        each.as_secs_f64() * 1e6
    )
}
