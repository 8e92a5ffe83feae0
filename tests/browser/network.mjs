// The network between a page and the server: cut, silent or slow; and what travels on it.
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

// Ends each proxy of the test that is over.
const proxies = new Set();

export function closeProxies() {
  for (const close of proxies) close();
  proxies.clear();
}

// A proxy in front of the server. It can cut all connections and refuse new ones. It can be slow:
// so many milliseconds a round trip, one more for a new connection, and so many bytes a second.
export async function proxy(app, { roundTripMs = 0, bytesPerS = Infinity } = {}) {
  const target = Number(new URL(app.origin).port);
  const open = new Set();
  let isCut = false;
  let isMute = false;
  let isStalled = false;
  const server = createServer(async (near) => {
    if (isCut) { near.destroy(); return; }
    near.on('error', () => {});
    if (roundTripMs) await sleep(roundTripMs);
    const far = connect(target, '127.0.0.1');
    let sent = roundTripMs ? sleep(roundTripMs) : undefined;
    for (const [end, other] of [[near, far], [far, near]]) {
      open.add(end);
      end.on('error', () => {});
      end.on('close', async () => { open.delete(end); await sent; other.destroy(); });
    }
    near.pipe(far);
    if (isStalled) for (const end of [near, far]) end.pause();
    far.on('data', (chunk) => {
      if (isMute) near.destroy();
      else if (!sent) near.write(chunk);
      else sent = sent.then(() => sleep((chunk.length / bytesPerS) * 1e3)).then(() => near.write(chunk));
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const cut = () => { isCut = true; for (const end of open) end.destroy(); };
  proxies.add(() => { cut(); server.close(); });
  return {
    // The same server, as pages behind this proxy see it.
    app: { ...app, origin: `http://127.0.0.1:${server.address().port}` },
    cut,
    // Requests reach the server; answers do not come back.
    cutAnswers() { isMute = true; },
    // Connections stay open, and nothing comes through.
    stall() { isStalled = true; for (const end of open) end.pause(); },
    restore() {
      [isCut, isMute, isStalled] = [false, false, false];
      for (const end of open) end.resume();
    },
  };
}

// The bytes of an answer on the wire, with its headers and without, as the browser of a phone gets it.
export async function wireBytes(address) {
  const { hostname, port, pathname, search } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.end(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/html\r\naccept-language: zh-CN\r\naccept-encoding: br\r\nconnection: close\r\n\r\n`);
  const chunks = [];
  for await (const chunk of socket) chunks.push(chunk);
  const answer = Buffer.concat(chunks);
  return { whole: answer.length, body: answer.length - answer.indexOf('\r\n\r\n') - 4 };
}
