// node bench/restream.mjs [--issues 100000] [--runs 3] [--threads 2]
// Restreams the same records with sassy (JSONL and DuckDB sink, one thread and several) and with the least code that makes
// the same of them in as many threads, in turn. Whole processes: wall, cpu (user + system), peak memory of the process.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    issues: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
  },
});
const bin = join(here, '../bin/sassy.mjs');
const meter = join(here, 'meter.mjs');
const folder = mkdtempSync(join(tmpdir(), 'sassy-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** One project for each sink, all with the same raw data. */
function project(sink) {
  const path = join(folder, `project-${sink}`);
  mkdirSync(path);
  symlinkSync(join(here, 'restream-project/integrations'), join(path, 'integrations'));
  writeFileSync(join(path, 'sassy.config.ts'), `export default { sinks: ['${sink}'] };\n`);
  return path;
}

const server = spawn(process.execPath, [join(here, 'server.mjs'), '--issues', values.issues], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text).trim())));
const data = join(folder, 'data-jsonl');
const run = ['run', 'restream', '--quiet', '--json', '--data-dir'];
const env = { ...process.env, SASSY_RESTREAM__BASE_URL: `${url}/rest` };
execFileSync(process.execPath, [bin, run[0], run[1], 'stream', ...run.slice(2), data], { env, cwd: project('jsonl') });
server.kill();
cpSync(data, join(folder, 'data-duckdb'), { recursive: true });
project('duckdb');

// The peer's input: one file of records for each segment.
const raw = join(data, 'restream/restream/raw/issues');
const records = join(folder, 'records');
mkdirSync(records);
for (const name of readdirSync(join(raw, 'commits'))) {
  const { segments } = JSON.parse(readFileSync(join(raw, 'commits', name), 'utf8'));
  for (const { id, frames } of segments) {
    const file = readdirSync(join(raw, 'segments')).find((segment) => segment.startsWith(id));
    const bytes = readFileSync(join(raw, 'segments', file));
    for (const [index, { offset, length }] of frames.entries()) {
      const lines = zstdDecompressSync(bytes.subarray(offset, offset + length))
        .toString()
        .trimEnd()
        .split('\n');
      const text = lines.flatMap((line) => JSON.parse(line).body.data.map((record) => `${JSON.stringify(record)}\n`));
      // Twenty frames to a file, so that the peer opens few.
      writeFileSync(join(records, `${id}-${Math.floor(index / 20)}.ndjson`), text.join(''), { flag: 'a' });
    }
  }
}

const restream = (sink, threads) => ({
  cwd: join(folder, `project-${sink}`),
  args: [bin, run[0], run[1], 'restream', ...run.slice(2), join(folder, `data-${sink}`), '--threads', String(threads)],
  before: () => rmSync(join(folder, `data-${sink}`, 'restream/restream/parsed'), { recursive: true, force: true }),
});
const peer = (threads) => ({
  cwd: folder,
  args: [join(here, 'restream-peer.mjs'), records, join(folder, 'out'), String(threads)],
  before: () => undefined,
});
const cases = {
  [`least, ${values.threads} threads`]: peer(values.threads),
  'sassy jsonl, 1 thread': restream('jsonl', 1),
  [`sassy jsonl, ${values.threads} threads`]: restream('jsonl', values.threads),
  'sassy duckdb, 1 thread': restream('duckdb', 1),
  [`sassy duckdb, ${values.threads} threads`]: restream('duckdb', values.threads),
};
const found = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round < Number(values.runs); round += 1) {
  for (const [name, { cwd, args, before }] of Object.entries(cases)) {
    before();
    const report = join(folder, 'meter.json');
    const options = { cwd, env: { ...process.env, SASSY_METER: report }, encoding: 'utf8' };
    const child = spawnSync(process.execPath, ['--import', meter, ...args], options);
    if (child.status !== 0) throw new Error(`${name} ended with ${child.status}\n${child.stdout}${child.stderr}`);
    const answer = JSON.parse(child.stdout.trim().split('\n').at(-1));
    const count = answer.records ?? answer.parsers[0].inputs.issues;
    if (count !== Number(values.issues)) throw new Error(`${name} read ${count} of ${values.issues} records`);
    found[name].push(JSON.parse(readFileSync(report, 'utf8')));
  }
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const [base] = Object.values(found);
console.log(`${values.issues} records, ${values.runs} runs each in turn, medians; load ${loadavg()[0].toFixed(1)}`);
for (const [name, runs] of Object.entries(found)) {
  const figure = (key) => median(runs.map((one) => one[key]));
  const share = median(runs.map((one, index) => base[index].wallS / one.wallS));
  const perSecond = Math.round(Number(values.issues) / figure('wallS'));
  console.log(
    `${name.padEnd(24)} wall ${figure('wallS').toFixed(2)} s   cpu ${figure('cpuS').toFixed(2)} s   peak ${figure('peakMb')} MB   ${perSecond} records/s   ${share.toFixed(2)} x the least`,
  );
}
