// npm run bench:limits, or: node bench/limits.mjs [--seconds 60] [--only bucket] [--limit /path/to/limit.mjs]
// How much of a rate limit is used, and how many 429s that costs: a token bucket (50 a second, 50 at once) and a fixed window
// (300 a minute), each declared by the integration and only seen in headers; each against a server in its own process.
// With --limit, the bucket also for a client that knows the rate (`limit.mjs URL OUT --rps 50 --conc 8`) or does not.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const self = fileURLToPath(import.meta.url);
const here = dirname(self);
const MINUTE = 60_000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    limit: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});

if (positionals[0] === 'serve') serve(positionals[1], Number(positionals[2]));
else await compare(Number(values.seconds));

async function compare(seconds) {
  const bucket = 50 * seconds + 50;
  // Three windows from their beginning to their end, whenever the run begins.
  const minutes = 300 * 4;
  const declared = (requests, windowMs) => ({ LIMITS: JSON.stringify([{ requests, windowMs }]) });
  const sassy = (env) => (url, out) => ({
    args: [join(here, '../bin/sassy.mjs'), 'run', 'limited', 'stream', '--quiet', '--json', '--data-dir', out],
    env: { ...env, SASSY_LIMITED__BASE_URL: url },
  });
  await measured('bucket, declared', 'bucket', bucket, sassy(declared(50, 1000)));
  await measured('bucket, seen in headers', 'bucket', bucket, sassy({}));
  const known = (...options) => ({
    title: `limit.mjs ${options.join(' ')}`,
    command: (url, out) => ({ args: [values.limit, url, out, '--http', 'node-http', ...options], env: {} }),
  });
  if (values.limit !== undefined) {
    for (const { title, command } of [known('--rps', '50', '--conc', '8'), known('--conc', '8'), known('--conc', '20')])
      await measured(title, 'bucket', bucket, command);
  }
  await measured('window, declared', 'window', minutes, sassy(declared(300, MINUTE)));
  await measured('window, seen in headers', 'window', minutes, sassy({}));
}

async function measured(title, kind, pages, command) {
  if (!kind.includes(values.only)) return;
  const server = spawn(process.execPath, [self, 'serve', kind, String(pages)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text).trim())));
  const out = mkdtempSync(join(tmpdir(), 'sassy-limits-'));
  try {
    const { args, env } = command(url, join(out, 'data'));
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      cwd: join(here, 'limits-project'),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`${title} ended with ${code}`);
    const { ok, limited, seconds, share } = await (await fetch(`${url}/stats`)).json();
    const columns = [title.padEnd(32), `${ok} answers in ${seconds.toFixed(1)} s`.padEnd(26)];
    console.log(`${columns.join('')}${(100 * share).toFixed(1)} % of the budget   ${limited} x 429`);
  } finally {
    server.kill();
    rmSync(out, { recursive: true, force: true });
  }
}

/** A limit that gives leave or tells how long to wait, and how much of it was used between two times. */
function tokenBucket() {
  let tokens = 50;
  let at = performance.now();
  return {
    take() {
      const now = performance.now();
      tokens = Math.min(50, tokens + (now - at) / 20);
      at = now;
      const isFree = tokens >= 1;
      if (isFree) tokens -= 1;
      const told = { limit: 50, remaining: Math.floor(tokens), reset: Math.ceil((50 - tokens) / 50) };
      return { ...told, ...(isFree ? {} : { retryAfter: 1 }) };
    },
    // As the harness counts: what one second gives, over the time of the run. The first 50 at once are beside that.
    share: (ok, fromMs, toMs) => ok / (50 * ((toMs - fromMs) / 1000) + 50),
  };
}

/** Windows of the wall clock, as a counter for each minute has them. */
function fixedWindow() {
  const used = new Map();
  return {
    take() {
      const now = Date.now();
      const minute = Math.floor(now / MINUTE);
      const count = used.get(minute) ?? 0;
      const reset = (minute + 1) * 60;
      if (count >= 300) return { limit: 300, remaining: 0, reset, retryAfter: Math.ceil((reset * 1000 - now) / 1000) };
      used.set(minute, count + 1);
      return { limit: 300, remaining: 299 - count, reset };
    },
    // Of the windows that lay within the run; the one in which it began counts too, as far as it was still to come.
    share(_ok, fromMs, toMs) {
      const whole = [...used].filter(([minute]) => minute * MINUTE > fromMs && (minute + 1) * MINUTE <= toMs);
      return whole.reduce((sum, [, count]) => sum + count, 0) / (300 * whole.length);
    },
  };
}

/** Twenty lists of so many pages in all, behind a limit. */
function serve(kind, pages) {
  const lists = Array.from({ length: 20 }, (_, index) => `list-${index}`);
  const perList = Math.ceil((pages - 1) / lists.length);
  const limit = kind === 'bucket' ? tokenBucket() : fixedWindow();
  const stats = { ok: 0, limited: 0 };
  let first;
  let last;
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/stats') {
      const share = limit.share(stats.ok, first, last);
      return response.end(JSON.stringify({ ...stats, seconds: (last - first) / 1000, share }));
    }
    last = Date.now();
    first ??= last;
    const { limit: most, remaining, reset, retryAfter } = limit.take();
    const told = { 'x-ratelimit-limit': most, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset };
    if (retryAfter !== undefined) {
      stats.limited += 1;
      return response.writeHead(429, { ...told, 'retry-after': retryAfter }).end('{}');
    }
    stats.ok += 1;
    const [, , , list] = url.pathname.split('/');
    const from = Number(url.searchParams.get('starting_after') ?? 0);
    const after = `/rest/orgs/${list}/issues?version=2024-10-15&limit=100&starting_after=${from + 1}`;
    const issue = { id: `${list}-${from}`, attributes: { updated_at: '2026-01-01T00:00:00Z' } };
    const data = list === undefined ? lists.map((id) => ({ id })) : [issue];
    const next = list !== undefined && from + 1 < perList ? after : null;
    response.writeHead(200, { 'content-type': 'application/json', ...told });
    response.end(`{"data":${JSON.stringify(data)},"links":{"next":${JSON.stringify(next)}}}`);
  });
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}
