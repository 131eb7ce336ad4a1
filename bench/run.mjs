// npm run bench [-- --issues 200000 --runs 3]
// Streams records from a local server with sassy and with the least code that does the same, in turn, and prints the
// ratios. Whole processes, measured by the operating system: wall, cpu (user + system), peak memory.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    issues: { type: 'string', default: '200000' },
    orgs: { type: 'string', default: '20' },
    runs: { type: 'string', default: '3' },
  },
});
const server = spawn(process.execPath, [join(here, 'server.mjs'), '--issues', values.issues, '--orgs', values.orgs], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text).trim())));
const meter = join(here, 'meter.mjs');

const clients = {
  least: (out) => [join(here, 'least.mjs'), url, out],
  sassy: (out) => [join(here, '../bin/sassy.mjs'), 'run', 'bench', 'stream', '--quiet', '--json', '--data-dir', out],
};
const found = Object.fromEntries(Object.keys(clients).map((name) => [name, []]));
try {
  for (let run = 0; run <= Number(values.runs); run += 1) {
    for (const [name, args] of Object.entries(clients)) {
      const out = mkdtempSync(join(tmpdir(), 'sassy-bench-'));
      const report = join(out, 'meter.json');
      const env = { ...process.env, SASSY_BENCH__BASE_URL: url, SASSY_METER: report };
      const child = spawnSync(process.execPath, ['--import', meter, ...args(join(out, 'data'))], {
        env,
        cwd: join(here, 'project'),
        encoding: 'utf8',
      });
      if (child.status !== 0) throw new Error(`${name} ended with ${child.status}\n${child.stdout}${child.stderr}`);
      const answer = JSON.parse(child.stdout.trim().split('\n').at(-1));
      const records = answer.records ?? answer.streams.find((stream) => stream.name === 'issues').records;
      if (records !== Number(values.issues)) throw new Error(`${name} read ${records} of ${values.issues} records`);
      // The first round fills the caches of the disk and the compiler, and is not counted.
      if (run > 0) found[name].push(JSON.parse(readFileSync(report, 'utf8')));
      rmSync(out, { recursive: true, force: true });
    }
  }
} finally {
  server.kill();
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const figure = (name, key) => median(found[name].map((run) => run[key]));
console.log(`${values.issues} records, ${values.runs} runs each, medians`);
for (const name of Object.keys(clients)) {
  const perSecond = Math.round(Number(values.issues) / figure(name, 'wallS'));
  console.log(
    `${name.padEnd(6)} wall ${figure(name, 'wallS').toFixed(2)} s   cpu ${figure(name, 'cpuS').toFixed(2)} s   peak ${figure(name, 'peakMb')} MB   ${perSecond} records/s`,
  );
}
const ratio = (key) => median(found.sassy.map((run, index) => run[key] / found.least[index][key])).toFixed(2);
console.log(`sassy / least   wall ${ratio('wallS')}   cpu ${ratio('cpuS')}   (pair by pair)`);
