// Runs the browser tests: one Chromium for all files, as many files at once as there are cores, and
// at the end a list of the slowest tests. The time of each test goes to the file TEST_TIMES, too.
//
//   node tests/browser/run.mjs [FILE…]
import { appendFile, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { chromium } from 'playwright-core';
import { launchOptions } from './browser.mjs';

// These take longest, so they start first.
const first = ['escalation.test.mjs', 'sizes.test.mjs'];
const atOnceMin = 2;
const slowestShown = 10;
// A test that waits for what never comes ends with its file.
const fileMaxMs = 20 * 60_000;

async function testFiles() {
  const named = process.argv.slice(2);
  if (named.length > 0) return named.map((file) => path.resolve(file));
  const names = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.mjs'));
  const rank = (name) => (first.indexOf(name) + 1 || first.length + 1);
  return names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)).map((name) => path.join(import.meta.dirname, name));
}

function printSlowest(times) {
  console.log(`\nthe ${slowestShown} slowest of ${times.length} tests`);
  for (const { name, file, ms } of times.sort((a, b) => b.ms - a.ms).slice(0, slowestShown)) {
    console.log(`${(ms / 1e3).toFixed(1).padStart(8)} s  ${path.basename(file)}: ${name}`);
  }
}

const chromiumServer = await chromium.launchServer(launchOptions);
process.env.CHROMIUM_ADDRESS = chromiumServer.wsEndpoint();
const times = [];
const record = ({ name, file, details }) => times.push({ name, file: file ?? '', ms: details.duration_ms });
const results = run({ files: await testFiles(), concurrency: Math.max(atOnceMin, availableParallelism()), timeout: fileMaxMs });
results.on('test:pass', record);
results.on('test:fail', (failed) => { record(failed); process.exitCode = 1; });
await pipeline(results.compose(spec), process.stdout, { end: false });
await chromiumServer.close();
printSlowest(times);
if (process.env.TEST_TIMES) {
  const lines = times.map(({ name, file, ms }) => `${ms / 1e3}\tbrowser\t${path.basename(file)}: ${name}\n`);
  await appendFile(process.env.TEST_TIMES, lines.join(''));
}
