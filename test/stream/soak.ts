// node test/stream/soak.ts [--from 1] [--seeds 200000] [--jobs <processors>] [--keep test/stream/sim-regressions.txt]
// Runs the stream sequences of many seeds. A seed that fails is printed and kept; the others go on. Ctrl-C ends it with
// the seeds in hand and says where to go on; a second one ends it at once.
import { appendFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { soakPool } from './soak-pool.ts';
import type { SoakAnswer } from './soak-worker.ts';

const PROGRESS_EVERY_MS = 10_000;
const SAME_SIGNAL_MS = 500;

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '200000' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    keep: { type: 'string', default: 'test/stream/sim-regressions.txt' },
  },
});
const from = Number(values.from);
const seeds = Number(values.seeds);
const total = { crashes: 0, stops: 0, commits: 0, versions: 0, requests: 0 };
const startedAt = performance.now();
let ended = 0;
let failed = 0;

function onAnswer({ seed, outcome, error }: SoakAnswer): void {
  ended += 1;
  if (outcome !== undefined) {
    total.crashes += outcome.crashes;
    total.stops += outcome.stops;
    total.commits += outcome.commits;
    total.versions += outcome.versions;
    total.requests += outcome.requests;
    return;
  }
  failed += 1;
  console.log(`seed ${seed} failed: ${error}`);
  appendFileSync(values.keep, `${seed}\n`);
}

const pool = soakPool(from, from + seeds, Number(values.jobs), onAnswer);

function speed(): { readonly seconds: number; readonly perSecond: number; readonly cpuMsPerSeed: number } {
  const seconds = (performance.now() - startedAt) / 1000;
  const rounded = (value: number): number => Math.round(value * 10) / 10;
  return {
    seconds: Math.round(seconds),
    perSecond: rounded(ended / seconds),
    cpuMsPerSeed: rounded(pool.cpuMs / Math.max(1, ended)),
  };
}

const progress = setInterval(() => {
  const { perSecond, cpuMsPerSeed } = speed();
  const minutes = Math.ceil((seeds - ended) / perSecond / 60);
  console.log(
    `${ended} of ${seeds} seeds, ${failed} failed; ${perSecond} a second, ${cpuMsPerSeed} ms of processor each; ${minutes} min to go`,
  );
}, PROGRESS_EVERY_MS);
let stoppedAt: number | undefined;
process.on('SIGINT', () => {
  // npm passes on the signal that the terminal has sent to us already.
  if (stoppedAt !== undefined && performance.now() - stoppedAt > SAME_SIGNAL_MS) process.exit(130);
  stoppedAt ??= performance.now();
  pool.stop();
});

const next = await pool.done;
clearInterval(progress);
console.log(JSON.stringify({ seeds: ended, failed, ...total, ...speed() }));
if (next < from + seeds) {
  console.log(`stopped; to go on: npm run soak -- --from ${next} --seeds ${from + seeds - next}`);
  process.exitCode = 130;
}
if (failed > 0) process.exitCode = 1;
