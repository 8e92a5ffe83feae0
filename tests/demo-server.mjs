// A demo of the program as a process, for the scripts that load it. Acts only on a server that it
// has started itself.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

// Starts a demo on the data of the folder; `fresh` makes new data without reports.
export async function start(binary, folder, port, fresh) {
  const words = ['demo', '--port', String(port), '--data', folder, '--ready-json'];
  const child = spawn(binary, fresh ? [...words, '--fresh', '--empty'] : words, {
    stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, MASHANG_BIN: undefined },
  });
  const ready = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('READY ')) resolve(JSON.parse(line.slice(6)));
    });
  });
  child.removeAllListeners('exit');
  child.once('exit', (code) => { throw new Error(`the server ended with ${code}`); });
  const health = await fetch(`${ready.origin}/healthz`);
  if (health.headers.get('x-instance') !== ready.nonce) throw new Error('another server answers at this address');
  return { child, ...ready };
}

// Ends the server. Only a server that ends otherwise is an error.
export async function stop(server, signal) {
  server.child.removeAllListeners('exit');
  const ended = new Promise((resolve) => { server.child.once('exit', resolve); });
  server.child.kill(signal);
  await ended;
}
